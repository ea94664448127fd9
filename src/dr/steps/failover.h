// The table of steps that app hands to the engine, one factory a step. `site` must outlive what is made.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "dr/engine/step.h"
#include "dr/steps/site.h"

namespace relight::dr {

std::unique_ptr<Step> make_detect(Site& site);
std::unique_ptr<Step> make_evidence(Site& site);
std::unique_ptr<Step> make_compute(Site& site);
std::unique_ptr<Step> make_fence(Site& site);
std::unique_ptr<Step> make_drain(Site& site);
std::unique_ptr<Step> make_promote(Site& site);
std::unique_ptr<Step> make_open(Site& site);
std::unique_ptr<Step> make_capacity(Site& site);
std::unique_ptr<Step> make_validate(Site& site);
std::unique_ptr<Step> make_dns(Site& site);
std::unique_ptr<Step> make_commit(Site& site);

std::map<std::string, std::unique_ptr<Step>> failover_steps(Site& site);

// The gate on losses: an Error "Failover.LagOverObjective" when the known bound exceeds what the objective or
// the operator allows. An unknown lag passes here; it is reported as unknown.
Result<> loss_allowed(const Config& c, const Consent& consent, std::optional<Millis> lag);

}  // namespace relight::dr
