// The application in the primary region, as it stands now: what capture writes down and drift compares.
#pragma once
#include "app/workshop.h"
#include "dr/model/inventory.h"

namespace relight::app {

// Walks from what relight.yaml and the primary's stack name. Errors "Capture.NoRoots",
// "Capture.NoSuchResource", the service's own when the stack cannot be seen. With `captured` its resources
// are looked at too, so that one which nothing names any more is still seen, and none of them has to exist.
Result<dr::Inventory> look_at_primary(Workshop& w, const dr::Inventory* captured = nullptr);
// What was left out, is unknown or withheld, a line each, on stdout.
void print_gaps(const dr::Inventory& i);

}  // namespace relight::app
