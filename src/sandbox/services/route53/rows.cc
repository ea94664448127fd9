#include "sandbox/services/route53/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "sandbox/planes/dns/message.h"

namespace relight::sandbox::route53 {

using nlohmann::json;

std::string save_row(const aws::Shape& s, const void* value, const Text& tags, const Text& extra) {
  return json{{"value", aws::codec::to_json(s, value)}, {"tags", tags}, {"extra", extra}}.dump();
}

Result<> load_row(const std::string& text, const aws::Shape& s, void* value, Text& tags, Text& extra) {
  json j = json::parse(text, nullptr, false);
  if (!j.is_object() || !j["value"].is_string())
    return fail("Row.Malformed", "a row of Route 53's state cannot be read");
  for (auto& [k, v] : j["tags"].items()) tags[k] = v.is_string() ? v.get<std::string>() : "";
  for (auto& [k, v] : j["extra"].items()) extra[k] = v.is_string() ? v.get<std::string>() : "";
  return aws::codec::from_json(s, j["value"].get<std::string>(), value);
}

std::string name_key(const std::string& zone, const std::string& canonical) {
  auto parts = dns::labels(canonical);
  std::reverse(parts.begin(), parts.end());
  return fmt::format("{}\x1e{}\x1e", zone, fmt::join(parts, "\x1f"));
}

std::string record_key(const std::string& zone, const std::string& canonical, const std::string& type,
                       const std::string& set_identifier) {
  return name_key(zone, canonical) + type + "\x1e" + set_identifier;
}

std::string shown_name(std::string_view canonical) {
  std::string out;
  for (size_t i = 0; i < canonical.size(); ++i) {
    int c = static_cast<unsigned char>(canonical[i]);
    bool escaped = c == '\\' && i + 3 < canonical.size();
    if (escaped) {
      c = (canonical[i + 1] - '0') * 100 + (canonical[i + 2] - '0') * 10 + (canonical[i + 3] - '0');
      i += 3;
    }
    // Developer Guide, "DNS domain name format": all but a-z 0-9 - _ . are shown in octal
    if (escaped || !(isalnum(c) || c == '-' || c == '_' || c == '.'))
      out += fmt::format("\\{:03o}", c);
    else
      out += static_cast<char>(c);
  }
  return out + ".";
}

std::string bare_id(const std::string& id) {
  size_t slash = id.rfind('/');
  return slash == std::string::npos ? id : id.substr(slash + 1);
}

}  // namespace relight::sandbox::route53
