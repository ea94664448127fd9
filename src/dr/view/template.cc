#include "dr/view/template.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

Json in_long_form(const std::string& tag, Json value) {
  if (tag.size() < 2 || tag[0] != '!' || tag[1] == '!') return value;
  auto name = tag.substr(1);
  if (name == "Ref" || name == "Condition") return {{name, value}};
  if (name == "GetAtt" && value.is_string()) {
    auto text = value.get<std::string>();
    auto dot = text.find('.');
    if (dot != text.npos) value = Json::array({text.substr(0, dot), text.substr(dot + 1)});
  }
  return {{"Fn::" + name, value}};
}

Json json_of(const YAML::Node& n) {
  Json out;
  if (n.IsScalar()) out = n.Scalar();
  if (n.IsSequence()) {
    out = Json::array();
    for (auto e : n) out.push_back(json_of(e));
  }
  if (n.IsMap()) {
    out = Json::object();
    for (auto e : n) out[e.first.Scalar()] = json_of(e.second);
  }
  return in_long_form(n.Tag(), std::move(out));
}

struct Section {
  const char *name, *kind;
};
constexpr std::array kSections{Section{"Parameters", "parameter"}, Section{"Conditions", "condition"},
                               Section{"Resources", ""}, Section{"Outputs", "output"}};

std::string scalar_text(const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

// "60" and 60.0, "true" and true are the same.
bool same_scalar(const Json& expected, const Json& seen) {
  auto a = scalar_text(expected), b = scalar_text(seen);
  if (a == b) return true;
  char *end_a = nullptr, *end_b = nullptr;
  double x = std::strtod(a.c_str(), &end_a), y = std::strtod(b.c_str(), &end_b);
  return !a.empty() && !b.empty() && !*end_a && !*end_b && x == y;
}

// ECS and CloudWatch Logs begin their members with a small letter.
std::optional<std::string> member_named(const Json& seen, const std::string& property) {
  if (seen.contains(property)) return property;
  auto small = property;
  small[0] = char(std::tolower(static_cast<unsigned char>(small[0])));
  return seen.contains(small) ? std::optional(small) : std::nullopt;
}

}  // namespace

Result<Inventory> template_inventory(const std::string& text) {
  Inventory out;
  try {
    auto root = YAML::Load(text);
    if (!root.IsMap() || !root["Resources"])
      return fail(
          Error{.code = "Drift.Template", .message = "it has no Resources", .tried = "read a template"});
    for (auto& s : kSections) {
      if (!root[s.name] || !root[s.name].IsMap()) continue;
      for (auto e : root[s.name]) {
        auto j = json_of(e.second);
        std::string kind = *s.kind ? s.kind : j.is_object() ? scalar_text(j.value("Type", Json(""))) : "";
        out.resources.push_back({.key = {kind, e.first.Scalar()}, .region = "", .properties = j.dump()});
      }
    }
  } catch (const YAML::Exception& e) {
    return fail(Error{.code = "Drift.Template",
                      .message = std::string("it is not YAML: ") + e.what(),
                      .tried = "read a template"});
  }
  std::ranges::sort(out.resources, {}, &Resource::key);
  return out;
}

void add_property_drift(const Resource& expected, const Resource& seen, Drift& to) {
  auto wanted = Json::parse(expected.properties).value("Properties", Json::object());
  auto is = Json::parse(seen.properties, nullptr, false);
  if (!is.is_object()) return;
  for (auto& [property, value] : wanted.items()) {
    auto member = member_named(is, property);
    if (!member || value.is_structured()) continue;
    auto& now = is[*member];
    bool hidden = std::ranges::any_of(seen.unknown, [&](auto& u) { return u.part == *member; });
    if (now.is_structured() || now.is_null() || hidden || same_scalar(value, now)) continue;
    to.differences.push_back({Difference::Kind::kChanged, seen.key, "/" + *member, value.dump(), now.dump()});
  }
}

}  // namespace relight::dr::view
