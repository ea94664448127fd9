#include "dr/model/runbook.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace relight::dr {

const StepSpec* Runbook::find(std::string_view id) const {
  for (auto& s : steps)
    if (s.id == id) return &s;
  return nullptr;
}

std::string to_json(const Runbook& r) {
  auto steps = nlohmann::json::array();
  for (auto& s : r.steps)
    steps.push_back({{"id", s.id},
                     {"title", s.title},
                     {"segment", s.segment},
                     {"needs", s.needs},
                     {"calls", s.calls},
                     {"expected_ms", s.expected.count()},
                     {"irreversible", s.irreversible}});
  return nlohmann::json{{"kind", r.kind}, {"steps", steps}}.dump();
}

Result<Runbook> runbook_from_json(std::string_view text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  try {
    Runbook r;
    r.kind = j.at("kind").get<std::string>();
    for (auto& s : j.at("steps"))
      r.steps.push_back({s.at("id"), s.at("title"), s.at("segment"), s.at("needs"), s.at("calls"),
                         Millis(s.at("expected_ms").get<int64_t>()), s.at("irreversible").get<bool>()});
    TRY(check(r));
    return r;
  } catch (const nlohmann::json::exception& e) {
    return fail("Runbook.Invalid", "the runbook in the journal cannot be read: " + std::string(e.what()));
  }
}

Result<> check(const Runbook& r) {
  std::vector<std::string> known;
  for (auto& s : r.steps) {
    if (std::find(known.begin(), known.end(), s.id) != known.end())
      return fail("Runbook.Invalid", "step '" + s.id + "' is there twice");
    // Steps stand in an order in which they could run one by one, which rules out cycles.
    for (auto& need : s.needs)
      if (std::find(known.begin(), known.end(), need) == known.end())
        return fail("Runbook.Invalid", "step '" + s.id + "' needs '" + need + "', which is not before it");
    known.push_back(s.id);
  }
  return {};
}

Millis expected_time(const Runbook& r) {
  std::map<std::string, Millis> end;
  Millis longest{0};
  for (auto& s : r.steps) {
    Millis start{0};
    for (auto& need : s.needs) start = std::max(start, end[need]);
    longest = std::max(longest, end[s.id] = start + s.expected);
  }
  return longest;
}

}  // namespace relight::dr
