// What CloudWatch says of how much of everything the application uses.
#pragma once
#include "aws/client/client_base.h"
#include "base/clock.h"
#include "dr/model/config.h"
#include "dr/planning/cost.h"

namespace relight::app {

// `aws`: nullptr asks nobody; `why` then says why not.
dr::CostUse cost_use(const dr::Config& config, const dr::Inventory& inventory, const dr::Pilot& pilot,
                     aws::Caller* aws, Clock& clock, const std::string& why);

}  // namespace relight::app
