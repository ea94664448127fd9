// A Run as its events make it: pure, so that replaying a journal gives the same state anywhere.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dr/engine/event.h"
#include "dr/model/runbook.h"

namespace relight::dr {

enum class StepPhase { kPending, kRunning, kDone, kFailed };
enum class RunStatus { kRunning, kSucceeded, kFailed, kRefused };
std::string_view text(StepPhase p);
std::string_view text(RunStatus s);

struct Intent {
  std::string call, resource;
  uint64_t epoch = 0;
  Instant at{};
  bool foreign = false;  // left behind by an earlier holder: look before acting again
};

struct StepState {
  StepPhase phase = StepPhase::kPending;
  Facts facts;
  std::optional<Instant> started, acted, ended;  // acted: the first intent
  std::vector<Intent> open;                      // intents without an effect
  std::string error;                             // of a failed step
};

// Calls of one operation in one region.
struct CallCount {
  uint64_t calls = 0, failed = 0, unanswered = 0;  // failed: with an error; unanswered: of them, those to which nothing came
};
// By region and "service:Operation", or "others" beyond what is told apart.
using CallCounts = std::map<std::pair<std::string, std::string>, CallCount>;
Facts facts_of(const CallCounts& c);  // of run.calls

struct State {
  std::string run, application, reason;
  Runbook runbook;
  RunStatus status = RunStatus::kRunning;
  uint64_t epoch = 0, last_seq = 0;
  std::string last_hash;
  std::optional<Instant> started, finished;
  std::map<std::string, StepState> steps;
  CallCounts calls;                   // of all processes that told
  unsigned holders = 0, told = 0;     // processes that had a part in the run, and those whose calls are counted
};

struct Action {
  enum class Kind { kStart, kFinish } kind;
  std::string step;                          // kStart
  RunStatus status = RunStatus::kSucceeded;  // kFinish
};

// Takes the event into the state and says what to do next. Events that do not fit the state are taken as far
// as they make sense; a journal's integrity is verify()'s business.
std::vector<Action> apply(State& s, const Event& e);
Result<State> replay(const std::vector<Event>& events);

}  // namespace relight::dr
