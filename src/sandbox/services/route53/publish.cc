// Snapshots: what the data plane answers from, swapped whole.
#include <fmt/format.h>

#include "sandbox/services/route53/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
using route53::Variant;

Variant variant_of(const m::ResourceRecordSet& r, uint16_t type) {
  Variant v;
  using P = Variant::Policy;
  v.policy = r.Weight             ? P::kWeighted
             : r.Failover         ? P::kFailover
             : r.Region           ? P::kLatency
             : r.GeoLocation      ? P::kGeolocation
             : r.MultiValueAnswer ? P::kMultivalue
                                  : P::kSimple;
  v.set_identifier = r.SetIdentifier.value_or("");
  v.weight = static_cast<int>(r.Weight.value_or(0));
  v.primary = r.Failover == "PRIMARY";
  v.place = r.Region.value_or("");
  if (r.GeoLocation) v.place = r.GeoLocation->CountryCode.value_or(r.GeoLocation->ContinentCode.value_or(""));
  v.ttl = static_cast<uint32_t>(r.TTL.value_or(60));
  v.health_check = r.HealthCheckId.value_or("");
  if (r.AliasTarget) {
    v.alias = dns::canonical_name(r.AliasTarget->DNSName.value_or("")).value_or("");
    if (v.alias.starts_with("dualstack.")) v.alias.erase(0, 10);
    v.evaluate_target = r.AliasTarget->EvaluateTargetHealth.value_or(false);
    v.text = v.alias;
  }
  for (auto& value : r.ResourceRecords.value_or(std::vector<m::ResourceRecord>{})) {
    if (auto bytes = dns::rdata_of(type, value.Value.value_or(""))) v.rdata.push_back(*bytes);
    v.text += (v.text.empty() ? "" : " ") + value.Value.value_or("");
  }
  return v;
}

std::string described(const route53::Resolver& r, const std::vector<Variant>& all) {
  std::string out;
  for (auto* v : r.chosen(all))
    out += (out.empty() ? "" : ", ") +
           (v->set_identifier.empty() ? v->text : v->set_identifier + " (" + v->text + ")");
  return out;
}

}  // namespace

std::shared_ptr<const route53::Snapshot> Route53Service::snapshot() const {
  std::lock_guard g(snapshot_lock_);
  return snapshot_;
}

void Route53Service::publish_zones() {
  auto zones = std::make_shared<std::map<std::string, route53::Zone>>();
  for (auto& [id, row] : zones_.in(route53::kGlobal)) {
    std::string name = dns::canonical_name(*row.value.Name).value_or("");
    bool is_private = row.value.Config && row.value.Config->PrivateZone.value_or(false);
    // One resolver serves the whole sandbox, so a private zone hides a public one of the same name from
    // everybody.
    if (auto it = zones->find(name); it != zones->end() && it->second.is_private && !is_private) continue;
    route53::Zone z{name, is_private, {}, {}};
    for (auto* r : records_of(id)) {
      std::string owner = dns::canonical_name(*r->Name).value_or("");
      uint16_t type = dns::type_of(*r->Type).value_or(0);
      z.records[owner][type].push_back(variant_of(*r, type));
      for (std::string_view n = owner; n != name && !n.empty(); n = dns::parent(n))
        z.nodes.insert(std::string(n));
    }
    z.nodes.insert(name);
    (*zones)[name] = std::move(z);
  }
  balancers_.clear();
  for (auto& [name, z] : *zones)
    for (auto& [owner, types] : z.records)
      for (auto& [type, sets] : types)
        for (auto& v : sets)
          if (v.evaluate_target && v.alias.ends_with(".elb.amazonaws.com"))
            balancers_[v.alias] = balancer_healthy(v.alias);
  auto next = std::make_shared<route53::Snapshot>();
  next->zones = zones;
  for (auto& [id, c] : checks_.in(route53::kGlobal)) next->checks[id] = effective(id);
  next->balancers = balancers_;
  swap(next);
}

void Route53Service::publish_health() {
  auto now = snapshot();
  auto next = std::make_shared<route53::Snapshot>();
  next->zones = now->zones;
  for (auto& [id, c] : checks_.in(route53::kGlobal)) next->checks[id] = effective(id);
  next->balancers = balancers_;
  if (next->checks == now->checks && next->balancers == now->balancers) return;
  for (auto& [id, healthy] : next->checks) {
    auto it = now->checks.find(id);
    if (it != now->checks.end() && it->second != healthy)
      world_.event("us-east-1", "route53", "health check " + id, healthy ? "healthy" : "unhealthy");
  }
  swap(next);
}

void Route53Service::swap(std::shared_ptr<const route53::Snapshot> next) {
  std::shared_ptr<const route53::Snapshot> before;
  {
    std::lock_guard g(snapshot_lock_);
    before = std::exchange(snapshot_, next);
  }
  if (started_) tell_changes(*before, *next);
}

// What a resolver would be told has changed: said in the region that the new answer leads to.
void Route53Service::tell_changes(const route53::Snapshot& before, const route53::Snapshot& after) {
  route53::Resolver old(before, find_, 0), now(after, find_, 0);
  for (auto& [name, z] : *after.zones) {
    auto old_zone = before.zones->find(name);
    for (auto& [owner, types] : z.records) {
      for (auto& [type, sets] : types) {
        if (type == dns::kSoa || (type == dns::kNs && owner == name)) continue;
        std::string was, is = described(now, sets);
        if (old_zone != before.zones->end())
          if (auto o = old_zone->second.records.find(owner); o != old_zone->second.records.end())
            if (auto t = o->second.find(type); t != o->second.end()) was = described(old, t->second);
        if (was == is) continue;
        std::string where = "us-east-1";
        for (auto& region : world_.settings.regions)
          if (is.find(region) != std::string::npos) where = region;
        world_.event(where, "route53", fmt::format("{} {}", owner, dns::type_name(type)),
                     "dns answer is now " + is);
      }
    }
  }
}

}  // namespace relight::sandbox
