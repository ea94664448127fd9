// Check 27: autoscaling there lets the planned tasks live, and starts none before.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

constexpr const char* kTarget = "applicationautoscaling/scalable-target";

Item scaled_by(const Estate& e, const Item& service) {
  return e.find(kTarget, service.id().substr(service.id().rfind(':') + 1));
}

std::string scaling_bounds(const Item& target) {
  return fmt::format("{} to {}", number_at(*target.properties, "/MinCapacity"),
                     number_at(*target.properties, "/MaxCapacity"));
}

std::string scaling_policies(const Item& target) {
  std::string out;
  for (auto& policy : list_at(*target.properties, "/Policies")) out += " " + text_at(policy, "/PolicyType");
  return out;
}

void judge_target(const Picture& p, const Item& ours, const Item& theirs, const Item& service, Report& r) {
  auto least = number_at(*theirs.properties, "/MinCapacity"),
       most = number_at(*theirs.properties, "/MaxCapacity");
  auto seen = fmt::format("{} tasks in the primary, {} there; {} are planned", scaling_bounds(ours),
                          scaling_bounds(theirs), p.config.tasks);
  auto mend = [&](int64_t lowest, int64_t highest) {
    return fmt::format(
        "aws --region {} application-autoscaling register-scalable-target --service-namespace ecs "
        "--scalable-dimension ecs:service:DesiredCount --resource-id {} --min-capacity {} --max-capacity {}",
        p.config.recovery.region, theirs.id(), lowest, highest);
  };
  auto wanted = std::max<int64_t>(p.config.tasks, number_at(*ours.properties, "/MaxCapacity"));
  bool unlit = number_at(*service.properties, "/desiredCount") == 0;
  bool by_schedule = !list_at(*theirs.properties, "/ScheduledActions").empty() &&
                     !flag_at(*theirs.properties, "/SuspendedState/ScheduledScalingSuspended");
  // Bounds of 0 are the pilot's: the failover sets the primary's before it asks for a task.
  bool asleep = most == 0 && unlit;
  if (unlit && by_schedule)
    r.fail(theirs, "a scheduled action would start tasks before a failover", seen,
           fmt::format(
               "aws --region {} application-autoscaling register-scalable-target --service-namespace ecs "
               "--scalable-dimension ecs:service:DesiredCount --resource-id {} --suspended-state "
               "ScheduledScalingSuspended=true",
               p.config.recovery.region, theirs.id()));
  else if (asleep && scaling_policies(ours) == scaling_policies(theirs))
    r.pass(theirs, "it sleeps, with the primary's policies, until a failover sets the primary's bounds",
           seen);
  else if (least > 0 && unlit)
    r.fail(theirs, "it would start tasks before a failover", seen, mend(0, std::max(most, wanted)));
  else if (!asleep && most < p.config.tasks)
    r.fail(theirs, "it holds fewer tasks than are planned", seen, mend(least, wanted));
  else if (!asleep && most < number_at(*ours.properties, "/MaxCapacity"))
    r.warn(theirs, "it cannot grow as far as the primary", seen, mend(least, wanted));
  else if (scaling_policies(ours) != scaling_policies(theirs))
    r.warn(theirs, "it has other policies than the primary's",
           fmt::format("{} ->{}", scaling_policies(ours), scaling_policies(theirs)),
           "relight synth && relight deploy");
  else
    r.pass(theirs, "its bounds hold the planned tasks", seen);
}

}  // namespace

void check_scaling(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  for (auto& pair : service_pairs(p)) {
    if (!r.seen(pair.primary, "") || !r.seen(pair.primary, kTarget)) continue;
    auto ours = scaled_by(p.primary, pair.primary);
    if (!pair.recovery) {
      r.unknown(pair.primary, "how what stands for it is scaled is not known",
                "no service stands for it there");
      continue;
    }
    if (!r.seen(pair.recovery, "") || !r.seen(pair.recovery, kTarget)) continue;
    auto theirs = scaled_by(p.recovery, pair.recovery);
    bool policies_seen = !ours || !theirs || (r.seen(ours, "Policies") && r.seen(theirs, "Policies"));
    if (!policies_seen) continue;
    if (!ours && !theirs)
      r.pass(pair.recovery, "nothing scales the service, in either region");
    else if (!ours)
      r.warn(pair.recovery, "it is scaled there and not in the primary", scaling_bounds(theirs),
             "relight synth && relight deploy");
    else if (!theirs)
      r.fail(pair.recovery, "the primary's service is scaled and it is not",
             scaling_bounds(ours) + " tasks in the primary", "relight synth && relight deploy");
    else
      judge_target(p, ours, theirs, pair.recovery, r);
  }
}

}  // namespace relight::dr
