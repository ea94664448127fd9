// What one readiness check says of one resource; docs/readiness.md is its page.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace relight::dr {

// Worst last. kUnknown is a verdict of its own: what could not be seen is never taken for well.
enum class Verdict { kPass, kWarn, kUnknown, kFail };
std::string_view verdict_text(Verdict v);  // "pass", "warn", "unknown", "fail"

// What a finding can cost on the day, in seconds; nullopt: no bound can be given.
struct Risk {
  std::optional<int64_t> rto_s = 0, rpo_s = 0;
  bool operator==(const Risk&) const = default;
};

struct Finding {
  int check = 0;             // number in docs/readiness.md
  std::string name, family;  // "replica-lag", "database"
  Verdict verdict = Verdict::kUnknown;
  std::string what;              // one sentence
  std::string resource, region;  // "lamp-pilot-db"; empty: the application as a whole
  std::string evidence;          // what was seen, as it was seen; for kUnknown why nothing could be
  Instant observed_at{};
  Risk risk;         // zero for kPass
  std::string mend;  // the command to type; empty for kPass, and where only a person can know it
  bool operator==(const Finding&) const = default;
};

// Worst first; among equals the greater risk, then by number and resource. Stable for equal input.
void worst_first(std::vector<Finding>& findings);

struct Tally {
  size_t pass = 0, warn = 0, unknown = 0, fail = 0;
};
Tally tally(const std::vector<Finding>& findings);

// "30 s", "2 min", "no bound"; "" for none.
std::string risk_text(const std::optional<int64_t>& seconds);

}  // namespace relight::dr
