// The application in the primary region, as it stands now: what capture writes down and drift compares.
#pragma once
#include "app/workshop.h"
#include "dr/model/inventory.h"

namespace relight::app {

// Walks from what relight.yaml and the primary's stack name. Errors "Capture.NoRoots",
// "Capture.NoSuchResource", the service's own when the stack cannot be seen.
Result<dr::Inventory> look_at_primary(Workshop& w);
// What was left out, is unknown or withheld, a line each, on stdout.
void print_gaps(const dr::Inventory& i);

}  // namespace relight::app
