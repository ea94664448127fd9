// The packages of the pilot's functions, brought from the primary region into a bucket of the recovery
// region.
#pragma once
#include <string>

#include "app/workshop.h"
#include "dr/planning/pilot.h"

namespace relight::app {

// Those that the bucket has not already; makes the bucket. Reads the primary region, changes nothing there.
// Errors "Deploy.OtherCode" when a function's code is another than was captured, "Deploy.Code" when its bytes
// are not what Lambda says.
Result<> bring_packages(Workshop& w, const dr::Pilot& pilot, const std::string& bucket);

}  // namespace relight::app
