// Many things of one kind, each brought to how it shall be: a few at a time, level-triggered.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "dr/engine/step.h"
#include "dr/model/dormant.h"

namespace relight::dr {

// One look at one thing, and what it takes: empty when it is as wanted, else what is waited for. Called from
// several threads at once, each with another thing.
using Look = std::function<Result<std::string>(Context&, const Dormant&)>;

class Bring {
 public:
  // `what`: how a person calls them, "functions". The run fails when AWS refuses, or when after `patience`
  // one of them is still waited for.
  Bring(std::vector<Dormant> all, std::string what, Millis patience, Look look);
  // Done with facts {what: how many}, waiting, or failed.
  Outcome advance(Context& c);

 private:
  std::vector<Dormant> left_;
  size_t total_;
  std::string what_;
  Millis patience_;
  Look look_;
};

}  // namespace relight::dr
