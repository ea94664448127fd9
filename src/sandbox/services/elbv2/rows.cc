#include "sandbox/services/elbv2/rows.h"

#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"

namespace relight::sandbox::elbv2 {

using nlohmann::json;

std::string save_row(const aws::Shape& s, const void* value, const std::vector<const Text*>& maps) {
  json j{{"value", aws::codec::to_json(s, value)}, {"maps", json::array()}};
  for (auto* m : maps) j["maps"].push_back(*m);
  return j.dump();
}

Result<> load_row(const std::string& text, const aws::Shape& s, void* value, const std::vector<Text*>& maps) {
  json j = json::parse(text, nullptr, false);
  if (!j.is_object() || !j["value"].is_string() || !j["maps"].is_array() || j["maps"].size() != maps.size())
    return fail("Row.Malformed", "a row of ELBv2's state cannot be read");
  for (size_t i = 0; i < maps.size(); ++i)
    for (auto& [k, v] : j["maps"][i].items()) (*maps[i])[k] = v.is_string() ? v.get<std::string>() : "";
  return aws::codec::from_json(s, j["value"].get<std::string>(), value);
}

std::string TargetRow::save() const {
  return json{{"group", group}, {"id", id}, {"port", port}, {"zone", zone}, {"draining", draining_until_ms}}
      .dump();
}

Result<TargetRow> TargetRow::load(const std::string& text) {
  json j = json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Row.Malformed", "a target of ELBv2's state cannot be read");
  TargetRow t;
  t.group = j.value("group", "");
  t.id = j.value("id", "");
  t.port = j.value("port", 0);
  t.zone = j.value("zone", "");
  t.draining_until_ms = j.value("draining", int64_t{0});
  return t;
}

}  // namespace relight::sandbox::elbv2
