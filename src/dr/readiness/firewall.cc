// Check 40: the recovery region's load balancer is protected by the same web ACL as the primary's.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using AclJson = nlohmann::json;

// What a rule comes to in any region: sets and groups by their names, metrics' names left aside.
struct Comparable {
  AclJson json;
  bool sets = false, withheld = false;  // names a set or group of its region; something in it was withheld
};

AclJson without_region(const AclJson& j, Comparable& of) {
  if (j.is_string()) {
    auto text = j.get<std::string>();
    of.withheld = of.withheld || text.find("(withheld)") != text.npos;
    // arn:aws:wafv2:REGION:ACCOUNT:regional/ipset/NAME/ID
    auto at = text.starts_with("arn:") ? text.find(":regional/") : text.npos;
    if (at == text.npos) return j;
    of.sets = true;
    return text.substr(at + 10, text.rfind('/') - at - 10);
  }
  if (!j.is_structured()) return j;
  AclJson out = j.is_array() ? AclJson::array() : AclJson::object();
  for (auto& [name, value] : j.items())
    if (j.is_array())
      out.push_back(without_region(value, of));
    else if (name != "VisibilityConfig")
      out[name] = without_region(value, of);
  return out;
}

// The rules by name, and what holds for the ACL as a whole.
std::map<std::string, Comparable> parts_of(const AclJson& acl) {
  std::map<std::string, Comparable> out;
  auto keep = [&](const std::string& name, const AclJson& j) {
    Comparable c;
    c.json = without_region(j, c);
    out[name] = std::move(c);
  };
  for (auto& rule : list_at(acl, "/Rules")) keep("rule " + text_at(rule, "/Name"), rule);
  for (auto* member : {"DefaultAction", "CustomResponseBodies", "CaptchaConfig", "ChallengeConfig", "TokenDomains",
                       "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups"})
    if (auto& j = at_or_null(acl, std::string("/") + member); !j.is_null() && !(j.is_structured() && j.empty()))
      keep(member, j);
  return out;
}

std::string differences(const std::map<std::string, Comparable>& ours, const std::map<std::string, Comparable>& theirs) {
  std::string out;
  auto say = [&](const std::string& what) { out += (out.empty() ? "" : ", ") + what; };
  for (auto& [name, part] : ours)
    if (auto it = theirs.find(name); it == theirs.end())
      say("missing: " + name);
    else if (it->second.json != part.json)
      say("differs: " + name);
  for (auto& [name, part] : theirs)
    if (!ours.contains(name)) say("not in the primary: " + name);
  return out;
}

void compare_acls(const Item& ours, const Item& theirs, const Item& balancer, Report& r) {
  auto a = parts_of(*ours.properties), b = parts_of(*theirs.properties);
  auto any = [](auto& parts, bool Comparable::* what) {
    return std::ranges::any_of(parts, [&](auto& p) { return p.second.*what; });
  };
  if (auto differs = differences(a, b); !differs.empty())
    r.fail(balancer, "its web ACL does not filter as the primary's", differs,
           "relight synth && relight deploy   # what synth says is not carried over is mended by hand");
  else if (any(a, &Comparable::sets))
    r.unknown(balancer, "its web ACL has the primary's rules, but what the sets and groups hold that they name was not compared",
              "IP sets, pattern sets and rule groups are not captured");
  else if (any(a, &Comparable::withheld))
    r.unknown(balancer, "its web ACL has the primary's rules, but what they look for was not compared",
              "values of headers are withheld");
  else
    r.pass(balancer, "its web ACL filters as the primary's", fmt::format("{}, {} rules", text_at(*theirs.properties, "/Name"),
                                                                         list_at(*theirs.properties, "/Rules").size()));
}

// The ACL that a load balancer has; false, and said, if it has one that was not seen.
Item web_acl_of(const Estate& e, const Item& balancer, Report& r) {
  auto arn = text_at(*balancer.properties, "/WebACL");
  auto acl = e.find("wafv2/web-acl", arn);
  if (!acl)
    r.unknown(balancer, "its web ACL could not be seen", arn + " was not captured");
  else if (!r.seen(acl, ""))
    return {};
  return acl;
}

// "web" of arn:aws:elasticloadbalancing:…:loadbalancer/app/web/0123456789abcdef
std::string name_of_balancer(const Item& i) {
  return last_word(std::string_view(i.id()).substr(0, i.id().rfind('/')));
}

void compare_protection(const Picture& p, const Pair& pair, Report& r) {
  auto type = text_at(*pair.primary.properties, "/Type");
  if (!type.empty() && type != "application") {
    r.pass(pair.primary, "WAF protects no load balancer of this type", type);
    return;
  }
  if (!r.seen(pair.primary, "WebACL") || (pair.recovery && !r.seen(pair.recovery, "WebACL"))) return;
  bool ours = !text_at(*pair.primary.properties, "/WebACL").empty();
  bool theirs = pair.recovery && !text_at(*pair.recovery.properties, "/WebACL").empty();
  if (!ours && theirs) {
    r.warn(pair.recovery, "a web ACL filters its visitors, and none the primary's",
           text_at(*pair.recovery.properties, "/WebACL"),
           fmt::format("aws --region {} wafv2 disassociate-web-acl --resource-arn {}", pair.recovery.region(),
                       pair.recovery.id()));
  } else if (!ours) {
    r.pass(pair.primary, "no web ACL on " + name_of_balancer(pair.primary), "WAF has none for it");
  } else if (!theirs) {
    r.fail(pair.recovery ? Report::About(pair.recovery) : Report::About("", p.config.recovery.region),
           "no web ACL protects the recovery region's load balancer, and one the primary's",
           text_at(*pair.primary.properties, "/WebACL"), "relight synth && relight deploy");
  } else if (auto a = web_acl_of(p.primary, pair.primary, r)) {
    if (auto b = web_acl_of(p.recovery, pair.recovery, r)) compare_acls(a, b, pair.recovery, r);
  }
}

}  // namespace

void check_web_acls(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  auto pairs = balancer_pairs(p);
  for (auto& pair : pairs) compare_protection(p, pair, r);
  if (pairs.empty())
    r.unknown({"", p.config.recovery.region}, "whether a web ACL is needed is not known", "no load balancer was captured");
}

}  // namespace relight::dr
