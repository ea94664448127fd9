#include "dr/engine/event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace relight::dr {
namespace {

// Length-prefixed, so that no two different events have the same bytes.
void put(std::string& out, std::string_view s) {
  out += std::to_string(s.size());
  out += ':';
  out += s;
}

Error broken(const char* code, uint64_t seq, const std::string& why) {
  Error e;
  e.code = code;
  e.tried = "verify the journal";
  e.resource = fmt::format("event {}", seq);
  e.message = why;
  e.next =
      "do not resume from this journal; restore it from a copy, or look at AWS itself and start a new run";
  return e;
}

}  // namespace

std::string first_prev() { return std::string(64, '0'); }

std::string hash_of(const Event& e) {
  std::string bytes;
  put(bytes, std::to_string(e.seq));
  put(bytes, iso8601(e.at));
  put(bytes, e.kind);
  put(bytes, e.step);
  put(bytes, e.prev);
  for (auto& [k, v] : e.data) {
    put(bytes, k);
    put(bytes, v);
  }
  return hex(sha256(bytes));
}

void chain(Event& e, uint64_t last_seq, const std::string& last_hash) {
  e.seq = last_seq + 1;
  e.prev = last_hash.empty() ? first_prev() : last_hash;
  e.hash = hash_of(e);
}

Result<> verify(const std::vector<Event>& events, uint64_t head_seq, const std::string& head_hash) {
  std::string prev = first_prev();
  uint64_t seq = 0;
  for (auto& e : events) {
    if (e.seq != seq + 1) return fail(broken("Journal.Truncated", seq + 1, "this event is missing"));
    if (e.prev != prev || e.hash != hash_of(e))
      return fail(
          broken("Journal.Tampered", e.seq, "its hash does not fit: it was changed after it was written"));
    prev = e.hash;
    seq = e.seq;
  }
  if (seq != head_seq || (seq > 0 && prev != head_hash))
    return fail(
        broken("Journal.Truncated", seq + 1, fmt::format("the journal should end with event {}", head_seq)));
  return {};
}

std::string to_json(const Event& e) {
  return nlohmann::ordered_json{{"seq", e.seq},   {"at", iso8601(e.at)}, {"kind", e.kind}, {"step", e.step},
                                {"data", e.data}, {"prev", e.prev},      {"hash", e.hash}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Event> event_from_json(std::string_view text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  try {
    Event e;
    e.seq = j.at("seq").get<uint64_t>();
    TRY_ASSIGN(e.at, parse_iso8601(j.at("at").get<std::string>()));
    e.kind = j.at("kind").get<std::string>();
    e.step = j.at("step").get<std::string>();
    e.data = j.at("data").get<Facts>();
    e.prev = j.at("prev").get<std::string>();
    e.hash = j.at("hash").get<std::string>();
    return e;
  } catch (const nlohmann::json::exception& x) {
    return fail("Journal.Tampered", "an event of the journal cannot be read: " + std::string(x.what()));
  }
}

}  // namespace relight::dr
