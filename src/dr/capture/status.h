// One look at both regions.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "dr/model/facts.h"
#include "dr/planning/failover_plan.h"
#include "dr/steps/site.h"

namespace relight::dr {

// Each value is a word or "unknown" with why: an unknown is never a pass.
struct Status {
  Facts primary, recovery, replication, dns, expected;
};
Status read_status(Site& site, const Runbook& runbook);
std::string to_json(const Status& s);
std::string text(const Status& s, const Config& c);

}  // namespace relight::dr
