// How long the run had to take: the longest chain through the step graph, where each step weighs from its
// first act to when its wait really ended. What exceeds that is Relight's own time.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "dr/data/records.h"
#include "dr/engine/state.h"

namespace relight::dr {

struct StepTime {
  std::string step;
  Instant started{}, first_acted{}, really_ended{}, noticed{};
  bool proven = false;  // really_ended comes from the platform's own times
};
// Of the steps that are done, in the runbook's order. `truth` may be empty: then a wait ended when it was
// noticed.
std::vector<StepTime> step_times(const State& s, const std::string& recovery_region,
                                 const std::vector<TruthRecord>& truth);
double critical_path_seconds(const Runbook& r, const std::vector<StepTime>& times);

}  // namespace relight::dr
