#include "sandbox/services/iam/resource_policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relight::sandbox {
namespace {

using GrantJson = nlohmann::json;

bool grant_names(const GrantJson& who, std::string_view name) {
  if (who.is_string()) return who.get<std::string>() == name;
  return who.is_array() && std::any_of(who.begin(), who.end(), [&](auto& one) {
           return one.is_string() && one.template get<std::string>() == name;
         });
}

bool speaks_of_service(const GrantJson& principal, std::string_view service) {
  if (principal.is_string()) return principal == "*";
  if (!principal.is_object()) return false;
  return (principal.contains("Service") && grant_names(principal["Service"], service)) ||
         (principal.contains("AWS") && grant_names(principal["AWS"], "*"));
}

// NotPrincipal: everybody else is denied; with Allow it is not understood, and allows nothing.
bool concerns_service(const GrantJson& statement, std::string_view service) {
  if (!statement.is_object()) return false;
  if (statement.contains("NotPrincipal"))
    return statement.value("Effect", "") == "Deny" && !speaks_of_service(statement["NotPrincipal"], service);
  return statement.contains("Principal") && speaks_of_service(statement["Principal"], service);
}

}  // namespace

bool lets_service(const std::string& policy, std::string_view service, const Ask& ask) {
  auto j = GrantJson::parse(policy, nullptr, false);
  if (!j.is_object() || !j.contains("Statement")) return false;
  auto statements = j["Statement"].is_array() ? j["Statement"] : GrantJson::array({j["Statement"]});
  auto kept = GrantJson::array();
  for (auto& s : statements)
    if (concerns_service(s, service)) kept.push_back(s);
  return judge({GrantJson{{"Statement", kept}}.dump()}, ask) == Answer::kAllowed;
}

}  // namespace relight::sandbox
