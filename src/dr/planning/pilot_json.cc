// Small words over JSON that all families use.
#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// Maps whose keys are the user's own.
bool free_map(std::string_view member) {
  static constexpr std::array<std::string_view, 4> kFree{"dockerLabels", "options", "driverOpts", "labels"};
  return std::ranges::find(kFree, member) != kFree.end();
}

bool nothing(const Json& v) { return v.is_null() || (v.is_structured() && v.empty()); }

}  // namespace

Json ref_to(const std::string& id) { return Json{{"Ref", id}}; }

Json attribute_of(const std::string& id, const std::string& attribute) {
  return Json{{"Fn::GetAtt", Json::array({id, attribute})}};
}

Json pascal(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (auto& e : value) out.push_back(pascal(e));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (auto& [k, v] : value.items()) {
    if (nothing(v)) continue;
    auto name = k;
    name[0] = char(std::toupper(static_cast<unsigned char>(name[0])));
    out[name] = free_map(k) ? v : pascal(v);
  }
  return out;
}

std::string text_of(const Json& object, const char* member) {
  if (!object.is_object()) return "";
  auto it = object.find(member);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

Json tags_of(const Json& list) {
  Json out = Json::array();
  if (list.is_array())
    for (auto& t : list) {
      bool small = t.is_object() && t.contains("key");
      auto key = text_of(t, small ? "key" : "Key");
      if (!key.empty() && !key.starts_with("aws:"))
        out.push_back({{"Key", key}, {"Value", text_of(t, small ? "value" : "Value")}});
    }
  return out.empty() ? Json() : out;
}

void take(Json& to, const Json& from, std::string_view members) {
  std::istringstream words{std::string(members)};
  for (std::string w; words >> w;) {
    auto equals = w.find('=');
    auto it = from.find(w.substr(0, equals));
    if (it != from.end() && !nothing(*it)) to[equals == w.npos ? w : w.substr(equals + 1)] = *it;
  }
}

}  // namespace relight::dr
