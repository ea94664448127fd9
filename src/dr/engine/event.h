// What happened in a Run, hash-chained. docs/journal.md is the format's page.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dr/model/facts.h"

namespace relight::dr {

struct Event {
  uint64_t seq = 0;  // from 1
  Instant at{};
  std::string kind;  // run.started run.resumed step.started step.intent step.effect step.done step.failed
                     // run.calls run.finished
  std::string step;  // empty for run.*
  Facts data;
  std::string prev, hash;  // hex SHA-256; prev of the first is 64 zeros
  bool operator==(const Event&) const = default;
};

std::string first_prev();
std::string hash_of(const Event& e);  // over everything but hash itself
// Numbers and links `e` after the last event (seq, hash).
void chain(Event& e, uint64_t last_seq, const std::string& last_hash);
// Gapless, linked, untouched, and as long as the head says. Error "Journal.Tampered" or "Journal.Truncated".
Result<> verify(const std::vector<Event>& events, uint64_t head_seq, const std::string& head_hash);
std::string to_json(const Event& e);  // one line
Result<Event> event_from_json(std::string_view json);

}  // namespace relight::dr
