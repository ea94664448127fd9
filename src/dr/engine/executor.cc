#include "dr/engine/executor.h"

#include <algorithm>

namespace relight::dr {
namespace {
using std::chrono::duration_cast;
}

Millis poll_after(Millis elapsed) {
  return std::clamp(Millis(elapsed.count() * 2 / 100), Millis(5), Millis(5000));
}

class Executor::StepContext final : public Context {
 public:
  StepContext(Executor& x, std::string id) : x_(x), id_(std::move(id)) {}
  const std::string& run() const override { return x_.state_.run; }
  uint64_t epoch() const override { return x_.lease_.epoch; }
  const std::string& reason() const override { return x_.state_.reason; }
  Facts facts(const std::string& step) const override {
    std::lock_guard g(x_.m_);
    auto it = x_.state_.steps.find(step);
    return it == x_.state_.steps.end() || it->second.phase != StepPhase::kDone ? Facts{} : it->second.facts;
  }
  Millis elapsed() const override {
    std::lock_guard g(x_.m_);
    return duration_cast<Millis>(x_.p_.clock.monotonic() - x_.jobs_.at(id_).started);
  }
  std::optional<Intent> open_intent(const std::string& call) const override {
    std::lock_guard g(x_.m_);
    for (auto& i : x_.state_.steps.at(id_).open)
      if (i.call == call) return i;
    return std::nullopt;
  }
  Result<> intend(const std::string& call, const std::string& resource) override {
    std::lock_guard g(x_.m_);
    // A process that was stopped for longer than its lease must not act when it wakes.
    if (!x_.stopped_ && x_.p_.clock.now() >= x_.lease_.expires) x_.keep_lease();
    if (x_.stopped_) return fail(*x_.stopped_);
    return x_.record(
        {x_.event("step.intent", id_,
                  {{"call", call}, {"resource", resource}, {"epoch", std::to_string(x_.lease_.epoch)}})});
  }
  Result<> effect(const std::string& call, const std::string& resource, const std::string& outcome) override {
    std::lock_guard g(x_.m_);
    if (x_.stopped_) return fail(*x_.stopped_);
    // Not worth a disk's time of its own: it goes with the next append. Lost in a crash, the intent is looked
    // at again.
    x_.late_.push_back(
        x_.event("step.effect", id_, {{"call", call}, {"resource", resource}, {"outcome", outcome}}));
    return {};
  }

 private:
  Executor& x_;
  std::string id_;
};

Executor::Executor(Parts parts, Lease lease, State state)
    : p_(std::move(parts)), lease_(std::move(lease)), state_(std::move(state)) {
  head_.run = lease_.run;
}
Executor::~Executor() = default;

Event Executor::event(std::string kind, std::string step, Facts data) const {
  Event e;
  e.at = p_.clock.now();
  e.kind = std::move(kind);
  e.step = std::move(step);
  e.data = std::move(data);
  return e;
}

void Executor::stop(Error e) {
  if (!stopped_) stopped_ = std::move(e);
}

Result<> Executor::record(std::vector<Event> events) {
  events.insert(events.begin(), std::make_move_iterator(late_.begin()), std::make_move_iterator(late_.end()));
  late_.clear();
  uint64_t seq = state_.last_seq;
  std::string hash = state_.last_hash;
  for (auto& e : events) {
    chain(e, seq, hash);
    seq = e.seq;
    hash = e.hash;
  }
  if (auto r = p_.store.append(lease_, head_, events); !r) {
    stop(r.error());
    return r;
  }
  for (auto& e : events) {
    apply(state_, e);
    if (p_.watchers.event) p_.watchers.event(e);
  }
  return {};
}

void Executor::tell_calls(std::vector<Event>& batch) const {
  if (p_.calls) batch.push_back(event("run.calls", "", facts_of(p_.calls())));
}

// The event, and whatever it lets begin or end, in one durable append.
Result<> Executor::record_with_actions(Event e) {
  State next = state_;
  for (auto& l : late_) apply(next, l);
  std::vector<Event> batch{std::move(e)};
  for (auto& a : apply(next, batch[0])) {
    if (a.kind == Action::Kind::kFinish) {
      tell_calls(batch);
      batch.push_back(event("run.finished", "", {{"status", std::string(text(a.status))}}));
    } else {
      batch.push_back(event("step.started", a.step, {}));
    }
  }
  std::vector<std::string> begun;
  for (auto& b : batch)
    if (b.kind == "step.started") begun.push_back(b.step);
  TRY(record(std::move(batch)));
  if (ended_ && p_.watchers.progress) p_.watchers.progress(*ended_);
  ended_.reset();
  auto now = p_.clock.monotonic();
  for (auto& id : begun) {
    jobs_[id] = Job{false, now, now, now};
    show(id, "");
  }
  return {};
}

void Executor::show(const std::string& id, const std::string& what, double progress) {
  if (!p_.watchers.progress) return;
  auto elapsed = duration_cast<Millis>(p_.clock.monotonic() - jobs_[id].started);
  p_.watchers.progress({id, state_.steps.at(id).phase, what, progress, elapsed});
}

void Executor::settle_waiting(const std::string& id, const Waiting& w) {
  auto& job = jobs_[id];
  auto now = p_.clock.monotonic();
  auto pause = w.again.count() > 0 ? w.again : poll_after(duration_cast<Millis>(now - job.started));
  job.due = now + pause;
  show(id, w.what, w.progress);
}

void Executor::settle(const std::string& id, Outcome outcome) {
  std::lock_guard g(m_);
  jobs_[id].in_flight = false;
  if (!stopped_ && !finished()) {
    if (auto* w = std::get_if<Waiting>(&outcome)) {
      settle_waiting(id, *w);
    } else if (auto* d = std::get_if<Done>(&outcome)) {
      auto job = jobs_.extract(id);
      auto took = duration_cast<Millis>(p_.clock.monotonic() - job.mapped().started);
      d->facts["took_ms"] = std::to_string(took.count());
      ended_ = Progress{id, StepPhase::kDone, "", 1, took};
      (void)record_with_actions(event("step.done", id, std::move(d->facts)));
    } else {
      auto& f = std::get<Failed>(outcome);
      Facts data{
          {"error", f.error.text()}, {"code", f.error.code}, {"refused", f.refused ? "true" : "false"}};
      for (size_t i = 0; i < f.choices.size(); ++i) data["choice" + std::to_string(i + 1)] = f.choices[i];
      if (record_with_actions(event("step.failed", id, std::move(data)))) show(id, f.error.text());
    }
  }
  p_.crew.wake();
}

bool Executor::finished() const { return state_.finished.has_value(); }

void Executor::launch_due(std::unique_lock<std::mutex>& l) {
  auto now = p_.clock.monotonic();
  std::vector<std::string> due;
  for (auto& [id, job] : jobs_)
    if (!job.in_flight && job.due <= now) due.push_back(id);
  for (auto& id : due) jobs_[id].in_flight = true;
  l.unlock();
  for (auto& id : due) {
    p_.crew.start([this, id] {
      StepContext context(*this, id);
      auto step = p_.steps.find(id);
      if (step == p_.steps.end())
        return settle(
            id,
            Failed{{.code = "Run.UnknownStep", .message = "this relight knows no step '" + id + "'"}, {}});
      settle(id, step->second->advance(context));
    });
  }
  l.lock();
}

void Executor::keep_lease() {
  auto r = p_.store.renew(lease_, p_.clock.now(), p_.lease_ttl);
  if (r) {
    lease_ = *r;
  } else if (r.error().code == "Lease.Lost" || p_.clock.now() >= lease_.expires) {
    stop(r.error());
  }
  renew_at_ = p_.clock.monotonic() + p_.lease_ttl / 3;
  if (!late_.empty() && !stopped_) (void)record({});
}

Millis Executor::nap() const {
  auto now = p_.clock.monotonic();
  auto until = renew_at_;
  for (auto& [id, job] : jobs_)
    if (!job.in_flight) until = std::min(until, job.due);
  // Interrupts only set a flag, so it is looked at now and then.
  return std::clamp(duration_cast<Millis>(until - now + std::chrono::microseconds(999)), Millis(0),
                    Millis(100));
}

Result<RunStatus> Executor::run(Event first) {
  std::unique_lock l(m_);
  renew_at_ = p_.clock.monotonic() + p_.lease_ttl / 3;
  head_.application = first.kind == "run.started" ? get(first.data, "application") : state_.application;
  auto runbook = runbook_from_json(get(first.data, "runbook"));
  head_.kind = runbook ? runbook->kind : state_.runbook.kind;
  head_.started = state_.started.value_or(first.at);
  (void)record_with_actions(std::move(first));
  auto in_flight = [&] {
    return std::any_of(jobs_.begin(), jobs_.end(), [](auto& j) { return j.second.in_flight; });
  };
  while ((!stopped_ && !finished()) || in_flight()) {
    if (p_.interrupted && *p_.interrupted)
      stop({.code = "Run.Interrupted",
            .message = "interrupted by the operator",
            .next = "'relight resume' goes on"});
    if (!stopped_ && !finished()) {
      if (p_.clock.monotonic() >= renew_at_) keep_lease();
      launch_due(l);
    }
    auto pause = nap();
    if (finished() && !in_flight()) break;
    l.unlock();
    p_.crew.wait(pause);
    l.lock();
  }
  if (stopped_ && stopped_->code == "Run.Interrupted") {
    std::vector<Event> last;
    tell_calls(last);
    (void)record(std::move(last));  // the run can be resumed without it
  }
  if (stopped_) return fail(*stopped_);
  return state_.status;
}

}  // namespace relight::dr
