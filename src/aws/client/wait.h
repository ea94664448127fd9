// The models' waiters: ask again until the answer is the one that was waited for.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/client/client_base.h"
#include "aws/shape.h"
#include "base/clock.h"
#include "base/result.h"

namespace relight::aws {

struct WaitOptions {
  CallOptions call;
  std::optional<std::chrono::milliseconds> delay;  // between two asks; unset: the waiter's own
  std::optional<std::chrono::milliseconds>
      longest;  // in all; unset: the waiter's delay times its max_attempts
  std::function<void(int asked)> progress;
};

// waiter: "DBInstanceAvailable". Errors: the call's own where the waiter does not expect it, "Wait.Failed"
// when the resource went to a state from which the waiter gives up, "Wait.Deadline", "Wait.Unknown" (no such
// waiter).
Result<> wait(Caller& caller, Clock& clock, const ServiceModel& s, std::string_view waiter, const void* in,
              const WaitOptions& o = {});

template <class Op>
Result<> wait(Caller& caller, Clock& clock, std::string_view waiter, const typename Op::Input& in,
              const WaitOptions& o = {}) {
  return wait(caller, clock, Op::service(), waiter, &in, o);
}

// What one answer means to a waiter: "success", "failure", "retry", or "" if no acceptor fits. Pure.
std::string_view judge(const Waiter& w, const Result<>& answer, std::string_view output_json);

}  // namespace relight::aws
