// The failover's runbook: pure, from configuration, topology and history.
#pragma once
#include <map>
#include <string>

#include "dr/model/config.h"
#include "dr/model/runbook.h"
#include "dr/model/topology.h"

namespace relight::dr {

// How long each step took before: step id -> median.
using History = std::map<std::string, Millis>;

Runbook plan_failover(const Config& c, const Topology& t, const History& history);
// For people: steps with their branches, calls, expected times, the point of no return.
std::string plan_text(const Runbook& r);

}  // namespace relight::dr
