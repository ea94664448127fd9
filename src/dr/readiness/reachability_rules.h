// What one layer of a network says of a connection; reachability.cc asks them in order.
#pragma once
#include <optional>

#include "dr/readiness/reachability.h"

namespace relight::dr {

// A security group's view. `peer` is where the other end may be; its groups are those that rules may name.
Answer groups_allow(const Network& n, const Place& place, bool egress, const Addresses& peer,
                    const std::vector<std::string>& peer_groups, int port);
// A network ACL's view of packets that go to `ports`. The subnet's ACL; the VPC's default one if none names
// it.
Answer acl_allows(const Network& n, const Subnet& subnet, bool egress, const Addresses& peer,
                  const Ports& ports);

// The route that packets from `subnet` to `to` take.
struct Taken {
  std::string table;
  const Route* route = nullptr;  // nullptr: none fits
};
struct Routed {
  std::optional<Taken> taken;  // nullopt: not known
  std::string why;             // then
};
Routed route_of(const Network& n, const Subnet& subnet, const Addresses& to);

const Subnet* find_subnet(const Network& n, std::string_view id);
Answer yes(std::string why);
Answer no(std::string hop, std::string why);
Answer not_known(std::string hop, std::string why);

}  // namespace relight::dr
