// VPCs and subnets with the primary's address ranges (every rule that names one stays right) or, with
// pilot.cidr, with others that every rule is moved to; gateways, endpoints, ACLs.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

// Zones have other names in another region: the first one used becomes the first there is, and so on.
std::vector<std::string> zones_of(const PilotDraft& d) {
  std::set<std::string> zones;
  for (auto& s : d.all("ec2/subnet"))
    if (auto z = text_of(*s.properties, "AvailabilityZone"); !z.empty()) zones.insert(z);
  return {zones.begin(), zones.end()};
}

void vpc(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  Json p = Json::object();
  take(p, *c.properties, "CidrBlock EnableDnsSupport EnableDnsHostnames");
  if (auto tenancy = text_of(*c.properties, "InstanceTenancy"); tenancy == "dedicated")
    p["InstanceTenancy"] = tenancy;
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  auto more = c.properties->value("CidrBlockAssociationSet", Json::array());
  if (more.is_array() && more.size() > 1)
    d.say(c.key(), "CidrBlockAssociationSet", "only the first address range of a VPC is translated");
  auto id = d.logical("ec2/vpc", c.id());
  d.add({.id = id, .type = "AWS::EC2::VPC", .from = c.key()}, std::move(p));
}

void subnet(PilotDraft& d, const Captured& c, const std::vector<std::string>& zones) {
  Json p = Json::object();
  p["VpcId"] = d.ref("ec2/vpc", text_of(*c.properties, "VpcId"), c.key());
  take(p, *c.properties, "CidrBlock");
  auto zone = text_of(*c.properties, "AvailabilityZone");
  if (auto it = std::ranges::find(zones, zone); it != zones.end())
    p["AvailabilityZone"] = {{"Fn::Select", Json::array({it - zones.begin(), Json{{"Fn::GetAZs", ""}}})}};
  if (c.properties->value("MapPublicIpOnLaunch", false)) p["MapPublicIpOnLaunch"] = true;
  if (!c.properties->value("Ipv6CidrBlockAssociationSet", Json::array()).empty())
    d.say(c.key(), "Ipv6CidrBlockAssociationSet", "IPv6 ranges are AWS's to give and are not translated");
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  auto id = d.logical("ec2/subnet", c.id());
  d.add({.id = id, .type = "AWS::EC2::Subnet", .from = c.key(), .why = "was in " + zone}, std::move(p));
}

void internet_gateway(PilotDraft& d, const Captured& c) {
  auto id = d.logical("ec2/internet-gateway", c.id());
  Json p = Json::object();
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  d.add({.id = id, .type = "AWS::EC2::InternetGateway", .from = c.key()}, std::move(p));
  for (auto& a : c.properties->value("Attachments", Json::array()))
    d.add({.id = id + "Attachment", .type = "AWS::EC2::VPCGatewayAttachment", .from = c.key()},
          {{"VpcId", d.ref("ec2/vpc", text_of(a, "VpcId"), c.key())}, {"InternetGatewayId", ref_to(id)}});
}

void nat_gateway(PilotDraft& d, const Captured& c) {
  auto id = d.logical("ec2/nat-gateway", c.id());
  std::string condition = d.policy().nat == PilotPolicy::Nat::kWhenLit ? std::string(kLitCondition) : "";
  if (!condition.empty()) {
    d.parameter({.name = "Lit",
                 .description = "true gives the private subnets their NAT gateways, which cost by the hour",
                 .fallback = "false",
                 .has_fallback = true});
    d.condition(std::string(kLitCondition), {{"Fn::Equals", Json::array({ref_to("Lit"), "true"})}});
    d.dormant_network("Lit");
    d.say(
        c.key(), "NAT gateway",
        "it is made only while the stack's parameter Lit is true, which 'relight failover' sets: on AWS that "
        "takes some three minutes, beside the promotion; pilot.nat: always saves them");
  }
  Json p = Json::object();
  p["SubnetId"] = d.ref("ec2/subnet", text_of(*c.properties, "SubnetId"), c.key());
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  bool is_public = c.properties->value("ConnectivityType", "public") == "public";
  if (is_public) {
    d.add({.id = id + "Address", .type = "AWS::EC2::EIP", .condition = condition, .from = c.key()},
          {{"Domain", "vpc"}});
    p["AllocationId"] = attribute_of(id + "Address", "AllocationId");
  } else {
    p["ConnectivityType"] = "private";
  }
  d.add({.id = id, .type = "AWS::EC2::NatGateway", .condition = condition, .from = c.key()}, std::move(p));
}

void endpoint(PilotDraft& d, const Captured& c) {
  auto& from = *c.properties;
  Json p = Json::object();
  p["VpcId"] = d.ref("ec2/vpc", text_of(from, "VpcId"), c.key());
  p["ServiceName"] = d.text(text_of(from, "ServiceName"), c.key());
  take(p, from, "VpcEndpointType");
  if (auto policy = text_of(from, "PolicyDocument"); !policy.empty())
    if (auto j = Json::parse(policy, nullptr, false); j.is_object()) p["PolicyDocument"] = d.deep(j, c.key());
  if (text_of(from, "VpcEndpointType") == "Gateway") {
    p["RouteTableIds"] = Json::array();
    for (auto& t : from.value("RouteTableIds", Json::array()))
      if (auto l = d.logical("ec2/route-table", t.get<std::string>()); !l.empty())
        p["RouteTableIds"].push_back(ref_to(l));
  } else {
    if (from.contains("SubnetIds")) p["SubnetIds"] = d.refs("ec2/subnet", &from["SubnetIds"], c.key());
    if (from.contains("Groups"))
      p["SecurityGroupIds"] = d.refs("ec2/security-group", &from["Groups"], c.key(), "GroupId");
    p["PrivateDnsEnabled"] = from.value("PrivateDnsEnabled", false);
  }
  d.add({.id = d.logical("ec2/vpc-endpoint", c.id()), .type = "AWS::EC2::VPCEndpoint", .from = c.key()},
        std::move(p));
}

// The entry that denies what no other allows stands in every ACL by itself (rule 32767), and a VPC's own ACL
// allows everything (rule 100).
bool as_new(const Json& entries) {
  return std::ranges::all_of(entries, [](auto& e) {
    int n = e.value("RuleNumber", 0);
    return n >= 32767 || (n == 100 && e.value("Protocol", "") == "-1" &&
                          e.value("RuleAction", "") == "allow" && e.value("CidrBlock", "") == "0.0.0.0/0");
  });
}

void acl_entry(PilotDraft& d, const Captured& c, const std::string& acl, const Json& e) {
  int n = e.value("RuleNumber", 0);
  bool egress = e.value("Egress", false);
  if (n >= 32767) return;
  Json p{{"NetworkAclId", ref_to(acl)}, {"RuleNumber", n}, {"Egress", egress}};
  take(p, e, "CidrBlock Ipv6CidrBlock RuleAction PortRange");
  auto protocol = text_of(e, "Protocol");
  p["Protocol"] = protocol.find_first_not_of("-0123456789") == protocol.npos && !protocol.empty()
                      ? Json(std::stoi(protocol))
                      : Json(protocol);
  if (e.contains("IcmpTypeCode")) p["Icmp"] = e["IcmpTypeCode"];
  d.add({.id = fmt::format("{}{}{}", acl, egress ? "Out" : "In", n),
         .type = "AWS::EC2::NetworkAclEntry",
         .from = c.key()},
        std::move(p));
}

void acl(PilotDraft& d, const Captured& c) {
  auto entries = c.properties->value("Entries", Json::array());
  if (c.properties->value("IsDefault", false) && as_new(entries)) return;  // a new VPC has the same
  auto id = d.logical("ec2/network-acl", c.id());
  Json p{{"VpcId", d.ref("ec2/vpc", text_of(*c.properties, "VpcId"), c.key())}};
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  d.add({.id = id, .type = "AWS::EC2::NetworkAcl", .from = c.key()}, std::move(p));
  for (auto& e : entries) acl_entry(d, c, id, e);
  for (auto& a : c.properties->value("Associations", Json::array())) {
    auto subnet = text_of(a, "SubnetId");
    if (auto l = d.logical("ec2/subnet", subnet); !l.empty())
      d.add({.id = id + "Of" + l, .type = "AWS::EC2::SubnetNetworkAclAssociation", .from = c.key()},
            {{"NetworkAclId", ref_to(id)}, {"SubnetId", ref_to(l)}});
  }
}

}  // namespace

void translate_network(PilotDraft& d) {
  for (auto& c : d.all("ec2/vpc")) vpc(d, c);
  auto zones = zones_of(d);
  for (auto& c : d.all("ec2/subnet")) subnet(d, c, zones);
  for (auto& c : d.all("ec2/internet-gateway")) internet_gateway(d, c);
  for (auto& c : d.all("ec2/nat-gateway")) nat_gateway(d, c);
  for (auto& c : d.all("ec2/network-acl")) acl(d, c);
}

// After the security groups: interface endpoints name them.
void translate_endpoints(PilotDraft& d) {
  for (auto& c : d.all("ec2/vpc-endpoint")) endpoint(d, c);
}

}  // namespace relight::dr
