#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/engine.h"

namespace relight::sandbox::cfn {
namespace {

std::string text(const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

Result<> fits(const std::string& name, const Json& definition, const std::string& v) {
  auto bad = [&](const std::string& why) {
    return aws_error("ValidationError", definition.value("ConstraintDescription", fmt::format("Parameter '{}' {}", name, why)), 400);
  };
  if (definition.contains("AllowedValues")) {
    bool found = false;
    for (auto& a : definition["AllowedValues"]) found = found || text(a) == v;
    if (!found) return bad("must be one of AllowedValues");
  }
  if (definition.value("Type", "") == "Number") {
    char* end = nullptr;
    double d = std::strtod(v.c_str(), &end);
    if (v.empty() || *end) return bad("must be a number.");
    if (definition.contains("MinValue") && d < std::stod(text(definition["MinValue"]))) return bad("must be a number not less than MinValue");
    if (definition.contains("MaxValue") && d > std::stod(text(definition["MaxValue"]))) return bad("must be a number not greater than MaxValue");
  }
  if (definition.contains("MinLength") && v.size() < std::stoul(text(definition["MinLength"]))) return bad("is shorter than MinLength");
  if (definition.contains("MaxLength") && v.size() > std::stoul(text(definition["MaxLength"]))) return bad("is longer than MaxLength");
  if (definition.contains("AllowedPattern")) {
    try {
      if (v.size() < 4096 && !std::regex_match(v, std::regex(text(definition["AllowedPattern"])))) return bad("must match pattern " + text(definition["AllowedPattern"]));
    } catch (const std::regex_error&) {
      return bad("has an AllowedPattern that is not a regular expression");
    }
  }
  return {};
}

}  // namespace

Result<Json> Engine::parameters(const Json& tmpl, const Json& given, const Json& previous) {
  Json out = Json::object();
  const Json defined = tmpl.value("Parameters", Json::object());
  for (auto& p : given) {
    auto key = p.value("ParameterKey", "");
    if (!defined.contains(key)) return aws_error("ValidationError", fmt::format("Parameters: [{}] do not exist in the template", key), 400);
  }
  std::string missing;
  for (auto& [name, d] : defined.items()) {
    auto it = std::find_if(given.begin(), given.end(), [&](auto& p) { return p.value("ParameterKey", "") == name; });
    if (it != given.end() && it->value("UsePreviousValue", false)) {
      if (!previous.contains(name)) return aws_error("ValidationError", fmt::format("Parameter {} has no previous value", name), 400);
      out[name] = previous[name];
    } else if (it != given.end() && it->contains("ParameterValue")) {
      out[name] = (*it)["ParameterValue"];
    } else if (d.contains("Default")) {
      out[name] = text(d["Default"]);
    } else {
      missing += (missing.empty() ? "" : ", ") + name;
      continue;
    }
    TRY(fits(name, d, text(out[name])));
  }
  if (!missing.empty()) return aws_error("ValidationError", fmt::format("Parameters: [{}] must have values", missing), 400);
  return out;
}

Result<std::map<std::string, Json>> Engine::resolve(const std::string& region, const Stack& s, const Json& tmpl, const Target& t) {
  TRY_ASSIGN(Scope sc, scope(region, s, tmpl, t, true));
  Evaluator ev(sc);
  std::map<std::string, Json> out;
  for (auto& [logical, d] : tmpl["Resources"].items()) {
    if (d.contains("Condition")) {
      TRY_ASSIGN(bool yes, ev.condition(d["Condition"].get<std::string>()));
      if (!yes) continue;
    }
    TRY_ASSIGN(out[logical], ev.value(d.value("Properties", Json::object())));
  }
  return out;
}

}  // namespace relight::sandbox::cfn
