#include "dr/readiness/network.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::vector<std::string> texts(const Json& list, std::string_view pointer = "") {
  std::vector<std::string> out;
  for (auto& e : list)
    if (auto t = text_at(e, pointer); !t.empty()) out.push_back(t);
  return out;
}

bool is_tcp(const std::string& protocol) { return protocol == "-1" || protocol == "tcp" || protocol == "6"; }

Ports ports_of(const Json& j, std::string_view from, std::string_view to) {
  auto first = number_at(j, from, -1), last = number_at(j, to, -1);
  return first < 0 ? Ports{} : Ports{int(first), int(last)};
}

std::vector<GroupRule> rules_of(const Json& list) {
  std::vector<GroupRule> out;
  for (auto& j : list) {
    GroupRule r{is_tcp(text_at(j, "/IpProtocol")),
                text_at(j, "/IpProtocol") == "-1" ? Ports{} : ports_of(j, "/FromPort", "/ToPort"),
                {},
                {},
                {}};
    for (auto& c : texts(list_at(j, "/IpRanges"), "/CidrIp"))
      if (auto a = parse_cidr(c)) r.addresses.push_back(*a);
    r.groups = texts(list_at(j, "/UserIdGroupPairs"), "/GroupId");
    r.prefix_lists = texts(list_at(j, "/PrefixListIds"), "/PrefixListId");
    out.push_back(std::move(r));
  }
  return out;
}

NetworkAcl acl_of(const Item& i) {
  auto& j = *i.properties;
  NetworkAcl a{i.id(),
               text_at(j, "/VpcId"),
               flag_at(j, "/IsDefault"),
               texts(list_at(j, "/Associations"), "/SubnetId"),
               {}};
  for (auto& e : list_at(j, "/Entries"))
    if (auto to = parse_cidr(text_at(e, "/CidrBlock")))
      a.entries.push_back(
          {int(number_at(e, "/RuleNumber")), flag_at(e, "/Egress"), text_at(e, "/RuleAction") == "allow",
           is_tcp(text_at(e, "/Protocol")), *to,
           text_at(e, "/Protocol") == "-1" ? Ports{} : ports_of(e, "/PortRange/From", "/PortRange/To")});
  return a;
}

std::string target_of(const Json& route) {
  for (auto* name : {"/GatewayId", "/NatGatewayId", "/TransitGatewayId", "/VpcPeeringConnectionId",
                     "/NetworkInterfaceId", "/InstanceId", "/EgressOnlyInternetGatewayId", "/LocalGatewayId",
                     "/CarrierGatewayId", "/CoreNetworkArn"})
    if (auto t = text_at(route, name); !t.empty()) return t;
  return "a target of another kind";
}

RouteTable table_of(const Item& i) {
  auto& j = *i.properties;
  RouteTable t{i.id(), text_at(j, "/VpcId"), false, texts(list_at(j, "/Associations"), "/SubnetId"), {}};
  for (auto& a : list_at(j, "/Associations")) t.main |= flag_at(a, "/Main");
  for (auto& e : list_at(j, "/Routes")) {
    Route r{{}, text_at(e, "/DestinationPrefixListId"), target_of(e), text_at(e, "/State") == "blackhole"};
    auto to = parse_cidr(text_at(e, "/DestinationCidrBlock"));
    if (to) r.to = *to;
    if (to || !r.prefix_list.empty()) t.routes.push_back(std::move(r));
  }
  return t;
}

Endpoint endpoint_of(const Item& i) {
  auto& j = *i.properties;
  return {i.id(),
          text_at(j, "/VpcId"),
          text_at(j, "/ServiceName"),
          text_at(j, "/VpcEndpointType") == "Gateway",
          flag_at(j, "/PrivateDnsEnabled"),
          texts(list_at(j, "/SubnetIds")),
          texts(list_at(j, "/Groups"), "/GroupId"),
          texts(list_at(j, "/RouteTableIds"))};
}

template <class F>
void each_seen(const Estate& e, std::string_view kind, F f) {
  for (auto& i : e.all(kind))
    if (why_unseen(i, "").empty()) f(i);
}

}  // namespace

Network network_of(const Estate& e) {
  Network n;
  each_seen(e, "ec2/security-group", [&](auto& i) {
    n.groups.push_back({i.id(), text_at(*i.properties, "/VpcId"),
                        rules_of(list_at(*i.properties, "/IpPermissions")),
                        rules_of(list_at(*i.properties, "/IpPermissionsEgress"))});
  });
  each_seen(e, "ec2/network-acl", [&](auto& i) { n.acls.push_back(acl_of(i)); });
  each_seen(e, "ec2/route-table", [&](auto& i) { n.tables.push_back(table_of(i)); });
  each_seen(e, "ec2/subnet", [&](auto& i) {
    if (auto a = parse_cidr(text_at(*i.properties, "/CidrBlock")))
      n.subnets.push_back({i.id(), text_at(*i.properties, "/VpcId"), *a});
  });
  each_seen(e, "ec2/nat-gateway", [&](auto& i) {
    n.nats.push_back({i.id(), text_at(*i.properties, "/SubnetId"),
                      text_at(*i.properties, "/ConnectivityType") != "private"});
  });
  each_seen(e, "ec2/internet-gateway", [&](auto& i) {
    n.gateways.push_back({i.id(), texts(list_at(*i.properties, "/Attachments"), "/VpcId")});
  });
  each_seen(e, "ec2/vpc-endpoint", [&](auto& i) { n.endpoints.push_back(endpoint_of(i)); });
  return n;
}

std::vector<Place> tasks_of(const Item& service) {
  std::vector<Place> out;
  auto& net = at_or_null(*service.properties, "/networkConfiguration/awsvpcConfiguration");
  for (auto& subnet : texts(list_at(net, "/subnets")))
    out.push_back({"a task of " + last_word(service.id()), subnet, texts(list_at(net, "/securityGroups")),
                   text_at(net, "/assignPublicIp") == "ENABLED", kEphemeralLinux});
  return out;
}

std::vector<Place> balancer_places(const Item& balancer) {
  std::vector<Place> out;
  auto& j = *balancer.properties;
  for (auto& subnet : texts(list_at(j, "/AvailabilityZones"), "/SubnetId"))
    out.push_back({"the load balancer", subnet, texts(list_at(j, "/SecurityGroups")),
                   text_at(j, "/Scheme") == "internet-facing", kEphemeralManaged});
  return out;
}

std::vector<Place> database_places(const Estate& e, const Item& database) {
  std::vector<Place> out;
  auto group = e.find("rds/subnet-group", text_at(*database.properties, "/DBSubnetGroup/DBSubnetGroupName"));
  auto& subnets = group ? list_at(*group.properties, "/Subnets")
                        : list_at(*database.properties, "/DBSubnetGroup/Subnets");
  for (auto& subnet : texts(subnets, "/SubnetIdentifier"))
    out.push_back({"the database " + database.id(), subnet,
                   texts(list_at(*database.properties, "/VpcSecurityGroups"), "/VpcSecurityGroupId"), false,
                   kEphemeralLinux});
  return out;
}

Answer worst(std::vector<Answer> answers) {
  Answer out{Reach::kUnknown, "its places", "none is known", {}};
  auto rank = [](Reach r) { return r == Reach::kNo ? 2 : r == Reach::kUnknown ? 1 : 0; };
  auto it = std::ranges::max_element(answers, {}, [&](auto& a) { return rank(a.reach); });
  return it == answers.end() ? out : *it;
}

}  // namespace relight::dr
