// Scheduled actions: kept, and carried out when the sandbox's clock says so.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/applicationautoscaling/page.h"
#include "sandbox/services/applicationautoscaling/schedule.h"
#include "sandbox/services/applicationautoscaling/service.h"

namespace relight::sandbox {
using namespace scaling;
namespace op = aws::applicationautoscaling::op;

namespace {

constexpr size_t kScheduledOfTarget = 200;  // "Quotas for Application Auto Scaling"

Result<> check_scheduled(const Scheduled& s) {
  TRY(Schedule::parse(*s.Schedule));
  if (s.Timezone && *s.Timezone != "UTC" && *s.Timezone != "Etc/UTC" && *s.Timezone != "GMT")
    return aws_error("ValidationException", "Time zones other than UTC are not built in this sandbox.");
  auto& a = s.ScalableTargetAction;
  if (!a || (!a->MinCapacity && !a->MaxCapacity))
    return aws_error("ValidationException",
                     "A scheduled action needs a minimum or a maximum capacity.");  // wording unverified
  if (a->MinCapacity.value_or(0) < 0 || a->MaxCapacity.value_or(0) < 0 ||
      (a->MinCapacity && a->MaxCapacity && *a->MinCapacity > *a->MaxCapacity))
    return aws_error("ValidationException",
                     "Maximum capacity cannot be less than minimum capacity.");  // wording unverified
  if (s.StartTime && s.EndTime && *s.StartTime >= *s.EndTime)
    return aws_error("ValidationException",
                     "The end time must be after the start time.");  // wording unverified
  return {};
}

}  // namespace

void ApplicationAutoScalingService::arm(Region r, Name key, Instant past) {
  auto* s = scheduled_.find(r, key);
  if (!s) return;
  auto when = Schedule::parse(*s->Schedule);
  Instant now = world_.clock.now(), since = s->StartTime.value_or(*s->CreationTime);
  Instant from = std::max({now, past, s->StartTime.value_or(now) - Millis{1}});
  auto due = when ? when->after(from, since) : std::nullopt;
  if (!due || (s->EndTime && *due > *s->EndTime)) {
    due_.erase(r + "|" + key);
    return;
  }
  due_[r + "|" + key] = *due;
  world_.after(*due - now,
               [this, r = std::string(r), key = std::string(key), due = *due] { fire(r, key, due); });
}

// Whatever was put, deleted or lost meanwhile is told by what the action now waits for.
void ApplicationAutoScalingService::fire(Region r, Name key, Instant due) {
  auto it = due_.find(r + "|" + key);
  auto* s = scheduled_.find(r, key);
  if (it == due_.end() || it->second != due || !s || !world_.links().up(r)) return;
  auto* t = targets_.find(r, *s->ResourceId);
  if (t && !t->SuspendedState->ScheduledScalingSuspended.value_or(false)) {
    auto& a = *s->ScalableTargetAction;
    int32_t low = a.MinCapacity.value_or(*t->MinCapacity), high = a.MaxCapacity.value_or(*t->MaxCapacity);
    if (low <= high) {
      t->MinCapacity = low, t->MaxCapacity = high;
      targets_.save(r, *s->ResourceId, *t);
      world_.event(r, "applicationautoscaling", *s->ResourceId,
                   "scheduled action " + *s->ScheduledActionName);
      into_bounds(r, *t);
    }
  }
  arm(r, key, due);
}

void ApplicationAutoScalingService::add_scheduled() {
  on<op::PutScheduledAction>([this](const Call& c, const api::PutScheduledActionRequest& in)
                                 -> Result<api::PutScheduledActionResponse> {
    TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
    TRY(registered(c.region, *in.ResourceId));
    std::string key = key_of(*in.ResourceId, *in.ScheduledActionName);
    auto* known = scheduled_.find(c.region, key);
    size_t there = std::count_if(scheduled_.in(c.region).begin(), scheduled_.in(c.region).end(),
                                 [&](auto& kv) { return kv.second.ResourceId == in.ResourceId; });
    if (!known && there >= kScheduledOfTarget)
      return aws_error("LimitExceededException", "A scalable target has at most 200 scheduled actions.");
    if (!known && !in.Schedule)
      return aws_error("ValidationException", "A scheduled action needs a schedule.");  // wording unverified
    Scheduled s = known ? *known : Scheduled{};
    s.ScheduledActionName = in.ScheduledActionName;
    s.ServiceNamespace = "ecs";
    s.ResourceId = in.ResourceId;
    s.ScalableDimension = kDimension;
    if (in.Schedule) s.Schedule = in.Schedule;
    if (in.Timezone) s.Timezone = in.Timezone;
    // "PutScheduledAction": times that an update does not give are deleted.
    s.StartTime = in.StartTime, s.EndTime = in.EndTime;
    if (in.ScalableTargetAction) s.ScalableTargetAction = in.ScalableTargetAction;
    if (!known) {
      s.CreationTime = world_.clock.now();
      s.ScheduledActionARN =
          fmt::format("arn:aws:autoscaling:{}:{}:scheduledAction:{}:resource/ecs/{}:scheduledActionName/{}",
                      c.region, world_.account(), world_.rng.uuid(), *in.ResourceId, *in.ScheduledActionName);
    }
    TRY(check_scheduled(s));
    scheduled_.put(c.region, key, std::move(s));
    arm(c.region, key);
    return api::PutScheduledActionResponse{};
  });
  on<op::DeleteScheduledAction>(
      [this](const Call& c,
             const api::DeleteScheduledActionRequest& in) -> Result<api::DeleteScheduledActionResponse> {
        TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
        std::string key = key_of(*in.ResourceId, *in.ScheduledActionName);
        if (!scheduled_.find(c.region, key))
          return aws_error("ObjectNotFoundException",
                           fmt::format("No scheduled action found for {}, scheduled action name: {}",
                                       where(*in.ResourceId), *in.ScheduledActionName));
        scheduled_.erase(c.region, key);
        due_.erase(c.region + "|" + key);
        return api::DeleteScheduledActionResponse{};
      });
}

void ApplicationAutoScalingService::add_scheduled_reads() {
  on<op::DescribeScheduledActions>([this](const Call& c, const api::DescribeScheduledActionsRequest& in)
                                       -> Result<api::DescribeScheduledActionsResponse> {
    TRY(check_resource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension));
    api::DescribeScheduledActionsResponse out;
    auto wanted = [&](const Scheduled& s) {
      auto& names = in.ScheduledActionNames;
      return (!in.ResourceId || s.ResourceId == in.ResourceId) &&
             (!names || names->empty() ||
              std::find(names->begin(), names->end(), *s.ScheduledActionName) != names->end());
    };
    TRY_ASSIGN(out.ScheduledActions,
               (page<api::ScheduledAction, Scheduled>(scheduled_.in(c.region), false, wanted, in.MaxResults,
                                                      in.NextToken, out.NextToken)));
    return out;
  });
}

}  // namespace relight::sandbox
