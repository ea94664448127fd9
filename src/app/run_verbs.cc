#include "app/run_verbs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "app/live.h"
#include "base/rng.h"
#include "dr/engine/executor.h"
#include "dr/model/duration.h"
#include "dr/model/turned.h"
#include "dr/steps/failover.h"

namespace relight::app {
namespace {

std::atomic<bool> g_interrupted{false};
void interrupt(int) { g_interrupted = true; }

void print_certainties(const dr::State& s) {
  for (auto& [id, step] : s.steps)
    if (auto lost = dr::get(step.facts, "certainty_lost"); !lost.empty())
      fmt::print("Not known ({}): {}\n", id, lost);
}

// What stands besides and costs, and what the run does not do by itself.
void after_failback(const dr::Config& c, const dr::State& s) {
  auto &home = c.primary.region, &away = c.recovery.region;
  auto facts = [&](const char* id) { return s.steps.contains(id) ? s.steps.at(id).facts : dr::Facts{}; };
  fmt::print("No write was lost: {} had everything up to {} when it was promoted.\n", home,
             dr::get(facts("equal"), "position"));
  print_certainties(s);
  fmt::print("Kept, and paid for until somebody deletes them:\n");
  if (auto kept = dr::get(facts("keep"), "kept"); !kept.empty())
    fmt::print("  {} in {}, and a snapshot of that name: the database as it was before the failover. What never arrived "
               "is only there\n", kept, home);
  fmt::print("  {} in {}: the database that served until now; it has nothing that {} has not\n",
             dr::get(facts("put-aside"), "kept"), away, home);
  fmt::print("Next: relight deploy --touch-primary (objects replicate again), relight sync, relight check\n");
}

void summary(const Global& g, const dr::Config& c, const dr::State& s, dr::RunStatus status) {
  auto took = s.started && s.finished ? dr::duration_text(*s.finished - *s.started) : "?";
  if (g.json) return;
  fmt::print("\nRun {} {} in {} (epoch {}).\n", s.run, text(status), took, s.epoch);
  auto facts = [&](const char* id) { return s.steps.contains(id) ? s.steps.at(id).facts : dr::Facts{}; };
  if (status == dr::RunStatus::kSucceeded && s.runbook.kind == "failback") {
    after_failback(c, s);
  } else if (status == dr::RunStatus::kSucceeded && s.runbook.kind == "failback-undo") {
    fmt::print("{} serves again. Next: when {} can be relied on, relight failback --again\n", c.recovery.region,
               c.primary.region);
  } else if (status == dr::RunStatus::kSucceeded) {
    auto age = dr::get(facts("drain"), "heartbeat_age_ms");
    fmt::print("Fence: {}. Writes that may be lost: {}.\n", dr::get(facts("fence"), "confidence"),
               age.empty() || age == "unknown"
                   ? "unknown (no heartbeat)"
                   : "at most the last " + dr::duration_text(Millis(std::stoll(age))));
    print_certainties(s);
    fmt::print("Next: relight evidence {}\n", s.run);
  }
  for (auto& [id, step] : s.steps)
    if (step.phase == dr::StepPhase::kFailed) fmt::print("{}: {}\n", id, step.error);
  if (status != dr::RunStatus::kFailed) return;
  fmt::print("Next: mend that, then relight resume {}\n", s.run);
  if (s.runbook.kind == "failback" && s.steps.at("promote").phase == dr::StepPhase::kPending)
    fmt::print("Or:   relight failback --undo: nothing was promoted, {} can serve again\n", c.recovery.region);
}

Result<> no_flapping(Workshop& w, const FailoverOptions& o) {
  TRY_ASSIGN(auto kept, w.store->kept("antiflap"));
  if (!kept || o.again) return {};
  auto until = parse_iso8601(*kept);
  if (!until || *until <= system_clock().now()) return {};
  return fail(Error{.code = "Failover.AntiFlap",
                    .message = "a failover or failback was done a moment ago; the window ends " + *kept,
                    .tried = "start a run",
                    .next = "if you mean it: --again"});
}

int exit_of(dr::RunStatus s) {
  if (s == dr::RunStatus::kSucceeded) return kDone;
  return s == dr::RunStatus::kRefused ? kRefused : kFailed;
}

}  // namespace

std::string new_run_id() { return iso8601_basic(system_clock().now()) + "-" + system_rng().hex(6); }

Result<> nobody_at_work(Workshop& w) {
  TRY_ASSIGN(auto lease, w.store->lease());
  auto now = system_clock().now();
  if (!dr::takable(lease, dr::this_process(), now, dr::process_alive)) return fail(dr::held_by(lease, now));
  return {};
}

Result<> may_begin(Workshop& w, const FailoverOptions& o) {
  TRY(no_flapping(w, o));
  TRY_ASSIGN(auto open, unfinished(*w.store));
  if (!open || open->status == dr::RunStatus::kFailed) return {};
  return fail(Error{.code = "Failover.Unfinished",
                    .message = "run " + open->run + " was begun and never ended",
                    .tried = "start a run",
                    .resource = open->run,
                    .next = "relight resume " + open->run});
}

dr::Event started(const std::string& run, const dr::Config& c, const dr::Runbook& runbook,
                  const FailoverOptions& o) {
  dr::Event e;
  e.kind = "run.started";
  e.data = {{"run", run},
            {"application", c.application},
            {"primary", c.primary.region},
            {"recovery", c.recovery.region},
            {"runbook", dr::to_json(runbook)},
            {"reason", o.reason}};
  if (!o.accept_loss.empty()) e.data["accept_loss"] = o.accept_loss;
  return e;
}

Ways both_ways(Workshop& w, const dr::Topology& t) {
  auto& patient = w.aws->patient();
  auto there = w.site(t, {});
  auto made = [&](dr::Config c, dr::Topology topology) {
    return dr::Site{std::move(c),       std::move(topology), {},      patient,       there.http, there.resolver,
                    there.clock,        there.store,         there.password};
  };
  return {made(dr::turned(w.config), dr::turned(t)), made(w.config, t)};
}

Result<dr::Consent> consent_of(const FailoverOptions& o) {
  dr::Consent c;
  c.unproven_fence = o.unproven_fence;
  if (o.accept_loss.empty()) return c;
  if (o.accept_loss == "unknown") {
    c.loss_unknown = true;
  } else if (auto d = dr::parse_duration(o.accept_loss)) {
    c.loss_time = *d;
  } else if (auto n = dr::parse_size(o.accept_loss)) {
    c.loss_bytes = *n;
  } else {
    return fail(Error{
        .code = "Usage.AcceptLoss",
        .message = "'" + o.accept_loss + "' is neither a time (30s) nor a size (10MB) nor the word unknown",
        .tried = "--accept-loss"});
  }
  return c;
}

dr::History history_of(dr::Store& store, const std::string& kind) {
  std::map<std::string, std::vector<Millis>> all;
  auto runs = store.runs();
  if (!runs) return {};
  size_t seen = 0;
  for (auto r = runs->rbegin(); r != runs->rend() && seen < 10; ++r) {
    if (r->kind != kind) continue;
    auto events = store.read(r->run);
    if (!events) continue;
    auto state = dr::replay(*events);
    if (!state || state->status != dr::RunStatus::kSucceeded) continue;
    ++seen;
    for (auto& [id, step] : state->steps)
      if (auto took = dr::get(step.facts, "took_ms"); !took.empty())
        all[id].push_back(Millis(std::stoll(took)));
  }
  dr::History out;
  for (auto& [id, times] : all) {
    std::sort(times.begin(), times.end());
    out[id] = times[times.size() / 2];
  }
  return out;
}

Result<std::optional<dr::State>> unfinished(dr::Store& store) {
  TRY_ASSIGN(auto runs, store.runs());
  if (runs.empty()) return std::optional<dr::State>();
  TRY_ASSIGN(auto events, store.read(runs.back().run));
  TRY_ASSIGN(auto state, dr::replay(events));
  bool open = state.status == dr::RunStatus::kRunning || state.status == dr::RunStatus::kFailed;
  return open ? std::optional(std::move(state)) : std::nullopt;
}

Result<int> under_lease(Workshop& w, const std::string& run,
                        const std::function<Result<int>(const dr::Lease&)>& work) {
  // A holder that died on this machine is noticed at once; one elsewhere only when its lease has ended.
  TRY_ASSIGN(auto lease,
             w.store->acquire(dr::this_process(), run, system_clock().now(), w.config.coordination.lease));
  auto r = work(lease);
  if (!r) (void)w.store->release(lease);
  return r;
}

int carry_out(Workshop& w, const Global& g, StepTable steps, const dr::Lease& lease, dr::State state,
              dr::Event first, const Hooks& hooks) {
  first.at = system_clock().now();
  first.data["epoch"] = std::to_string(lease.epoch);
  first.data["holder"] =
      fmt::format("{} on {} pid {}", lease.holder.who, lease.holder.host, lease.holder.pid);
  auto runbook = dr::runbook_from_json(dr::get(first.data, "runbook")).value_or(state.runbook);
  bool terminal = isatty(STDOUT_FILENO);
  Live live(stdout,
            g.json     ? Live::Style::kJson
            : terminal ? Live::Style::kTable
                       : Live::Style::kLines,
            runbook, system_clock());
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  dr::ThreadCrew crew(8);
  dr::Executor executor({*w.store, system_clock(), crew, std::move(steps), live.watchers(hooks.event),
                         w.config.coordination.lease, [&w] { return w.aws->calls(); }, &g_interrupted},
                        lease, std::move(state));
  auto status = executor.run(std::move(first));
  if (auto r = w.store->release(executor.lease()); !r && status) report(r.error());
  if (!status) return report(status.error());
  summary(g, w.config, executor.state(), *status);
  return exit_of(*status);
}

}  // namespace relight::app
