// Scaling policies, and the alarms that a target tracking policy owns.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/applicationautoscaling/decide.h"
#include "sandbox/services/applicationautoscaling/page.h"
#include "sandbox/services/applicationautoscaling/service.h"

namespace relight::sandbox {
using namespace scaling;
namespace op = aws::applicationautoscaling::op;
namespace cw = aws::cloudwatch;

namespace {

constexpr size_t kPoliciesOfTarget = 50;  // "Quotas for Application Auto Scaling"

cw::PutMetricAlarmInput metric_of(const Policy& p) {
  cw::PutMetricAlarmInput a;
  auto& t = *p.TargetTrackingScalingPolicyConfiguration;
  std::string resource = *p.ResourceId, cluster = resource.substr(8, resource.find('/', 8) - 8),
              service = resource.substr(resource.rfind('/') + 1);
  if (t.CustomizedMetricSpecification) {
    auto& m = *t.CustomizedMetricSpecification;
    a.Namespace = m.Namespace, a.MetricName = m.MetricName, a.Statistic = m.Statistic, a.Unit = m.Unit;
    a.Dimensions.emplace();
    for (auto& d : m.Dimensions.value_or(std::vector<api::MetricDimension>{}))
      a.Dimensions->push_back({.Name = d.Name, .Value = d.Value});
    return a;
  }
  auto& m = *t.PredefinedMetricSpecification;
  if (m.PredefinedMetricType == "ALBRequestCountPerTarget") {
    size_t group = m.ResourceLabel->find("/targetgroup/");  // by the target group alone (unverified)
    a.Namespace = "AWS/ApplicationELB", a.MetricName = "RequestCountPerTarget", a.Statistic = "Sum";
    a.Dimensions = {{.Name = "TargetGroup", .Value = m.ResourceLabel->substr(group + 1)}};
    return a;
  }
  bool cpu = m.PredefinedMetricType == "ECSServiceAverageCPUUtilization";
  a.Namespace = "AWS/ECS", a.MetricName = cpu ? "CPUUtilization" : "MemoryUtilization",
  a.Statistic = "Average";
  a.Dimensions = {{.Name = "ClusterName", .Value = cluster}, {.Name = "ServiceName", .Value = service}};
  return a;
}

}  // namespace

// The names, periods and thresholds are those of the alarms that AWS makes: above the target for 3 minutes,
// below nine tenths of it for 15 (observed by many; documented nowhere, and "may change": unverified).
Result<std::vector<api::Alarm>> ApplicationAutoScalingService::put_alarms(Region r, const Policy& p) {
  auto& t = *p.TargetTrackingScalingPolicyConfiguration;
  std::vector<api::Alarm> out;
  for (bool high : {true, false}) {
    if (!high && t.DisableScaleIn.value_or(false)) break;
    auto a = metric_of(p);
    std::string name = fmt::format("TargetTracking-{}-{}-{}", *p.ResourceId, high ? "AlarmHigh" : "AlarmLow",
                                   world_.rng.uuid());
    a.AlarmName = name;
    a.AlarmDescription =
        fmt::format("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", *p.PolicyARN);
    a.ActionsEnabled = true;
    a.AlarmActions = {*p.PolicyARN};
    a.Period = 60;
    a.EvaluationPeriods = high ? 3 : 15;
    a.Threshold = high ? *t.TargetValue : *t.TargetValue * 0.9;
    a.ComparisonOperator = high ? "GreaterThanThreshold" : "LessThanThreshold";
    if (auto done = world_.call<cw::op::PutMetricAlarm>(r, a); !done) {
      Policy made = p;
      made.Alarms = out;
      drop_alarms(r, made);
      return aws_error("FailedResourceAccessException", done.error().message);
    }
    out.push_back({.AlarmName = name,
                   .AlarmARN = fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", r, world_.account(), name)});
  }
  return out;
}

void ApplicationAutoScalingService::drop_alarms(Region r, const Policy& p) {
  if (p.PolicyType != "TargetTrackingScaling") return;  // a step policy's alarms belong to whoever made them
  for (auto& a : p.Alarms.value_or(std::vector<api::Alarm>{}))
    world_.call<cw::op::DeleteAlarms>(r, {.AlarmNames = std::vector<std::string>{*a.AlarmName}});
}

Result<api::PutScalingPolicyResponse> ApplicationAutoScalingService::put_policy(
    const Call& c, const api::PutScalingPolicyRequest& in) {
  TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
  TRY(registered(c.region, *in.ResourceId));
  std::string key = key_of(*in.ResourceId, *in.PolicyName);
  auto* known = policies_.find(c.region, key);
  Policy p;
  p.PolicyName = in.PolicyName;
  p.ServiceNamespace = "ecs";
  p.ResourceId = in.ResourceId;
  p.ScalableDimension = kDimension;
  p.PolicyType = in.PolicyType.value_or(known ? *known->PolicyType : "StepScaling");
  p.StepScalingPolicyConfiguration = in.StepScalingPolicyConfiguration;
  p.TargetTrackingScalingPolicyConfiguration = in.TargetTrackingScalingPolicyConfiguration;
  if (known && p.PolicyType != known->PolicyType)
    return aws_error("ValidationException",
                     "A scaling policy's type can't be changed.");  // wording unverified
  TRY(check_policy(p));
  size_t there = std::count_if(policies_.in(c.region).begin(), policies_.in(c.region).end(),
                               [&](auto& kv) { return kv.second.ResourceId == in.ResourceId; });
  if (!known && there >= kPoliciesOfTarget)
    return aws_error("LimitExceededException", "A scalable target has at most 50 scaling policies.");
  p.CreationTime = known ? *known->CreationTime : world_.clock.now();
  p.PolicyARN =
      known ? *known->PolicyARN
            : fmt::format("arn:aws:autoscaling:{}:{}:scalingPolicy:{}:resource/ecs/{}:policyName/{}",
                          c.region, world_.account(), world_.rng.uuid(), *in.ResourceId, *in.PolicyName);
  p.Alarms.emplace();
  if (p.PolicyType == "TargetTrackingScaling") {
    TRY_ASSIGN(p.Alarms, put_alarms(c.region, p));
    if (known) drop_alarms(c.region, *known);
  }
  auto& kept = policies_.put(c.region, key, std::move(p));
  return api::PutScalingPolicyResponse{.PolicyARN = kept.PolicyARN, .Alarms = kept.Alarms};
}

void ApplicationAutoScalingService::add_policies() {
  on<op::PutScalingPolicy>([this](const Call& c, const auto& in) { return put_policy(c, in); });
  on<op::DeleteScalingPolicy>(
      [this](const Call& c,
             const api::DeleteScalingPolicyRequest& in) -> Result<api::DeleteScalingPolicyResponse> {
        TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
        std::string key = key_of(*in.ResourceId, *in.PolicyName);
        auto* p = policies_.find(c.region, key);
        if (!p)
          return aws_error("ObjectNotFoundException",
                           fmt::format("No scaling policy found for {}, policy name: {}",
                                       where(*in.ResourceId), *in.PolicyName));
        drop_alarms(c.region, *p);
        policies_.erase(c.region, key);
        return api::DeleteScalingPolicyResponse{};
      });
}

void ApplicationAutoScalingService::add_policy_reads() {
  on<op::DescribeScalingPolicies>(
      [this](const Call& c,
             const api::DescribeScalingPoliciesRequest& in) -> Result<api::DescribeScalingPoliciesResponse> {
        TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
        api::DescribeScalingPoliciesResponse out;
        auto wanted = [&](const Policy& p) {
          return (!in.ResourceId || p.ResourceId == in.ResourceId) &&
                 (!in.PolicyNames || in.PolicyNames->empty() ||
                  std::find(in.PolicyNames->begin(), in.PolicyNames->end(), *p.PolicyName) !=
                      in.PolicyNames->end());
        };
        TRY_ASSIGN(out.ScalingPolicies,
                   (page<api::ScalingPolicy, Policy>(policies_.in(c.region), false, wanted, in.MaxResults,
                                                     in.NextToken, out.NextToken)));
        // A step policy's alarms are whichever name it now.
        for (auto& p : *out.ScalingPolicies) {
          if (p.PolicyType != "StepScaling") continue;
          auto alarms = world_.call<cw::op::DescribeAlarms>(c.region, {.ActionPrefix = p.PolicyARN});
          if (!alarms) continue;
          for (auto& a : alarms->MetricAlarms.value_or(std::vector<cw::MetricAlarm>{}))
            p.Alarms->push_back({.AlarmName = a.AlarmName, .AlarmARN = a.AlarmArn});
        }
        return out;
      });
}

}  // namespace relight::sandbox
