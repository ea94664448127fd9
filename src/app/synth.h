// From relight.yaml and the captured files to the Pilot that synth writes and deploy compares with.
#pragma once
#include <string>

#include "dr/model/config.h"
#include "dr/planning/pilot.h"

namespace relight::app {

// Error "Config.Missing" when the pilot's stack has no name.
Result<dr::PilotPolicy> pilot_policy(const dr::Config& c, bool accept_unknown);
// `folder`: beside relight.yaml, with captured/ in it. Errors of read_inventory and plan_pilot;
// "Synth.OtherRegion".
Result<dr::Pilot> planned_pilot(const dr::Config& c, const std::string& folder, bool accept_unknown);

}  // namespace relight::app
