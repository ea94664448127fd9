#include "dr/model/config_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "dr/model/duration.h"

namespace relight::dr {

void ConfigReader::complain(const YAML::Node& at, std::string_view code, const std::string& what) {
  if (error_) return;
  auto mark = at.Mark();
  error_.emplace();
  error_->code = code;
  error_->message = what;
  error_->tried = "read the configuration";
  error_->resource = fmt::format("{}:{}:{}", file_, mark.line + 1, mark.column + 1);
  error_->next = "docs/config.md describes every key";
}

void ConfigReader::keys(const YAML::Node& map, const std::string& where,
                        std::initializer_list<std::string_view> allowed,
                        std::initializer_list<std::string_view> required) {
  if (error_) return;
  if (!map.IsMap()) return complain(map, "Config.Malformed", where + ": a mapping (key: value) was expected");
  std::string list;
  for (auto k : allowed) list += (list.empty() ? "" : ", ") + std::string(k);
  std::vector<std::string> seen;
  for (const auto& item : map) {
    auto key = item.first.IsScalar() ? item.first.Scalar() : "";
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
      return complain(item.first, "Config.Unknown",
                      fmt::format("{}: there is no key '{}'; expected one of: {}", where, key, list));
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      return complain(item.first, "Config.Malformed", fmt::format("{}: '{}' is given twice", where, key));
    seen.push_back(key);
  }
  for (auto k : required)
    if (std::find(seen.begin(), seen.end(), k) == seen.end())
      return complain(map, "Config.Missing", fmt::format("{}: the key '{}' is missing", where, k));
}

void ConfigReader::text(const YAML::Node& map, const char* key, std::string& out) {
  auto n = map[key];
  if (error_ || !n) return;
  if (!n.IsScalar() || n.Scalar().empty())
    return complain(n, "Config.Malformed", fmt::format("{}: a text was expected", key));
  out = n.Scalar();
}

void ConfigReader::duration(const YAML::Node& map, const char* key, Millis& out) {
  std::string s;
  text(map, key, s);
  if (error_ || s.empty()) return;
  auto d = parse_duration(s);
  if (!d) return complain(map[key], "Config.Malformed", fmt::format("{}: {}", key, d.error().message));
  out = *d;
}

void ConfigReader::number(const YAML::Node& map, const char* key, int low, int high, int& out) {
  std::string s;
  text(map, key, s);
  if (error_ || s.empty()) return;
  char* end = nullptr;
  long v = std::strtol(s.c_str(), &end, 10);
  if (*end != 0 || v < low || v > high)
    return complain(map[key], "Config.Malformed",
                    fmt::format("{}: a whole number from {} to {} was expected", key, low, high));
  out = static_cast<int>(v);
}

void ConfigReader::amount(const YAML::Node& map, const char* key, std::optional<double>& out) {
  std::string s;
  text(map, key, s);
  if (error_ || s.empty()) return;
  char* end = nullptr;
  double v = std::strtod(s.c_str(), &end);
  if (*end != 0 || !(v >= 0) || v > 1e15)
    return complain(map[key], "Config.Malformed", fmt::format("{}: a number, not below 0, was expected", key));
  out = v;
}

void ConfigReader::texts(const YAML::Node& map, const char* key, std::vector<std::string>& out) {
  auto n = map[key];
  if (error_ || !n) return;
  if (!n.IsSequence()) return complain(n, "Config.Malformed", fmt::format("{}: a list was expected", key));
  for (const auto& item : n) {
    if (!item.IsScalar())
      return complain(item, "Config.Malformed", fmt::format("{}: a list of texts was expected", key));
    out.push_back(item.Scalar());
  }
}

}  // namespace relight::dr
