// The steps of one recovery, as data. What a step does at run time lives in dr/steps; the engine knows only
// this.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::dr {

struct StepSpec {
  std::string id;       // "promote"
  std::string title;    // "Promote the replica"
  std::string segment;  // of the RTO: detect decide fence drain promote capacity validate dns; or empty
  std::vector<std::string> needs;  // ids that must be done before
  std::vector<std::string> calls;  // what it may call, for --plan
  Millis expected{0};              // from history, else a documented guess
  bool irreversible = false;       // the point of no return
  bool operator==(const StepSpec&) const = default;
};

struct Runbook {
  std::string kind;  // "failover"
  std::vector<StepSpec> steps;
  const StepSpec* find(std::string_view id) const;
  bool operator==(const Runbook&) const = default;
};

std::string to_json(const Runbook& r);
Result<Runbook> runbook_from_json(std::string_view json);
// Ids unique, needs known, no cycle. Error "Runbook.Invalid".
Result<> check(const Runbook& r);
// The longest chain of expected times.
Millis expected_time(const Runbook& r);

}  // namespace relight::dr
