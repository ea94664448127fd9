// What an alarm does when its state changes.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/cloudwatch/service.h"
#include "sandbox/services/delivery/delivery.h"

namespace relight::sandbox {
namespace cw = aws::cloudwatch;

namespace {

using AlarmJson = nlohmann::ordered_json;

std::string alarm_region_name(const std::string& region) {
  if (region == "us-east-1") return "US East (N. Virginia)";
  if (region == "us-west-2") return "US West (Oregon)";
  return region;  // others' long names are not known here
}

// "2017-01-12T16:30:42.236+0000"
std::string alarm_time(Instant t) {
  std::string text = iso8601(t);
  if (text.ends_with('Z')) text.pop_back();
  return (text.find('.') == text.npos ? text + ".000" : text) + "+0000";
}

std::string capitals(std::string s) {
  for (char& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return s;
}

AlarmJson trigger(const cw::MetricAlarm& a) {
  auto dimensions = AlarmJson::array();
  if (a.Dimensions)
    for (auto& d : *a.Dimensions)
      dimensions.push_back({{"value", d.Value.value_or("")}, {"name", d.Name.value_or("")}});
  return {{"MetricName", a.MetricName.value_or("")},
          {"Namespace", a.Namespace.value_or("")},
          {"StatisticType", "Statistic"},
          {"Statistic", capitals(a.Statistic.value_or("Average"))},
          {"Unit", a.Unit ? AlarmJson(*a.Unit) : AlarmJson()},
          {"Dimensions", dimensions},
          {"Period", a.Period.value_or(60)},
          {"EvaluationPeriods", a.EvaluationPeriods.value_or(1)},
          {"ComparisonOperator", a.ComparisonOperator.value_or("")},
          {"Threshold", a.Threshold.value_or(0)},
          {"TreatMissingData", a.TreatMissingData.value_or("")},
          {"EvaluateLowSampleCountPercentile", ""}};
}

AlarmJson listed_actions(const std::optional<std::vector<std::string>>& all) {
  auto out = AlarmJson::array();
  if (all)
    for (auto& one : *all) out.push_back(one);
  return out;
}

}  // namespace

// The message that subscribers of a topic get ("Notifying users on alarm changes", CloudWatch User Guide; the
// members' names as received from AWS).
std::string CloudWatchService::act(const std::string& region, const cw::MetricAlarm& a,
                                   const std::string& before, const std::string& action) {
  if (arn_service(action) != "sns")
    return fmt::format("Action {} was due; this sandbox carries out none but topics'", action);
  std::string name = a.AlarmName.value_or(""), state = a.StateValue.value_or(""),
              arn = alarm_arn(region, name);
  AlarmJson message{{"AlarmName", name},
                    {"AlarmDescription", a.AlarmDescription ? AlarmJson(*a.AlarmDescription) : AlarmJson()},
                    {"AWSAccountId", world_.account()},
                    {"AlarmConfigurationUpdatedTimestamp",
                     alarm_time(a.AlarmConfigurationUpdatedTimestamp.value_or(world_.clock.now()))},
                    {"NewStateValue", state},
                    {"NewStateReason", a.StateReason.value_or("")},
                    {"StateChangeTime", alarm_time(world_.clock.now())},
                    {"Region", alarm_region_name(region)},
                    {"AlarmArn", arn},
                    {"OldStateValue", before},
                    {"OKActions", listed_actions(a.OKActions)},
                    {"AlarmActions", listed_actions(a.AlarmActions)},
                    {"InsufficientDataActions", listed_actions(a.InsufficientDataActions)},
                    {"Trigger", trigger(a)}};
  Parcel p{.body = message.dump(),
           .subject = fmt::format("{}: \"{}\" in {}", state, name, alarm_region_name(region))};
  if (p.subject.size() > 100) p.subject.resize(100);
  auto done = deliver(world_, {"cloudwatch.amazonaws.com", arn, action, region}, p);
  return done ? fmt::format("Successfully executed action {}", action)
              : fmt::format("Failed to execute action {}. Received error: \"{}\"", action,
                            done.error().message);
}

}  // namespace relight::sandbox
