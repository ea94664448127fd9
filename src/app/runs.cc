#include <fmt/format.h>

#include <algorithm>

#include "app/workshop.h"
#include "dr/engine/state.h"
#include "dr/model/duration.h"
#include "dr/steps/failover.h"

namespace relight::app {
namespace {

std::string took(const dr::State& s) {
  return s.started && s.finished ? dr::duration_text(*s.finished - *s.started) : "-";
}

Result<int> runs(const Global& g) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY_ASSIGN(auto heads, w->store->runs());
  for (auto& h : heads) {
    auto events = w->store->read(h.run);
    auto state = events ? dr::replay(*events) : Result<dr::State>(std::unexpected(events.error()));
    auto status = state ? std::string(text(state->status)) : state.error().code;
    if (g.json) {
      fmt::print("{}\n", dr::to_json(dr::Facts{{"run", h.run},
                                               {"kind", h.kind},
                                               {"application", h.application},
                                               {"started", iso8601(h.started)},
                                               {"status", status},
                                               {"events", std::to_string(h.seq)}}));
    } else {
      fmt::print("{:<26} {:<10} {:<12} {:<10} {:<10} {} events\n", h.run, h.kind, h.application, status,
                 state ? took(*state) : "-", h.seq);
    }
  }
  if (heads.empty() && !g.json) fmt::print("No runs yet.\n");
  return int(kDone);
}

void print_run(const dr::State& s, const std::vector<dr::Event>& events) {
  fmt::print("run {}  {}  {}  epoch {}  {}\n", s.run, s.runbook.kind, text(s.status), s.epoch, s.reason);
  for (auto& spec : s.runbook.steps) {
    auto& step = s.steps.at(spec.id);
    fmt::print("  {:<13} {:<8} {}\n", spec.id, text(step.phase),
               step.error.empty() ? spec.title : step.error);
    for (auto& [k, v] : step.facts) fmt::print("  {:<13} {:<8}   {} = {}\n", "", "", k, v);
  }
  fmt::print("events:\n");
  for (auto& e : events)
    fmt::print("  {:>3} {} {:<13} {:<13} {}\n", e.seq, iso8601(e.at), e.kind, e.step,
               e.kind == "step.intent" || e.kind == "step.effect" ? dr::get(e.data, "call") : "");
}

Result<int> show(const Global& g, std::string run) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  if (run.empty()) {
    TRY_ASSIGN(auto heads, w->store->runs());
    if (heads.empty()) return fail("Failover.NoRun", "there are no runs yet");
    run = heads.back().run;
  }
  TRY_ASSIGN(auto events, w->store->read(run));
  TRY_ASSIGN(auto state, dr::replay(events));
  if (g.json) {
    for (auto& e : events) fmt::print("{}\n", dr::to_json(e));
  } else {
    print_run(state, events);
  }
  return int(kDone);
}

// The word that a step of relight.yaml with `approval` waits for.
Result<int> approve(const Global& g, const std::string& run, const std::string& step) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY_ASSIGN(auto events, w->store->read(run));
  TRY_ASSIGN(auto state, dr::replay(events));
  auto& all = w->config.steps;
  auto spec = std::ranges::find(all, step, &dr::CustomStep::name);
  if (!state.runbook.find(step) || spec == all.end() || spec->approval.empty())
    return fail(Error{.code = "Usage.Step",
                      .message = "this run waits for nobody's approval at a step '" + step + "'",
                      .tried = "approve",
                      .resource = run,
                      .next = "relight show " + run + " lists its steps"});
  if (state.finished)
    return fail(Error{.code = "Failover.Ended",
                      .message = "this run has ended: " + std::string(text(state.status)),
                      .tried = "approve",
                      .resource = run});
  auto me = dr::this_process();
  TRY(w->store->keep(dr::approval_name(run, step),
                     me.who + "@" + me.host + " at " + iso8601(system_clock().now())));
  fmt::print("approved: \"{}\" in run {}\n", spec->approval, run);
  return int(kDone);
}

}  // namespace

int approve_verb(const Global& g, const std::string& run, const std::string& step) {
  auto r = approve(g, run, step);
  return r ? *r : report(r.error());
}

int runs_verb(const Global& g) {
  auto r = runs(g);
  return r ? *r : report(r.error());
}

int show_verb(const Global& g, const std::string& run) {
  auto r = show(g, run);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
