// The canary task: one of the recovery region's tasks, started to see whether there is room for it, and stopped.
#pragma once
#include "app/workshop.h"
#include "dr/readiness/picture.h"

namespace relight::app {

// Stops what earlier canaries have left, starts one task as the recovery region's service would (no load
// balancer sends it anybody), waits until it runs or cannot, stops it, and keeps what was seen beside the
// journal. The service itself is not touched. Blocks for minutes. Errors: "Deploy.Lit" (it serves), AWS's.
Result<> run_canary(Workshop& w, const dr::Site& site);
// What the last one has shown. Unknown if there was none.
dr::Known<dr::CanaryNow> last_canary(Workshop& w);

}  // namespace relight::app
