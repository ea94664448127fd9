#include "sandbox/services/route53/resolver.h"

#include <algorithm>

namespace relight::sandbox::route53 {
namespace {

using dns::Answer;
using dns::Rcode;
using dns::Record;

constexpr int kFollowedDepth = 8;  // CNAMEs and aliases that follow one another
constexpr size_t kMultivalue =
    8;  // "up to eight healthy records" (Developer Guide, multivalue answer routing)
constexpr uint32_t kBalancerTtl = 60, kDatabaseTtl = 5;

bool aws_owned(std::string_view name) { return dns::inside(name, "amazonaws.com"); }

uint32_t aws_ttl(std::string_view name) {
  return name.find(".elb.") != std::string_view::npos ? kBalancerTtl : kDatabaseTtl;
}

std::string without_dualstack(const std::string& name) {
  return name.starts_with("dualstack.") ? name.substr(10) : name;
}

std::vector<const Variant*> all_of(const std::vector<Variant>& v) {
  std::vector<const Variant*> out;
  for (auto& x : v) out.push_back(&x);
  return out;
}

uint32_t word(const std::string& rdata, size_t from_end) {
  if (rdata.size() < from_end) return 0;
  uint32_t v = 0;
  for (size_t i = 0; i < 4; ++i) v = v << 8 | static_cast<unsigned char>(rdata[rdata.size() - from_end + i]);
  return v;
}

}  // namespace

dns::Answer Resolver::answer(const dns::Question& q) const {
  Answer a;
  a.rcode = Rcode::kNoError;
  a.authoritative = true;
  resolve(q.name, q.type, a, 0);
  return a;
}

const Zone* Resolver::zone_of(const std::string& name) const {
  for (std::string_view n = name;; n = dns::parent(n)) {
    if (auto it = s_.zones->find(std::string(n)); it != s_.zones->end()) return &it->second;
    if (n.empty()) return nullptr;
  }
}

void Resolver::resolve(const std::string& name, uint16_t type, Answer& a, int depth) const {
  if (depth > kFollowedDepth) {
    a.rcode = Rcode::kServFail;
    return;
  }
  if (const Zone* z = zone_of(name)) return from_zone(*z, name, type, a, depth);
  if (depth > 0 && !aws_owned(name) && !find_(name)) return;  // a chain may leave what we know
  from_aws(name, type, a);
}

void Resolver::from_aws(const std::string& name, uint16_t type, Answer& a) const {
  auto address = find_(without_dualstack(name));
  if (!address && !aws_owned(name)) {
    a.rcode = Rcode::kRefused;
    a.authoritative = false;
    return;
  }
  if (address && (type == dns::kA || type == dns::kAny)) {
    a.answers.push_back({name, dns::kA, aws_ttl(name), dns::a_rdata(*address)});
    return;
  }
  if (!address) a.rcode = Rcode::kNxDomain;
  auto soa =
      dns::rdata_of(dns::kSoa, "ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 60");
  a.authority.push_back({"amazonaws.com", dns::kSoa, kBalancerTtl, *soa});
}

void Resolver::deny(const Zone& z, Answer& a) const {
  auto apex = z.records.find(z.name);
  if (apex == z.records.end()) return;
  auto soa = apex->second.find(dns::kSoa);
  if (soa == apex->second.end() || soa->second.empty() || soa->second[0].rdata.empty()) return;
  const Variant& v = soa->second[0];
  // RFC 2308: the lesser of the SOA's own TTL and its minimum field
  a.authority.push_back({z.name, dns::kSoa, std::min(v.ttl, word(v.rdata[0], 4)), v.rdata[0]});
}

void Resolver::from_zone(const Zone& z, const std::string& name, uint16_t type, Answer& a, int depth) const {
  // A delegation between the apex and the name hands the question on.
  for (std::string_view n = name; n != z.name; n = dns::parent(n)) {
    auto cut = z.records.find(std::string(n));
    if (cut == z.records.end() || !cut->second.contains(dns::kNs) || (n == name && type == dns::kDs))
      continue;
    if (depth == 0) a.authoritative = false;
    for (auto& ns : cut->second.at(dns::kNs).front().rdata)
      a.authority.push_back({std::string(n), dns::kNs, cut->second.at(dns::kNs).front().ttl, ns});
    return;
  }
  auto node = z.records.find(name);
  if (node == z.records.end() && !z.nodes.contains(name)) {
    std::string_view encloser = dns::parent(name);
    while (encloser != z.name && !z.nodes.contains(std::string(encloser))) encloser = dns::parent(encloser);
    node = z.records.find("*." + std::string(encloser));  // RFC 4592: only below the closest encloser
    if (node == z.records.end()) {
      a.rcode = Rcode::kNxDomain;
      return deny(z, a);
    }
  }
  if (node == z.records.end()) return deny(z, a);
  size_t before = a.answers.size();
  auto cname = node->second.find(dns::kCname);
  if (cname != node->second.end() && type != dns::kCname && type != dns::kAny) {
    emit(cname->second, name, dns::kCname, a, depth);
    if (a.answers.size() > before)
      return resolve(dns::rdata_name(a.answers.back().rdata), type, a, depth + 1);
  } else {
    for (auto& [t, sets] : node->second)
      if (t == type || type == dns::kAny) emit(sets, name, t, a, depth);
  }
  if (a.answers.size() == before && a.rcode == Rcode::kNoError && a.authority.empty()) deny(z, a);
}

void Resolver::emit(const std::vector<Variant>& all, const std::string& owner, uint16_t type, Answer& a,
                    int depth) const {
  std::vector<const Variant*> out = chosen(all);
  if (out.empty()) return;
  if (out[0]->policy == Variant::Policy::kWeighted) {
    uint64_t total = 0;
    for (auto* v : out) total += static_cast<uint64_t>(std::max(v->weight, 0));
    uint64_t at = total ? dice_ % total : dice_ % out.size();
    const Variant* one = out[total ? 0 : at];
    for (auto* v : out) {
      if (!total) break;
      one = v;
      if (at < static_cast<uint64_t>(v->weight)) break;
      at -= static_cast<uint64_t>(v->weight);
    }
    out = {one};
  }
  if (out[0]->policy == Variant::Policy::kMultivalue && out.size() > kMultivalue) {
    std::rotate(out.begin(), out.begin() + static_cast<long>(dice_ % out.size()), out.end());
    out.resize(kMultivalue);
  }
  for (auto* v : out) {
    if (v->alias.empty()) {
      for (auto& r : v->rdata) a.answers.push_back({owner, type, v->ttl, r});
      continue;
    }
    // An alias is answered with its target's records under its own name: the asker sees no CNAME.
    Answer target;
    target.rcode = Rcode::kNoError;
    resolve(v->alias, type, target, depth + 1);
    for (auto& r : target.answers)
      if (r.type == type) a.answers.push_back({owner, r.type, r.ttl, r.rdata});
    if (target.rcode == Rcode::kServFail) a.rcode = target.rcode;
  }
}

// "How Amazon Route 53 chooses records when health checking is configured" and "… in simple configurations".
std::vector<const Variant*> Resolver::chosen(const std::vector<Variant>& all) const {
  std::vector<const Variant*> every = all_of(all), good;
  if (every.empty()) return every;
  for (auto* v : every)
    if (healthy(*v)) good.push_back(v);
  switch (every[0]->policy) {
    case Variant::Policy::kSimple:
      return every;
    case Variant::Policy::kMultivalue:
      return good.empty() ? every : good;
    case Variant::Policy::kFailover: {
      // API reference, ResourceRecordSet, Failover: "When the secondary resource record set is unhealthy,
      // Route 53 responds … from the primary resource record set regardless of the health of the primary".
      auto one = [&](bool primary) {
        return std::find_if(every.begin(), every.end(), [&](auto* v) { return v->primary == primary; });
      };
      auto p = one(true), s = one(false);
      if (p == every.end()) return {*s};
      if (s == every.end() || healthy(**p) || !healthy(**s)) return {*p};
      return {*s};
    }
    case Variant::Policy::kWeighted: {
      // Nonzero weights first; zero weights only when every nonzero one is unhealthy; all when none is
      // healthy.
      auto nonzero = [](std::vector<const Variant*> v) {
        std::erase_if(v, [](auto* x) { return x->weight == 0; });
        return v;
      };
      if (auto n = nonzero(good); !n.empty()) return n;
      if (!good.empty()) return good;
      auto n = nonzero(every);
      return n.empty() ? every : n;
    }
    case Variant::Policy::kLatency: {
      // All askers are on this machine: no latency to compare, so the first region by name that is healthy.
      auto& from = good.empty() ? every : good;
      return {
          *std::min_element(from.begin(), from.end(), [](auto* x, auto* y) { return x->place < y->place; })};
    }
    case Variant::Policy::kGeolocation: {
      // An asker on loopback comes from nowhere: the default record, or no answer ("no answer" in the guide
      // too).
      for (auto* v : every)
        if (v->place == "*") return {v};
      return {};
    }
  }
  return every;
}

bool Resolver::healthy(const Variant& v, int depth) const {
  if (!v.health_check.empty()) {
    // A check that was deleted: the guide calls the outcome unpredictable; here it counts as healthy
    // (unverified).
    auto it = s_.checks.find(v.health_check);
    if (it != s_.checks.end() && !it->second) return false;
  }
  return v.alias.empty() || !v.evaluate_target || target_healthy(v.alias, depth + 1);
}

bool Resolver::target_healthy(const std::string& alias, int depth) const {
  if (depth > kFollowedDepth) return false;
  if (auto it = s_.balancers.find(alias); it != s_.balancers.end()) return it->second;
  const Zone* z = zone_of(alias);
  if (!z) return true;
  auto node = z->records.find(alias);
  if (node == z->records.end()) return false;
  for (auto& [type, sets] : node->second)
    for (auto& v : sets)
      if (healthy(v, depth)) return true;
  return false;
}

}  // namespace relight::sandbox::route53
