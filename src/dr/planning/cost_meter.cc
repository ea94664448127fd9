#include "dr/planning/cost_meter.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::dr {
namespace {
using DaysReal = std::chrono::duration<double, std::ratio<86400>>;

Amount metered(double value, std::string why) { return {Amount::Basis::kMetered, value, std::move(why)}; }

}  // namespace

Amount latest_of(std::vector<Metered> points, double by, const std::string& missing) {
  if (points.empty()) return {Amount::Basis::kUnknown, 0, missing};
  auto last = std::ranges::max_element(points, {}, &Metered::at);
  return metered(last->value * by, "CloudWatch, " + iso8601(last->at).substr(0, 10));
}

Amount growth_of(std::vector<Metered> points, double by, const std::string& missing) {
  if (points.empty()) return {Amount::Basis::kUnknown, 0, missing};
  auto [first, last] = std::ranges::minmax_element(points, {}, &Metered::at);
  double days = DaysReal(last->at - first->at).count();
  if (days < 1)
    return {Amount::Basis::kUnknown, 0, "CloudWatch has measured it for less than a day: growth is not told"};
  double grown = std::max(0.0, last->value - first->value);
  return metered(grown * by * kDaysOfMonth / days, fmt::format("CloudWatch, growth of {:.0f} days", days));
}

Amount month_of(std::vector<Metered> points, double by, const std::string& missing) {
  if (points.empty()) return {Amount::Basis::kUnknown, 0, missing};
  double sum = 0;
  for (auto& p : points) sum += p.value;
  return metered(sum / double(points.size()) * kHoursOfMonth * 3600 * by,
                 fmt::format("CloudWatch, the average of {} days", points.size()));
}

Amount best_of(Amount metered_one, std::optional<double> stated, std::optional<double> fallback) {
  if (metered_one.known()) return metered_one;
  if (stated) return {Amount::Basis::kStated, *stated, "cost in relight.yaml; " + metered_one.why};
  if (fallback) return {Amount::Basis::kAssumed, *fallback, "Relight's default; " + metered_one.why};
  return metered_one;
}

}  // namespace relight::dr
