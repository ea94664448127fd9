// Application Auto Scaling.
#include <algorithm>

#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

// A scalable target's id is "RESOURCE|DIMENSION|NAMESPACE" (AWS::ApplicationAutoScaling::ScalableTarget, Ref).
void name_target(Json& input, const std::string& id) {
  size_t one = id.find('|'), two = id.find('|', one == id.npos ? one : one + 1);
  if (two == id.npos) return;
  input["ResourceId"] = id.substr(0, one);
  input["ScalableDimension"] = id.substr(one + 1, two - one - 1);
  input["ServiceNamespace"] = id.substr(two + 1);
}

void this_target(Json& input, const Subject& s) { name_target(input, s.physical); }

void find_target(Json& input, const Subject& s) {
  Json named;
  name_target(named, s.physical);
  input = Json{{"ServiceNamespace", named["ServiceNamespace"]}, {"ResourceIds", Json::array({named["ResourceId"]})}};
}

Json target_of_policy(const Json& props) {
  Json out = Json::object();
  for (const char* k : {"ResourceId", "ScalableDimension", "ServiceNamespace"})
    if (props.contains(k)) out[k] = props[k];
  if (props.contains("ScalingTargetId")) name_target(out, as_text(props["ScalingTargetId"]));
  return out;
}

void policy_target(Json& input, const Subject& s) { input.update(target_of_policy(s.props)); }

void find_policy(Json& input, const Subject& s) {
  input = target_of_policy(s.props);
  input["PolicyNames"] = Json::array({s.props.value("PolicyName", Json(""))});
}

}  // namespace

Types scaling_types() {
  return {
  {.name = "AWS::ApplicationAutoScaling::ScalableTarget",
   .create = {{"applicationautoscaling", "RegisterScalableTarget", "MaxCapacity MinCapacity ResourceId RoleARN ScalableDimension ServiceNamespace SuspendedState"}},
   .settings = {about_gone({"applicationautoscaling", "DeleteScheduledAction", "ScheduledActionName", "", "ScheduledActions", this_target, "ScheduledActions", Entries::kGone}),
                {"applicationautoscaling", "PutScheduledAction", "ScheduledActionName Schedule Timezone StartTime EndTime ScalableTargetAction", "", "ScheduledActions", this_target,
                 "ScheduledActions", Entries::kAdded, "-"}},
   .id = "=ResourceId|ScalableDimension|ServiceNamespace",
   .describe = Action{"applicationautoscaling", "DescribeScalableTargets", "", "", "", find_target}, .root = "/ScalableTargets/0",
   .attributes = {{"Id", "$id"}},
   .replace = "ResourceId ScalableDimension ServiceNamespace",
   .update = {{"applicationautoscaling", "RegisterScalableTarget", "MaxCapacity MinCapacity RoleARN SuspendedState", "", "MaxCapacity MinCapacity RoleARN SuspendedState", this_target}},
   .remove = {{"applicationautoscaling", "DeregisterScalableTarget", "", "", "", this_target}}},
  {.name = "AWS::ApplicationAutoScaling::ScalingPolicy",
   .create = {{"applicationautoscaling", "PutScalingPolicy", "PolicyName PolicyType StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration", "", "", policy_target}},
   .id = "/PolicyARN",
   .describe = Action{"applicationautoscaling", "DescribeScalingPolicies", "", "", "", find_policy}, .root = "/ScalingPolicies/0",
   .attributes = {{"Arn", "$id"}},
   .replace = "PolicyName ResourceId ScalableDimension ScalingTargetId ServiceNamespace",
   .update = {{"applicationautoscaling", "PutScalingPolicy", "PolicyName PolicyType StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration", "",
               "PolicyType StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration", policy_target}},
   .remove = {{"applicationautoscaling", "DeleteScalingPolicy", "PolicyName", "", "", policy_target}}}};
}

}  // namespace relight::sandbox::cfn
