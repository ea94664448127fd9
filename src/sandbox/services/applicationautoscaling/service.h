// Application Auto Scaling for ECS services: scalable targets, policies that act on CloudWatch's alarms,
// scheduled actions on the sandbox's clock. See README.md.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "aws/gen/applicationautoscaling.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/ecs.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace scaling {
namespace api = aws::applicationautoscaling;
using Target = Row<api::ScalableTarget>;
using Policy = Row<api::ScalingPolicy>;
using Scheduled = Row<api::ScheduledAction>;
using Activity = Row<api::ScalingActivity>;

inline constexpr const char* kDimension = "ecs:service:DesiredCount";
std::string key_of(const std::string& resource, const std::string& name);  // "service/C/S|NAME"
// "service namespace: ecs, resource ID: …, scalable dimension: …", as this service's messages say it.
std::string where(const std::string& resource);
}  // namespace scaling

class ApplicationAutoScalingService final : public Service {
 public:
  explicit ApplicationAutoScalingService(World& w);
  void start() override;
  void region_restored(const std::string& region) override;

 private:
  using Region = const std::string&;
  using Name = const std::string&;
  void add_targets();
  void add_target_reads();
  void add_policies();
  void add_policy_reads();
  void add_scheduled();
  void add_scheduled_reads();

  // "ValidationException" for a namespace, resource or dimension that is not an ECS service's desired count.
  Result<> check_resource(const std::optional<std::string>& name_space,
                          const std::optional<std::string>& resource,
                          const std::optional<std::string>& dimension) const;
  Result<scaling::Target*> registered(Region r, Name resource);  // "ObjectNotFoundException"

  // ---- the ECS service behind a resource id; "ValidationException" when it does not exist ----
  Result<aws::ecs::Service> ecs_service(Region r, Name resource);
  // Sets the desired count and records the activity. Nothing happens when it is so already.
  void scale(Region r, Name resource, int32_t to, const std::string& cause);
  // Moves the desired count into the target's bounds; `cause` says which bound was set to what.
  void into_bounds(Region r, const scaling::Target& t);

  Result<scaling::api::RegisterScalableTargetResponse> register_target(
      const Call& c, const scaling::api::RegisterScalableTargetRequest& in);
  void forget(Region r, Name resource);  // the target, its policies with their alarms, its scheduled actions

  // ---- policies.cc ----
  Result<scaling::api::PutScalingPolicyResponse> put_policy(const Call& c,
                                                            const scaling::api::PutScalingPolicyRequest& in);
  Result<std::vector<scaling::api::Alarm>> put_alarms(Region r, const scaling::Policy& p);
  void drop_alarms(Region r, const scaling::Policy& p);

  // ---- evaluate.cc ----
  void evaluate_all();  // every poll_interval(60 s)
  void evaluate(Region r, const scaling::Target& t);
  struct Wish {
    std::string policy, alarm;
    int32_t to = 0;
    bool tracking = false;
  };
  std::vector<Wish> wishes(Region r, const scaling::Target& t, int32_t desired, bool& all_ready_to_shrink);
  std::optional<double> latest(Region r, const aws::cloudwatch::MetricAlarm& a);
  bool cooling(Region r, Name resource, bool out) const;

  // ---- scheduled.cc ----
  void arm(Region r, Name key, Instant past = {});  // for its next time, which is after `past`
  void fire(Region r, Name key, Instant due);

  Table<scaling::Target> targets_;             // by resource id
  Table<scaling::Policy> policies_;            // "RESOURCE|NAME"
  Table<scaling::Scheduled> scheduled_;        // "RESOURCE|NAME"
  Table<scaling::Activity> activities_;        // "TIME|ID": in order of time
  std::map<std::string, Instant> cool_until_;  // "REGION|RESOURCE|out" and "…|in"; a restart ends cooldowns
  std::map<std::string, Instant> due_;         // "REGION|KEY" of a scheduled action: what it waits for
};

}  // namespace relight::sandbox
