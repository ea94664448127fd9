#include "sandbox/services/s3/policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/wildcard.h"

namespace relight::sandbox::s3 {
using nlohmann::json;
namespace {

std::unexpected<Error> malformed(std::string_view why) {
  Error e;
  e.code = "MalformedPolicy";
  e.message = why;
  e.http_status = 400;
  return fail(std::move(e));
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// A string or a list of strings.
bool strings(const json& v, std::vector<std::string>& out) {
  if (v.is_string()) out.push_back(v.get<std::string>());
  if (v.is_string()) return true;
  if (!v.is_array()) return false;
  for (auto& e : v) {
    if (!e.is_string()) return false;
    out.push_back(e.get<std::string>());
  }
  return !out.empty();
}

}  // namespace

// aws:PrincipalArn: the role's, not its session's ("AWS global condition context keys", IAM User Guide).
static std::string principal_arn(const std::string& who) {
  constexpr std::string_view kSession = ":assumed-role/";
  auto at = who.find(kSession);
  if (!who.starts_with("arn:aws:sts::") || at == who.npos) return who;
  auto role = who.substr(at + kSession.size());
  return "arn:aws:iam::" + who.substr(13, at - 13) + ":role/" + role.substr(0, role.find('/'));
}

struct PolicyReader {
  const std::string& bucket;

  Result<> principal(const json& v, Policy::Statement& s) {
    if (v.is_string() && v == "*") {
      s.everybody = true;
      return {};
    }
    if (!v.is_object()) return malformed("Invalid principal in policy");
    for (auto& [kind, who] : v.items()) {
      std::vector<std::string> names;
      if (!strings(who, names)) return malformed("Invalid principal in policy");
      for (auto& n : names) {
        if (kind == "AWS" && n == "*")
          s.everybody = true;
        else if (kind == "AWS")
          s.principals.push_back(std::move(n));
      }
    }
    return {};
  }

  // The sandbox's loopback stands for TLS: aws:SecureTransport is true here.
  void conditions(const json& v, Policy::Statement& s) {
    s.conditional = !v.empty();
    for (auto& [op, keys] : v.items()) {
      for (auto& [key, wanted] : keys.items()) {
        std::vector<std::string> values;
        if (lower(op) == "arnnotlike" && lower(key) == "aws:principalarn" && strings(wanted, values)) {
          s.spared = std::move(values);
          continue;
        }
        bool transport =
            lower(op) == "bool" && lower(key) == "aws:securetransport" && strings(wanted, values);
        if (!transport)
          s.conditions_known = false;
        else if (values.front() != "true")
          s.conditions_hold = false;
      }
    }
  }

  Result<> resources(const std::vector<std::string>& names) {
    std::string arn = "arn:aws:s3:::" + bucket;
    for (auto& r : names) {
      std::string_view head = std::string_view(r).substr(0, r.find('/'));
      if (r != "*" && !wildcard_match(head, arn)) return malformed("Policy has invalid resource");
    }
    return {};
  }

  Result<Policy::Statement> statement(const json& v) {
    Policy::Statement s;
    if (!v.is_object()) return malformed("Policy statements must be objects");
    std::string effect = v.value("Effect", json("")).is_string() ? v.value("Effect", "") : "";
    if (effect != "Allow" && effect != "Deny") return malformed("Invalid effect in policy");
    s.allow = effect == "Allow";
    s.not_principal = v.contains("NotPrincipal");
    s.not_action = v.contains("NotAction");
    s.not_resource = v.contains("NotResource");
    if (!s.not_principal && !v.contains("Principal")) return malformed("Missing required field Principal");
    if (!s.not_action && !v.contains("Action")) return malformed("Missing required field Action");
    if (!s.not_resource && !v.contains("Resource")) return malformed("Missing required field Resource");
    TRY(principal(v[s.not_principal ? "NotPrincipal" : "Principal"], s));
    if (!strings(v[s.not_action ? "NotAction" : "Action"], s.actions))
      return malformed("Policy has invalid action");
    if (!strings(v[s.not_resource ? "NotResource" : "Resource"], s.resources))
      return malformed("Policy has invalid resource");
    if (!s.not_resource) TRY(resources(s.resources));
    if (v.contains("Condition")) {
      if (!v["Condition"].is_object()) return malformed("Invalid condition in policy");
      for (auto& [op, keys] : v["Condition"].items())
        if (!keys.is_object()) return malformed("Invalid condition in policy");
      conditions(v["Condition"], s);
    }
    return s;
  }
};

Result<Policy> Policy::parse(const std::string& text, const std::string& bucket) {
  if (text.size() > 20 * 1024) return malformed("Policies must be no more than 20 KB");
  json v = json::parse(text, nullptr, false);
  if (v.is_discarded() || !v.is_object()) return malformed("This policy contains invalid Json");
  if (!v.contains("Statement")) return malformed("Missing required field Statement");
  if (v.contains("Version") && v["Version"] != "2012-10-17" && v["Version"] != "2008-10-17")
    return malformed("The policy must contain a valid version string");
  Policy p;
  PolicyReader reader{bucket};
  json list = v["Statement"].is_array() ? v["Statement"] : json::array({v["Statement"]});
  for (auto& s : list) {
    TRY_ASSIGN(Statement read, reader.statement(s));
    p.statements_.push_back(std::move(read));
  }
  return p;
}

bool Policy::applies(const Statement& s, const Access& a) {
  auto matches = [](const std::vector<std::string>& patterns, std::string_view text) {
    return std::ranges::any_of(patterns, [&](auto& p) { return wildcard_match(p, text); });
  };
  bool named = s.everybody;
  if (a.principal != "anonymous") {
    for (auto& p : s.principals)
      named = named || p == a.principal || p == a.account || p == "arn:aws:iam::" + a.account + ":root";
  }
  if (named == s.not_principal) return false;
  std::vector<std::string> actions;
  for (auto& x : s.actions) actions.push_back(lower(x));
  if (matches(actions, lower(a.action)) == s.not_action) return false;
  if (matches(s.resources, a.resource) == s.not_resource) return false;
  if (!s.conditional) return true;
  if (matches(s.spared, principal_arn(a.principal))) return false;
  return s.conditions_known ? s.conditions_hold : !s.allow;
}

Verdict Policy::judge(const Access& a) const {
  Verdict v = Verdict::kSilent;
  for (auto& s : statements_) {
    if (!applies(s, a)) continue;
    if (!s.allow) return Verdict::kDeny;
    v = Verdict::kAllow;
  }
  return v;
}

bool Policy::is_public() const {
  return std::ranges::any_of(statements_, [](auto& s) {
    return s.allow && (s.everybody || s.not_principal) && (!s.conditional || s.conditions_known);
  });
}

}  // namespace relight::sandbox::s3
