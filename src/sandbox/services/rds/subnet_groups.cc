// DB subnet groups.
#include <fmt/format.h>

#include <set>

#include "aws/gen/ec2.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

// The subnets as EC2 knows them: of one VPC, over two zones at least.
Result<api::DBSubnetGroup> RdsService::resolve_subnets(const Call& c, const std::vector<std::string>& ids) {
  aws::ec2::DescribeSubnetsRequest ask;
  ask.SubnetIds = ids;
  auto found = world_.call<aws::ec2::op::DescribeSubnets>(c.region, ask);
  if (!found)
    return aws_error("InvalidSubnet",
                     fmt::format("Some input subnets in :[{}] are invalid.", fmt::join(ids, ", ")));
  api::DBSubnetGroup g;
  g.SubnetGroupStatus = "Complete";
  g.SupportedNetworkTypes = {"IPV4"};
  g.Subnets.emplace();
  std::set<std::string> zones;
  for (auto& s : found->Subnets.value_or(std::vector<aws::ec2::Subnet>{})) {
    if (g.VpcId && s.VpcId && *g.VpcId != *s.VpcId) {
      return aws_error("InvalidSubnet", "Subnets are not in the same Vpc. Use subnets from the same Vpc.");
    }
    g.VpcId = s.VpcId;
    zones.insert(s.AvailabilityZone.value_or(""));
    g.Subnets->push_back({.SubnetIdentifier = s.SubnetId,
                          .SubnetAvailabilityZone = api::AvailabilityZone{.Name = s.AvailabilityZone},
                          .SubnetOutpost = api::Outpost{},
                          .SubnetStatus = "Active"});
  }
  if (zones.size() < 2) {
    return aws_error(
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        fmt::format("The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current "
                    "AZ coverage: {}. Add subnets to cover at least 2 AZs.",
                    fmt::join(zones, ", ")));
  }
  return g;
}

void RdsService::add_subnet_group_making() {
  on<api::op::CreateDBSubnetGroup>([this](const Call& c,
                                          const auto& in) -> R<api::CreateDBSubnetGroupResult> {
    std::string name = rds::lower(*in.DBSubnetGroupName);
    if (name.empty() || name.size() > 255 || name == "default" ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_. ") != name.npos) {
      return aws_error("InvalidParameterValue", "The parameter DBSubnetGroupName is not a valid identifier.");
    }
    if (t_->subnet_groups.find(c.region, name)) {
      return aws_error("DBSubnetGroupAlreadyExists",
                       fmt::format("The DB subnet group '{}' already exists.", name));
    }
    if (t_->subnet_groups.in(c.region).size() >= rds::kGroupLimit) {
      return aws_error("DBSubnetGroupQuotaExceeded", "The quota of 50 DB subnet groups would be exceeded");
    }
    TRY_ASSIGN(api::DBSubnetGroup g, resolve_subnets(c, *in.SubnetIds));
    g.DBSubnetGroupName = name;
    g.DBSubnetGroupDescription = in.DBSubnetGroupDescription;
    g.DBSubnetGroupArn = rds::arn(world_, c.region, "subgrp", name);
    t_->subnet_groups.put(c.region, name, g);
    give_tags(*g.DBSubnetGroupArn, in.Tags);
    return api::CreateDBSubnetGroupResult{.DBSubnetGroup = g};
  });
  on<api::op::ModifyDBSubnetGroup>(
      [this](const Call& c, const auto& in) -> R<api::ModifyDBSubnetGroupResult> {
        auto* g = t_->subnet_groups.find(c.region, rds::lower(*in.DBSubnetGroupName));
        if (!g)
          return aws_error("DBSubnetGroupNotFoundFault",
                           "DB subnet group '" + *in.DBSubnetGroupName + "' does not exist.", 404);
        TRY_ASSIGN(api::DBSubnetGroup now, resolve_subnets(c, *in.SubnetIds));
        if (g->VpcId != now.VpcId)
          return aws_error("InvalidSubnet", "The new subnets are not in the group's VPC");
        g->Subnets = now.Subnets;
        if (in.DBSubnetGroupDescription) g->DBSubnetGroupDescription = in.DBSubnetGroupDescription;
        t_->subnet_groups.save(c.region, *g->DBSubnetGroupName, *g);
        return api::ModifyDBSubnetGroupResult{.DBSubnetGroup = *g};
      });
}

void RdsService::add_subnet_group_lists() {
  on<api::op::DescribeDBSubnetGroups>([this](const Call& c, const auto& in) -> R<api::DBSubnetGroupMessage> {
    std::vector<api::DBSubnetGroup> all;
    for (auto& [name, g] : t_->subnet_groups.in(c.region))
      if (!in.DBSubnetGroupName || rds::lower(*in.DBSubnetGroupName) == name) all.push_back(g);
    if (in.DBSubnetGroupName && all.empty()) {
      return aws_error("DBSubnetGroupNotFoundFault",
                       "DB subnet group '" + *in.DBSubnetGroupName + "' does not exist.", 404);
    }
    api::DBSubnetGroupMessage out;
    TRY_ASSIGN(out.DBSubnetGroups, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                            [](auto& g) { return *g.DBSubnetGroupName; }));
    return out;
  });
  on<api::op::DeleteDBSubnetGroup>([this](const Call& c,
                                          const auto& in) -> Out<api::op::DeleteDBSubnetGroup> {
    std::string name = rds::lower(*in.DBSubnetGroupName);
    auto* g = t_->subnet_groups.find(c.region, name);
    if (!g)
      return aws_error("DBSubnetGroupNotFoundFault", "DB subnet group '" + name + "' does not exist.", 404);
    for (auto& [id, i] : t_->instances.in(c.region)) {
      if (i.d.DBSubnetGroup && i.d.DBSubnetGroup->DBSubnetGroupName == name) {
        return aws_error(
            "InvalidDBSubnetGroupStateFault",
            fmt::format("Cannot delete the subnet group '{}' because at least one database instance: {} is "
                        "still using it.",
                        name, id));
      }
    }
    t_->tags.erase(c.region, *g->DBSubnetGroupArn);
    t_->subnet_groups.erase(c.region, name);
    return typename api::op::DeleteDBSubnetGroup::Output{};
  });
}

void RdsService::add_subnet_groups() {
  add_subnet_group_making();
  add_subnet_group_lists();
}

}  // namespace relight::sandbox
