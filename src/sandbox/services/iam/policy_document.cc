#include "sandbox/services/iam/policy_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "sandbox/gateway/service.h"

namespace relight::sandbox {
namespace {

using nlohmann::json;

std::unexpected<Error> malformed(std::string_view why) { return aws_error("MalformedPolicyDocument", why); }

std::vector<std::string> words(const json& j) {
  std::vector<std::string> out;
  if (j.is_string()) out.push_back(j);
  if (j.is_array())
    for (auto& e : j)
      if (e.is_string()) out.push_back(e);
  return out;
}

bool texts_only(const json& j) {
  if (j.is_string()) return true;
  return j.is_array() && std::all_of(j.begin(), j.end(), [](auto& e) { return e.is_string(); });
}

Result<> check_action(const json& s) {
  if (s.contains("Action") == s.contains("NotAction"))
    return malformed("Policy statement must contain actions.");
  const json& actions = s.contains("Action") ? s["Action"] : s["NotAction"];
  if (!texts_only(actions) || words(actions).empty())
    return malformed("Policy statement must contain actions.");
  for (auto& a : words(actions))
    if (a != "*" && a.find(':') == std::string::npos)
      return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  return {};
}

Result<> check_resource(const json& s) {
  if (s.contains("Resource") == s.contains("NotResource"))
    return malformed("Policy statement must contain resources.");
  const json& r = s.contains("Resource") ? s["Resource"] : s["NotResource"];
  if (!texts_only(r) || words(r).empty()) return malformed("Policy statement must contain resources.");
  for (auto& w : words(r))
    if (w != "*" && !w.starts_with("arn:"))
      return malformed(fmt::format("Resource {} must be in ARN format or \"*\".", w.substr(0, 200)));
  return {};
}

Result<> check_statement(const json& s, PolicyKind kind) {
  static constexpr std::string_view kKnown[] = {"Sid",       "Effect",    "Action",
                                                "NotAction", "Resource",  "NotResource",
                                                "Condition", "Principal", "NotPrincipal"};
  if (!s.is_object()) return malformed("Syntax errors in policy.");
  for (auto& [key, value] : s.items())
    if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
      return malformed("Syntax errors in policy.");
  if (!s.contains("Effect") || (s["Effect"] != "Allow" && s["Effect"] != "Deny"))
    return malformed("Syntax errors in policy.");
  TRY(check_action(s));
  bool principal = s.contains("Principal") || s.contains("NotPrincipal");
  if (kind == PolicyKind::kIdentity) {
    if (principal) return malformed("Policy document should not specify a principal.");
    return check_resource(s);
  }
  if (s.contains("Resource") || s.contains("NotResource")) return malformed("Has prohibited field Resource");
  if (!principal) return malformed("Missing required field Principal");
  for (auto& a : words(s.value("Action", json::array())))
    if (!a.starts_with("sts:"))
      return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
  return {};
}

}  // namespace

Result<> check_policy(std::string_view document, PolicyKind kind, size_t limit) {
  size_t bytes = static_cast<size_t>(std::count_if(document.begin(), document.end(), [](char c) {
    return c != ' ' && c != '\n' && c != '\r' && c != '\t';
  }));
  if (bytes > limit)
    return aws_error("LimitExceeded", fmt::format("Cannot exceed quota for PolicySize: {}", limit));
  if (document.size() > 131072) return malformed("The policy is too long.");
  auto depth_guard = [](int depth, json::parse_event_t, json&) { return depth < 32; };
  json j = json::parse(document, depth_guard, false);
  if (j.is_discarded()) return malformed("This policy contains invalid Json");
  if (!j.is_object()) return malformed("Syntax errors in policy.");
  for (auto& [key, value] : j.items())
    if (key != "Version" && key != "Id" && key != "Statement") return malformed("Syntax errors in policy.");
  if (j.contains("Version") && j["Version"] != "2012-10-17" && j["Version"] != "2008-10-17")
    return malformed("The policy must contain a valid version string");
  if (!j.contains("Statement")) return malformed("Syntax errors in policy.");
  const json& s = j["Statement"];
  if (s.is_object()) return check_statement(s, kind);
  if (!s.is_array() || s.empty()) return malformed("Syntax errors in policy.");
  for (auto& one : s) TRY(check_statement(one, kind));
  return {};
}

bool trusts(std::string_view document, std::string_view arn, std::string_view account) {
  json j = json::parse(document, nullptr, false);
  if (!j.is_object()) return false;
  json statements = j["Statement"].is_array() ? j["Statement"] : json::array({j["Statement"]});
  bool allowed = false;
  for (auto& s : statements) {
    if (!s.is_object() || !s.contains("Principal")) continue;
    auto actions = words(s.value("Action", json::array()));
    bool assume = std::any_of(actions.begin(), actions.end(),
                              [](auto& a) { return a == "sts:AssumeRole" || a == "sts:*" || a == "*"; });
    const json& p = s["Principal"];
    auto who = p.is_object() ? words(p.value("AWS", json::array())) : words(p);
    bool us = std::any_of(who.begin(), who.end(), [&](auto& w) {
      return w == "*" || w == account || w == arn || w == fmt::format("arn:aws:iam::{}:root", account);
    });
    if (!assume || !us) continue;
    if (s.value("Effect", "") == "Deny") return false;
    if (!s.contains("Condition")) allowed = true;
  }
  return allowed;
}

}  // namespace relight::sandbox
