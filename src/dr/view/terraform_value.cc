#include "dr/view/terraform_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

// "A=b C=d", A -> "b"
std::string mapped(std::string_view table, std::string_view name) {
  std::istringstream words{std::string(table)};
  for (std::string w; words >> w;)
    if (auto equals = w.find('='); std::string_view(w).substr(0, equals) == name) return w.substr(equals + 1);
  return "";
}

// A text in Terraform's templates: "${" and "%{" mean nothing.
std::string literal(const std::string& s) {
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if ((s[i] == '$' || s[i] == '%') && i + 1 < s.size() && s[i + 1] == '{') out += s[i];
    out += s[i];
  }
  return out;
}

const Json* only(const Json& v, const char* function) {
  return v.is_object() && v.size() == 1 && v.begin().key() == function ? &v.begin().value() : nullptr;
}

bool is_intrinsic(const Json& v) {
  return v.is_object() && v.size() == 1 && (v.begin().key() == "Ref" || v.begin().key().starts_with("Fn::"));
}

}  // namespace

TerraformValues::TerraformValues(const Pilot& p) : pilot_(p) {
  for (auto& r : p.resources) resources_[r.id] = &r;
}

std::string TerraformValues::address(const std::string& id) const {
  auto it = resources_.find(id);
  auto* t = it == resources_.end() ? nullptr : terraform_type(it->second->type);
  return (t ? std::string(t->type) : "unknown") + "." + id;
}

std::string TerraformValues::reference(const std::string& id, std::string_view attribute) const {
  auto it = resources_.find(id);
  bool counted = it != resources_.end() && !it->second->condition.empty();
  return counted ? fmt::format("one({}[*].{})", address(id), attribute)
                 : fmt::format("{}.{}", address(id), attribute);
}

std::string TerraformValues::named(const std::string& name) const {
  if (name == "AWS::Region") return Json(pilot_.region).dump();
  if (name == "AWS::AccountId") return Json(pilot_.account).dump();
  auto dot = name.find('.');
  auto it = resources_.find(name.substr(0, dot));
  if (it == resources_.end()) return "var." + name;
  auto* t = terraform_type(it->second->type);
  if (!t) return "null";
  return reference(it->first,
                   dot == name.npos ? std::string(t->ref) : mapped(t->attributes, name.substr(dot + 1)));
}

std::string TerraformValues::substituted(const std::string& sub) const {
  std::string out;
  for (size_t at = 0; at < sub.size();) {
    auto open = sub.find("${", at);
    out += literal(sub.substr(at, open == sub.npos ? sub.npos : open - at));
    if (open == sub.npos) break;
    auto close = sub.find('}', open);
    auto name = sub.substr(open + 2, close - open - 2);
    if (name.starts_with('!'))
      out += "$${" + name.substr(1) + "}";
    else if (auto e = named(name); e.starts_with('"'))
      out += literal(Json::parse(e).get<std::string>());
    else
      out += "${" + e + "}";
    at = close + 1;
  }
  return out;
}

std::string TerraformValues::condition(const std::string& name) const {
  for (auto& c : pilot_.conditions)
    if (c.name == name)
      if (auto test = Json::parse(c.test); test.contains("Fn::Equals"))
        return fmt::format("{} == {}", expression(test["Fn::Equals"][0]), expression(test["Fn::Equals"][1]));
  return "true";
}

std::string TerraformValues::expression(const Json& v) const {
  if (auto* name = only(v, "Ref")) return named(name->get<std::string>());
  if (auto* a = only(v, "Fn::GetAtt"))
    return named(a->at(0).get<std::string>() + "." + a->at(1).get<std::string>());
  if (auto* s = only(v, "Fn::Sub")) return Json(substituted(s->get<std::string>())).dump();
  if (auto* a = only(v, "Fn::Select"))
    return fmt::format("data.aws_availability_zones.here.names[{}]", a->at(0).dump());
  if (auto* a = only(v, "Fn::If"))
    return fmt::format("({} ? {} : {})", condition(a->at(0).get<std::string>()), expression(a->at(1)),
                       expression(a->at(2)));
  return v.is_string() ? Json(literal(v.get<std::string>())).dump() : v.dump();
}

Json TerraformValues::value(const Json& v) const {
  if (auto* s = only(v, "Fn::Sub")) return substituted(s->get<std::string>());
  if (is_intrinsic(v)) {
    auto e = expression(v);
    return e.starts_with('"') ? Json::parse(e) : Json("${" + e + "}");
  }
  if (v.is_string()) return literal(v.get<std::string>());
  if (!v.is_structured()) return v;
  Json out = v.is_array() ? Json::array() : Json::object();
  if (v.is_array())
    for (auto& e : v) out.push_back(value(e));
  else
    for (auto& [k, e] : v.items()) out[k] = value(e);
  return out;
}

std::string TerraformValues::document(const Json& v) const { return value(v).dump(); }

}  // namespace relight::dr::view
