// What the policies' alarms ask for, every minute of AWS's time.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/applicationautoscaling/decide.h"
#include "sandbox/services/applicationautoscaling/service.h"

namespace relight::sandbox {
using namespace scaling;
namespace cw = aws::cloudwatch;

namespace {

constexpr int32_t kCooldown = 300;  // seconds: the default for ECS ("PutScalingPolicy")

int32_t cooldown_of(const Policy& p, bool out) {
  if (auto& s = p.StepScalingPolicyConfiguration) return s->Cooldown.value_or(kCooldown);
  auto& t = *p.TargetTrackingScalingPolicyConfiguration;
  return (out ? t.ScaleOutCooldown : t.ScaleInCooldown).value_or(kCooldown);
}

}  // namespace

void ApplicationAutoScalingService::evaluate_all() {
  for (auto& r : world_.settings.regions) {
    if (!world_.links().up(r) || policies_.in(r).empty()) continue;
    std::vector<Target> all;  // copies: scaling may change the table's rows
    for (auto& [resource, t] : targets_.in(r)) all.push_back(t);
    for (auto& t : all) evaluate(r, t);
  }
  world_.after(world_.poll_interval(std::chrono::minutes(1)), [this] { evaluate_all(); });
}

// The newest value of what an alarm watches; none when there is none within its evaluation periods.
std::optional<double> ApplicationAutoScalingService::latest(Region r, const cw::MetricAlarm& a) {
  Instant now = world_.clock.now();
  auto window = std::chrono::seconds(int64_t{*a.Period} * (*a.EvaluationPeriods + 1));
  cw::GetMetricStatisticsInput in;
  in.Namespace = a.Namespace, in.MetricName = a.MetricName, in.Dimensions = a.Dimensions,
  in.Period = a.Period;
  in.StartTime = now - window, in.EndTime = now + std::chrono::seconds(1), in.Unit = a.Unit;
  in.Statistics = {*a.Statistic};
  auto out = world_.call<cw::op::GetMetricStatistics>(r, in);
  if (!out || !out->Datapoints || out->Datapoints->empty()) return std::nullopt;
  auto newest = std::max_element(out->Datapoints->begin(), out->Datapoints->end(),
                                 [](auto& x, auto& y) { return x.Timestamp < y.Timestamp; });
  if (a.Statistic == "Sum") return newest->Sum;
  if (a.Statistic == "Minimum") return newest->Minimum;
  if (a.Statistic == "Maximum") return newest->Maximum;
  if (a.Statistic == "SampleCount") return newest->SampleCount;
  return newest->Average;
}

std::vector<ApplicationAutoScalingService::Wish> ApplicationAutoScalingService::wishes(
    Region r, const Target& t, int32_t desired, bool& all_ready_to_shrink) {
  std::vector<Wish> out;
  for (auto& [key, p] : policies_.in(r)) {
    if (p.ResourceId != t.ResourceId) continue;
    auto alarms = world_.call<cw::op::DescribeAlarms>(r, {.ActionPrefix = p.PolicyARN});
    if (!alarms) continue;
    bool tracking = p.PolicyType == "TargetTrackingScaling", shrinks = false;
    for (auto& a : alarms->MetricAlarms.value_or(std::vector<cw::MetricAlarm>{})) {
      auto value = a.StateValue == "ALARM" && a.ActionsEnabled.value_or(true) ? latest(r, a) : std::nullopt;
      if (!value) continue;
      bool high = a.ComparisonOperator->starts_with("Greater");
      int32_t to =
          tracking ? track(desired, *value, *p.TargetTrackingScalingPolicyConfiguration->TargetValue, high)
                   : step(desired, *value, *a.Threshold, *p.StepScalingPolicyConfiguration);
      shrinks = shrinks || (tracking && !high);
      out.push_back({key, *a.AlarmName, std::clamp(to, *t.MinCapacity, *t.MaxCapacity), tracking});
    }
    if (tracking && !p.TargetTrackingScalingPolicyConfiguration->DisableScaleIn.value_or(false) && !shrinks)
      all_ready_to_shrink = false;
  }
  return out;
}

bool ApplicationAutoScalingService::cooling(Region r, Name resource, bool out) const {
  auto it = cool_until_.find(r + "|" + resource + (out ? "|out" : "|in"));
  return it != cool_until_.end() && it->second > world_.clock.now();
}

// "How target tracking scaling works" and "PutScalingPolicy": the largest capacity wins, for both directions;
// target tracking shrinks only when all such policies would; scaling out does not wait for a scale-in's
// cooldown.
void ApplicationAutoScalingService::evaluate(Region r, const Target& t) {
  auto service = ecs_service(r, *t.ResourceId);
  if (!service || service->status != "ACTIVE") return;
  int32_t desired = service->desiredCount.value_or(0);
  bool all_shrink = true;
  auto all = wishes(r, t, desired, all_shrink);
  if (std::none_of(all.begin(), all.end(), [&](auto& w) { return w.to > desired; }))
    std::erase_if(all, [&](auto& w) { return w.to == desired || (w.tracking && !all_shrink); });
  auto most = std::max_element(all.begin(), all.end(), [](auto& x, auto& y) { return x.to < y.to; });
  if (most == all.end() || most->to == desired) return;
  bool out = most->to > desired;
  // Amazon ECS: scale-in is off while a deployment is under way ("Target tracking scaling policies").
  if (!out && service->deployments && service->deployments->size() > 1) return;
  auto& off = *t.SuspendedState;
  if ((out ? off.DynamicScalingOutSuspended : off.DynamicScalingInSuspended).value_or(false)) return;
  if (cooling(r, *t.ResourceId, out) || (!out && cooling(r, *t.ResourceId, true))) return;
  const Policy& p = *policies_.find(r, most->policy);
  cool_until_[r + "|" + *t.ResourceId + (out ? "|out" : "|in")] =
      world_.clock.now() + std::chrono::seconds(cooldown_of(p, out));
  scale(r, *t.ResourceId, most->to,
        fmt::format("monitor alarm {} in state ALARM triggered policy {}", most->alarm, *p.PolicyName));
}

}  // namespace relight::sandbox
