#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "sandbox/services/cloudwatch/service.h"

namespace relight::sandbox {
namespace cw = aws::cloudwatch;
namespace op = aws::cloudwatch::op;
namespace {

std::unexpected<Error> invalid(std::string message) { return aws_error("ValidationError", message, 400); }

Result<size_t> offset(const std::optional<std::string>& token) {
  if (!token) return size_t{0};
  auto text = unbase64(*token);
  if (!text || text->empty() || text->size() > 9 ||
      text->find_first_not_of("0123456789") != std::string::npos)
    return aws_error("InvalidNextToken", "The next token is not valid");
  return std::stoul(*text);
}

Result<> check(const cw::PutMetricAlarmInput& in) {
  if (in.Metrics || in.ThresholdMetricId)
    return invalid("Alarms on metric math are not built in this sandbox");
  if (!in.Namespace || !in.MetricName || !in.Period)
    return invalid("The parameters Namespace, MetricName and Period must be specified");
  if (in.Statistic.has_value() == in.ExtendedStatistic.has_value())
    return invalid("Exactly one of Statistic and ExtendedStatistic must be specified");
  if (in.ExtendedStatistic) return invalid("Extended statistics are not built in this sandbox");
  if (!in.Threshold) return invalid("The parameter Threshold must be specified");
  if (*in.Period != 10 && *in.Period != 30 && (*in.Period < 60 || *in.Period % 60))
    return invalid("Period must be 10, 30 or a multiple of 60");
  if (static_cast<int64_t>(*in.Period) * *in.EvaluationPeriods > (*in.Period >= 3600 ? 604800 : 86400))
    return invalid(
        "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)");
  if (in.DatapointsToAlarm && *in.DatapointsToAlarm > *in.EvaluationPeriods)
    return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
  static constexpr std::string_view kSimple[] = {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
                                                 "LessThanThreshold", "LessThanOrEqualToThreshold"};
  if (std::find(std::begin(kSimple), std::end(kSimple), *in.ComparisonOperator) == std::end(kSimple))
    return invalid("Anomaly detection is not built in this sandbox");
  static constexpr std::string_view kMissing[] = {"breaching", "notBreaching", "ignore", "missing"};
  if (in.TreatMissingData &&
      std::find(std::begin(kMissing), std::end(kMissing), *in.TreatMissingData) == std::end(kMissing))
    return invalid(fmt::format("Invalid treat missing data value: {}", *in.TreatMissingData));
  return {};
}

std::unexpected<Error> no_alarm(std::string_view name) {
  return aws_error("ResourceNotFound", fmt::format("Unknown alarm: {}", name));
}

}  // namespace

Result<> CloudWatchService::put_alarm(const Call& c, const cw::PutMetricAlarmInput& in) {
  TRY(check(in));
  auto* old = alarms_.find(c.region, *in.AlarmName);
  if (!old && alarms_.in(c.region).size() >= kAlarmsPerRegion)
    return aws_error("LimitExceeded", "The maximum number of alarms has been reached.");
  cw::MetricAlarm a;
  if (old) a = *old;
  bool fresh = !old;
  a.AlarmName = in.AlarmName;
  a.AlarmArn = alarm_arn(c.region, *in.AlarmName);
  a.AlarmDescription = in.AlarmDescription;
  a.AlarmConfigurationUpdatedTimestamp = world_.clock.now();
  a.ActionsEnabled = in.ActionsEnabled.value_or(true);
  const std::vector<std::string> none;
  a.OKActions = in.OKActions.value_or(none);
  a.AlarmActions = in.AlarmActions.value_or(none);
  a.InsufficientDataActions = in.InsufficientDataActions.value_or(none);
  a.MetricName = in.MetricName;
  a.Namespace = in.Namespace;
  a.Statistic = in.Statistic;
  a.Dimensions = in.Dimensions.value_or(std::vector<cw::Dimension>{});
  a.Period = in.Period;
  a.Unit = in.Unit;
  a.EvaluationPeriods = in.EvaluationPeriods;
  a.DatapointsToAlarm = in.DatapointsToAlarm;
  a.Threshold = in.Threshold;
  a.ComparisonOperator = in.ComparisonOperator;
  a.TreatMissingData = in.TreatMissingData;
  if (fresh) {
    a.StateValue = "INSUFFICIENT_DATA";
    a.StateReason = "Unchecked: Initial alarm creation";
    a.StateUpdatedTimestamp = world_.clock.now();
    if (in.Tags) tags_.put(c.region, *a.AlarmArn, cw::ListTagsForResourceOutput{.Tags = in.Tags});
  }
  alarms_.put(c.region, *in.AlarmName, a);
  remember(c.region, *in.AlarmName, "ConfigurationUpdate",
           fmt::format("Alarm \"{}\" {}", *in.AlarmName, fresh ? "created" : "updated"));
  return {};
}

void CloudWatchService::add_alarms() {
  on<op::PutMetricAlarm>(
      [this](const Call& c, const cw::PutMetricAlarmInput& in) -> Result<cw::PutMetricAlarmOutput_> {
        TRY(put_alarm(c, in));
        return {};
      });
  on<op::DescribeAlarms>([this](const Call& c,
                                const cw::DescribeAlarmsInput& in) -> Result<cw::DescribeAlarmsOutput> {
    if (in.AlarmNames && in.AlarmNamePrefix)
      return aws_error("ValidationError", "Only one of AlarmNames and AlarmNamePrefix may be specified", 400);
    std::vector<cw::MetricAlarm> all;
    auto& types = in.AlarmTypes;
    bool metric = !types || std::find(types->begin(), types->end(), "MetricAlarm") != types->end();
    auto wanted = [&](const cw::MetricAlarm& a) {
      if (in.AlarmNames &&
          std::find(in.AlarmNames->begin(), in.AlarmNames->end(), *a.AlarmName) == in.AlarmNames->end())
        return false;
      if (in.AlarmNamePrefix && !a.AlarmName->starts_with(*in.AlarmNamePrefix)) return false;
      if (in.StateValue && a.StateValue != in.StateValue) return false;
      return !in.ActionPrefix || std::any_of(a.AlarmActions->begin(), a.AlarmActions->end(),
                                             [&](auto& x) { return x.starts_with(*in.ActionPrefix); });
    };
    for (auto& [name, a] : alarms_.in(c.region))
      if (metric && wanted(a)) all.push_back(a);
    TRY_ASSIGN(size_t from, offset(in.NextToken));
    from = std::min(from, all.size());
    size_t to = std::min(all.size(), from + static_cast<size_t>(in.MaxRecords.value_or(50)));
    cw::DescribeAlarmsOutput out;
    if (to < all.size()) out.NextToken = base64(std::to_string(to));
    out.CompositeAlarms.emplace();
    out.MetricAlarms.emplace(all.begin() + static_cast<std::ptrdiff_t>(from),
                             all.begin() + static_cast<std::ptrdiff_t>(to));
    return out;
  });
}

void CloudWatchService::add_alarm_reads() {
  on<op::DescribeAlarmsForMetric>(
      [this](const Call& c,
             const cw::DescribeAlarmsForMetricInput& in) -> Result<cw::DescribeAlarmsForMetricOutput> {
        cw::DescribeAlarmsForMetricOutput out;
        out.MetricAlarms.emplace();
        MetricKey key = key_of(in.Namespace, in.MetricName, in.Dimensions);
        for (auto& [name, a] : alarms_.in(c.region))
          if (key_of(a.Namespace, a.MetricName, a.Dimensions) == key &&
              (!in.Statistic || a.Statistic == in.Statistic) && (!in.Period || a.Period == in.Period) &&
              (!in.Unit || a.Unit == in.Unit))
            out.MetricAlarms->push_back(a);
        return out;
      });
  on<op::DeleteAlarms>(
      [this](const Call& c, const cw::DeleteAlarmsInput& in) -> Result<cw::DeleteAlarmsOutput_> {
        if (in.AlarmNames->size() > 100)
          return aws_error("ValidationError", "At most 100 alarms may be deleted at once", 400);
        for (auto& name : *in.AlarmNames)
          if (!alarms_.find(c.region, name)) return no_alarm(name);
        for (auto& name : *in.AlarmNames) {
          alarms_.erase(c.region, name);
          tags_.erase(c.region, alarm_arn(c.region, name));
          remember(c.region, name, "ConfigurationUpdate", fmt::format("Alarm \"{}\" deleted", name));
        }
        return {};
      });
}

void CloudWatchService::add_alarm_states() {
  on<op::SetAlarmState>(
      [this](const Call& c, const cw::SetAlarmStateInput& in) -> Result<cw::SetAlarmStateOutput_> {
        auto* a = alarms_.find(c.region, *in.AlarmName);
        if (!a) return no_alarm(*in.AlarmName);
        set_state(c.region, *a, *in.StateValue, *in.StateReason, in.StateReasonData.value_or(""));
        return {};
      });
  auto enable = [this](const Call& c, const std::vector<std::string>& names, bool enabled) -> Result<> {
    for (auto& name : names) {
      auto* a = alarms_.find(c.region, name);
      if (!a) continue;  // AWS says nothing of alarms that are not there
      a->ActionsEnabled = enabled;
      alarms_.save(c.region, name, *a);
    }
    return {};
  };
  on<op::EnableAlarmActions>(
      [enable](const Call& c,
               const cw::EnableAlarmActionsInput& in) -> Result<cw::EnableAlarmActionsOutput_> {
        TRY(enable(c, *in.AlarmNames, true));
        return {};
      });
  on<op::DisableAlarmActions>(
      [enable](const Call& c,
               const cw::DisableAlarmActionsInput& in) -> Result<cw::DisableAlarmActionsOutput_> {
        TRY(enable(c, *in.AlarmNames, false));
        return {};
      });
}

void CloudWatchService::add_history() {
  on<op::DescribeAlarmHistory>([this](const Call& c, const cw::DescribeAlarmHistoryInput& in)
                                   -> Result<cw::DescribeAlarmHistoryOutput> {
    std::vector<cw::AlarmHistoryItem> all;
    for (auto& h : history_[c.region])
      if ((!in.AlarmName || h.AlarmName == in.AlarmName) &&
          (!in.HistoryItemType || h.HistoryItemType == in.HistoryItemType) &&
          (!in.StartDate || *h.Timestamp >= *in.StartDate) && (!in.EndDate || *h.Timestamp <= *in.EndDate))
        all.push_back(h);
    if (in.ScanBy == "TimestampAscending") std::reverse(all.begin(), all.end());
    TRY_ASSIGN(size_t from, offset(in.NextToken));
    from = std::min(from, all.size());
    size_t to = std::min(all.size(), from + static_cast<size_t>(in.MaxRecords.value_or(50)));
    cw::DescribeAlarmHistoryOutput out;
    if (to < all.size()) out.NextToken = base64(std::to_string(to));
    out.AlarmHistoryItems.emplace(all.begin() + static_cast<std::ptrdiff_t>(from),
                                  all.begin() + static_cast<std::ptrdiff_t>(to));
    return out;
  });
}

void CloudWatchService::add_tags() {
  auto known = [this](const Call& c, const std::string& arn) -> Result<> {
    std::string prefix = alarm_arn(c.region, "");
    if (arn.starts_with(prefix) && alarms_.find(c.region, arn.substr(prefix.size()))) return {};
    return aws_error("ResourceNotFoundException", fmt::format("There is no resource {}", arn), 404);
  };
  on<op::TagResource>(
      [this, known](const Call& c, const cw::TagResourceInput& in) -> Result<cw::TagResourceOutput> {
        TRY(known(c, *in.ResourceARN));
        auto* row = tags_.find(c.region, *in.ResourceARN);
        auto tags = row ? row->Tags.value_or(std::vector<cw::Tag>{}) : std::vector<cw::Tag>{};
        for (auto& t : *in.Tags) {
          std::erase_if(tags, [&](auto& old) { return old.Key == t.Key; });
          tags.push_back(t);
        }
        if (tags.size() > 50)
          return aws_error("InvalidParameterValue", "A resource may have at most 50 tags");
        tags_.put(c.region, *in.ResourceARN, cw::ListTagsForResourceOutput{.Tags = tags});
        return {};
      });
  on<op::UntagResource>(
      [this, known](const Call& c, const cw::UntagResourceInput& in) -> Result<cw::UntagResourceOutput> {
        TRY(known(c, *in.ResourceARN));
        if (auto* row = tags_.find(c.region, *in.ResourceARN); row && row->Tags) {
          std::erase_if(*row->Tags, [&](auto& t) {
            return std::find(in.TagKeys->begin(), in.TagKeys->end(), *t.Key) != in.TagKeys->end();
          });
          tags_.save(c.region, *in.ResourceARN, *row);
        }
        return {};
      });
  on<op::ListTagsForResource>(
      [this, known](const Call& c,
                    const cw::ListTagsForResourceInput& in) -> Result<cw::ListTagsForResourceOutput> {
        TRY(known(c, *in.ResourceARN));
        auto* row = tags_.find(c.region, *in.ResourceARN);
        return cw::ListTagsForResourceOutput{.Tags = row ? row->Tags.value_or(std::vector<cw::Tag>{})
                                                         : std::vector<cw::Tag>{}};
      });
}

}  // namespace relight::sandbox
