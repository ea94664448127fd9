#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/engine.h"

namespace relight::sandbox::cfn {
namespace {

std::string plain_value(const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

// The words are CloudFormation's ("Parameters section": AllowedPattern … ConstraintDescription).
std::string number_fault(const Json& d, const std::string& v) {
  char* end = nullptr;
  double n = std::strtod(v.c_str(), &end);
  if (v.empty() || *end) return "must be a number.";
  if (d.contains("MinValue") && n < std::strtod(as_text(d["MinValue"]).c_str(), nullptr)) return "must be a number not less than " + as_text(d["MinValue"]);
  if (d.contains("MaxValue") && n > std::strtod(as_text(d["MaxValue"]).c_str(), nullptr)) return "must be a number not greater than " + as_text(d["MaxValue"]);
  return "";
}

std::string fault(const Json& d, const std::string& v) {
  if (v.size() > 4096) return "must contain at most 4096 characters";
  if (d.contains("AllowedValues")) {
    bool found = false;
    for (auto& a : d["AllowedValues"]) found = found || as_text(a) == v;
    if (!found) return "must be one of AllowedValues";
  }
  if (d.value("Type", "") == "Number")
    if (std::string n = number_fault(d, v); !n.empty()) return n;
  if (d.contains("MinLength") && v.size() < std::strtoul(as_text(d["MinLength"]).c_str(), nullptr, 10)) return fmt::format("must contain at least {} characters", as_text(d["MinLength"]));
  if (d.contains("MaxLength") && v.size() > std::strtoul(as_text(d["MaxLength"]).c_str(), nullptr, 10)) return fmt::format("must contain at most {} characters", as_text(d["MaxLength"]));
  if (!d.contains("AllowedPattern")) return "";
  try {
    return std::regex_match(v, std::regex(as_text(d["AllowedPattern"]))) ? "" : "must match pattern " + as_text(d["AllowedPattern"]);
  } catch (const std::regex_error&) {
    return "has an AllowedPattern that is not a regular expression";
  }
}

Result<> fits(const std::string& name, const Json& d, const std::string& v) {
  std::string why = fault(d, v);
  if (why.empty()) return {};
  if (d.contains("ConstraintDescription"))
    return aws_error("ValidationError", fmt::format("Parameter {} failed to satisfy constraint: {}", name, as_text(d["ConstraintDescription"])), 400);
  return aws_error("ValidationError", fmt::format("Parameter '{}' {}", name, why), 400);
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
      out[name] = plain_value(d["Default"]);
    } else {
      missing += (missing.empty() ? "" : ", ") + name;
      continue;
    }
    TRY(fits(name, d, plain_value(out[name])));
  }
  if (!missing.empty()) return aws_error("ValidationError", fmt::format("Parameters: [{}] must have values", missing), 400);
  return out;
}

Result<std::map<std::string, Json>> Engine::resolve(const std::string& region, const Stack& s, const Json& tmpl, const Target& t) {
  Scope sc = scope(region, s, tmpl, t, true);
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
