// What WAF accepts of a web ACL's rules ("Rule statements list", "Nestable rule statements", AWS WAF Developer Guide; the
// wordings of refusals are ours where nothing else is said).
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "aws/codec/codec.h"
#include "sandbox/services/wafv2/service.h"

namespace relight::sandbox::waf {
namespace {
using RuleJson = nlohmann::json;

// "AWS Managed Rules rule groups list", with their capacity units.
struct ManagedGroup {
  std::string_view name;
  int64_t units;
};
constexpr std::array kManagedGroups{
    ManagedGroup{"AWSManagedRulesCommonRuleSet", 700},
    ManagedGroup{"AWSManagedRulesAdminProtectionRuleSet", 100},
    ManagedGroup{"AWSManagedRulesKnownBadInputsRuleSet", 200},
    ManagedGroup{"AWSManagedRulesSQLiRuleSet", 200},
    ManagedGroup{"AWSManagedRulesLinuxRuleSet", 200},
    ManagedGroup{"AWSManagedRulesUnixRuleSet", 100},
    ManagedGroup{"AWSManagedRulesWindowsRuleSet", 200},
    ManagedGroup{"AWSManagedRulesPHPRuleSet", 100},
    ManagedGroup{"AWSManagedRulesWordPressRuleSet", 100},
    ManagedGroup{"AWSManagedRulesAmazonIpReputationList", 25},
    ManagedGroup{"AWSManagedRulesAnonymousIpList", 50},
    ManagedGroup{"AWSManagedRulesATPRuleSet", 50},
    ManagedGroup{"AWSManagedRulesBotControlRuleSet", 50}};
constexpr int64_t kMostUnits = 5000;  // "AWS WAF quotas", of a web ACL

std::string only_member(const RuleJson& j) {
  return j.is_object() && j.size() == 1 ? j.begin().key() : std::string();
}

Result<> check_statement(const RuleJson& s, bool nested);

Result<> check_list(const RuleJson& logic) {
  const RuleJson all = logic.value("Statements", RuleJson::array());
  if (all.size() < 2) return invalid("A logical statement combines two statements at least", "STATEMENT");
  for (auto& s : all) TRY(check_statement(s, true));
  return {};
}

Result<> check_managed(const RuleJson& group, bool nested) {
  if (nested) return invalid("You can't nest a rule group inside another statement", "STATEMENT");
  auto known = std::ranges::find(kManagedGroups, group.value("Name", ""), &ManagedGroup::name);
  if (group.value("VendorName", "") != "AWS" || known == kManagedGroups.end()) return not_there();
  return group.contains("ScopeDownStatement") ? check_statement(group["ScopeDownStatement"], true) : Result<>{};
}

Result<> check_rate(const RuleJson& rate, bool nested) {
  if (nested) return invalid("You can't nest a rate-based statement inside another statement", "STATEMENT");
  if (rate.value("AggregateKeyType", "") == "FORWARDED_IP" && !rate.contains("ForwardedIPConfig"))
    return invalid("FORWARDED_IP wants a ForwardedIPConfig", "RATE_BASED_STATEMENT");
  return rate.contains("ScopeDownStatement") ? check_statement(rate["ScopeDownStatement"], true) : Result<>{};
}

Result<> check_statement(const RuleJson& s, bool nested) {
  std::string kind = only_member(s);
  if (kind.empty())
    return invalid("A statement has exactly one type", "STATEMENT");
  const RuleJson& inner = s.begin().value();
  if (kind == "AndStatement" || kind == "OrStatement") return check_list(inner);
  if (kind == "NotStatement") return check_statement(inner.value("Statement", RuleJson::object()), true);
  if (kind == "ManagedRuleGroupStatement") return check_managed(inner, nested);
  if (kind == "RateBasedStatement") return check_rate(inner, nested);
  // None of these can be made here.
  if (kind.ends_with("ReferenceStatement")) return not_there();
  if (inner.contains("FieldToMatch") && only_member(inner["FieldToMatch"]).empty())
    return invalid("You must specify exactly one field to match", "FIELD_TO_MATCH");
  return {};
}

Result<> check_rule(const RuleJson& r) {
  const RuleJson statement = r.value("Statement", RuleJson::object());
  bool group = statement.contains("ManagedRuleGroupStatement");
  // "Rule": Action for all but rule group references, OverrideAction for these alone.
  const char *wanted = group ? "OverrideAction" : "Action", *other = group ? "Action" : "OverrideAction";
  if (r.contains(other) || !r.contains(wanted) || only_member(r[wanted]).empty())
    return invalid("Your statement has multiple values set for a field that requires exactly one value, or no "
                   "action that fits it",
                   "RULE_ACTION");
  return check_statement(statement, false);
}

int64_t units_of(const RuleJson& r) {
  const RuleJson statement = r.value("Statement", RuleJson::object());
  if (!statement.contains("ManagedRuleGroupStatement")) return 1;
  return std::ranges::find(kManagedGroups, statement["ManagedRuleGroupStatement"].value("Name", ""),
                           &ManagedGroup::name)
      ->units;
}

}  // namespace

Result<int64_t> check_acl(const std::optional<api::DefaultAction>& action,
                          const std::optional<std::vector<api::Rule>>& rules) {
  if (!action || action->Allow.has_value() == action->Block.has_value())
    return invalid("You must specify exactly one default action", "DEFAULT_ACTION");
  std::set<std::string> names;
  std::set<int64_t> priorities;
  int64_t units = 0;
  for (auto& rule : rules.value_or(std::vector<api::Rule>{})) {
    RuleJson r = RuleJson::parse(aws::codec::to_json(*shape_of(&rule), &rule), nullptr, false);
    TRY(check_rule(r));
    if (!names.insert(*rule.Name).second || !priorities.insert(*rule.Priority).second)
      return aws_error("WAFDuplicateItemException",
                       "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate "
                       "of an existing one.");  // that it is this error is unverified
    units += units_of(r);
  }
  if (units > kMostUnits)
    return aws_error("WAFLimitsExceededException",
                     "AWS WAF couldn’t perform the operation because you exceeded your resource limit.");
  return units;
}

}  // namespace relight::sandbox::waf
