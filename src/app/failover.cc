#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/run_verbs.h"
#include "dr/capture/status.h"

namespace relight::app {
namespace {

// Shows what is at stake and asks for the application's name.
bool confirmed(dr::Site& site, const dr::Runbook& runbook) {
  auto status = dr::read_status(site, runbook);
  fmt::print("{}\n", dr::text(status, site.config));
  bool sees = dr::get(status.primary, "tasks").find("unknown") == std::string::npos;
  fmt::print("Fence expected: {}\n",
             sees ? "proven (the old primary can be reached and stopped)"
                  : "UNPROVEN (the old primary cannot be reached: it may still accept writes)");
  auto loss = dr::get(status.expected, "rpo");
  fmt::print("Loss expected: {}\n",
             loss == "unknown" ? "unknown (no heartbeat)" : "at most the last " + loss);
  fmt::print("Type the application's name ({}) to fail over to {}: ", site.config.application,
             site.config.recovery.region);
  std::fflush(stdout);
  std::string typed;
  return std::getline(std::cin, typed) && typed == site.config.application;
}

Result<int> failover(const Global& g, const FailoverOptions& o, const Hooks& hooks) {
  TRY_ASSIGN(auto consent, consent_of(o));
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY(dr::enough_to_fail_over(w->config));
  if (!o.plan) {
    TRY(nobody_at_work(*w));
    TRY(may_begin(*w, o));
  }
  TRY_ASSIGN(auto topology, w->topology(false));
  auto runbook = dr::plan_failover(w->config, topology, history_of(*w->store, "failover"));
  if (o.plan) {
    fmt::print("{}\n", g.json ? dr::to_json(runbook)
                              : "Failover of " + w->config.application + " from " + w->config.primary.region +
                                    " to " + w->config.recovery.region + ":\n\n" + dr::plan_text(runbook));
    return int(kDone);
  }
  auto site = w->site(std::move(topology), consent);
  if (!o.yes && !confirmed(site, runbook))
    return fail(Error{.code = "Failover.NotConfirmed",
                      .message = "the name was not typed; nothing was done",
                      .tried = "start a failover"});
  auto run = new_run_id();
  return under_lease(*w, run, [&](const dr::Lease& lease) -> Result<int> {
    TRY(may_begin(*w, o));
    return carry_out(*w, g, dr::failover_steps(site), lease, {}, started(run, w->config, runbook, o), hooks);
  });
}

// A failback is given up by the undo, or by another failback, that began after it. A failover that was refused
// meanwhile took nothing over.
Result<> not_given_up(Workshop& w, const dr::State& state) {
  if (!state.runbook.kind.starts_with("failback")) return {};
  TRY_ASSIGN(auto heads, w.store->runs());
  auto later = std::ranges::find(heads, state.run, &dr::RunHead::run);
  if (later != heads.end()) ++later;
  later = std::find_if(later, heads.end(), [](auto& h) { return h.kind.starts_with("failback"); });
  if (later == heads.end()) return {};
  return fail(Error{.code = "Failover.NothingToResume",
                    .message = "it was given up: a later run, " + later->run + ", has begun",
                    .tried = "resume",
                    .resource = state.run,
                    .next = "'relight runs' lists them"});
}

Result<dr::State> state_to_resume(Workshop& w, const std::string& run) {
  if (run.empty()) {
    TRY_ASSIGN(auto open, unfinished(*w.store));
    if (open) return std::move(*open);
    return fail(Error{.code = "Failover.NothingToResume",
                      .message = "no run is unfinished",
                      .tried = "resume",
                      .next = "'relight runs' lists them"});
  }
  TRY_ASSIGN(auto events, w.store->read(run));
  TRY_ASSIGN(auto state, dr::replay(events));
  if (state.status == dr::RunStatus::kSucceeded || state.status == dr::RunStatus::kRefused)
    return fail(Error{.code = "Failover.NothingToResume",
                      .message = "this run has ended: " + std::string(text(state.status)),
                      .tried = "resume",
                      .resource = run});
  TRY(not_given_up(w, state));
  return state;
}

Result<int> resume(const Global& g, const FailoverOptions& o, const std::string& run, const Hooks& hooks) {
  TRY_ASSIGN(auto consent, consent_of(o));
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY(dr::enough_to_fail_over(w->config));
  TRY(nobody_at_work(*w));
  TRY_ASSIGN(auto before, state_to_resume(*w, run));
  TRY_ASSIGN(auto topology, w->topology(false));
  auto kind = before.runbook.kind;
  auto ways = both_ways(*w, topology);
  auto site = w->site(std::move(topology), consent);
  return under_lease(*w, before.run, [&](const dr::Lease& lease) -> Result<int> {
    TRY_ASSIGN(auto state, state_to_resume(*w, before.run));
    dr::Event e;
    e.kind = "run.resumed";
    auto steps = kind == "failback"        ? dr::failback_steps(ways.back, ways.there)
                 : kind == "failback-undo" ? dr::undo_steps(ways.there)
                                           : dr::failover_steps(site);
    return carry_out(*w, g, std::move(steps), lease, std::move(state), std::move(e), hooks);
  });
}

}  // namespace

int failover_verb(const Global& g, const FailoverOptions& o, const Hooks& hooks) {
  auto r = failover(g, o, hooks);
  return r ? *r : report(r.error());
}

int resume_verb(const Global& g, const FailoverOptions& o, const std::string& run, const Hooks& hooks) {
  auto r = resume(g, o, run, hooks);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
