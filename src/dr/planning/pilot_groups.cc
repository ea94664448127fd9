// Security groups. Rules that name a group stand by themselves, so that groups which name each other make no
// circle.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

Json ports_of(const Json& permission) {
  Json r{{"IpProtocol", text_of(permission, "IpProtocol")}};
  for (const char* port : {"FromPort", "ToPort"})
    if (permission.contains(port) && text_of(permission, "IpProtocol") != "-1") r[port] = permission[port];
  return r;
}

// The rules of one direction that name addresses.
Json by_address(PilotDraft& d, const Captured& c, const Json& permissions) {
  Json rules = Json::array();
  for (auto& p : permissions) {
    for (auto [list, member] : {std::pair{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}})
      for (auto& range : p.value(list, Json::array())) {
        auto rule = ports_of(p);
        take(rule, range, std::string(member) + " Description");
        rules.push_back(std::move(rule));
      }
    for (auto& l : p.value("PrefixListIds", Json::array()))
      d.say(c.key(), "rule for the prefix list " + text_of(l, "PrefixListId"),
            "prefix lists have other ids in another region");
  }
  return rules;
}

Json group(PilotDraft& d, const std::string& id, const ResourceKey& from) {
  auto* p = d.find("ec2/security-group", id);
  if (p && text_of(*p, "GroupName") == "default")
    if (auto vpc = d.logical("ec2/vpc", text_of(*p, "VpcId")); !vpc.empty())
      return attribute_of(vpc, "DefaultSecurityGroup");
  return d.ref("ec2/security-group", id, from);
}

void by_group(PilotDraft& d, const Captured& c, const std::string& id, const Json& permissions, bool in) {
  for (auto& p : permissions)
    for (auto& pair : p.value("UserIdGroupPairs", Json::array())) {
      auto other = text_of(pair, "GroupId");
      auto rule = ports_of(p);
      rule["GroupId"] = group(d, c.id(), c.key());
      rule[in ? "SourceSecurityGroupId" : "DestinationSecurityGroupId"] = group(d, other, c.key());
      take(rule, pair, "Description");
      d.add({.id = fmt::format("{}{}{}", id, in ? "From" : "To", digest(rule.dump())),
             .type = in ? "AWS::EC2::SecurityGroupIngress" : "AWS::EC2::SecurityGroupEgress",
             .from = c.key()},
            rule);
    }
}

bool lets_all_out(const Json& rules) {
  return rules.size() == 1 && text_of(rules[0], "IpProtocol") == "-1" &&
         text_of(rules[0], "CidrIp") == "0.0.0.0/0" && !rules[0].contains("Description");
}

void translate(PilotDraft& d, const Captured& c) {
  auto in = c.properties->value("IpPermissions", Json::array());
  auto out = c.properties->value("IpPermissionsEgress", Json::array());
  if (text_of(*c.properties, "GroupName") == "default") {
    d.say(c.key(), "the rules of the VPC's default security group",
          "a template cannot write them; the pilot's has those of a new VPC");
    return d.abandon(c.key());
  }
  auto id = d.logical("ec2/security-group", c.id());
  Json p{{"GroupDescription", text_of(*c.properties, "Description")}};
  p["VpcId"] = d.ref("ec2/vpc", text_of(*c.properties, "VpcId"), c.key());
  if (auto rules = by_address(d, c, in); !rules.empty()) p["SecurityGroupIngress"] = rules;
  auto egress = by_address(d, c, out);
  // Without the property a group lets everything out; an empty list says the same (AWS::EC2::SecurityGroup).
  // A rule that fits no packet is the usual way to say "none".
  if (egress.empty())
    egress.push_back(
        {{"IpProtocol", "-1"}, {"CidrIp", "127.0.0.1/32"}, {"Description", "nothing else may leave"}});
  if (!lets_all_out(egress)) p["SecurityGroupEgress"] = egress;
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  d.add({.id = id,
         .type = "AWS::EC2::SecurityGroup",
         .from = c.key(),
         .why = "was " + text_of(*c.properties, "GroupName")},
        std::move(p));
}

}  // namespace

void translate_groups(PilotDraft& d) {
  auto groups = d.all("ec2/security-group");
  for (auto& c : groups) translate(d, c);
  for (auto& c : groups) {
    auto id = d.logical("ec2/security-group", c.id());
    if (id.empty()) continue;
    by_group(d, c, id, c.properties->value("IpPermissions", Json::array()), true);
    by_group(d, c, id, c.properties->value("IpPermissionsEgress", Json::array()), false);
  }
}

}  // namespace relight::dr
