#include "dr/engine/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace relight::dr {
namespace {

void take_calls(State& s, const Event& e) {
  ++s.told;
  for (auto& [name, counts] : e.data) {
    auto space = name.find(' ');
    if (space == name.npos) continue;
    unsigned long long calls = 0, failed = 0, unanswered = 0;
    if (std::sscanf(counts.c_str(), "%llu %llu %llu", &calls, &failed, &unanswered) != 3) continue;
    auto& c = s.calls[{name.substr(0, space), name.substr(space + 1)}];
    c.calls += calls;
    c.failed += failed;
    c.unanswered += unanswered;
  }
}

void start_run(State& s, const Event& e) {
  s.run = get(e.data, "run");
  s.application = get(e.data, "application");
  s.reason = get(e.data, "reason");
  s.epoch = std::stoull("0" + get(e.data, "epoch"));
  s.started = e.at;
  ++s.holders;
  if (auto r = runbook_from_json(get(e.data, "runbook")); r) s.runbook = std::move(*r);
  for (auto& spec : s.runbook.steps) s.steps[spec.id];
}

// Whatever was under way is begun again; a level-triggered step finds what it already did.
void resume_run(State& s, const Event& e) {
  s.epoch = std::stoull("0" + get(e.data, "epoch"));
  s.status = RunStatus::kRunning;
  s.finished.reset();
  ++s.holders;
  for (auto& [id, step] : s.steps) {
    if (step.phase == StepPhase::kFailed || step.phase == StepPhase::kRunning)
      step.phase = StepPhase::kPending;
    for (auto& i : step.open) i.foreign = true;
  }
}

void take_intent(StepState& step, const Event& e) {
  Intent i{get(e.data, "call"), get(e.data, "resource"), std::stoull("0" + get(e.data, "epoch")), e.at};
  std::erase_if(step.open, [&](const Intent& o) { return o.call == i.call && o.resource == i.resource; });
  step.open.push_back(std::move(i));
  if (!step.acted) step.acted = e.at;
}

void take_effect(StepState& step, const Event& e) {
  std::erase_if(step.open, [&](const Intent& o) {
    return o.call == get(e.data, "call") && o.resource == get(e.data, "resource");
  });
}

void take_step(State& s, const Event& e) {
  auto& step = s.steps[e.step];
  if (e.kind == "step.started") {
    step.phase = StepPhase::kRunning;
    if (!step.started) step.started = e.at;
    step.error.clear();
  } else if (e.kind == "step.intent") {
    take_intent(step, e);
  } else if (e.kind == "step.effect") {
    take_effect(step, e);
  } else if (e.kind == "step.done") {
    step.phase = StepPhase::kDone;
    step.facts = e.data;
    step.ended = e.at;
    step.open.clear();
    // A step whose first act is a look that is its very work (validation) says when that was.
    if (auto acted = parse_iso8601(get(e.data, "first_acted")); acted) step.acted = *acted;
  } else if (e.kind == "step.failed") {
    step.phase = StepPhase::kFailed;
    step.error = get(e.data, "error");
    step.ended = e.at;
  }
}

bool ready(const State& s, const StepSpec& spec) {
  auto done = [&](const std::string& id) { return s.steps.at(id).phase == StepPhase::kDone; };
  return s.steps.at(spec.id).phase == StepPhase::kPending &&
         std::all_of(spec.needs.begin(), spec.needs.end(), done);
}

std::vector<Action> decide(const State& s, bool refused) {
  bool all_done = true;
  std::vector<Action> out;
  for (auto& spec : s.runbook.steps) {
    auto& step = s.steps.at(spec.id);
    all_done &= step.phase == StepPhase::kDone;
    if (step.phase == StepPhase::kFailed)
      return {{Action::Kind::kFinish, "", refused ? RunStatus::kRefused : RunStatus::kFailed}};
    if (ready(s, spec)) out.push_back({Action::Kind::kStart, spec.id});
  }
  if (all_done) return {{Action::Kind::kFinish, ""}};
  return out;
}

RunStatus status_of(const std::string& word) {
  for (auto s : {RunStatus::kRunning, RunStatus::kSucceeded, RunStatus::kRefused})
    if (word == text(s)) return s;
  return RunStatus::kFailed;
}

}  // namespace

std::string_view text(StepPhase p) {
  switch (p) {
    case StepPhase::kPending:
      return "pending";
    case StepPhase::kRunning:
      return "running";
    case StepPhase::kDone:
      return "done";
    case StepPhase::kFailed:
      return "failed";
  }
  return "?";
}

std::string_view text(RunStatus s) {
  switch (s) {
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kSucceeded:
      return "succeeded";
    case RunStatus::kFailed:
      return "failed";
    case RunStatus::kRefused:
      return "refused";
  }
  return "?";
}

Facts facts_of(const CallCounts& counts) {
  Facts out;
  for (auto& [where, c] : counts)
    out[where.first + " " + where.second] = fmt::format("{} {} {}", c.calls, c.failed, c.unanswered);
  return out;
}

std::vector<Action> apply(State& s, const Event& e) {
  s.last_seq = e.seq;
  s.last_hash = e.hash;
  if (e.kind == "run.started") {
    start_run(s, e);
  } else if (e.kind == "run.resumed") {
    resume_run(s, e);
  } else if (e.kind == "run.calls") {
    take_calls(s, e);
    return {};
  } else if (e.kind == "run.finished") {
    s.status = status_of(get(e.data, "status"));
    s.finished = e.at;
    return {};
  } else if (s.steps.contains(e.step)) {
    take_step(s, e);
  }
  if (s.finished) return {};
  return decide(s, get(e.data, "refused") == "true");
}

Result<State> replay(const std::vector<Event>& events) {
  if (events.empty() || events.front().kind != "run.started")
    return fail("Journal.Truncated", "the journal does not begin with run.started");
  State s;
  for (auto& e : events) apply(s, e);
  if (s.runbook.steps.empty()) return fail("Journal.Tampered", "the journal's runbook cannot be read");
  return s;
}

}  // namespace relight::dr
