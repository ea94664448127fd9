// What failover and resume share: carrying a run out under the lease.
#pragma once
#include <optional>
#include <string>

#include "app/verbs.h"
#include "app/workshop.h"
#include "dr/engine/state.h"
#include "dr/planning/failover_plan.h"

namespace relight::app {

Result<dr::Consent> consent_of(const FailoverOptions& o);
// Median durations of each step over the runs that succeeded (the last ten).
dr::History history_of(dr::Store& store);
// The last run that was begun and not ended by success or refusal; nullopt if none. Error if its journal is
// broken.
Result<std::optional<dr::State>> unfinished(dr::Store& store);
// Takes the lease, runs, releases, prints the summary; the exit code.
int carry_out(Workshop& w, const Global& g, dr::Site& site, dr::State state, dr::Event first,
              const std::string& run, const Hooks& hooks);

}  // namespace relight::app
