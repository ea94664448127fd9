// Carries a Run out: appends each event durably, then acts on it. Steps whose needs are done run side by
// side.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dr/engine/crew.h"
#include "dr/engine/step.h"
#include "dr/engine/store.h"

namespace relight::dr {

// A step's life as a person follows it; called from several threads, one at a time.
struct Progress {
  std::string step;
  StepPhase phase;
  std::string what;  // what it waits for, or why it failed
  double progress = -1;
  Millis elapsed{0};
};

struct Watchers {
  std::function<void(const Event&)> event;        // after it is durable
  std::function<void(const Progress&)> progress;  // not journalled
};

class Executor {
 public:
  struct Parts {
    Store& store;
    Clock& clock;
    Crew& crew;
    std::map<std::string, std::unique_ptr<Step>> steps;
    Watchers watchers;
    Millis lease_ttl{15000};
    std::function<CallCounts()> calls;               // that this process has made for the run; empty: not counted
    const std::atomic<bool>* interrupted = nullptr;  // set by a signal: stop starting things
  };
  // `lease` must be held. `state` is empty for a new run, replayed for a resumed one.
  Executor(Parts parts, Lease lease, State state);
  ~Executor();

  // `first` is run.started or run.resumed. Returns when the run finished (any status), or with the Error that
  // stopped the engine itself: "Lease.Lost", "Journal.*", "Run.Interrupted". The run is then resumable.
  Result<RunStatus> run(Event first);
  const State& state() const { return state_; }
  const Lease& lease() const { return lease_; }

 private:
  class StepContext;
  struct Job {
    bool in_flight = false;
    std::chrono::nanoseconds started{0}, due{0}, first{0};
  };
  Result<> record(std::vector<Event> events);  // chains, appends, applies; with m_ held
  Result<> record_with_actions(Event e);
  void launch_due(std::unique_lock<std::mutex>& l);
  void settle(const std::string& id, Outcome outcome);
  void settle_waiting(const std::string& id, const Waiting& w);
  void keep_lease();
  void stop(Error e);
  Millis nap() const;
  void tell_calls(std::vector<Event>& batch) const;
  Event event(std::string kind, std::string step, Facts data) const;
  void show(const std::string& id, const std::string& what, double progress = -1);
  bool finished() const;

  Parts p_;
  mutable std::mutex m_;
  Lease lease_;
  State state_;
  RunHead head_;
  std::map<std::string, Job> jobs_;
  std::optional<Error> stopped_;
  std::vector<Event> late_;        // effects that wait for the next append
  std::optional<Progress> ended_;  // shown before what it lets begin
  std::chrono::nanoseconds renew_at_{0};
};

// How long until a wait is looked at again: 5 ms at first, then 2 % of what has passed, at most 5 s. So
// noticing late adds at most 2 % to any wait, on AWS's minutes as in a sandbox's milliseconds.
Millis poll_after(Millis elapsed);

}  // namespace relight::dr
