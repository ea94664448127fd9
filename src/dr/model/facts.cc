#include "dr/model/facts.h"

#include <nlohmann/json.hpp>

namespace relight::dr {

std::string get(const Facts& f, const std::string& name) {
  auto it = f.find(name);
  return it == f.end() ? std::string() : it->second;
}

std::string to_json(const Facts& f) {
  return nlohmann::json(f).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Facts> facts_from_json(std::string_view text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Facts.Malformed", "a JSON object was expected");
  Facts out;
  for (auto& [k, v] : j.items()) {
    if (!v.is_string()) return fail("Facts.Malformed", "member '" + k + "' is not a string");
    out[k] = v.get<std::string>();
  }
  return out;
}

}  // namespace relight::dr
