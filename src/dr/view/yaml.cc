#include "dr/view/yaml.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;
constexpr size_t kWidth = 100;  // what is longer goes over several lines

// What YAML 1.1 readers take for something else than text.
bool misread(const std::string& s) {
  static constexpr std::array<std::string_view, 12> kWords{"true", "false", "yes", "no",   "on", "off",
                                                           "null", "y",     "n",   "none", "~",  "nan"};
  std::string lower(s);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return std::ranges::find(kWords, lower) != kWords.end();
}

bool plain(const std::string& s, bool flow) {
  if (s.empty() || misread(s)) return false;
  auto first = static_cast<unsigned char>(s[0]);
  if (!std::isalpha(first) && first != '/' && first != '_') return false;
  for (size_t i = 0; i < s.size(); ++i) {
    auto c = static_cast<unsigned char>(s[i]);
    bool colon = c == ':' && !flow && i + 1 < s.size() && s[i + 1] != ' ';
    bool space = c == ' ' && i + 1 < s.size() && s[i + 1] != '#';
    if (!std::isalnum(c) && !colon && !space &&
        std::string_view("_./+=-()").find(char(c)) == std::string_view::npos)
      return false;
  }
  return true;
}

std::string in_quotes(const std::string& s) {
  bool control = std::ranges::any_of(s, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control) return Json(s).dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string out = "'";
  for (char c : s) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

struct Intrinsic {
  std::string tag;
  const Json* argument;
};

std::optional<Intrinsic> intrinsic(const Json& v) {
  if (!v.is_object() || v.size() != 1) return {};
  auto& key = v.begin().key();
  if (key == "Ref") return Intrinsic{"!Ref", &v.begin().value()};
  if (key == "Condition") return Intrinsic{"!Condition", &v.begin().value()};
  if (key.starts_with("Fn::")) return Intrinsic{"!" + key.substr(4), &v.begin().value()};
  return {};
}

std::string flow(const Json& v);

std::string flow_list(const Json& v) {
  std::string out = "[";
  for (auto& e : v) out += (out.size() > 1 ? ", " : "") + flow(e);
  return out + "]";
}

std::string flow(const Json& v) {
  if (auto f = intrinsic(v)) {
    auto& a = *f->argument;
    if (f->tag == "!GetAtt" && a.is_array())
      return f->tag + " " + a.at(0).get<std::string>() + "." + a.at(1).get<std::string>();
    return f->tag + " " + flow(a);
  }
  if (v.is_array()) return flow_list(v);
  if (!v.is_object()) return yaml_scalar(v, true);
  std::string out = "{";
  for (auto& [k, e] : v.items()) out += (out.size() > 1 ? ", " : "") + yaml_scalar(k, true) + ": " + flow(e);
  return out + "}";
}

// Lists of lists and maps of maps are easier to read as a block, however short.
bool shallow(const Json& v) {
  if (intrinsic(v) || !v.is_structured()) return true;
  return std::ranges::all_of(v, [](auto& e) { return !e.is_structured() || intrinsic(e); });
}

std::string block(const Json& v, int indent);

std::string after_colon(const Json& v, int indent) {
  if (intrinsic(v) || !v.is_structured() || v.empty())
    return " " + (v.is_structured() ? flow(v) : yaml_scalar(v, false)) + "\n";
  if (shallow(v))
    if (auto line = flow(v); line.size() + size_t(indent) < kWidth) return " " + line + "\n";
  return "\n" + block(v, indent + 2);
}

std::string block(const Json& v, int indent) {
  std::string out, margin(size_t(indent), ' ');
  if (v.is_object()) {
    for (auto& [k, e] : v.items()) out += yaml_member(k, e, indent);
    return out;
  }
  for (auto& e : v) {
    auto line = shallow(e) ? flow(e) : "";
    bool one = !e.is_structured() || intrinsic(e) || (shallow(e) && line.size() + size_t(indent) < kWidth);
    if (one)
      out += margin + "- " + (e.is_structured() ? line : yaml_scalar(e, false)) + "\n";
    else
      out += margin + "- " + block(e, indent + 2).substr(size_t(indent) + 2);
  }
  return out;
}

}  // namespace

std::string yaml_scalar(const Json& v, bool in_flow) {
  if (!v.is_string()) return v.dump();
  auto s = v.get<std::string>();
  return plain(s, in_flow) ? s : in_quotes(s);
}

std::string yaml_member(std::string_view key, const Json& value, int indent) {
  return std::string(size_t(indent), ' ') + yaml_scalar(std::string(key), false) + ":" +
         after_colon(value, indent);
}

}  // namespace relight::dr::view
