// The command line of relight.
#pragma once
#include <functional>

#include "dr/engine/event.h"

namespace relight::app {

// Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 refused by a rule (nothing irreversible was
// done); 4 another relight holds the lease; 5 stopped on the way (interrupted, lease or journal lost):
// 'relight resume' goes on. Of check and drift: 6 a check failed, the primary
// drifted; 7 not so, but something is unknown.
enum Exit {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kRefused = 3,
  kHeld = 4,
  kStopped = 5,
  kNotReady = 6,
  kNotKnown = 7
};

// What a test program may hang into a run.
struct Hooks {
  std::function<void(const dr::Event&)> event;  // after it is durable
  std::function<void(const std::string&)> call;  // "service:Operation region", after AWS answered, on the thread that asked
};

int run_cli(int argc, char** argv, const Hooks& hooks);

}  // namespace relight::app
