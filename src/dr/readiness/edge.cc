// Check 38: the recovery region's load balancer treats visitors as the primary's does.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::vector<Item> of_parent(const Estate& e, const char* kind, const char* pointer,
                            const std::string& parent) {
  std::vector<Item> out;
  for (auto& i : e.all(kind))
    if (text_at(*i.properties, pointer) == parent) out.push_back(i);
  return out;
}

// A rule's ARN holds its listener's: …:listener/app/… and …:listener-rule/app/…/RULE.
std::vector<Item> rules_of(const Estate& e, const Item& listener) {
  auto mark = listener.id().find(":listener/");
  std::vector<Item> out;
  if (mark == std::string::npos) return out;
  auto start = listener.id().substr(0, mark) + ":listener-rule/" + listener.id().substr(mark + 10) + "/";
  for (auto& i : e.all("elbv2/rule"))
    if (i.id().starts_with(start)) out.push_back(i);
  return out;
}

std::string key_of(const Item& listener) {
  return text_at(*listener.properties, "/Protocol") + " " + text_at(*listener.properties, "/Port");
}

// What a rule asks and does, without the ARNs that differ between regions.
std::string rule_text(const Item& rule) {
  std::string out = text_at(*rule.properties, "/Priority") + " if " +
                    at_or_null(*rule.properties, "/Conditions").dump() + " then";
  for (auto& a : list_at(*rule.properties, "/Actions")) out += " " + text_at(a, "/Type");
  return out;
}

std::set<std::string> rules_text(const Estate& e, const Item& listener) {
  std::set<std::string> out;
  for (auto& r : rules_of(e, listener)) out.insert(rule_text(r));
  return out;
}

void compare_listeners(const Picture& p, const Pair& balancers, Report& r) {
  auto ours = of_parent(p.primary, "elbv2/listener", "/LoadBalancerArn", balancers.primary.id());
  auto theirs = of_parent(p.recovery, "elbv2/listener", "/LoadBalancerArn", balancers.recovery.id());
  for (auto& l : ours) {
    auto other = std::ranges::find(theirs, key_of(l), [](auto& i) { return key_of(i); });
    if (other == theirs.end()) {
      r.fail(balancers.recovery, "it does not listen where the primary's does", key_of(l) + " is missing",
             fmt::format("aws --region {} elbv2 create-listener --load-balancer-arn {} --protocol {} --port "
                         "{} --default-actions Type=forward,TargetGroupArn=ARN",
                         balancers.recovery.region(), balancers.recovery.id(),
                         text_at(*l.properties, "/Protocol"), text_at(*l.properties, "/Port")));
    } else if (auto a = rules_text(p.primary, l), b = rules_text(p.recovery, *other); a != b) {
      std::string differs;
      for (auto& rule : a)
        if (!b.contains(rule)) differs += "missing: " + rule + " ";
      for (auto& rule : b)
        if (!a.contains(rule)) differs += "not in the primary: " + rule + " ";
      r.fail(*other, "its rules are not the primary's", differs, "relight synth && relight deploy");
    } else {
      r.pass(*other, "it listens and decides as the primary's",
             fmt::format("{}, {} rules", key_of(l), a.size()));
    }
  }
}

void compare_groups(const Pair& groups, Report& r) {
  auto &a = *groups.primary.properties, &b = *groups.recovery.properties;
  std::string health, other;
  auto compare = [&](std::string& list, const char* part) {
    auto x = at_or_null(a, part), y = at_or_null(b, part);
    if (x != y) list += fmt::format("{}{}: {} -> {}", list.empty() ? "" : ", ", part + 1, x.dump(), y.dump());
  };
  for (auto* part : {"/Protocol", "/Port", "/HealthCheckEnabled", "/HealthCheckPath", "/HealthCheckPort",
                     "/HealthCheckProtocol", "/Matcher"})
    compare(health, part);
  for (auto* part : {"/HealthCheckIntervalSeconds", "/HealthCheckTimeoutSeconds", "/HealthyThresholdCount",
                     "/UnhealthyThresholdCount", "/TargetType"})
    compare(other, part);
  for (auto* key : {"stickiness.enabled", "stickiness.type", "load_balancing.algorithm.type",
                    "slow_start.duration_seconds"}) {
    auto x = keyed(list_at(a, "/Attributes"), key), y = keyed(list_at(b, "/Attributes"), key);
    if (x != y) other += fmt::format("{}{}: {} -> {}", other.empty() ? "" : ", ", key, x, y);
  }
  auto mend = fmt::format(
      "aws --region {} elbv2 modify-target-group --target-group-arn {} --health-check-path {} "
      "--health-check-port {}",
      groups.recovery.region(), groups.recovery.id(), text_at(a, "/HealthCheckPath"),
      text_at(a, "/HealthCheckPort"));
  if (!health.empty())
    r.fail(groups.recovery, "it judges its targets otherwise than the primary's", health, mend);
  else if (!other.empty())
    r.warn(groups.recovery, "it is set otherwise than the primary's", other,
           "relight synth && relight deploy");
  else
    r.pass(groups.recovery, "it judges its targets as the primary's", text_at(b, "/HealthCheckPath"));
}

std::set<std::string> certificates_of(const Estate& e) {
  std::set<std::string> out;
  for (auto& l : e.all("elbv2/listener"))
    for (auto& c : list_at(*l.properties, "/Certificates")) out.insert(text_at(c, "/CertificateArn"));
  return out;
}

// "*.lamp.example" covers one name more ("ACM certificate characteristics", ACM User Guide).
bool covers(const std::string& pattern, const std::string& name) {
  if (pattern == name) return true;
  auto dot = name.find('.');
  return pattern.starts_with("*.") && dot != name.npos && pattern.substr(2) == name.substr(dot + 1);
}

void judge_certificate(const Picture& p, const std::string& arn, Report& r) {
  constexpr int64_t kDaysMin = 30;
  auto c = p.recovery.find("acm/certificate", arn);
  if (!c) {
    r.unknown({arn, p.config.recovery.region}, "whether it covers the names is not known",
              "it was not captured");
    return;
  }
  if (!r.seen(c, "")) return;
  auto& j = *c.properties;
  auto ends = parse_iso8601(text_at(j, "/NotAfter"));
  auto days = ends ? std::chrono::duration_cast<std::chrono::hours>(*ends - p.observed_at).count() / 24 : 0;
  bool named = covers(text_at(j, "/DomainName"), p.config.dns.domain) ||
               std::ranges::any_of(list_at(j, "/SubjectAlternativeNames"), [&](auto& n) {
                 return covers(n.template get<std::string>(), p.config.dns.domain);
               });
  auto seen = fmt::format("{}, {}, {} days left", text_at(j, "/DomainName"), text_at(j, "/Status"), days);
  auto mend = fmt::format("aws --region {} acm request-certificate --domain-name {} --validation-method DNS",
                          c.region(), p.config.dns.domain);
  if (text_at(j, "/Status") != "ISSUED" || (ends && days <= 0))
    r.fail(c, "it is not valid", seen, mend);
  else if (!named && !p.config.dns.domain.empty())
    r.fail(c, "it does not cover " + p.config.dns.domain, seen, mend);
  else if (!ends)
    r.unknown(c, "when it expires is not known", seen);
  else if (days < kDaysMin)
    r.warn(c, "it expires soon", seen, mend);
  else
    r.pass(c, "it covers the domain and does not expire soon", seen);
}

}  // namespace

void check_balancers(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  for (auto& pair : balancer_pairs(p)) {
    if (!pair.recovery)
      r.fail(pair.primary, "no load balancer stands for it in the recovery region", "",
             "relight synth && relight deploy");
    else if (r.seen(pair.primary, "elbv2/listener") && r.seen(pair.recovery, "elbv2/listener"))
      compare_listeners(p, pair, r);
  }
  for (auto& pair : target_group_pairs(p)) {
    if (!pair.recovery)
      r.fail(pair.primary, "no target group stands for it in the recovery region", "",
             "relight synth && relight deploy");
    else if (r.seen(pair.primary, "") && r.seen(pair.recovery, ""))
      compare_groups(pair, r);
  }
  check_balancer_network(p, r);
}

void check_certificates(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  auto named = !certificates_of(p.primary).empty();
  Report::About whole{"", p.config.recovery.region};
  if (p.primary.all("elbv2/load-balancer").empty())
    r.unknown(whole, "which certificates are needed is not known", "no load balancer was captured");
  else if (!named)
    r.pass(whole, "no listener of the primary uses a certificate");
  else if (!r.seen(p.recovery))
    return;
  else if (auto there = certificates_of(p.recovery); there.empty())
    r.fail(whole, "no listener there has a certificate, and the primary's has", "",
           "relight synth && relight deploy");
  else
    for (auto& arn : there) judge_certificate(p, arn, r);
}

}  // namespace relight::dr
