#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/elbv2/page.h"
#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

constexpr size_t kRuleLimit = 100;      // "Rules per Application Load Balancer, not counting default rules"
constexpr size_t kConditionValues = 5;  // "Condition values per rule"

int rank(const elbv2::RuleRow& r) {
  return r.value.IsDefault.value_or(false) ? 1'000'000 : std::atoi(r.value.Priority->c_str());
}

bool good_cidr(const std::string& s) {
  size_t slash = s.find('/');
  if (slash == std::string::npos || slash + 1 >= s.size() || s.size() - slash > 4) return false;
  if (!std::all_of(s.begin() + static_cast<long>(slash) + 1, s.end(), isdigit)) return false;
  char raw[16];
  std::string ip = s.substr(0, slash);
  int bits = std::stoi(s.substr(slash + 1));
  return (inet_pton(AF_INET, ip.c_str(), raw) == 1 && bits <= 32) ||
         (inet_pton(AF_INET6, ip.c_str(), raw) == 1 && bits <= 128);
}

Result<> check_values(const std::string& field, const std::vector<std::string>& values) {
  if (values.empty()) return aws_error("ValidationError", "A condition value must be specified");
  for (auto& v : values) {
    if (v.empty() || v.size() > 128)
      return aws_error("ValidationError", "A condition value has between 1 and 128 characters");
    for (unsigned char c : v)
      if (c < 0x20 || c == 0x7f)
        return aws_error(
            "ValidationError",
            fmt::format("The condition value for '{}' contains a character that is not valid", field));
    if (field == "source-ip" && !good_cidr(v))
      return aws_error("ValidationError",
                       fmt::format("The value '{}' for the 'source-ip' condition must be a CIDR block", v));
    if (field == "http-request-method" &&
        !std::all_of(v.begin(), v.end(), [](unsigned char c) { return isupper(c) || c == '-' || c == '_'; }))
      return aws_error("ValidationError", fmt::format("The HTTP method '{}' must be upper case letters", v));
  }
  return {};
}

Result<> check_condition(const m::RuleCondition& c, size_t& count) {
  auto values = [&](const auto& config) -> Result<> {
    auto v = config && config->Values ? *config->Values : c.Values.value_or(std::vector<std::string>{});
    count += v.size();
    return check_values(*c.Field, v);
  };
  if (!c.Field) return aws_error("ValidationError", "A condition field must be specified");
  if (c.Field == "path-pattern") return values(c.PathPatternConfig);
  if (c.Field == "host-header") return values(c.HostHeaderConfig);
  if (c.Field == "http-request-method") return values(c.HttpRequestMethodConfig);
  if (c.Field == "source-ip") return values(c.SourceIpConfig);
  if (c.Field == "http-header") {
    std::string name = c.HttpHeaderConfig ? c.HttpHeaderConfig->HttpHeaderName.value_or("") : "";
    if (name.empty() || name.size() > 40 || !std::all_of(name.begin(), name.end(), [](unsigned char ch) {
          return isalnum(ch) || ch == '-' || ch == '_';
        }))
      return aws_error("ValidationError",
                       "An HTTP header name has between 1 and 40 letters, digits, '-' and '_'");
    return values(c.HttpHeaderConfig);
  }
  if (c.Field == "query-string") {
    std::vector<std::string> all;
    if (c.QueryStringConfig && c.QueryStringConfig->Values)
      for (auto& kv : *c.QueryStringConfig->Values) {
        all.push_back(kv.Value.value_or(""));
        if (kv.Key) all.push_back(*kv.Key);
        ++count;
      }
    return check_values(*c.Field, all);
  }
  return aws_error(
      "ValidationError",
      fmt::format("Condition field '{}' must be one of '[path-pattern, host-header, http-header, "
                  "http-request-method, query-string, source-ip]'",
                  *c.Field));
}

// Also writes plain values into the field's own configuration and back, as AWS shows both.
Result<std::vector<m::RuleCondition>> checked_conditions(std::vector<m::RuleCondition> in) {
  size_t count = 0;
  if (in.empty()) return aws_error("ValidationError", "At least one condition must be specified");
  for (auto& c : in) {
    TRY(check_condition(c, count));
    if (c.Field == "path-pattern" && !c.PathPatternConfig)
      c.PathPatternConfig = m::PathPatternConditionConfig{.Values = c.Values};
    if (c.Field == "host-header" && !c.HostHeaderConfig)
      c.HostHeaderConfig = m::HostHeaderConditionConfig{.Values = c.Values};
    if (c.Field == "path-pattern") c.Values = c.PathPatternConfig->Values;
    if (c.Field == "host-header") c.Values = c.HostHeaderConfig->Values;
  }
  if (count > kConditionValues)
    return aws_error("TooManyTargets", "A rule has at most five condition values");
  return in;
}

}  // namespace

Result<elbv2::RuleRow*> Elbv2Service::rule(const std::string& region, const std::string& arn) {
  if (arn.find(":listener-rule/") == std::string::npos)
    return aws_error("ValidationError", fmt::format("'{}' is not a valid listener rule ARN", arn));
  if (auto* r = rules_.find(region, arn)) return r;
  return aws_error("RuleNotFound", "One or more rules not found");
}

std::vector<elbv2::RuleRow*> Elbv2Service::rules_of(const std::string& region,
                                                    const std::string& listener_arn) {
  std::vector<elbv2::RuleRow*> out;
  for (auto& [arn, r] : rules_.in(region))
    if (r.extra["listener"] == listener_arn) out.push_back(&r);
  std::sort(out.begin(), out.end(), [](auto* a, auto* b) { return rank(*a) < rank(*b); });
  return out;
}

Result<m::CreateRuleOutput> Elbv2Service::create(const Call& c, const m::CreateRuleInput& in) {
  TRY_ASSIGN(auto* l, listener(c.region, *in.ListenerArn));
  std::string lb = *l->value.LoadBalancerArn;
  auto rules = rules_of(c.region, *in.ListenerArn);
  for (auto* r : rules)
    if (r->value.Priority == std::to_string(*in.Priority))
      return aws_error("PriorityInUse", fmt::format("Priority '{}' is currently in use", *in.Priority));
  if (rules.size() > kRuleLimit)
    return aws_error("TooManyRules", "The maximum number of rules has been reached");
  TRY_ASSIGN(auto conditions, checked_conditions(*in.Conditions));
  TRY_ASSIGN(Actions actions, checked(c.region, lb, *in.Actions));
  std::string base = in.ListenerArn->substr(in.ListenerArn->find("/app/"));
  elbv2::RuleRow row{.value = {.RuleArn = fmt::format("arn:aws:elasticloadbalancing:{}:{}:listener-rule{}/{}",
                                                      c.region, world_.account(), base, world_.rng.hex(16)),
                               .Priority = std::to_string(*in.Priority),
                               .Conditions = conditions,
                               .Actions = actions,
                               .IsDefault = false}};
  row.extra["listener"] = *in.ListenerArn;
  for (auto& t : in.Tags.value_or(std::vector<m::Tag>{})) row.tags[*t.Key] = t.Value.value_or("");
  with_use(c.region, lb, [&] { rules_.put(c.region, *row.value.RuleArn, row); });
  return m::CreateRuleOutput{.Rules = {{row.value}}};
}

Result<m::ModifyRuleOutput> Elbv2Service::modify(const Call& c, const m::ModifyRuleInput& in) {
  TRY_ASSIGN(auto* row, rule(c.region, *in.RuleArn));
  if (row->value.IsDefault.value_or(false))
    return aws_error("OperationNotPermitted", "Default rule '" + *in.RuleArn + "' cannot be modified");
  std::string lb = *listeners_.find(c.region, row->extra["listener"])->value.LoadBalancerArn;
  m::Rule r = row->value;
  if (in.Conditions) {
    TRY_ASSIGN(r.Conditions, checked_conditions(*in.Conditions));
  }
  if (in.Actions) {
    TRY_ASSIGN(r.Actions, checked(c.region, lb, *in.Actions));
  }
  with_use(c.region, lb, [&] {
    row->value = r;
    rules_.save(c.region, *in.RuleArn, *row);
  });
  return m::ModifyRuleOutput{.Rules = {{r}}};
}

Result<m::SetRulePrioritiesOutput> Elbv2Service::prioritise(const Call& c,
                                                            const m::SetRulePrioritiesInput& in) {
  std::map<std::string, std::string> next;  // ARN -> priority
  std::string listener_arn;
  for (auto& p : *in.RulePriorities) {
    TRY_ASSIGN(auto* row, rule(c.region, p.RuleArn.value_or("")));
    if (row->value.IsDefault.value_or(false))
      return aws_error("OperationNotPermitted", "The priority of the default rule cannot be set");
    listener_arn = row->extra["listener"];
    next[*p.RuleArn] = std::to_string(p.Priority.value_or(1));
  }
  std::set<std::string> taken;
  for (auto* r : rules_of(c.region, listener_arn)) {
    auto it = next.find(*r->value.RuleArn);
    std::string priority = it == next.end() ? *r->value.Priority : it->second;
    if (!taken.insert(priority).second)
      return aws_error("PriorityInUse", fmt::format("Priority '{}' is currently in use", priority));
  }
  m::SetRulePrioritiesOutput out;
  for (auto& [arn, priority] : next) {
    auto* row = rules_.find(c.region, arn);
    row->value.Priority = priority;
    rules_.save(c.region, arn, *row);
    if (!out.Rules) out.Rules.emplace();
    out.Rules->push_back(row->value);
  }
  if (auto* l = listeners_.find(c.region, listener_arn)) refresh(c.region, *l->value.LoadBalancerArn);
  return out;
}

Result<m::DescribeRulesOutput> Elbv2Service::describe(const Call& c, const m::DescribeRulesInput& in) {
  if (!in.ListenerArn && !in.RuleArns)
    return aws_error("ValidationError", "You must specify either listener rule ARNs or a listener ARN");
  std::vector<m::Rule> all;
  for (auto& arn : in.RuleArns.value_or(std::vector<std::string>{})) {
    TRY_ASSIGN(auto* row, rule(c.region, arn));
    all.push_back(row->value);
  }
  if (!in.RuleArns) {
    TRY(listener(c.region, *in.ListenerArn));
    for (auto* r : rules_of(c.region, *in.ListenerArn)) all.push_back(r->value);
  }
  m::DescribeRulesOutput out;
  TRY(page(
      all, in.Marker, in.PageSize, [](auto& r) { return *r.RuleArn; }, out.Rules, out.NextMarker));
  return out;
}

void Elbv2Service::rule_operations() {
  on<m::op::CreateRule>([this](auto& c, auto& in) { return create(c, in); });
  on<m::op::ModifyRule>([this](auto& c, auto& in) { return modify(c, in); });
  on<m::op::SetRulePriorities>([this](auto& c, auto& in) { return prioritise(c, in); });
  on<m::op::DescribeRules>([this](auto& c, auto& in) { return describe(c, in); });
  on<m::op::DeleteRule>([this](const Call& c, const m::DeleteRuleInput& in) -> Result<m::DeleteRuleOutput> {
    TRY_ASSIGN(auto* row, rule(c.region, *in.RuleArn));
    if (row->value.IsDefault.value_or(false))
      return aws_error("OperationNotPermitted", "Default rule '" + *in.RuleArn + "' cannot be deleted");
    std::string lb = *listeners_.find(c.region, row->extra["listener"])->value.LoadBalancerArn;
    with_use(c.region, lb, [&] { rules_.erase(c.region, *in.RuleArn); });
    return m::DeleteRuleOutput{};
  });
}

}  // namespace relight::sandbox
