// Putting, listing and reading metric data.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/bytes.h"
#include "sandbox/services/cloudwatch/service.h"

namespace relight::sandbox {
namespace cw = aws::cloudwatch;
namespace op = aws::cloudwatch::op;
namespace {

constexpr size_t kDatapoints = 1440;  // of one GetMetricStatistics answer
constexpr int64_t kTwoWeeks = 14LL * 86'400'000, kTwoHours = 2LL * 3'600'000;

std::unexpected<Error> bad_value(std::string message) { return aws_error("InvalidParameterValue", message); }

Result<Bucket> bucket_of(const cw::MetricDatum& d, size_t index) {
  std::string at = fmt::format("MetricData.member.{}", index + 1);
  int given = d.Value.has_value() + d.StatisticValues.has_value() + d.Values.has_value();
  if (given != 1)
    return aws_error(
        given ? "InvalidParameterCombination" : "MissingParameter",
        given ? fmt::format("The parameters {}.Value, .Values and .StatisticValues are mutually exclusive "
                            "and you have specified more than one.",
                            at)
              : fmt::format(
                    "At least one of the parameters {}.Value, .Values or .StatisticValues must be specified.",
                    at));
  Bucket b;
  auto finite = [](double v) { return std::isfinite(v) && std::abs(v) <= 0x1p360; };
  if (d.Value) {
    if (!finite(*d.Value))
      return bad_value(fmt::format("The value NaN or infinity for parameter {}.Value is invalid.", at));
    b.add(*d.Value, 1);
  }
  if (auto& s = d.StatisticValues) b = {*s->SampleCount, *s->Sum, *s->Minimum, *s->Maximum};
  if (d.Values) {
    if (d.Values->size() > 150 || (d.Counts && d.Counts->size() != d.Values->size()))
      return bad_value(fmt::format("{}: Values takes at most 150 values, and Counts as many as Values.", at));
    for (size_t i = 0; i < d.Values->size(); ++i) {
      if (!finite((*d.Values)[i]))
        return bad_value(fmt::format("The value NaN or infinity for parameter {}.Values is invalid.", at));
      b.add((*d.Values)[i], d.Counts ? (*d.Counts)[i] : 1);
    }
  }
  return b;
}

template <class T>
Result<> next_page(std::vector<T>& all, size_t most, const std::optional<std::string>& token,
                   std::optional<std::string>& next) {
  size_t from = 0;
  if (token) {
    auto text = unbase64(*token);
    if (!text || text->empty() || text->find_first_not_of("0123456789") != std::string::npos ||
        text->size() > 9)
      return aws_error("InvalidNextToken", "Request parameter NextToken is invalid");
    from = std::min<size_t>(std::stoul(*text), all.size());
  }
  size_t to = std::min(all.size(), from + most);
  if (to < all.size()) next = base64(std::to_string(to));
  all = std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                       all.begin() + static_cast<std::ptrdiff_t>(to));
  return {};
}

bool has_dimensions(const MetricKey& k, const std::optional<std::vector<cw::DimensionFilter>>& wanted) {
  if (!wanted) return true;
  for (auto& f : *wanted) {
    auto it = k.dimensions.find(f.Name.value_or(""));
    if (it == k.dimensions.end() || (f.Value && *f.Value != it->second)) return false;
  }
  return true;
}

// MetricDataQuery, API Reference: an id begins with a lower-case letter, and is the only one of its name.
Result<> check_queries(const std::vector<cw::MetricDataQuery>& all) {
  auto refused = [](std::string why) { return aws_error("ValidationError", why, 400); };
  if (all.size() > 500)
    return refused("The collection MetricDataQueries must not have a size greater than 500.");
  std::set<std::string> ids;
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string& id = *all[i].Id;
    bool good = id[0] >= 'a' && id[0] <= 'z' && std::all_of(id.begin(), id.end(), [](unsigned char c) {
                  return std::isalnum(c) || c == '_';
                });
    if (!good)
      return refused(fmt::format(
          "The value {} for parameter MetricDataQueries.member.{}.Id is not matching the expected "
          "pattern ^[a-z][a-zA-Z0-9_]*$.",
          id, i + 1));
    if (!ids.insert(id).second)
      return refused("The values for parameter id in MetricDataQueries are not unique.");
  }
  return {};
}

}  // namespace

void CloudWatchService::add_metrics() {
  on<op::PutMetricData>(
      [this](const Call& c, const cw::PutMetricDataInput& in) -> Result<cw::PutMetricDataOutput_> {
        // The AWS/ namespaces are the services' own: only calls from inside the sandbox may write there.
        if (c.raw && in.Namespace->starts_with("AWS/"))
          return bad_value("The value AWS/ for parameter Namespace is invalid.");
        if (in.MetricData->size() > 1000)
          return bad_value("The collection MetricData must not have a size greater than 1000.");
        Instant now = world_.clock.now();
        std::vector<Bucket> buckets;
        for (size_t i = 0; i < in.MetricData->size(); ++i) {
          auto& d = (*in.MetricData)[i];
          TRY_ASSIGN(Bucket b, bucket_of(d, i));
          if (d.Dimensions && d.Dimensions->size() > 30)
            return bad_value("The collection Dimensions must not have a size greater than 30.");
          int64_t age = (now - d.Timestamp.value_or(now)).count();
          if (age > kTwoWeeks || age < -kTwoHours)
            return bad_value(
                fmt::format("The parameter MetricData.member.{}.Timestamp must specify a time within the "
                            "past two weeks and no more than two hours ahead.",
                            i + 1));
          buckets.push_back(b);
        }
        for (size_t i = 0; i < buckets.size(); ++i) {
          auto& d = (*in.MetricData)[i];
          metrics_[c.region].put(key_of(in.Namespace, d.MetricName, d.Dimensions), d.Unit.value_or("None"),
                                 d.Timestamp.value_or(now), buckets[i], now);
        }
        return {};
      });
  on<op::ListMetrics>([this](const Call& c, const cw::ListMetricsInput& in) -> Result<cw::ListMetricsOutput> {
    std::vector<cw::Metric> all;
    for (auto& [k, series] : metrics_[c.region].all()) {
      bool recent = !in.RecentlyActive || world_.clock.now() - series.last < Millis{3 * 3'600'000};
      if (recent && (!in.Namespace || *in.Namespace == k.name_space) &&
          (!in.MetricName || *in.MetricName == k.name) && has_dimensions(k, in.Dimensions))
        all.push_back({.Namespace = k.name_space, .MetricName = k.name, .Dimensions = dimensions_of(k)});
    }
    cw::ListMetricsOutput out;
    TRY(next_page(all, 500, in.NextToken, out.NextToken));
    out.Metrics = std::move(all);
    return out;
  });
}

Result<cw::MetricDataResult> CloudWatchService::one_result(const Call& c, const cw::MetricDataQuery& q,
                                                           Instant from, Instant to, bool newest_first) {
  if (!q.MetricStat)
    return aws_error(
        "ValidationError",
        fmt::format("Error in expression '{}': metric math is not built in this sandbox", q.Id.value_or("")),
        400);
  auto& m = *q.MetricStat;
  MetricKey key = key_of(m.Metric->Namespace, m.Metric->MetricName, m.Metric->Dimensions);
  cw::MetricDataResult r{.Id = q.Id, .Label = q.Label.value_or(key.name), .StatusCode = "Complete"};
  r.Timestamps.emplace();
  r.Values.emplace();
  if (!statistic({1, 1, 1, 1}, m.Stat.value_or("")))
    return aws_error("ValidationError",
                     fmt::format("The statistic '{}' is not built in this sandbox", m.Stat.value_or("")),
                     400);
  auto data = metrics_[c.region].get(key, m.Unit, from, to, std::chrono::seconds(*m.Period));
  for (auto& [at, b] : data) {
    r.Timestamps->push_back(at);
    r.Values->push_back(*statistic(b, *m.Stat));
  }
  if (newest_first) {
    std::reverse(r.Timestamps->begin(), r.Timestamps->end());
    std::reverse(r.Values->begin(), r.Values->end());
  }
  return r;
}

void CloudWatchService::add_statistics() {
  on<op::GetMetricData>(
      [this](const Call& c, const cw::GetMetricDataInput& in) -> Result<cw::GetMetricDataOutput> {
        if (*in.StartTime >= *in.EndTime)
          return aws_error("ValidationError",
                           "The parameter StartTime must be less than the parameter EndTime.", 400);
        TRY(check_queries(*in.MetricDataQueries));
        cw::GetMetricDataOutput out;
        out.MetricDataResults.emplace();
        out.Messages.emplace();
        for (auto& q : *in.MetricDataQueries) {
          if (!q.ReturnData.value_or(true)) continue;
          TRY_ASSIGN(auto r, one_result(c, q, *in.StartTime, *in.EndTime,
                                        in.ScanBy.value_or("TimestampDescending") != "TimestampAscending"));
          out.MetricDataResults->push_back(std::move(r));
        }
        return out;
      });
  on<op::GetMetricStatistics>([this](const Call& c, const cw::GetMetricStatisticsInput& in)
                                  -> Result<cw::GetMetricStatisticsOutput> {
    if (*in.StartTime >= *in.EndTime)
      return aws_error("InvalidParameterCombination",
                       "The parameter StartTime must be less than the parameter EndTime.");
    if (!in.Statistics && !in.ExtendedStatistics)
      return aws_error("InvalidParameterCombination",
                       "At least one of the parameters Statistics and ExtendedStatistics must be specified.");
    if (in.ExtendedStatistics) return bad_value("Extended statistics are not built in this sandbox");
    if (*in.Period < 60 && *in.Period != 1 && *in.Period != 5 && *in.Period != 10 && *in.Period != 30)
      return bad_value("The parameter Period must be a multiple of 60, or 1, 5, 10 or 30.");
    if (*in.Period > 60 && *in.Period % 60)
      return bad_value("The parameter Period must be a multiple of 60.");
    MetricKey key = key_of(in.Namespace, in.MetricName, in.Dimensions);
    auto data =
        metrics_[c.region].get(key, in.Unit, *in.StartTime, *in.EndTime, std::chrono::seconds(*in.Period));
    if (data.size() > kDatapoints)
      return aws_error("InvalidParameterCombination",
                       fmt::format("You have requested up to {} datapoints, which exceeds the limit of {}.",
                                   data.size(), kDatapoints));
    cw::GetMetricStatisticsOutput out{.Label = key.name};
    out.Datapoints.emplace();
    for (auto& [at, b] : data) {
      cw::Datapoint p{.Timestamp = at};
      for (auto& s : *in.Statistics) {
        auto v = statistic(b, s);
        if (s == "Average") p.Average = v;
        if (s == "Sum") p.Sum = v;
        if (s == "Minimum") p.Minimum = v;
        if (s == "Maximum") p.Maximum = v;
        if (s == "SampleCount") p.SampleCount = v;
      }
      p.Unit = in.Unit.value_or(metrics_[c.region].unit(key));
      out.Datapoints->push_back(p);
    }
    return out;
  });
}

}  // namespace relight::sandbox
