#include "sandbox/services/cloudwatch/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
namespace {

bool breaches(const AlarmRule& r, double v) {
  if (r.comparison == "GreaterThanThreshold") return v > r.threshold;
  if (r.comparison == "GreaterThanOrEqualToThreshold") return v >= r.threshold;
  if (r.comparison == "LessThanThreshold") return v < r.threshold;
  return v <= r.threshold;
}

std::string_view words(const std::string& comparison) {
  if (comparison == "GreaterThanThreshold") return "greater than";
  if (comparison == "GreaterThanOrEqualToThreshold") return "greater than or equal to";
  if (comparison == "LessThanThreshold") return "less than";
  return "less than or equal to";
}

}  // namespace

Verdict evaluate_alarm(const AlarmRule& r, const std::vector<std::optional<double>>& points) {
  size_t n = static_cast<size_t>(r.evaluation_periods);
  size_t from = points.size() > n ? points.size() - n : 0;
  size_t absent = 0;
  for (size_t i = from; i < points.size(); ++i) absent += !points[i];
  absent += n - (points.size() - from);
  // Real points older than the range take the place of missing ones, nearest first.
  std::vector<double> real;
  for (size_t i = points.size(); i-- > 0 && real.size() < n;)
    if (points[i]) real.push_back(*points[i]);
  int bad =
      static_cast<int>(std::count_if(real.begin(), real.end(), [&](double v) { return breaches(r, v); }));
  size_t filled = n - real.size();
  if (real.empty()) {
    if (r.missing == "breaching")
      return {"ALARM",
              "Threshold Crossed: no datapoints were received and missing data is treated as [Breaching]."};
    if (r.missing == "notBreaching")
      return {
          "OK",
          "Threshold Crossed: no datapoints were received and missing data is treated as [NonBreaching]."};
    if (r.missing == "ignore") return {};
    return {"INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received."};
  }
  int possible = bad + (r.missing == "breaching" ? static_cast<int>(filled) : 0);
  std::string shown;
  for (double v : real) shown += fmt::format("{}{:.4g}", shown.empty() ? "" : ", ", v);
  auto reason = [&](std::string_view verdict, int count) {
    return fmt::format(
        "Threshold Crossed: {} out of the last {} datapoints [{}] {} {} the threshold ({:.6g}) (minimum {} "
        "datapoint{} for {} transition).",
        count, n, shown, count == 1 ? "was" : "were", words(r.comparison), r.threshold, r.datapoints_to_alarm,
        r.datapoints_to_alarm == 1 ? "" : "s", verdict);
  };
  if (possible >= r.datapoints_to_alarm) return {"ALARM", reason("OK -> ALARM", possible)};
  // With "missing" and "ignore", too few points to rule an alarm out leave the state as it is.
  if ((r.missing == "ignore" || r.missing == "missing") && bad > 0 &&
      bad + static_cast<int>(filled) >= r.datapoints_to_alarm)
    return {};
  return {"OK", reason("ALARM -> OK", bad)};
}

}  // namespace relight::sandbox
