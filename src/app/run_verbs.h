// What failover and resume share: carrying a run out under the lease.
#pragma once
#include <functional>
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
// Takes the lease and does `work` under it. What allows a run is looked at there: between an earlier look and
// the lease somebody else may have begun, or even ended, a run. If work fails the lease is released.
Result<int> under_lease(Workshop& w, const std::string& run,
                        const std::function<Result<int>(const dr::Lease&)>& work);
// Runs, releases the lease, prints the summary; the exit code.
int carry_out(Workshop& w, const Global& g, dr::Site& site, const dr::Lease& lease, dr::State state,
              dr::Event first, const Hooks& hooks);

}  // namespace relight::app
