#include "dr/model/topology.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace relight::dr {
namespace {

constexpr std::array<std::pair<const char*, std::string Resources::*>, 7> kFields{
    {{"cluster", &Resources::cluster},
     {"service", &Resources::service},
     {"database", &Resources::database},
     {"database_host", &Resources::database_host},
     {"load_balancer", &Resources::load_balancer},
     {"target_group", &Resources::target_group},
     {"bucket", &Resources::bucket}}};

nlohmann::json encode(const Resources& r) {
  nlohmann::json j = nlohmann::json::object();
  for (auto& [name, field] : kFields) j[name] = r.*field;
  return j;
}

std::string field_text(const nlohmann::json& j, const char* name) {
  auto it = j.find(name);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

Resources decode(const nlohmann::json& j) {
  Resources r;
  if (j.is_object())
    for (auto& [name, field] : kFields) r.*field = field_text(j, name);
  return r;
}

void fill(std::string& to, const std::string& from) {
  if (to.empty()) to = from;
}

}  // namespace

std::string to_json(const Topology& t) {
  nlohmann::json j{{"primary", encode(t.primary)},
                   {"recovery", encode(t.recovery)},
                   {"flag_bucket", t.flag_bucket},
                   {"flag_key", t.flag_key}};
  if (t.dormant) j["dormant"] = nlohmann::json::parse(to_json(*t.dormant));
  return j.dump();
}

Result<Topology> topology_from_json(std::string_view text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Topology.Malformed", "a JSON object was expected");
  Topology t;
  if (j.contains("primary")) t.primary = decode(j["primary"]);
  if (j.contains("recovery")) t.recovery = decode(j["recovery"]);
  t.flag_bucket = field_text(j, "flag_bucket");
  t.flag_key = field_text(j, "flag_key");
  if (j.contains("dormant")) {
    TRY_ASSIGN(t.dormant, dormant_from_json(j["dormant"].dump()));
  }
  return t;
}

void fill_gaps(Topology& t, const Topology& older) {
  for (auto& [name, field] : kFields) {
    fill(t.primary.*field, older.primary.*field);
    fill(t.recovery.*field, older.recovery.*field);
  }
  fill(t.flag_bucket, older.flag_bucket);
  fill(t.flag_key, older.flag_key);
  if (!t.dormant) t.dormant = older.dormant;
}

std::vector<Dormant> Topology::asleep(Dormant::Kind kind) const {
  std::vector<Dormant> out;
  if (dormant)
    for (auto& d : *dormant)
      if (d.kind == kind) out.push_back(d);
  return out;
}

}  // namespace relight::dr
