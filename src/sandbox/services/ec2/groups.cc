// Security groups. What they allow is kept as rules (group_rules.cc); permissions are those rules, gathered.
#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/group_rules.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kGroupsPerRegion = 2500;  // "Amazon VPC quotas"

FilterValues permission_filter(const std::vector<ec2::IpPermission>& all, std::string_view field) {
  std::vector<std::string> out;
  for (auto& p : all) {
    if (field == "protocol")
      out.push_back(text_of(p.IpProtocol));
    else if (field == "from-port")
      out.push_back(text_of(p.FromPort));
    else if (field == "to-port")
      out.push_back(text_of(p.ToPort));
    else if (field == "cidr")
      for (auto& r : p.IpRanges.value_or(std::vector<ec2::IpRange>{})) out.push_back(text_of(r.CidrIp));
    else if (field == "group-id")
      for (auto& g : p.UserIdGroupPairs.value_or(std::vector<ec2::UserIdGroupPair>{}))
        out.push_back(text_of(g.GroupId));
    else
      return std::nullopt;
  }
  bool known = field == "protocol" || field == "from-port" || field == "to-port" || field == "cidr" ||
               field == "group-id";
  return known ? FilterValues(out) : std::nullopt;
}

FilterValues group_filter(const ec2::SecurityGroup& g, std::string_view name) {
  if (name == "group-id") return {{text_of(g.GroupId)}};
  if (name == "group-name") return {{text_of(g.GroupName)}};
  if (name == "vpc-id") return {{text_of(g.VpcId)}};
  if (name == "description") return {{text_of(g.Description)}};
  if (name == "owner-id") return {{text_of(g.OwnerId)}};
  const std::vector<ec2::IpPermission> none;
  if (name.starts_with("egress.ip-permission."))
    return permission_filter(g.IpPermissionsEgress.value_or(none), name.substr(21));
  if (name.starts_with("ip-permission."))
    return permission_filter(g.IpPermissions.value_or(none), name.substr(14));
  return std::nullopt;
}

}  // namespace

Row<ec2::SecurityGroup>& Ec2Service::make_group(const std::string& region, const std::string& vpc_id,
                                                const std::string& name, const std::string& description) {
  ec2::SecurityGroup g;
  g.GroupId = new_id("sg");
  g.VpcId = vpc_id;
  g.OwnerId = world_.account();
  g.GroupName = name;
  g.Description = description;
  ec2::SecurityGroupRule out;
  out.GroupId = g.GroupId;
  out.IsEgress = true;
  out.IpProtocol = "-1";
  out.FromPort = out.ToPort = -1;
  out.CidrIpv4 = "0.0.0.0/0";
  add_rule(region, out);
  std::string id = *g.GroupId;
  return groups_.put(region, id, g);
}

void Ec2Service::add_groups() {
  serve<op::CreateSecurityGroup>([this](const Call& c, const ec2::CreateSecurityGroupRequest& in)
                                     -> Result<ec2::CreateSecurityGroupResult> {
    std::string vpc_id = in.VpcId.value_or("");
    if (!in.VpcId)
      for (auto& [id, v] : vpcs_.in(c.region))
        if (v.IsDefault.value_or(false)) vpc_id = id;
    if (vpc_id.empty()) return aws_error("VPCIdNotSpecified", "No default VPC for this user");
    TRY_ASSIGN(auto* v, vpc(c, vpc_id));
    std::string name = in.GroupName.value_or(""), description = in.Description.value_or("");
    if (name.empty() || description.empty())
      return aws_error("MissingParameter", fmt::format("The request must contain the parameter {}",
                                                       name.empty() ? "GroupName" : "GroupDescription"));
    if (name.size() > 255 || name.starts_with("sg-") || name == "default")
      return aws_error("InvalidParameterValue",
                       fmt::format("Value ({}) for parameter GroupName is invalid.", name.substr(0, 255)));
    for (auto& [id, g] : groups_.in(c.region))
      if (g.VpcId == vpc_id && g.GroupName == name)
        return aws_error("InvalidGroup.Duplicate",
                         fmt::format("The security group '{}' already exists for VPC '{}'", name, *v->VpcId));
    if (groups_.in(c.region).size() >= kGroupsPerRegion)
      return aws_error("SecurityGroupLimitExceeded",
                       "The maximum number of security groups has been reached.");
    TRY_ASSIGN(auto tags, tags_for("security-group", in.TagSpecifications));
    auto& g = make_group(c.region, vpc_id, name, description);
    g.Tags = tags;
    groups_.save(c.region, *g.GroupId, g);
    return ec2::CreateSecurityGroupResult{.GroupId = g.GroupId, .Tags = g.Tags};
  });
}

void Ec2Service::add_group_reads() {
  serve<op::DeleteSecurityGroup>(
      [this](const Call& c,
             const ec2::DeleteSecurityGroupRequest& in) -> Result<ec2::DeleteSecurityGroupOutput_> {
        if (!in.GroupId)
          return aws_error("MissingParameter", "The request must contain the parameter GroupId");
        TRY_ASSIGN(auto* g, group(c, in.GroupId));
        std::string id = *g->GroupId;
        if (g->GroupName == "default")
          return aws_error(
              "CannotDelete",
              fmt::format("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", id));
        std::vector<std::string> own;
        for (auto& [k, r] : rules_.in(c.region)) {
          if (r.GroupId == id)
            own.push_back(k);
          else if (r.ReferencedGroupInfo && r.ReferencedGroupInfo->GroupId == id)
            return aws_error("DependencyViolation", fmt::format("resource {} has a dependent object", id));
        }
        for (auto& k : own) rules_.erase(c.region, k);
        groups_.erase(c.region, id);
        return {};
      });
  serve<op::DescribeSecurityGroups>(
      [this](const Call& c,
             const ec2::DescribeSecurityGroupsRequest& in) -> Result<ec2::DescribeSecurityGroupsResult> {
        auto all = rows_of(groups_, c.region);
        TRY(keep_ids(all, in.GroupIds, &ec2::SecurityGroup::GroupId, "InvalidGroup.NotFound",
                     "The security group '{}' does not exist"));
        TRY(keep_ids(all, in.GroupNames, &ec2::SecurityGroup::GroupName, "InvalidGroup.NotFound",
                     "The security group '{}' does not exist in default VPC"));
        auto rules = rows_of(rules_, c.region);
        for (auto& g : all) {
          g.IpPermissions = permissions_of(rules, *g.GroupId, false);
          g.IpPermissionsEgress = permissions_of(rules, *g.GroupId, true);
        }
        ec2::DescribeSecurityGroupsResult out;
        TRY_ASSIGN(all, filtered<ec2::SecurityGroup>(std::move(all), in.Filters, group_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.SecurityGroups = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
