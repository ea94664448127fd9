#include "sandbox/services/ec2/service.h"

#include <fmt/format.h>

namespace relight::sandbox {
namespace ec2 = aws::ec2;

Ec2Service::Ec2Service(World& w)
    : Service(w, ec2::model()),
      vpcs_(w, "ec2/vpcs"),
      vpc_attributes_(w, "ec2/vpc-attributes"),
      subnets_(w, "ec2/subnets"),
      internet_gateways_(w, "ec2/internet-gateways"),
      nat_gateways_(w, "ec2/nat-gateways"),
      addresses_(w, "ec2/addresses"),
      route_tables_(w, "ec2/route-tables"),
      groups_(w, "ec2/security-groups"),
      rules_(w, "ec2/security-group-rules"),
      acls_(w, "ec2/network-acls") {
  add_places();
  add_account();
  add_absent();
  add_vpcs();
  add_vpc_deletion();
  add_vpc_attributes();
  add_subnets();
  add_subnet_changes();
  add_gateways();
  add_gateway_attachments();
  add_nat();
  add_nat_changes();
  add_addresses();
  add_routes();
  add_route_tables();
  add_route_associations();
  add_route_association_moves();
  add_groups();
  add_group_reads();
  add_group_rules();
  add_acls();
  add_tags();
}

void Ec2Service::start() {
  for (auto& region : world_.settings.regions) {
    bool made = false;
    world_.store().each("ec2/made", [&](auto& key, auto&) { made = made || key == region; });
    if (!made) {
      make_default_vpc(region);
      world_.store().put("ec2/made", region, "1");
    }
    for (auto& [id, v] : vpcs_.in(region))
      if (v.State == "pending") settle(region, id);
    for (auto& [id, s] : subnets_.in(region))
      if (s.State == "pending") settle(region, id);
    for (auto& [id, n] : nat_gateways_.in(region))
      if (n.State == "pending" || n.State == "deleting") settle(region, id);
  }
}

void Ec2Service::settle(const std::string& region, const std::string& id) {
  auto done = [this, region, id] {
    if (auto* v = vpcs_.find(region, id)) {
      v->State = "available";
      vpcs_.save(region, id, *v);
    } else if (auto* s = subnets_.find(region, id)) {
      s->State = "available";
      subnets_.save(region, id, *s);
    } else if (auto* n = nat_gateways_.find(region, id)) {
      n->State = n->State == "deleting" ? "deleted" : "available";
      nat_gateways_.save(region, id, *n);
    }
  };
  world_.after(world_.pace(id.starts_with("nat-") ? Millis{90'000} : Millis{1'000}), done);
}

Result<std::vector<ec2::Tag>> Ec2Service::tags_for(
    std::string_view type, const std::optional<std::vector<ec2::TagSpecification>>& specs) {
  std::vector<ec2::Tag> out;
  for (auto& s : specs.value_or(std::vector<ec2::TagSpecification>{})) {
    if (s.ResourceType != type)
      return aws_error("InvalidParameterValue",
                       fmt::format("'{}' is not a valid taggable resource type for this operation.",
                                   s.ResourceType.value_or("")));
    for (auto& t : s.Tags.value_or(std::vector<ec2::Tag>{})) {
      if (t.Key.value_or("").starts_with("aws:") && !t.Key->starts_with("aws:cloudformation:"))
        return aws_error("InvalidParameterValue",
                         "Tag keys starting with 'aws:' are reserved for internal use");
      out.push_back(t);
    }
  }
  if (out.size() > 50)
    return aws_error("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
  return out;
}

Result<Row<ec2::Vpc>*> Ec2Service::vpc(const Call& c, const std::optional<std::string>& id) {
  if (auto* v = vpcs_.find(c.region, id.value_or(""))) return v;
  return aws_error("InvalidVpcID.NotFound", fmt::format("The vpc ID '{}' does not exist", id.value_or("")));
}
Result<Row<ec2::Subnet>*> Ec2Service::subnet(const Call& c, const std::optional<std::string>& id) {
  if (auto* s = subnets_.find(c.region, id.value_or(""))) return s;
  return aws_error("InvalidSubnetID.NotFound",
                   fmt::format("The subnet ID '{}' does not exist", id.value_or("")));
}
Result<Row<ec2::SecurityGroup>*> Ec2Service::group(const Call& c, const std::optional<std::string>& id) {
  if (auto* g = groups_.find(c.region, id.value_or(""))) return g;
  return aws_error("InvalidGroup.NotFound",
                   fmt::format("The security group '{}' does not exist", id.value_or("")));
}
Result<Row<ec2::RouteTable>*> Ec2Service::route_table(const Call& c, const std::optional<std::string>& id) {
  if (auto* t = route_tables_.find(c.region, id.value_or(""))) return t;
  return aws_error("InvalidRouteTableID.NotFound",
                   fmt::format("The routeTable ID '{}' does not exist", id.value_or("")));
}

}  // namespace relight::sandbox
