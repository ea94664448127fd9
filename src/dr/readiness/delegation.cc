// Check 46: what DNS answers for the domain's zone is the zone that was captured. A zone that nobody
// delegates to can be as right as it will.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

std::string server_name(std::string s) {
  std::ranges::transform(s, s.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (s.ends_with('.')) s.pop_back();
  return s;
}

std::string listed(const std::set<std::string>& names) {
  std::string out;
  for (auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out.empty() ? "none" : out;
}

}  // namespace

Item zone_of_domain(const Picture& p) {
  auto domain = server_name(p.config.dns.domain);
  Item best;
  size_t longest = 0;
  for (auto* e : {&p.recovery, &p.primary})
    for (auto& z : e->all("route53/hosted-zone")) {
      auto name = server_name(text_at(*z.properties, "/Name"));
      bool holds = domain == name || domain.ends_with("." + name);
      if (!name.empty() && holds && name.size() > longest) best = z, longest = name.size();
    }
  return best;
}

void check_delegation(const Picture& p, Report& r) {
  Report::About domain{p.config.dns.domain, "aws-global"};
  if (p.config.dns.domain.empty()) {
    r.unknown(domain, "relight.yaml names no domain", "dns.domain is empty");
    return;
  }
  auto zone = zone_of_domain(p);
  if (!zone) {
    r.unknown(domain, "the zone that holds it is not known", "no hosted zone of it was captured");
    return;
  }
  if (!r.seen(zone, "") || !r.seen(zone, "NameServers")) return;
  if (!r.seen(p.live.name_servers, zone, "to whom it is delegated")) return;
  std::set<std::string> wanted, answered;
  for (auto& n : list_at(*zone.properties, "/NameServers")) wanted.insert(server_name(n.get<std::string>()));
  for (auto& n : *p.live.name_servers) answered.insert(server_name(n));
  auto seen = fmt::format("DNS answers {}; the zone's are {}", listed(answered), listed(wanted));
  auto mend = "set the NS records of " + server_name(text_at(*zone.properties, "/Name")) +
              " at its parent zone or registrar: " + listed(wanted);
  if (wanted.empty())
    r.unknown(zone, "which name servers it has is not known",
              "it is a private zone, or they were not captured");
  else if (answered == wanted)
    r.pass(zone, "DNS leads to it", seen);
  else if (std::ranges::any_of(answered, [&](auto& n) { return wanted.contains(n); }))
    r.warn(zone, "DNS leads to some of its name servers, or to others besides", seen, mend);
  else
    r.fail(zone, "DNS does not lead to it: what a failover changes, nobody sees", seen, mend);
}

}  // namespace relight::dr
