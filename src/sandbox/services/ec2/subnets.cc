#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

FilterValues subnet_filter(const ec2::Subnet& s, std::string_view name) {
  if (name == "subnet-id") return {{text_of(s.SubnetId)}};
  if (name == "vpc-id") return {{text_of(s.VpcId)}};
  if (name == "availability-zone" || name == "availabilityZone") return {{text_of(s.AvailabilityZone)}};
  if (name == "availability-zone-id" || name == "availabilityZoneId")
    return {{text_of(s.AvailabilityZoneId)}};
  if (name == "cidr-block" || name == "cidr" || name == "cidrBlock") return {{text_of(s.CidrBlock)}};
  if (name == "default-for-az" || name == "defaultForAz") return {{text_of(s.DefaultForAz)}};
  if (name == "map-public-ip-on-launch") return {{text_of(s.MapPublicIpOnLaunch)}};
  if (name == "state") return {{text_of(s.State)}};
  if (name == "owner-id") return {{text_of(s.OwnerId)}};
  if (name == "subnet-arn") return {{text_of(s.SubnetArn)}};
  return std::nullopt;
}

}  // namespace

Row<ec2::Subnet>& Ec2Service::make_subnet(const std::string& region, const ec2::Vpc& v, const Cidr& cidr,
                                          const std::string& zone, bool is_default) {
  ec2::Subnet s;
  s.SubnetId = new_id("subnet");
  s.SubnetArn = fmt::format("arn:aws:ec2:{}:{}:subnet/{}", region, world_.account(), *s.SubnetId);
  s.VpcId = v.VpcId;
  s.OwnerId = world_.account();
  s.CidrBlock = cidr.text();
  s.AvailabilityZone = zone;
  s.AvailabilityZoneId = zone_id(zone);
  s.AvailableIpAddressCount = static_cast<int32_t>(cidr.size() - 5);  // AWS keeps five of each subnet
  s.State = "pending";
  s.DefaultForAz = is_default;
  s.MapPublicIpOnLaunch = is_default;
  s.MapCustomerOwnedIpOnLaunch = false;
  s.AssignIpv6AddressOnCreation = false;
  s.EnableDns64 = false;
  s.Ipv6Native = false;
  s.PrivateDnsNameOptionsOnLaunch =
      ec2::PrivateDnsNameOptionsOnLaunch{.HostnameType = "ip-name",
                                         .EnableResourceNameDnsARecord = false,
                                         .EnableResourceNameDnsAAAARecord = false};
  for (auto& [id, acl] : acls_.in(region)) {
    if (acl.VpcId != v.VpcId || !acl.IsDefault.value_or(false)) continue;
    if (!acl.Associations) acl.Associations.emplace();
    acl.Associations->push_back(
        {.NetworkAclAssociationId = new_id("aclassoc"), .NetworkAclId = id, .SubnetId = s.SubnetId});
    acls_.save(region, id, acl);
  }
  std::string id = *s.SubnetId;
  return subnets_.put(region, id, s);
}

void Ec2Service::add_subnets() {
  serve<op::CreateSubnet>([this](const Call& c,
                                 const ec2::CreateSubnetRequest& in) -> Result<ec2::CreateSubnetResult> {
    TRY_ASSIGN(auto* v, vpc(c, in.VpcId));
    if (!in.CidrBlock)
      return aws_error("MissingParameter", "The request must contain the parameter cidrBlock");
    auto cidr = Cidr::parse(*in.CidrBlock);
    if (!cidr)
      return aws_error(
          "InvalidParameterValue",
          fmt::format("Value ({}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
                      *in.CidrBlock));
    if (cidr->bits < 16 || cidr->bits > 28 || !Cidr::parse(*v->CidrBlock)->contains(*cidr))
      return aws_error("InvalidSubnet.Range", fmt::format("The CIDR '{}' is invalid.", *in.CidrBlock));
    for (auto& [id, s] : subnets_.in(c.region))
      if (s.VpcId == v->VpcId && Cidr::parse(*s.CidrBlock)->overlaps(*cidr))
        return aws_error("InvalidSubnet.Conflict",
                         fmt::format("The CIDR '{}' conflicts with another subnet", *in.CidrBlock));
    auto all = zones(c.region);
    std::string zone = in.AvailabilityZone.value_or(all.front());
    if (std::find(all.begin(), all.end(), zone) == all.end())
      return aws_error(
          "InvalidParameterValue",
          fmt::format("Value ({}) for parameter availabilityZone is invalid. Subnets can currently only be "
                      "created in the following availability zones: {}.",
                      zone, fmt::join(all, ", ")));
    TRY_ASSIGN(auto tags, tags_for("subnet", in.TagSpecifications));
    auto& s = make_subnet(c.region, *v, *cidr, zone, false);
    s.Tags = tags;
    subnets_.save(c.region, *s.SubnetId, s);
    settle(c.region, *s.SubnetId);
    return ec2::CreateSubnetResult{.Subnet = static_cast<const ec2::Subnet&>(s)};
  });
  serve<op::DescribeSubnets>(
      [this](const Call& c, const ec2::DescribeSubnetsRequest& in) -> Result<ec2::DescribeSubnetsResult> {
        auto all = rows_of(subnets_, c.region);
        TRY(keep_ids(all, in.SubnetIds, &ec2::Subnet::SubnetId, "InvalidSubnetID.NotFound",
                     "The subnet ID '{}' does not exist"));
        ec2::DescribeSubnetsResult out;
        TRY_ASSIGN(all, filtered<ec2::Subnet>(std::move(all), in.Filters, subnet_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.Subnets = std::move(all);
        return out;
      });
}

void Ec2Service::add_subnet_changes() {
  serve<op::DeleteSubnet>(
      [this](const Call& c, const ec2::DeleteSubnetRequest& in) -> Result<ec2::DeleteSubnetOutput_> {
        TRY_ASSIGN(auto* s, subnet(c, in.SubnetId));
        std::string id = *s->SubnetId;
        for (auto& [k, n] : nat_gateways_.in(c.region))
          if (n.SubnetId == id && n.State != "deleted")
            return aws_error("DependencyViolation",
                             fmt::format("The subnet '{}' has dependencies and cannot be deleted.", id));
        for (auto& [k, t] : route_tables_.in(c.region)) {
          if (t.Associations && std::erase_if(*t.Associations, [&](auto& a) { return a.SubnetId == id; }))
            route_tables_.save(c.region, k, t);
        }
        for (auto& [k, a] : acls_.in(c.region))
          if (a.Associations && std::erase_if(*a.Associations, [&](auto& x) { return x.SubnetId == id; }))
            acls_.save(c.region, k, a);
        subnets_.erase(c.region, id);
        return {};
      });
  serve<op::ModifySubnetAttribute>(
      [this](const Call& c,
             const ec2::ModifySubnetAttributeRequest& in) -> Result<ec2::ModifySubnetAttributeOutput_> {
        TRY_ASSIGN(auto* s, subnet(c, in.SubnetId));
        if (in.MapPublicIpOnLaunch) s->MapPublicIpOnLaunch = in.MapPublicIpOnLaunch->Value.value_or(false);
        if (in.AssignIpv6AddressOnCreation)
          s->AssignIpv6AddressOnCreation = in.AssignIpv6AddressOnCreation->Value.value_or(false);
        if (in.EnableDns64) s->EnableDns64 = in.EnableDns64->Value.value_or(false);
        subnets_.save(c.region, *s->SubnetId, *s);
        return {};
      });
}

}  // namespace relight::sandbox
