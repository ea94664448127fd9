#include "dr/readiness/reachability_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::dr {
namespace {

// A part of what is asked about: addresses times ports.
struct Box {
  Addresses addresses;
  Ports ports;
};

// `box` without what `entry` decides; that part is moved to `decided`.
void split(const Box& box, const AclEntry& e, std::vector<Box>& rest, std::vector<Box>& decided) {
  auto& a = e.addresses;
  auto& p = e.ports;
  if (!e.tcp || !a.meets(box.addresses) || p.first > box.ports.last || p.last < box.ports.first) {
    rest.push_back(box);
    return;
  }
  Box in = box;
  if (a.first > in.addresses.first) rest.push_back({{in.addresses.first, a.first - 1}, in.ports});
  if (a.last < in.addresses.last) rest.push_back({{a.last + 1, in.addresses.last}, in.ports});
  in.addresses = {std::max(in.addresses.first, a.first), std::min(in.addresses.last, a.last)};
  if (p.first > in.ports.first) rest.push_back({in.addresses, {in.ports.first, p.first - 1}});
  if (p.last < in.ports.last) rest.push_back({in.addresses, {p.last + 1, in.ports.last}});
  in.ports = {std::max(in.ports.first, p.first), std::min(in.ports.last, p.last)};
  decided.push_back(in);
}

const NetworkAcl* acl_of(const Network& n, const Subnet& s) {
  const NetworkAcl* fallback = nullptr;
  for (auto& a : n.acls) {
    if (std::ranges::find(a.subnets, s.id) != a.subnets.end()) return &a;
    if (a.vpc == s.vpc && a.is_default) fallback = &a;
  }
  return fallback;
}

std::string port_text(const Ports& p) {
  return p.first == p.last ? std::to_string(p.first) : fmt::format("{}-{}", p.first, p.last);
}

const SecurityGroup* find_group(const Network& n, const std::string& id) {
  for (auto& g : n.groups)
    if (g.id == id) return &g;
  return nullptr;
}

// How one rule meets the peer: not at all, for every address it may have, or for some.
enum class Fit { kNone, kSome, kAll };
Fit fit(const GroupRule& r, const Addresses& peer, const std::vector<std::string>& peer_groups, int port,
        bool& prefix_list) {
  if (!r.tcp || port < r.ports.first || port > r.ports.last) return Fit::kNone;
  for (auto& g : r.groups)
    if (std::ranges::find(peer_groups, g) != peer_groups.end()) return Fit::kAll;
  auto best = Fit::kNone;
  for (auto& a : r.addresses) {
    if (a.holds(peer)) return Fit::kAll;
    if (a.meets(peer)) best = Fit::kSome;
  }
  if (!r.prefix_lists.empty()) prefix_list = true;
  return best;
}

}  // namespace

Answer yes(std::string why) { return {Reach::kYes, "", std::move(why), {}}; }
Answer no(std::string hop, std::string why) { return {Reach::kNo, std::move(hop), std::move(why), {}}; }
Answer not_known(std::string hop, std::string why) {
  return {Reach::kUnknown, std::move(hop), std::move(why), {}};
}

const Subnet* find_subnet(const Network& n, std::string_view id) {
  for (auto& s : n.subnets)
    if (s.id == id) return &s;
  return nullptr;
}

Answer groups_allow(const Network& n, const Place& place, bool egress, const Addresses& peer,
                    const std::vector<std::string>& peer_groups, int port) {
  auto way = egress ? "egress" : "ingress";
  if (place.groups.empty())
    return not_known("the security groups of " + place.what, "it is not known which it has");
  bool some = false, prefix_list = false;
  std::string names, missing;
  for (auto& id : place.groups) {
    names += (names.empty() ? "" : ", ") + id;
    auto* g = find_group(n, id);
    if (!g) missing = id;
    for (auto& r : !g ? std::vector<GroupRule>{} : egress ? g->egress : g->ingress) {
      auto f = fit(r, peer, peer_groups, port, prefix_list);
      if (f == Fit::kAll) return yes(fmt::format("security group {} ({})", id, way));
      some |= f == Fit::kSome;
    }
  }
  auto hop = fmt::format("security group {} ({})", names, way);
  if (!missing.empty()) return not_known(hop, missing + " was not captured");
  if (some)
    return not_known(hop, fmt::format("its rules allow port {} for some of the addresses only", port));
  if (prefix_list) return not_known(hop, "what its prefix lists hold was not captured");
  return no(hop, fmt::format("no rule allows TCP port {} {} {}", port, egress ? "to" : "from",
                             egress ? "there" : "the other end"));
}

Answer acl_allows(const Network& n, const Subnet& subnet, bool egress, const Addresses& peer,
                  const Ports& ports) {
  auto* acl = acl_of(n, subnet);
  if (!acl) return not_known("the network ACL of " + subnet.id, "it was not captured");
  auto hop = fmt::format("network ACL {} of {} ({})", acl->id, subnet.id, egress ? "egress" : "ingress");
  auto entries = acl->entries;
  std::ranges::stable_sort(entries, {}, &AclEntry::number);
  std::vector<Box> open{{peer, ports}}, allowed, denied;
  std::string by = "no entry";
  for (auto& e : entries) {
    if (e.egress != egress) continue;
    std::vector<Box> rest;
    auto before = denied.size();
    for (auto& b : open) split(b, e, rest, e.allow ? allowed : denied);
    if (denied.size() > before && before == 0)
      by = e.number == 32767 ? "its last entry (*)" : fmt::format("entry {}", e.number);
    open = std::move(rest);
  }
  if (denied.empty() && open.empty()) return yes(hop);
  denied.insert(denied.end(), open.begin(), open.end());
  if (allowed.empty())
    return no(hop, fmt::format("{} lets TCP port {} pass", by == "no entry" ? by : by + " does not",
                               port_text(ports)));
  // Every port is used in time, so a part that is shut is a failure; of the addresses only some may be.
  bool whole = std::ranges::all_of(denied, [&](auto& b) { return b.addresses == peer; });
  if (whole)
    return no(hop, fmt::format("{} shuts TCP ports {} of {}", by, port_text(denied.front().ports),
                               port_text(ports)));
  return not_known(hop, fmt::format("{} shuts port {} for some of the addresses", by, port_text(ports)));
}

Routed route_of(const Network& n, const Subnet& subnet, const Addresses& to) {
  const RouteTable* table = nullptr;
  for (auto& t : n.tables)
    if (std::ranges::find(t.subnets, subnet.id) != t.subnets.end()) table = &t;
  for (auto& t : n.tables)
    if (!table && t.main && t.vpc == subnet.vpc) table = &t;
  if (!table) return {std::nullopt, "the route table of " + subnet.id + " was not captured"};
  const Route* best = nullptr;
  for (auto& r : table->routes) {
    if (!r.prefix_list.empty()) continue;  // asked for services only
    if (r.to.holds(to)) {
      if (!best || prefix_of(r.to) > prefix_of(best->to)) best = &r;
    } else if (r.to.meets(to) && !(to == kAnywhere)) {
      return {std::nullopt,
              fmt::format("{} has a route to {} for some of the addresses", table->id, r.target)};
    }
  }
  return {Taken{table->id, best}, ""};
}

}  // namespace relight::dr
