// VPCs, their attributes, and the default VPC that every region has from the start ("Default VPC components",
// Amazon VPC User Guide).
#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kVpcsPerRegion = 5;  // "Amazon VPC quotas"

FilterValues vpc_filter(const ec2::Vpc& v, std::string_view name) {
  if (name == "vpc-id") return {{text_of(v.VpcId)}};
  if (name == "cidr" || name == "cidrBlock" || name == "cidr-block-association.cidr-block")
    return {{text_of(v.CidrBlock)}};
  if (name == "state") return {{text_of(v.State)}};
  if (name == "is-default" || name == "isDefault") return {{text_of(v.IsDefault)}};
  if (name == "owner-id") return {{text_of(v.OwnerId)}};
  if (name == "dhcp-options-id") return {{text_of(v.DhcpOptionsId)}};
  return std::nullopt;
}

}  // namespace

void Ec2Service::make_default_acl(const std::string& region, const std::string& vpc_id) {
  ec2::NetworkAcl acl;
  acl.NetworkAclId = new_id("acl");
  acl.VpcId = vpc_id;
  acl.OwnerId = world_.account();
  acl.IsDefault = true;
  acl.Associations.emplace();
  acl.Entries.emplace();
  for (bool egress : {true, false})
    for (auto [number, action] : {std::pair{100, "allow"}, std::pair{32767, "deny"}}) {
      ec2::NetworkAclEntry e;
      e.CidrBlock = "0.0.0.0/0";
      e.Egress = egress;
      e.Protocol = "-1";
      e.RuleAction = action;
      e.RuleNumber = number;
      acl.Entries->push_back(e);
    }
  acls_.put(region, *acl.NetworkAclId, acl);
}

Row<ec2::Vpc>& Ec2Service::make_vpc(const std::string& region, const Cidr& cidr, bool is_default) {
  ec2::Vpc v;
  v.VpcId = new_id("vpc");
  v.CidrBlock = cidr.text();
  v.State = "pending";
  v.OwnerId = world_.account();
  v.InstanceTenancy = "default";
  v.IsDefault = is_default;
  v.DhcpOptionsId = "dopt-" + std::string(17, '0');
  v.CidrBlockAssociationSet = {{.AssociationId = new_id("vpc-cidr-assoc"),
                                .CidrBlock = cidr.text(),
                                .CidrBlockState = ec2::VpcCidrBlockState{.State = "associated"}}};
  ec2::DescribeVpcAttributeResult attributes;
  attributes.VpcId = v.VpcId;
  attributes.EnableDnsSupport = ec2::AttributeBooleanValue{.Value = true};
  attributes.EnableDnsHostnames = ec2::AttributeBooleanValue{.Value = is_default};
  attributes.EnableNetworkAddressUsageMetrics = ec2::AttributeBooleanValue{.Value = false};
  vpc_attributes_.put(region, *v.VpcId, attributes);

  ec2::RouteTable table;
  table.RouteTableId = new_id("rtb");
  table.VpcId = v.VpcId;
  table.OwnerId = world_.account();
  table.Routes = {{.DestinationCidrBlock = cidr.text(),
                   .GatewayId = "local",
                   .Origin = "CreateRouteTable",
                   .State = "active"}};
  table.Associations = {{.Main = true,
                         .RouteTableAssociationId = new_id("rtbassoc"),
                         .RouteTableId = table.RouteTableId,
                         .AssociationState = ec2::RouteTableAssociationState{.State = "associated"}}};
  route_tables_.put(region, *table.RouteTableId, table);

  make_default_acl(region, *v.VpcId);
  std::string id = *v.VpcId;
  auto& g = make_group(region, id, "default", "default VPC security group");
  ec2::SecurityGroupRule self;
  self.GroupId = g.GroupId;
  self.IsEgress = false;
  self.IpProtocol = "-1";
  self.FromPort = self.ToPort = -1;
  self.ReferencedGroupInfo = ec2::ReferencedSecurityGroup{.GroupId = g.GroupId, .UserId = world_.account()};
  add_rule(region, self);
  return vpcs_.put(region, id, v);
}

void Ec2Service::make_default_vpc(const std::string& region) {
  auto& v = make_vpc(region, *Cidr::parse("172.31.0.0/16"), true);
  v.State = "available";
  vpcs_.save(region, *v.VpcId, v);
  uint32_t n = 0;
  for (auto& zone : zones(region)) {
    Cidr c = *Cidr::parse("172.31.0.0/20");
    c.base += n++ << 12;
    auto& s = make_subnet(region, v, c, zone, true);
    s.State = "available";
    subnets_.save(region, *s.SubnetId, s);
  }
  auto& gateway = make_internet_gateway(region);
  gateway.Attachments = {{.State = "available", .VpcId = v.VpcId}};
  internet_gateways_.save(region, *gateway.InternetGatewayId, gateway);
  for (auto& [id, table] : route_tables_.in(region)) {
    if (table.VpcId != v.VpcId) continue;
    table.Routes->push_back({.DestinationCidrBlock = "0.0.0.0/0",
                             .GatewayId = gateway.InternetGatewayId,
                             .Origin = "CreateRoute",
                             .State = "active"});
    route_tables_.save(region, id, table);
  }
}

bool Ec2Service::vpc_in_use(const std::string& region, const std::string& id) {
  for (auto& [k, s] : subnets_.in(region))
    if (s.VpcId == id) return true;
  for (auto& [k, g] : internet_gateways_.in(region))
    for (auto& a : g.Attachments.value_or(std::vector<ec2::InternetGatewayAttachment>{}))
      if (a.VpcId == id) return true;
  for (auto& [k, g] : groups_.in(region))
    if (g.VpcId == id && g.GroupName != "default") return true;
  for (auto& [k, n] : nat_gateways_.in(region))
    if (n.VpcId == id && n.State != "deleted") return true;
  for (auto& [k, a] : acls_.in(region))
    if (a.VpcId == id && !a.IsDefault.value_or(false)) return true;
  for (auto& [k, t] : route_tables_.in(region))
    if (t.VpcId == id && &t != main_table(region, id)) return true;
  return false;
}

void Ec2Service::add_vpcs() {
  serve<op::CreateVpc>(
      [this](const Call& c, const ec2::CreateVpcRequest& in) -> Result<ec2::CreateVpcResult> {
        if (!in.CidrBlock)
          return aws_error("MissingParameter", "The request must contain the parameter cidrBlock");
        auto cidr = Cidr::parse(*in.CidrBlock);
        if (!cidr)
          return aws_error(
              "InvalidParameterValue",
              fmt::format("Value ({}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
                          *in.CidrBlock));
        if (cidr->bits < 16 || cidr->bits > 28)
          return aws_error("InvalidVpc.Range", fmt::format("The CIDR '{}' is invalid.", *in.CidrBlock));
        if (vpcs_.in(c.region).size() >= kVpcsPerRegion)
          return aws_error("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
        TRY_ASSIGN(auto tags, tags_for("vpc", in.TagSpecifications));
        auto& v = make_vpc(c.region, *cidr, false);
        if (in.InstanceTenancy) v.InstanceTenancy = in.InstanceTenancy;
        v.Tags = tags;
        vpcs_.save(c.region, *v.VpcId, v);
        ec2::CreateVpcResult out{.Vpc = static_cast<const ec2::Vpc&>(v)};
        settle(c.region, *v.VpcId);
        return out;
      });
  serve<op::DescribeVpcs>(
      [this](const Call& c, const ec2::DescribeVpcsRequest& in) -> Result<ec2::DescribeVpcsResult> {
        auto all = rows_of(vpcs_, c.region);
        TRY(keep_ids(all, in.VpcIds, &ec2::Vpc::VpcId, "InvalidVpcID.NotFound",
                     "The vpc ID '{}' does not exist"));
        ec2::DescribeVpcsResult out;
        TRY_ASSIGN(all, filtered<ec2::Vpc>(std::move(all), in.Filters, vpc_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.Vpcs = std::move(all);
        return out;
      });
}

void Ec2Service::add_vpc_deletion() {
  serve<op::DeleteVpc>(
      [this](const Call& c, const ec2::DeleteVpcRequest& in) -> Result<ec2::DeleteVpcOutput_> {
        TRY_ASSIGN(auto* v, vpc(c, in.VpcId));
        std::string id = *v->VpcId;
        if (vpc_in_use(c.region, id))
          return aws_error("DependencyViolation",
                           fmt::format("The vpc '{}' has dependencies and cannot be deleted.", id));
        auto sweep = [&](auto& table) {
          std::vector<std::string> gone;
          for (auto& [k, row] : table.in(c.region))
            if (row.VpcId == id) gone.push_back(k);
          for (auto& k : gone) table.erase(c.region, k);
          return gone;
        };
        sweep(route_tables_);
        sweep(acls_);
        for (auto& g : sweep(groups_)) {
          std::vector<std::string> gone;
          for (auto& [k, r] : rules_.in(c.region))
            if (r.GroupId == g) gone.push_back(k);
          for (auto& k : gone) rules_.erase(c.region, k);
        }
        vpc_attributes_.erase(c.region, id);
        vpcs_.erase(c.region, id);
        return {};
      });
}

void Ec2Service::add_vpc_attributes() {
  serve<op::DescribeVpcAttribute>(
      [this](const Call& c,
             const ec2::DescribeVpcAttributeRequest& in) -> Result<ec2::DescribeVpcAttributeResult> {
        TRY_ASSIGN(auto* v, vpc(c, in.VpcId));
        ec2::DescribeVpcAttributeResult out;
        out.VpcId = v->VpcId;
        auto* a = vpc_attributes_.find(c.region, *v->VpcId);
        if (in.Attribute == "enableDnsSupport")
          out.EnableDnsSupport = a->EnableDnsSupport;
        else if (in.Attribute == "enableDnsHostnames")
          out.EnableDnsHostnames = a->EnableDnsHostnames;
        else
          out.EnableNetworkAddressUsageMetrics = a->EnableNetworkAddressUsageMetrics;
        return out;
      });
  serve<op::ModifyVpcAttribute>(
      [this](const Call& c,
             const ec2::ModifyVpcAttributeRequest& in) -> Result<ec2::ModifyVpcAttributeOutput_> {
        TRY_ASSIGN(auto* v, vpc(c, in.VpcId));
        int given = in.EnableDnsHostnames.has_value() + in.EnableDnsSupport.has_value() +
                    in.EnableNetworkAddressUsageMetrics.has_value();
        if (given != 1)
          return aws_error("InvalidParameterCombination", "Exactly one attribute must be given at a time");
        auto* a = vpc_attributes_.find(c.region, *v->VpcId);
        if (in.EnableDnsHostnames) a->EnableDnsHostnames = in.EnableDnsHostnames;
        if (in.EnableDnsSupport) a->EnableDnsSupport = in.EnableDnsSupport;
        if (in.EnableNetworkAddressUsageMetrics)
          a->EnableNetworkAddressUsageMetrics = in.EnableNetworkAddressUsageMetrics;
        vpc_attributes_.save(c.region, *v->VpcId, *a);
        return {};
      });
}

}  // namespace relight::sandbox
