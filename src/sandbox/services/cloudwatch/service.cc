#include "sandbox/services/cloudwatch/service.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/cloudwatch/evaluate.h"

namespace relight::sandbox {
namespace cw = aws::cloudwatch;

CloudWatchService::CloudWatchService(World& w)
    : Service(w, cw::model()), alarms_(w, "cloudwatch/alarms"), tags_(w, "cloudwatch/tags") {
  add_metrics();
  add_statistics();
  add_alarms();
  add_alarm_reads();
  add_alarm_states();
  add_history();
  add_tags();
}

void CloudWatchService::start() {
  world_.after(world_.poll_interval(Millis{60'000}), [this] {
    evaluate_all();
    start();
  });
}

std::string CloudWatchService::alarm_arn(const std::string& region, const std::string& name) const {
  return fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", region, world_.account(), name);
}

void CloudWatchService::remember(const std::string& region, const std::string& alarm, std::string_view type,
                                 std::string summary) {
  auto& h = history_[region];
  h.push_front({.AlarmName = alarm,
                .AlarmType = "MetricAlarm",
                .Timestamp = world_.clock.now(),
                .HistoryItemType = std::string(type),
                .HistorySummary = std::move(summary),
                .HistoryData = "{}"});
  if (h.size() > kHistoryPerRegion) h.pop_back();
}

void CloudWatchService::set_state(const std::string& region, Row<cw::MetricAlarm>& a,
                                  const std::string& state, const std::string& reason,
                                  const std::string& data) {
  std::string before = a.StateValue.value_or("INSUFFICIENT_DATA"), name = a.AlarmName.value_or("");
  a.StateReason = reason;
  a.StateReasonData = data;
  if (before != state) {
    a.StateValue = state;
    a.StateUpdatedTimestamp = world_.clock.now();
    remember(region, name, "StateUpdate", fmt::format("Alarm updated from {} to {}", before, state));
    world_.event(region, "cloudwatch", name, "alarm " + state);
    auto& actions = state == "ALARM" ? a.AlarmActions
                    : state == "OK"  ? a.OKActions
                                     : a.InsufficientDataActions;
    if (a.ActionsEnabled.value_or(true) && actions)
      for (auto& action : *actions)
        remember(region, name, "Action", act(region, a, before, action));
  }
  alarms_.save(region, name, a);
}

void CloudWatchService::evaluate_all() {
  for (auto& region : world_.settings.regions) {
    if (!world_.links().up(region)) continue;
    for (auto& [name, alarm] : alarms_.in(region)) evaluate(region, alarm);
  }
}

std::vector<std::optional<double>> CloudWatchService::recent(const std::string& region,
                                                             const cw::MetricAlarm& a) {
  MetricKey key = key_of(a.Namespace, a.MetricName, a.Dimensions);
  Millis period = std::chrono::seconds(a.Period.value_or(60));
  int64_t step = period.count(), now = world_.clock.now().time_since_epoch().count();
  int periods = a.EvaluationPeriods.value_or(1);
  // On AWS the period that has not ended counts once data is in; a few earlier ones stand in for missing
  // ones.
  int64_t last = now / step * step;
  int span = periods + 3;
  auto data = metrics_[region].get(key, a.Unit, Instant{Millis{last - (span - 1) * step}},
                                   Instant{Millis{last + step}}, period);
  std::vector<std::optional<double>> out;
  for (int i = span - 1; i >= 0; --i) {
    auto it = data.find(Instant{Millis{last - i * step}});
    out.push_back(it == data.end() ? std::nullopt : statistic(it->second, a.Statistic.value_or("Average")));
  }
  if (!out.back()) out.pop_back();  // the period has only begun: nothing is missing yet
  return out;
}

void CloudWatchService::evaluate(const std::string& region, Row<cw::MetricAlarm>& a) {
  if (a.Metrics && !a.Metrics->empty()) return;  // metric math is not built
  auto points = recent(region, a);
  AlarmRule rule{.evaluation_periods = a.EvaluationPeriods.value_or(1),
                 .datapoints_to_alarm = a.DatapointsToAlarm.value_or(a.EvaluationPeriods.value_or(1)),
                 .comparison = a.ComparisonOperator.value_or(""),
                 .threshold = a.Threshold.value_or(0),
                 .missing = a.TreatMissingData.value_or("missing")};
  Verdict v = evaluate_alarm(rule, points);
  if (v.state.empty() || v.state == a.StateValue) return;
  nlohmann::json data{{"version", "1.0"},
                      {"queryDate", iso8601(world_.clock.now())},
                      {"statistic", a.Statistic.value_or("Average")},
                      {"period", a.Period.value_or(60)},
                      {"threshold", rule.threshold},
                      {"recentDatapoints", nlohmann::json::array()}};
  for (auto& p : points)
    if (p) data["recentDatapoints"].push_back(*p);
  set_state(region, a, v.state, v.reason, data.dump());
}

}  // namespace relight::sandbox
