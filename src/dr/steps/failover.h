// The table of steps that app hands to the engine, one factory a step. `site` must outlive what is made.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "dr/engine/step.h"
#include "dr/steps/site.h"

namespace relight::dr {

std::unique_ptr<Step> make_detect(Site& site);
std::unique_ptr<Step> make_evidence(Site& site);
std::unique_ptr<Step> make_network(Site& site);
// The same stack's parameter back to false: the gateways go.
std::unique_ptr<Step> make_network_off(Site& site);
std::unique_ptr<Step> make_autoscaling(Site& site);
std::unique_ptr<Step> make_compute(Site& site);
std::unique_ptr<Step> make_fence(Site& site);
// Of what is planned: every measure done, the fence proven and the last position known, or it fails
// ("Failback.FenceUnproven").
std::unique_ptr<Step> make_strict_fence(Site& site);
std::unique_ptr<Step> make_drain(Site& site);
std::unique_ptr<Step> make_promote(Site& site);
std::unique_ptr<Step> make_open(Site& site);
std::unique_ptr<Step> make_configuration(Site& site);
std::unique_ptr<Step> make_capacity(Site& site);
std::unique_ptr<Step> make_functions(Site& site);
std::unique_ptr<Step> make_triggers(Site& site);
std::unique_ptr<Step> make_validate(Site& site);
std::unique_ptr<Step> make_dns(Site& site);
// The same with another way to move the flag, until `whom`, the recovery region's balancer, is what DNS answers.
using MoveFlag = std::function<Result<>(Context&, const std::string& bucket, const std::string& key)>;
std::unique_ptr<Step> make_dns(Site& site, MoveFlag move, const char* whom);
std::unique_ptr<Step> make_commit(Site& site);

std::unique_ptr<Step> make_custom(Site& site, const CustomStep& step);
std::unique_ptr<Step> make_invocation(Site& site, const CustomStep& step);
// Under which name the store keeps a person's approval: who it was.
std::string approval_name(const std::string& run, const std::string& step);

std::map<std::string, std::unique_ptr<Step>> failover_steps(Site& site);

// What bounds the loss, as far as it can be told.
struct LossBound {
  std::optional<Millis> time;     // age of the last heartbeat that arrived; counts the outage itself too
  std::optional<uint64_t> bytes;  // of the primary's binary log that did not arrive; only while it answers
  std::string missing;            // why time is not known: which certainty is gone
};
// The gate on losses. Errors "Failover.LagOverObjective" when the bound exceeds what the objective and the
// operator allow, "Failover.LossUnknown" when there is an objective, no bound, and no --accept-loss unknown.
Result<> loss_allowed(const Site& s, const LossBound& bound);

}  // namespace relight::dr
