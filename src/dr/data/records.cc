#include "dr/data/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {

using nlohmann::json;

template <class F>
Result<> each_line(std::string_view text, const char* code, F take) {
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    auto end = text.find('\n');
    bool whole = end != std::string_view::npos;
    auto line = text.substr(0, whole ? end : text.size());
    text.remove_prefix(whole ? end + 1 : text.size());
    if (line.empty()) continue;
    auto j = json::parse(line, nullptr, false);
    if (!j.is_object() && !whole) return {};
    if (!j.is_object())
      return fail(
          Error{.code = code, .message = "no JSON object", .resource = fmt::format("line {}", number)});
    try {
      TRY(take(j));
    } catch (const json::exception& e) {
      return fail(Error{.code = code, .message = e.what(), .resource = fmt::format("line {}", number)});
    }
  }
  return {};
}

}  // namespace

std::string to_json(const ProbeRecord& p) {
  nlohmann::ordered_json j{{"time", iso8601(p.ended)},
                           {"started", iso8601(p.started)},
                           {"what", p.write ? "write" : "read"},
                           {"ok", p.ok},
                           {"status", p.status},
                           {"address", p.address},
                           {"region", p.region}};
  if (p.write) j["token"] = p.token;
  if (!p.picture_key.empty()) j["picture_key"] = p.picture_key;
  if (!p.error.empty()) j["error"] = p.error;
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<ProbeRecord>> read_probe_log(std::string_view text) {
  std::vector<ProbeRecord> out;
  TRY(each_line(text, "ProbeLog.Malformed", [&](const json& j) -> Result<> {
    auto what = j.value("what", "");
    if (what != "write" && what != "read") return {};  // notes and summaries
    ProbeRecord p;
    TRY_ASSIGN(p.ended, parse_iso8601(j.at("time").get<std::string>()));
    TRY_ASSIGN(p.started, parse_iso8601(j.value("started", j.at("time").get<std::string>())));
    p.write = what == "write";
    p.ok = j.at("ok").get<bool>();
    p.status = j.value("status", 0);
    p.token = j.value("token", "");
    p.region = j.value("region", "");
    p.picture_key = j.value("picture_key", "");
    p.address = j.value("address", "");
    p.error = j.value("error", "");
    out.push_back(std::move(p));
    return {};
  }));
  std::stable_sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.started < b.started; });
  return out;
}

Result<std::vector<TruthRecord>> read_event_log(std::string_view text) {
  std::vector<TruthRecord> out;
  TRY(each_line(text, "EventLog.Malformed", [&](const json& j) -> Result<> {
    TruthRecord t;
    TRY_ASSIGN(t.time, parse_iso8601(j.at("time").get<std::string>()));
    t.region = j.at("region").get<std::string>();
    t.service = j.at("service").get<std::string>();
    t.resource = j.at("resource").get<std::string>();
    t.what = j.at("what").get<std::string>();
    out.push_back(std::move(t));
    return {};
  }));
  return out;
}

Outage outage_of(const std::vector<ProbeRecord>& probes, size_t run) {
  Outage o;
  auto bad = std::find_if(probes.begin(), probes.end(), [](auto& p) { return !p.ok; });
  if (bad == probes.end()) return o;
  o.failed = true;
  o.first_failure = bad->started;
  std::vector<const ProbeRecord*> writes;
  for (auto p = bad; p != probes.end(); ++p)
    if (p->write) writes.push_back(&*p);
  for (size_t i = 0; i < writes.size() && !o.recovered; ++i) {
    size_t end = std::min(writes.size(), i + 1 + run);
    bool all = std::all_of(writes.begin() + static_cast<ptrdiff_t>(i),
                           writes.begin() + static_cast<ptrdiff_t>(end), [](auto* p) { return p->ok; });
    if (!all || end == i + 1) continue;
    o.recovered = true;
    o.first_sustained_write = writes[i]->ended;
  }
  return o;
}

}  // namespace relight::dr
