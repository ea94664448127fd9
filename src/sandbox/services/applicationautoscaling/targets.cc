// Scalable targets and what happened to them.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/applicationautoscaling/page.h"
#include "sandbox/services/applicationautoscaling/service.h"

namespace relight::sandbox {
using namespace scaling;
namespace op = aws::applicationautoscaling::op;

namespace {

constexpr size_t kTargets = 3000;  // "Quotas for Application Auto Scaling": of ECS, by region

void merge_suspended(api::SuspendedState& old, const api::SuspendedState& now) {
  if (now.DynamicScalingInSuspended) old.DynamicScalingInSuspended = now.DynamicScalingInSuspended;
  if (now.DynamicScalingOutSuspended) old.DynamicScalingOutSuspended = now.DynamicScalingOutSuspended;
  if (now.ScheduledScalingSuspended) old.ScheduledScalingSuspended = now.ScheduledScalingSuspended;
}

bool among(const std::optional<std::vector<std::string>>& names, const std::string& name) {
  return !names || names->empty() || std::find(names->begin(), names->end(), name) != names->end();
}

}  // namespace

// "RegisterScalableTarget" (API Reference): new targets need both bounds; of a known one only what is given
// changes; the resource's capacity is moved into the range.
Result<api::RegisterScalableTargetResponse> ApplicationAutoScalingService::register_target(
    const Call& c, const api::RegisterScalableTargetRequest& in) {
  TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
  TRY_ASSIGN(auto service, ecs_service(c.region, *in.ResourceId));
  auto* known = targets_.find(c.region, *in.ResourceId);
  if (!known && (!in.MinCapacity || !in.MaxCapacity))
    return aws_error(
        "ValidationException",
        "Both minimum and maximum capacity are required to register a new scalable target.");  // wording
                                                                                               // unverified
  if (!known && targets_.in(c.region).size() >= kTargets)
    return aws_error("LimitExceededException", "A region has at most 3000 scalable targets of ecs.");
  Target t = known ? *known : Target{};
  if (in.MinCapacity) t.MinCapacity = in.MinCapacity;
  if (in.MaxCapacity) t.MaxCapacity = in.MaxCapacity;
  if (*t.MinCapacity < 0 || *t.MaxCapacity < 0)
    return aws_error("ValidationException",
                     "Minimum and maximum capacity may not be negative.");  // wording unverified
  if (*t.MinCapacity > *t.MaxCapacity)
    return aws_error("ValidationException",
                     "Maximum capacity cannot be less than minimum capacity.");  // wording unverified
  if (!known) {
    t.ServiceNamespace = "ecs";
    t.ResourceId = in.ResourceId;
    t.ScalableDimension = kDimension;
    t.CreationTime = world_.clock.now();
    t.SuspendedState = api::SuspendedState{false, false, false};
    // "Service-linked roles for Application Auto Scaling": ECS is always scaled by this one, whatever RoleARN
    // says.
    t.RoleARN = fmt::format(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        world_.account());
  }
  if (in.SuspendedState) merge_suspended(*t.SuspendedState, *in.SuspendedState);
  into_bounds(c.region, targets_.put(c.region, *in.ResourceId, std::move(t)));
  return api::RegisterScalableTargetResponse{};
}

void ApplicationAutoScalingService::forget(Region r, Name resource) {
  auto keys_of = [&](auto& table) {
    std::vector<std::string> keys;
    for (auto& [key, row] : table.in(r))
      if (row.ResourceId == resource) keys.push_back(key);
    return keys;
  };
  for (auto& key : keys_of(policies_)) {
    drop_alarms(r, *policies_.find(r, key));
    policies_.erase(r, key);
  }
  for (auto& key : keys_of(scheduled_)) {
    scheduled_.erase(r, key);
    due_.erase(r + "|" + key);
  }
  targets_.erase(r, resource);
}

void ApplicationAutoScalingService::add_targets() {
  on<op::RegisterScalableTarget>([this](const Call& c, const auto& in) { return register_target(c, in); });
  // "DeregisterScalableTarget": policies and scheduled actions go with it; the desired count stays.
  on<op::DeregisterScalableTarget>([this](const Call& c, const api::DeregisterScalableTargetRequest& in)
                                       -> Result<api::DeregisterScalableTargetResponse> {
    TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
    if (!targets_.find(c.region, *in.ResourceId))
      return aws_error("ObjectNotFoundException", "No scalable target found for " + where(*in.ResourceId));
    forget(c.region, *in.ResourceId);
    return api::DeregisterScalableTargetResponse{};
  });
}

void ApplicationAutoScalingService::add_target_reads() {
  on<op::DescribeScalableTargets>([this](const Call& c, const api::DescribeScalableTargetsRequest& in)
                                      -> Result<api::DescribeScalableTargetsResponse> {
    TRY(check_resource(in.ServiceNamespace, {}, in.ScalableDimension));
    api::DescribeScalableTargetsResponse out;
    TRY_ASSIGN(out.ScalableTargets, (page<api::ScalableTarget, Target>(
                                        targets_.in(c.region), false,
                                        [&](const Target& t) { return among(in.ResourceIds, *t.ResourceId); },
                                        in.MaxResults, in.NextToken, out.NextToken)));
    return out;
  });
  on<op::DescribeScalingActivities>([this](const Call& c, const api::DescribeScalingActivitiesRequest& in)
                                        -> Result<api::DescribeScalingActivitiesResponse> {
    TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
    if (in.ScalableDimension && !in.ResourceId)
      return aws_error("ValidationException",
                       "A scalable dimension needs a resource ID.");  // wording unverified
    api::DescribeScalingActivitiesResponse out;
    TRY_ASSIGN(out.ScalingActivities,
               (page<api::ScalingActivity, Activity>(
                   activities_.in(c.region), true,
                   [&](const Activity& a) { return !in.ResourceId || a.ResourceId == in.ResourceId; },
                   in.MaxResults, in.NextToken, out.NextToken)));
    return out;
  });
}

}  // namespace relight::sandbox
