// The runbook of the way back: pure, from configuration, topology and history.
#pragma once
#include "dr/planning/failover_plan.h"

namespace relight::dr {

// `c` and `t` as configured, not turned.
Runbook plan_failback(const Config& c, const Topology& t, const History& history);
// Of a failback that promoted nothing: the region that served takes writes again.
Runbook plan_failback_undo(const Config& c, const Topology& t, const History& history);

}  // namespace relight::dr
