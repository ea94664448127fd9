// What failover, failback and resume share: carrying a run out under the lease.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/verbs.h"
#include "app/workshop.h"
#include "dr/engine/state.h"
#include "dr/failback/failback.h"
#include "dr/planning/failover_plan.h"

namespace relight::app {

using StepTable = std::map<std::string, std::unique_ptr<dr::Step>>;

std::string new_run_id();
// Error "Lease.Held" while another process carries a run out.
Result<> nobody_at_work(Workshop& w);
// Errors "Failover.AntiFlap", "Failover.Unfinished".
Result<> may_begin(Workshop& w, const FailoverOptions& o);
dr::Event started(const std::string& run, const dr::Config& c, const dr::Runbook& runbook,
                  const FailoverOptions& o);
// What a failback's steps work with: turned, and as configured. Neither region is asked in haste.
struct Ways {
  dr::Site back, there;
};
Ways both_ways(Workshop& w, const dr::Topology& t);

Result<dr::Consent> consent_of(const FailoverOptions& o);
// Median durations of each step over the runs of that kind that succeeded (of the last ten).
dr::History history_of(dr::Store& store, const std::string& kind);
// The last run that was begun and not ended by success or refusal; nullopt if none. Error if its journal is
// broken.
Result<std::optional<dr::State>> unfinished(dr::Store& store);
// Takes the lease and does `work` under it. What allows a run is looked at there: between an earlier look and
// the lease somebody else may have begun, or even ended, a run. If work fails the lease is released.
Result<int> under_lease(Workshop& w, const std::string& run,
                        const std::function<Result<int>(const dr::Lease&)>& work);
// Runs, releases the lease, prints the summary; the exit code.
int carry_out(Workshop& w, const Global& g, StepTable steps, const dr::Lease& lease, dr::State state,
              dr::Event first, const Hooks& hooks);

}  // namespace relight::app
