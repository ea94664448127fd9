#include "sandbox/services/ecs/rows.h"

#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"

namespace relight::sandbox::ecs {

std::string save_row(const aws::Shape& shape, const void* value,
                     const std::map<std::string, std::string>& x) {
  return nlohmann::json(x).dump() + "\n" + aws::codec::to_json(shape, value);
}

Result<> load_row(const aws::Shape& shape, const std::string& text, void* value,
                  std::map<std::string, std::string>& x) {
  size_t cut = text.find('\n');
  auto own = nlohmann::json::parse(text.substr(0, cut), nullptr, false);
  if (cut == std::string::npos || !own.is_object()) return fail("Ecs.BadRow", "a kept row is damaged");
  for (auto& [k, v] : own.items())
    if (v.is_string()) x[k] = v;
  return aws::codec::from_json(shape, text.substr(cut + 1), value);
}

}  // namespace relight::sandbox::ecs
