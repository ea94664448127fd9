// Route tables. A VPC's main one cannot be written in a template: its subnets get a table of their own
// instead.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

bool is_main(const Captured& c) {
  return std::ranges::any_of(c.properties->value("Associations", Json::array()),
                             [](auto& a) { return a.value("Main", false); });
}

std::set<std::string> named_subnets(const Captured& c) {
  std::set<std::string> out;
  for (auto& a : c.properties->value("Associations", Json::array()))
    if (auto s = text_of(a, "SubnetId"); !s.empty()) out.insert(s);
  return out;
}

// The subnets of this table's VPC that no table names: the main one's.
std::set<std::string> others(const PilotDraft& d, const std::string& vpc) {
  std::set<std::string> out, named;
  for (auto& c : d.all("ec2/route-table")) named.merge(named_subnets(c));
  for (auto& s : d.all("ec2/subnet"))
    if (text_of(*s.properties, "VpcId") == vpc && !named.contains(s.id())) out.insert(s.id());
  return out;
}

// Where a route leads, as property and reference; nothing if that has no counterpart.
bool target(PilotDraft& d, const Json& route, PilotResource& r, Json& p) {
  auto gateway = text_of(route, "GatewayId"), nat = text_of(route, "NatGatewayId");
  if (auto l = d.logical("ec2/internet-gateway", gateway); !l.empty()) {
    p["GatewayId"] = ref_to(l);
    r.depends.push_back(l + "Attachment");
    return true;
  }
  if (auto l = d.logical("ec2/nat-gateway", nat); !l.empty()) {
    p["NatGatewayId"] = ref_to(l);
    if (d.policy().nat == PilotPolicy::Nat::kWhenLit) r.condition = kLitCondition;
    return true;
  }
  return false;
}

void route(PilotDraft& d, const Captured& c, const std::string& table, const Json& route) {
  auto gateway = text_of(route, "GatewayId");
  if (gateway == "local" || gateway.starts_with("vpce-")) return;  // AWS's own; the endpoint's own
  auto to = text_of(route, "DestinationCidrBlock"), to6 = text_of(route, "DestinationIpv6CidrBlock");
  PilotResource r{.type = "AWS::EC2::Route", .from = c.key()};
  Json p{{"RouteTableId", ref_to(table)}};
  bool known = target(d, route, r, p);
  if (to.empty() || !known) {
    auto what = to.empty() ? to6.empty() ? route.dump() : to6 : to;
    return d.say(
        c.key(), "route to " + what,
        "it leads where this build does not translate (peering, transit or egress-only gateway, prefix list, "
        "interface)");
  }
  p["DestinationCidrBlock"] = to;
  r.id = table + "To" + (to == "0.0.0.0/0" ? "All" : digest(to));
  d.add(std::move(r), std::move(p));
}

void route_table(PilotDraft& d, const Captured& c) {
  auto vpc = text_of(*c.properties, "VpcId");
  auto subnets = named_subnets(c);
  if (is_main(c)) subnets.merge(others(d, vpc));
  auto key = c.key();
  if (is_main(c) && subnets.empty()) return d.abandon(key);  // it carries nothing
  auto id = d.logical("ec2/route-table", c.id());
  Json p{{"VpcId", d.ref("ec2/vpc", vpc, key)}};
  p["Tags"] = tags_of(c.properties->value("Tags", Json()));
  d.add({.id = id,
         .type = "AWS::EC2::RouteTable",
         .from = key,
         .why = is_main(c) ? "stands for the VPC's main route table" : ""},
        std::move(p));
  for (auto& r : c.properties->value("Routes", Json::array())) route(d, c, id, r);
  for (auto& s : subnets)
    if (auto l = d.logical("ec2/subnet", s); !l.empty())
      d.add({.id = id + "Of" + l, .type = "AWS::EC2::SubnetRouteTableAssociation", .from = key},
            {{"RouteTableId", ref_to(id)}, {"SubnetId", ref_to(l)}});
}

}  // namespace

void translate_routes(PilotDraft& d) {
  for (auto& c : d.all("ec2/route-table")) route_table(d, c);
}

}  // namespace relight::dr
