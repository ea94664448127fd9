// Authorising and revoking: the operations over rules.
#include <fmt/format.h>

#include <set>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/group_rules.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kRulesPerDirection = 60;  // "Amazon VPC quotas"

FilterValues rule_filter(const ec2::SecurityGroupRule& r, std::string_view name) {
  if (name == "group-id") return {{text_of(r.GroupId)}};
  if (name == "security-group-rule-id") return {{text_of(r.SecurityGroupRuleId)}};
  return std::nullopt;
}

// Older clients put one permission's fields beside the list.
template <class In>
std::vector<ec2::IpPermission> permissions_in(const In& in) {
  auto out = in.IpPermissions.value_or(std::vector<ec2::IpPermission>{});
  if (in.IpProtocol) {
    ec2::IpPermission p{.FromPort = in.FromPort, .IpProtocol = in.IpProtocol, .ToPort = in.ToPort};
    if (in.CidrIp) p.IpRanges = {{.CidrIp = in.CidrIp}};
    out.push_back(p);
  }
  return out;
}

}  // namespace

void Ec2Service::add_rule(const std::string& region, ec2::SecurityGroupRule rule) {
  rule.SecurityGroupRuleId = new_id("sgr");
  rule.GroupOwnerId = world_.account();
  std::string id = *rule.SecurityGroupRuleId;
  rules_.put(region, id, std::move(rule));
}

template <class In>
Result<std::string> Ec2Service::group_named(const Call& c, const In& in) {
  if (in.GroupId) {
    TRY_ASSIGN(auto* g, group(c, in.GroupId));
    return *g->GroupId;
  }
  if constexpr (requires { in.GroupName; })
    for (auto& [id, g] : groups_.in(c.region)) {
      auto* v = vpcs_.find(c.region, text_of(g.VpcId));
      if (in.GroupName && g.GroupName == in.GroupName && v && v->IsDefault.value_or(false)) return id;
    }
  return aws_error("MissingParameter", "The request must contain the parameter groupName or groupId");
}

template <class In>
Result<std::vector<ec2::SecurityGroupRule>> Ec2Service::authorize(const Call& c, const In& in, bool egress) {
  TRY_ASSIGN(std::string id, group_named(c, in));
  TRY_ASSIGN(auto wanted, rules_from(permissions_in(in), id, egress, world_.account()));
  if (wanted.empty())
    return aws_error("MissingParameter", "The request must contain the parameter ipPermissions");
  size_t there = 0;
  for (auto& [k, r] : rules_.in(c.region)) there += r.GroupId == id && r.IsEgress == egress;
  if (there + wanted.size() > kRulesPerDirection)
    return aws_error("RulesPerSecurityGroupLimitExceeded",
                     "The maximum number of rules per security group has been reached.");
  for (size_t i = 0; i < wanted.size(); ++i) {
    auto& w = wanted[i];
    if (w.ReferencedGroupInfo) TRY(group(c, w.ReferencedGroupInfo->GroupId));
    bool twice = std::any_of(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(i),
                             [&](auto& o) { return same_rule(o, w); });
    for (auto& [k, r] : rules_.in(c.region)) twice = twice || same_rule(r, w);
    if (twice)
      return aws_error("InvalidPermission.Duplicate",
                       fmt::format("the specified rule \"{}\" already exists", rule_text(w)));
  }
  TRY_ASSIGN(auto tags, tags_for("security-group-rule", in.TagSpecifications));
  for (auto& w : wanted) {
    w.SecurityGroupRuleId = new_id("sgr");
    w.Tags = tags;
    rules_.put(c.region, *w.SecurityGroupRuleId, w);
  }
  return wanted;
}

template <class In>
Result<> Ec2Service::revoke(const Call& c, const In& in, bool egress) {
  TRY_ASSIGN(std::string id, group_named(c, in));
  std::set<std::string> gone;
  for (auto& rule_id : in.SecurityGroupRuleIds.value_or(std::vector<std::string>{})) {
    auto* r = rules_.find(c.region, rule_id);
    if (!r || r->GroupId != id || r->IsEgress != egress)
      return aws_error("InvalidSecurityGroupRuleId.NotFound",
                       fmt::format("The security group rule ID '{}' does not exist", rule_id));
    gone.insert(rule_id);
  }
  TRY_ASSIGN(auto named_rules, rules_from(permissions_in(in), id, egress, world_.account()));
  for (auto& n : named_rules) {
    size_t before = gone.size();
    for (auto& [k, r] : rules_.in(c.region))
      if (same_rule(r, n)) gone.insert(k);
    if (gone.size() == before)
      return aws_error("InvalidPermission.NotFound",
                       "The specified rule does not exist in this security group.");
  }
  if (gone.empty())
    return aws_error("MissingParameter", "The request must contain the parameter ipPermissions");
  for (auto& k : gone) rules_.erase(c.region, k);
  return {};
}

void Ec2Service::add_group_rules() {
  serve<op::AuthorizeSecurityGroupIngress>(
      [this](const Call& c, const ec2::AuthorizeSecurityGroupIngressRequest& in)
          -> Result<ec2::AuthorizeSecurityGroupIngressResult> {
        TRY_ASSIGN(auto rules, authorize(c, in, false));
        return ec2::AuthorizeSecurityGroupIngressResult{.Return = true, .SecurityGroupRules = rules};
      });
  serve<op::AuthorizeSecurityGroupEgress>(
      [this](const Call& c, const ec2::AuthorizeSecurityGroupEgressRequest& in)
          -> Result<ec2::AuthorizeSecurityGroupEgressResult> {
        TRY_ASSIGN(auto rules, authorize(c, in, true));
        return ec2::AuthorizeSecurityGroupEgressResult{.Return = true, .SecurityGroupRules = rules};
      });
  serve<op::RevokeSecurityGroupIngress>(
      [this](
          const Call& c,
          const ec2::RevokeSecurityGroupIngressRequest& in) -> Result<ec2::RevokeSecurityGroupIngressResult> {
        TRY(revoke(c, in, false));
        return ec2::RevokeSecurityGroupIngressResult{.Return = true};
      });
  serve<op::RevokeSecurityGroupEgress>([this](const Call& c, const ec2::RevokeSecurityGroupEgressRequest& in)
                                           -> Result<ec2::RevokeSecurityGroupEgressResult> {
    TRY(revoke(c, in, true));
    return ec2::RevokeSecurityGroupEgressResult{.Return = true};
  });
  serve<op::DescribeSecurityGroupRules>([this](const Call& c,
                                               const ec2::DescribeSecurityGroupRulesRequest& in)
                                            -> Result<ec2::DescribeSecurityGroupRulesResult> {
    auto all = rows_of(rules_, c.region);
    TRY(keep_ids(all, in.SecurityGroupRuleIds, &ec2::SecurityGroupRule::SecurityGroupRuleId,
                 "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '{}' does not exist"));
    ec2::DescribeSecurityGroupRulesResult out;
    TRY_ASSIGN(all, filtered<ec2::SecurityGroupRule>(std::move(all), in.Filters, rule_filter));
    TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
    out.SecurityGroupRules = std::move(all);
    return out;
  });
}

}  // namespace relight::sandbox
