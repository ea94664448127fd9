// What the engine asks of a step. A step is level-triggered: advance() looks at the world, acts only if it is
// not yet as wanted, never blocks beyond one call, and is safe to repeat at any time by anyone.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dr/engine/state.h"

namespace relight::dr {

struct Done {
  Facts facts;
};
struct Waiting {
  std::string what;      // a name that a person understands: "tasks running (1 of 2)"
  double progress = -1;  // 0..1; below 0: unknown
  Millis again{0};       // ask again in; 0: the executor's choice, in proportion to the time already waited
};
struct Failed {
  Error error;
  std::vector<std::string> choices;  // what the operator can do
  bool refused = false;              // nothing was wrong with the world: a rule says no
};
using Outcome = std::variant<Done, Waiting, Failed>;

// What a step may ask of the engine while it advances.
class Context {
 public:
  virtual ~Context() = default;
  virtual const std::string& run() const = 0;
  virtual uint64_t epoch() const = 0;
  virtual const std::string& reason() const = 0;
  virtual Facts facts(const std::string& step) const = 0;  // of a step that is done; empty otherwise
  virtual Millis elapsed() const = 0;                      // since this step started in this process
  // An intent for this call that has no recorded effect: somebody (an earlier process, if `foreign`) may have
  // sent it.
  virtual std::optional<Intent> open_intent(const std::string& call) const = 0;
  // Writes the intent durably, with the epoch. If this fails the call must not be made. Every mutating call
  // is preceded by this.
  virtual Result<> intend(const std::string& call, const std::string& resource) = 0;
  // What became of it.
  virtual Result<> effect(const std::string& call, const std::string& resource,
                          const std::string& outcome) = 0;
};

class Step {
 public:
  virtual ~Step() = default;
  virtual Outcome advance(Context& c) = 0;
};

// intend, call, effect. A failed call is recorded as an effect only if AWS answered (then it did not act).
template <class F>
auto act(Context& c, const std::string& call, const std::string& resource, F send) -> decltype(send()) {
  if (auto r = c.intend(call, resource); !r) return std::unexpected(r.error());
  auto answer = send();
  bool known = answer || (answer.error().http_status >= 400 && answer.error().http_status < 500);
  if (known)
    if (auto r = c.effect(call, resource, answer ? "ok" : answer.error().code); !r)
      return std::unexpected(r.error());
  return answer;
}

}  // namespace relight::dr
