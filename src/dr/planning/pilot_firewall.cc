// Web ACLs of WAF and which load balancer has which. Rules are the same in every region but for what they name of one:
// IP sets, pattern sets and rule groups of one's own are not captured.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;
constexpr const char* kWithheldMatch = "(withheld)";

bool plain_text(const std::string& bytes) {
  return Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace).find("\xEF\xBF\xBD") == std::string::npos;
}

// Why a part of a rule cannot stand in another region's ACL; empty: it can.
std::string why_not_member(const std::string& name, const Json& value, const std::string& region) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSets{
      {{"IPSetReferenceStatement", "IP set"},
       {"RegexPatternSetReferenceStatement", "pattern set"},
       {"RuleGroupReferenceStatement", "rule group"}}};
  for (auto& [statement, what] : kSets)
    if (name == statement)
      return fmt::format("it names the {} {}, which lives in one region and is not captured: make its counterpart in {} "
                         "and add the rule by hand",
                         what, text_of(value, "ARN"), region);
  // Exactly one member is set in each of these: none is what this build's model has no name for.
  bool choice = name.ends_with("Statement") || name == "FieldToMatch" || name.ends_with("Action") || name == "ActionToUse";
  auto empty = [](const Json& j) { return j.is_object() && j.empty(); };
  if ((choice && empty(value)) || (name == "Statements" && std::ranges::any_of(value, empty)))
    return "this build's model of WAF does not know a part of it";
  if (name == "AggregateKeyType" && value != "IP" && value != "FORWARDED_IP")
    return "this build's model of WAF does not know how it counts requests";
  if (value == kWithheldMatch) return "what it looks for is withheld: add the rule by hand";
  if (name == "SearchString" && value.is_string()) {
    auto bytes = unbase64(value.get<std::string>());
    if (!bytes || !plain_text(*bytes)) return "what it looks for is no text, which Terraform cannot write";
  }
  return "";
}

std::string why_not_rule(const Json& j, const std::string& region) {
  if (j.is_object())
    for (auto& [name, value] : j.items())
      if (auto why = why_not_member(name, value, region); !why.empty()) return why;
  if (j.is_structured())
    for (auto& inner : j)
      if (auto why = why_not_rule(inner, region); !why.empty()) return why;
  return "";
}

// The API has a match's bytes in base64, CloudFormation by another name.
Json in_base64(const Json& j) {
  if (!j.is_structured()) return j;
  Json out = j.is_array() ? Json::array() : Json::object();
  for (auto& [name, value] : j.items())
    if (j.is_array())
      out.push_back(in_base64(value));
    else
      out[name == "SearchString" ? "SearchStringBase64" : name] = in_base64(value);
  return out;
}

Json rules_of_acl(PilotDraft& d, const Captured& c) {
  Json out = Json::array();
  for (auto& rule : c.properties->value("Rules", Json::array())) {
    if (auto why = why_not_rule(rule, d.policy().region); !why.empty())
      d.say(c.key(), "its rule " + text_of(rule, "Name"), why);
    else
      out.push_back(in_base64(rule));
  }
  return out;
}

// Labels name the ACL that they come from ("Web request labeling", AWS WAF Developer Guide), so it keeps its name.
void web_acl(PilotDraft& d, const Captured& c) {
  Json p = Json::object();
  take(p, *c.properties,
       "Name Description DefaultAction VisibilityConfig CustomResponseBodies CaptchaConfig ChallengeConfig "
       "TokenDomains");
  p["Scope"] = "REGIONAL";
  if (auto why = why_not_rule(p, d.policy().region); !why.empty()) {
    d.say(c.key(), "everything", "a header that it adds is withheld, or its default action is unknown: make the web ACL by hand");
    return d.abandon(c.key());
  }
  if (auto rules = rules_of_acl(d, c); !rules.empty()) p["Rules"] = std::move(rules);
  for (auto* groups : {"PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups"})
    if (!c.properties->value(groups, Json::array()).empty())
      d.say(c.key(), groups, "Firewall Manager adds its groups by a policy of its own");
  d.add({.id = d.logical("wafv2/web-acl", c.id()), .type = "AWS::WAFv2::WebACL", .from = c.key()}, std::move(p));
}

void association(PilotDraft& d, const Captured& balancer) {
  auto arn = text_of(*balancer.properties, "WebACL"), id = d.logical("wafv2/web-acl", arn);
  if (arn.empty()) return;
  if (id.empty())
    return d.say(balancer.key(), "its web ACL", arn + " has no counterpart, so nothing protects the pilot's load balancer");
  auto balancer_id = d.logical("elbv2/load-balancer", balancer.id());
  d.add({.id = balancer_id + "Firewall", .type = "AWS::WAFv2::WebACLAssociation", .from = balancer.key()},
        {{"ResourceArn", ref_to(balancer_id)}, {"WebACLArn", attribute_of(id, "Arn")}});
}

}  // namespace

void translate_firewall(PilotDraft& d) {
  for (auto& c : d.all("wafv2/web-acl")) web_acl(d, c);
  for (auto& c : d.all("elbv2/load-balancer")) association(d, c);
}

}  // namespace relight::dr
