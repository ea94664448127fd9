#include "dr/readiness/reachability.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "dr/readiness/reachability_rules.h"

namespace relight::dr {
namespace {

// The questions in the order in which a packet meets them. The first no ends it; an unknown is kept, because
// a later no is stronger.
class Journey {
 public:
  bool passes(Answer a) {
    if (a.reach == Reach::kNo) no_ = a;
    if (a.reach == Reach::kUnknown && !unknown_) unknown_ = a;
    if (a.reach == Reach::kYes && !a.why.empty()) path_.push_back(a.why);
    return !no_;
  }
  Answer ends(const std::string& how) {
    Answer out = no_ ? *no_ : unknown_ ? *unknown_ : yes(how);
    out.path = path_;
    return out;
  }

 private:
  std::optional<Answer> no_, unknown_;
  std::vector<std::string> path_;
};

Answer routed(const Network& n, const Subnet& from, const Addresses& to, std::string_view wanted,
              const char* which) {
  auto r = route_of(n, from, to);
  auto hop = fmt::format("the {} route from {}", which, from.id);
  if (!r.taken) return not_known(hop, r.why);
  hop = fmt::format("route table {} of {}", r.taken->table, from.id);
  if (!r.taken->route) return no(hop, fmt::format("it has no {} route", which));
  auto& route = *r.taken->route;
  if (route.blackhole)
    return no(hop, fmt::format("its {} route leads to {}, which is gone (blackhole)", which, route.target));
  if (route.target != wanted && !wanted.empty())
    return not_known(hop, fmt::format("its {} route leads through {}, whose far side was not captured", which,
                                      route.target));
  return yes(hop + " -> " + route.target);
}

// Both ways between two subnets.
bool between(const Network& n, Journey& j, const Subnet& a, const Subnet& b, const Place& from, int port) {
  if (!j.passes(routed(n, a, b.addresses, "local", "outward"))) return false;
  // Within a subnet packets meet no ACL.
  if (a.id != b.id) {
    if (!j.passes(acl_allows(n, a, true, b.addresses, {port, port}))) return false;
    if (!j.passes(acl_allows(n, b, false, a.addresses, {port, port}))) return false;
    if (!j.passes(acl_allows(n, b, true, a.addresses, from.ephemeral))) return false;
    if (!j.passes(acl_allows(n, a, false, b.addresses, from.ephemeral))) return false;
  }
  return j.passes(routed(n, b, a.addresses, "local", "returning"));
}

// ACLs of a subnet towards the whole Internet.
bool acls_to_internet(const Network& n, Journey& j, const Subnet& s, int port, const Ports& ephemeral) {
  return j.passes(acl_allows(n, s, true, kAnywhere, {port, port})) &&
         j.passes(acl_allows(n, s, false, kAnywhere, ephemeral));
}

Answer gateway_there(const Network& n, const std::string& id, const std::string& vpc) {
  for (auto& g : n.gateways)
    if (g.id == id)
      return std::ranges::find(g.vpcs, vpc) != g.vpcs.end()
                 ? yes(id)
                 : no("internet gateway " + id, "it is not attached to " + vpc);
  return not_known("internet gateway " + id, "it was not captured");
}

// What the way to everywhere leads to, from this subnet.
struct WayOut {
  Answer answer;
  std::string target;
};
WayOut way_out(const Network& n, const Subnet& s) {
  auto answer = routed(n, s, kAnywhere, "", "default");
  auto r = route_of(n, s, kAnywhere);
  return {answer, answer.reach == Reach::kYes ? r.taken->route->target : ""};
}

void through_nat(const Network& n, Journey& j, const Subnet& from, const std::string& id, const Place& place,
                 int port) {
  auto nat = std::ranges::find(n.nats, id, &NatGateway::id);
  if (nat == n.nats.end()) {
    j.passes(not_known("NAT gateway " + id, "it was not captured"));
    return;
  }
  if (!nat->public_) {
    j.passes(not_known("NAT gateway " + id, "it is private: where it leads was not captured"));
    return;
  }
  auto* s = find_subnet(n, nat->subnet);
  if (!s) {
    j.passes(not_known("the subnet of NAT gateway " + id, nat->subnet + " was not captured"));
    return;
  }
  if (s->id != from.id) {
    // The packet keeps its far address on the way to the gateway.
    if (!j.passes(acl_allows(n, *s, false, from.addresses, {port, port}))) return;
    if (!j.passes(acl_allows(n, *s, true, from.addresses, place.ephemeral))) return;
  }
  if (!acls_to_internet(n, j, *s, port, kEphemeralManaged)) return;
  auto out = way_out(n, *s);
  if (!j.passes(out.answer)) return;
  if (out.target.starts_with("igw-"))
    j.passes(gateway_there(n, out.target, s->vpc));
  else if (!out.target.empty())
    j.passes(no("NAT gateway " + id, "its own subnet has no way to an internet gateway"));
}

// Of the endpoint's interfaces one must do: clients are answered with that of their own zone first.
Answer through_endpoint(const Network& n, const Place& from, const Endpoint& e, int port) {
  if (!e.private_dns)
    return not_known("endpoint " + e.id,
                     "it has no private DNS name, so whether the application uses it is not known");
  Answer last = not_known("endpoint " + e.id, "its subnets were not captured");
  for (auto& subnet : e.subnets) {
    last = reach(n, from, {"endpoint " + e.id, subnet, e.groups, false, kEphemeralManaged}, port);
    if (last.reach == Reach::kYes) return last;
  }
  return last;
}

}  // namespace

Answer reach(const Network& n, const Place& from, const Place& to, int port) {
  auto *a = find_subnet(n, from.subnet), *b = find_subnet(n, to.subnet);
  if (!a || !b) return not_known("subnet " + (a ? to.subnet : from.subnet), "it was not captured");
  Journey j;
  if (a->vpc != b->vpc) {
    auto out = routed(n, *a, b->addresses, "peering", "outward");
    if (out.reach == Reach::kYes)
      out = not_known("the way from " + a->vpc + " to " + b->vpc, "it was not captured");
    return out;
  }
  bool open = j.passes(groups_allow(n, from, true, b->addresses, to.groups, port)) &&
              between(n, j, *a, *b, from, port) &&
              j.passes(groups_allow(n, to, false, a->addresses, from.groups, port));
  (void)open;
  return j.ends(fmt::format("{} reaches {} on port {}", from.what, to.what, port));
}

Answer reach_internet(const Network& n, const Place& from, int port) {
  auto* s = find_subnet(n, from.subnet);
  if (!s) return not_known("subnet " + from.subnet, "it was not captured");
  Journey j;
  if (!j.passes(groups_allow(n, from, true, kAnywhere, {}, port))) return j.ends("");
  if (!acls_to_internet(n, j, *s, port, from.ephemeral)) return j.ends("");
  auto out = way_out(n, *s);
  if (!j.passes(out.answer)) return j.ends("");
  if (out.target.starts_with("igw-")) {
    if (j.passes(gateway_there(n, out.target, s->vpc)) && !from.public_address)
      j.passes(no(from.what, "its subnet leads to an internet gateway, but it has no public address"));
  } else if (out.target.starts_with("nat-")) {
    through_nat(n, j, *s, out.target, from, port);
  } else if (!out.target.empty()) {
    j.passes(not_known(out.target, "where it leads was not captured"));
  }
  return j.ends(from.what + " reaches the Internet through " + out.target);
}

Answer reach_from_internet(const Network& n, const Place& to, int port) {
  auto* s = find_subnet(n, to.subnet);
  if (!s) return not_known("subnet " + to.subnet, "it was not captured");
  Journey j;
  auto out = way_out(n, *s);
  if (!j.passes(out.answer)) return j.ends("");
  if (out.target.empty())
    ;  // no route table was seen: the answer says so
  else if (!out.target.starts_with("igw-"))
    j.passes(
        no("subnet " + s->id, "its default route leads to " + out.target + ", not to an internet gateway"));
  else if (j.passes(gateway_there(n, out.target, s->vpc)) && !to.public_address)
    j.passes(no(to.what, "it has no public address"));
  // Visitors come from any port of theirs.
  if (j.passes(acl_allows(n, *s, false, kAnywhere, {port, port})) &&
      j.passes(acl_allows(n, *s, true, kAnywhere, kEphemeralManaged)))
    j.passes(groups_allow(n, to, false, kAnywhere, {}, port));
  return j.ends(fmt::format("visitors reach {} on port {}", to.what, port));
}

Answer reach_service(const Network& n, const Place& from, std::string_view service, int port) {
  auto* s = find_subnet(n, from.subnet);
  if (!s) return not_known("subnet " + from.subnet, "it was not captured");
  std::optional<Answer> by_endpoint;
  auto ending = "." + std::string(service);
  auto is_it = [&](const Endpoint& e) {
    return e.vpc == s->vpc && e.service.ends_with(ending) &&
           std::ranges::count(e.service, '.') == 2 + std::ranges::count(ending, '.');
  };
  for (auto& e : n.endpoints) {
    if (!is_it(e)) continue;
    if (!e.gateway) {
      by_endpoint = through_endpoint(n, from, e, port);
      continue;
    }
    auto r = route_of(n, *s, kAnywhere);
    if (!r.taken || std::ranges::find(e.route_tables, r.taken->table) == e.route_tables.end()) continue;
    // Its addresses are public ones in a prefix list: groups and ACLs must let them out.
    Journey j;
    auto out = groups_allow(n, from, true, kAnywhere, {}, port);
    if (j.passes(out)) acls_to_internet(n, j, *s, port, from.ephemeral);
    by_endpoint = j.ends(from.what + " reaches " + std::string(service) + " through " + e.id);
  }
  // A private DNS name leads to the endpoint even where the Internet would do.
  if (by_endpoint) return *by_endpoint;
  auto out = reach_internet(n, from, port);
  if (out.reach == Reach::kNo) out.why += fmt::format(", and there is no endpoint for {}", service);
  return out;
}

}  // namespace relight::dr
