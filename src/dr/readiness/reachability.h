// Can one place of a VPC open a TCP connection to another? An analysis over security groups, network ACLs and
// route tables, as "Amazon VPC User Guide" describes them: "Security group rules" (stateful, allow only),
// "Network ACL rules" (stateless, in order of their numbers; the first that matches decides), "Route
// priority" (longest prefix). IPv4 only: an IPv6 rule neither opens nor closes anything here.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dr/model/addresses.h"

namespace relight::dr {

struct Ports {
  int first = 0, last = 65535;
  bool holds(const Ports& o) const { return first <= o.first && o.last <= last; }
};
// From which a connection may come, and to which its answers go: Linux takes 32768-60999, NAT gateways and
// load balancers 1024-65535 ("Ephemeral ports", Amazon VPC User Guide).
inline constexpr Ports kEphemeralLinux{32768, 60999}, kEphemeralManaged{1024, 65535};

struct GroupRule {
  bool tcp = true;  // its protocol is TCP, or all
  Ports ports;
  std::vector<Addresses> addresses;
  std::vector<std::string> groups, prefix_lists;
};
struct SecurityGroup {
  std::string id, vpc;
  std::vector<GroupRule> ingress, egress;
};

struct AclEntry {
  int number = 0;
  bool egress = false, allow = false, tcp = true;
  Addresses addresses;
  Ports ports;
};
struct NetworkAcl {
  std::string id, vpc;
  bool is_default = false;
  std::vector<std::string> subnets;
  std::vector<AclEntry> entries;
};

struct Route {
  Addresses to;
  std::string prefix_list;  // instead of `to`
  std::string target;       // "local", "igw-…", "nat-…", "vpce-…", "tgw-…"
  bool blackhole = false;
};
struct RouteTable {
  std::string id, vpc;
  bool main = false;
  std::vector<std::string> subnets;
  std::vector<Route> routes;
};

struct Subnet {
  std::string id, vpc;
  Addresses addresses;
};
struct NatGateway {
  std::string id, subnet;
  bool public_ = true;  // a private one does not lead to the Internet
};
struct InternetGateway {
  std::string id;
  std::vector<std::string> vpcs;
};
struct Endpoint {
  std::string id, vpc, service;  // "com.amazonaws.us-west-2.s3"
  bool gateway = false, private_dns = false;
  std::vector<std::string> subnets, groups, route_tables;
};

// One region's networks. What is not in here is not known: it makes answers unknown.
struct Network {
  std::vector<SecurityGroup> groups;
  std::vector<NetworkAcl> acls;
  std::vector<RouteTable> tables;
  std::vector<Subnet> subnets;
  std::vector<NatGateway> nats;
  std::vector<InternetGateway> gateways;
  std::vector<Endpoint> endpoints;
};

// Where something stands: its network interface may have any address of the subnet.
struct Place {
  std::string what;  // "a task of lamp", for the answer
  std::string subnet;
  std::vector<std::string> groups;
  bool public_address = false;
  Ports ephemeral = kEphemeralLinux;
};

enum class Reach { kYes, kNo, kUnknown };
struct Answer {
  Reach reach = Reach::kUnknown;
  std::string hop;                // what blocks it, or what is not known: "security group sg-1 (ingress)"
  std::string why;                // in a sentence; for kYes how it gets there
  std::vector<std::string> path;  // the hops passed, in order
};

Answer reach(const Network& n, const Place& from, const Place& to, int port);
// Any address of the Internet.
Answer reach_internet(const Network& n, const Place& from, int port);
Answer reach_from_internet(const Network& n, const Place& to, int port);
// An AWS service in this region by its short name ("s3", "ecr.api"): by an endpoint of the VPC, else over the
// Internet.
Answer reach_service(const Network& n, const Place& from, std::string_view service, int port = 443);

}  // namespace relight::dr
