#include "sandbox/services/applicationautoscaling/decide.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::scaling {
namespace api = aws::applicationautoscaling;

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::unexpected<Error> bad_policy(const std::string& why) { return aws_error("ValidationException", why); }

double lower(const api::StepAdjustment& s) { return s.MetricIntervalLowerBound.value_or(-kInfinite); }
double upper(const api::StepAdjustment& s) { return s.MetricIntervalUpperBound.value_or(kInfinite); }

Result<> check_steps(const api::StepScalingPolicyConfiguration& c) {
  auto steps = c.StepAdjustments.value_or(std::vector<api::StepAdjustment>{});
  if (!c.AdjustmentType) return bad_policy("AdjustmentType must be specified for step scaling policies");
  if (steps.empty()) return bad_policy("At least one step adjustment must be specified");
  if (steps.size() > 20) return bad_policy("A step scaling policy has at most 20 step adjustments");
  if (c.MinAdjustmentMagnitude && c.AdjustmentType != "PercentChangeInCapacity")
    return bad_policy("MinAdjustmentMagnitude is only valid with PercentChangeInCapacity");
  if (c.Cooldown && *c.Cooldown < 0) return bad_policy("Cooldown may not be negative");
  std::sort(steps.begin(), steps.end(), [](auto& a, auto& b) { return lower(a) < lower(b); });
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].MetricIntervalLowerBound && !steps[i].MetricIntervalUpperBound)
      return bad_policy("Step adjustment intervals need a lower or an upper bound");
    if (lower(steps[i]) >= upper(steps[i]))
      return bad_policy("A step adjustment's upper bound must be greater than its lower bound");
    if (i && upper(steps[i - 1]) != lower(steps[i]))
      return bad_policy("Step adjustment intervals can't have overlaps or gaps between them");
  }
  return {};
}

Result<> check_tracking(const api::TargetTrackingScalingPolicyConfiguration& c) {
  if (c.PredefinedMetricSpecification.has_value() == c.CustomizedMetricSpecification.has_value())
    return bad_policy(
        "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified");
  if (!(*c.TargetValue > 0)) return bad_policy("TargetValue must be greater than 0");
  if (c.ScaleInCooldown.value_or(0) < 0 || c.ScaleOutCooldown.value_or(0) < 0)
    return bad_policy("Cooldowns may not be negative");
  if (!c.PredefinedMetricSpecification) return {};
  auto& m = *c.PredefinedMetricSpecification;
  bool alb = m.PredefinedMetricType == "ALBRequestCountPerTarget";
  if (!alb && m.PredefinedMetricType != "ECSServiceAverageCPUUtilization" &&
      m.PredefinedMetricType != "ECSServiceAverageMemoryUtilization")
    return bad_policy("The predefined metric type " + m.PredefinedMetricType.value_or("") +
                      " does not belong to the scalable dimension ecs:service:DesiredCount");
  std::string label = m.ResourceLabel.value_or("");
  bool good = label.starts_with("app/") && label.find("/targetgroup/") != label.npos;
  if (alb != m.ResourceLabel.has_value() || (alb && !good))
    return bad_policy(alb ? "ALBRequestCountPerTarget needs a resource label app/NAME/ID/targetgroup/NAME/ID"
                          : "A resource label belongs to ALBRequestCountPerTarget alone");
  return {};
}

}  // namespace

// The wordings of this file are unverified.
Result<> check_policy(const api::ScalingPolicy& p) {
  bool tracking = p.PolicyType == "TargetTrackingScaling";
  if (tracking ? p.StepScalingPolicyConfiguration || !p.TargetTrackingScalingPolicyConfiguration
               : p.TargetTrackingScalingPolicyConfiguration || !p.StepScalingPolicyConfiguration)
    return bad_policy("The policy type " + *p.PolicyType + " takes its own configuration, and no other");
  return tracking ? check_tracking(*p.TargetTrackingScalingPolicyConfiguration)
                  : check_steps(*p.StepScalingPolicyConfiguration);
}

int32_t track(int32_t now, double metric, double target, bool out) {
  double wanted = std::ceil(now * metric / target - 1e-9);
  auto n = static_cast<int32_t>(std::clamp(wanted, 0.0, 1e6));
  return out ? std::max(n, now + (now > 0)) : std::min(n, now);
}

int32_t step(int32_t now, double metric, double threshold, const api::StepScalingPolicyConfiguration& c) {
  double distance = metric - threshold;
  for (auto& s : c.StepAdjustments.value_or(std::vector<api::StepAdjustment>{})) {
    // Of an interval above the threshold the lower bound is included, of one below the upper.
    bool above = lower(s) >= 0;
    if (above ? distance < lower(s) || distance >= upper(s) : distance <= lower(s) || distance > upper(s))
      continue;
    int32_t by = *s.ScalingAdjustment;
    if (c.AdjustmentType == "ExactCapacity") return by;
    if (c.AdjustmentType == "ChangeInCapacity") return std::max(0, now + by);
    double part = now * by / 100.0;
    double whole = std::abs(part) < 1 && part != 0 ? std::copysign(1, part) : std::trunc(part);
    int32_t least = c.MinAdjustmentMagnitude.value_or(0);
    if (by != 0 && std::abs(whole) < least) whole = by > 0 ? least : -least;
    return std::max(0, now + static_cast<int32_t>(whole));
  }
  return now;
}

}  // namespace relight::sandbox::scaling
