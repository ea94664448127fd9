// Checks 43-45: would visitors be led to the recovery region, and only by our hand.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"
#include "dr/readiness/policy.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::string plain(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (name.ends_with('.')) name.pop_back();
  return name.starts_with("dualstack.") ? name.substr(10) : name;
}

// Records are found through a load balancer of either region.
Item record(const Picture& p, const char* role) {
  for (auto* e : {&p.recovery, &p.primary})
    for (auto& i : e->all("route53/record-set"))
      if (plain(text_at(*i.properties, "/Name")) == plain(p.config.dns.domain) &&
          text_at(*i.properties, "/Failover") == role)
        return i;
  return {};
}

// Why records may be missing from what was captured; "" if all were seen.
std::string records_unseen(const Picture& p) {
  if (!p.recovery.seen()) return p.recovery.why();
  for (auto& i : p.recovery.all("elbv2/load-balancer"))
    for (auto& u : i.resource->unknown)
      if (u.part.starts_with("route53/record-set") || u.part == "everything") return u.why;
  return p.recovery.all("elbv2/load-balancer").empty()
             ? "the recovery region's load balancer was not captured"
             : "";
}

Item health_check(const Picture& p) {
  auto primary = record(p, "PRIMARY");
  auto id = primary ? text_at(*primary.properties, "/HealthCheckId") : "";
  for (auto* e : {&p.recovery, &p.primary})
    if (auto i = e->find("route53/health-check", id); i && !id.empty()) return i;
  return {};
}

Report::About domain(const Picture& p) { return {p.config.dns.domain, "aws-global"}; }

void judge_record(const Picture& p, const Item& i, const std::string& target, Report& r) {
  auto& j = *i.properties;
  auto leads = plain(text_at(j, "/AliasTarget/DNSName"));
  bool alias = !leads.empty();
  if (!alias) leads = plain(text_at(j, "/ResourceRecords/0/Value"));
  auto seen = fmt::format("{} {} -> {}, EvaluateTargetHealth {}, TTL {}", text_at(j, "/Failover"),
                          text_at(j, "/Type"), leads, text_at(j, "/AliasTarget/EvaluateTargetHealth"),
                          alias ? "of the alias" : text_at(j, "/TTL"));
  auto change = fmt::format(
      "aws route53 change-resource-record-sets --hosted-zone-id {} --change-batch file://CHANGE.json   # or: "
      "relight deploy",
      i.id().substr(0, i.id().find('/')));
  if (target.empty())
    r.unknown(i, "whether it leads to the right load balancer is not known",
              "the load balancer's name is not known; " + seen);
  else if (leads != plain(target))
    r.fail(i, "it does not lead to its region's load balancer", seen + "; wanted " + plain(target), change);
  else if (flag_at(j, "/AliasTarget/EvaluateTargetHealth"))
    r.fail(i, "it follows the targets' health: an empty target group moves visitors by itself", seen, change);
  else if (!alias && number_at(j, "/TTL") > 60)
    r.fail(i, "resolvers keep it for longer than a minute", seen, change).risk = {number_at(j, "/TTL"), 0};
  else
    r.pass(i, "it leads to its region's load balancer", seen);
  (void)p;
}

}  // namespace

void check_records(const Picture& p, Report& r) {
  if (p.config.dns.domain.empty()) {
    r.unknown(domain(p), "relight.yaml names no domain", "dns.domain is empty");
    return;
  }
  auto primary = record(p, "PRIMARY"), recovery = record(p, "SECONDARY");
  auto unseen = records_unseen(p);
  if ((!primary || !recovery) && !unseen.empty()) {
    r.unknown(domain(p), "its records could not be seen", unseen);
    return;
  }
  if (!primary || !recovery) {
    r.fail(domain(p), "it has no pair of failover records",
           fmt::format("PRIMARY {}, SECONDARY {}", primary ? "there" : "missing",
                       recovery ? "there" : "missing"),
           "relight synth && relight deploy");
    return;
  }
  judge_record(p, primary, p.topology.primary.load_balancer, r);
  judge_record(p, recovery, p.topology.recovery.load_balancer, r);
}

void check_health_check(const Picture& p, Report& r) {
  auto primary = record(p, "PRIMARY");
  if (!primary) {
    r.unknown(domain(p), "which health check decides is not known",
              "the primary's record was not captured (check 43)");
    return;
  }
  auto id = text_at(*primary.properties, "/HealthCheckId");
  if (id.empty()) {
    r.fail(primary, "no health check can turn visitors away from the primary", "the record names none",
           "relight synth && relight deploy");
    return;
  }
  auto check = health_check(p);
  if (!check) {
    r.fail(primary, "its health check does not exist", id, "relight synth && relight deploy");
    return;
  }
  if (!r.seen(check, "")) return;
  auto& c = at_or_null(*check.properties, "/HealthCheckConfig");
  auto seen =
      fmt::format("{}:{}{} every {} s, inverted {}, disabled {}", text_at(c, "/FullyQualifiedDomainName"),
                  text_at(c, "/Port"), text_at(c, "/ResourcePath"), text_at(c, "/RequestInterval"),
                  text_at(c, "/Inverted"), text_at(c, "/Disabled"));
  auto update = [&](const std::string& what) {
    return fmt::format("aws route53 update-health-check --health-check-id {} {}", check.id(), what);
  };
  auto host = text_at(c, "/FullyQualifiedDomainName");
  if (flag_at(c, "/Disabled"))
    r.fail(check, "it is disabled, so Route 53 takes the primary for healthy whatever happens", seen,
           update("--no-disabled"));
  else if (!flag_at(c, "/Inverted"))
    r.fail(check, "it is not inverted: the flag's absence would turn visitors away", seen,
           update("--inverted"));
  else if (!p.topology.flag_bucket.empty() && !host.starts_with(p.topology.flag_bucket + ".") &&
           text_at(c, "/ResourcePath").find(p.topology.flag_bucket) == std::string::npos)
    r.fail(check, "it does not watch the flag's bucket", seen,
           update("--fully-qualified-domain-name " + p.topology.flag_bucket + ".s3." +
                  p.config.recovery.region + ".amazonaws.com"));
  else if (!text_at(c, "/ResourcePath").ends_with("/" + p.topology.flag_key))
    r.fail(check, "it does not watch the flag", seen, update("--resource-path /" + p.topology.flag_key));
  else if (host.find(p.config.recovery.region) == std::string::npos)
    r.fail(check, "it watches something outside of the recovery region", seen,
           update("--fully-qualified-domain-name HOST"));
  else if (number_at(c, "/RequestInterval") * number_at(c, "/FailureThreshold", 3) > 30)
    r.warn(check, "it takes long to see the flag", seen, update("--failure-threshold 1"));
  else
    r.pass(check, "it turns visitors when the flag is there, and only then", seen);
}

// The account's own Block Public Access with the two settings off that keep the flag from the checkers.
static std::string open_account(const Picture& p) {
  return fmt::format("aws --region {} s3control put-public-access-block --account-id {} "
                     "--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,"
                     "BlockPublicPolicy=false,RestrictPublicBuckets=false   # of every bucket of the account",
                     p.config.recovery.region, p.live.account_block->account);
}

void check_flag(const Picture& p, Report& r) {
  Report::About bucket{p.topology.flag_bucket, p.config.recovery.region};
  if (p.topology.flag_bucket.empty()) {
    r.unknown(bucket, "the flag's bucket is not known",
              "neither relight.yaml nor the pilot's stack names it");
    return;
  }
  if (!r.seen(p.recovery)) return;
  auto i = p.recovery.find("s3/bucket", p.topology.flag_bucket);
  if (!i) {
    r.fail(bucket, "the flag's bucket does not exist", "s3/bucket was not found",
           "relight synth && relight deploy");
    return;
  }
  for (auto* part : {"", "Policy", "PublicAccessBlock"})
    if (!r.seen(i, part)) return;
  auto& j = *i.properties;
  auto where = text_at(j, "/LocationConstraint");
  auto object = "arn:aws:s3:::" + i.id() + "/" + p.topology.flag_key;
  auto open = allows(text_at(j, "/Policy"), "s3:GetObject", object, true);
  bool shut = flag_at(j, "/PublicAccessBlock/RestrictPublicBuckets");
  if ((where.empty() ? "us-east-1" : where) != p.config.recovery.region)
    r.fail(i, "the flag's bucket is not in the recovery region", where, "relight synth && relight deploy");
  else if (!open || shut)
    r.fail(i, "Route 53's checkers may not read the flag",
           shut ? "RestrictPublicBuckets" : "the bucket's policy does not allow s3:GetObject of it",
           shut ? fmt::format("aws --region {} s3api put-public-access-block --bucket {} "
                              "--public-access-block-configuration "
                              "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=false,"
                              "RestrictPublicBuckets=false",
                              p.config.recovery.region, i.id())
                : fmt::format("aws --region {} s3api put-bucket-policy --bucket {} --policy "
                              "file://POLICY.json   # or: relight deploy",
                              p.config.recovery.region, i.id()));
  else if (p.live.account_block && p.live.account_block->restricts)
    r.fail(i, "the account's S3 Block Public Access shuts the flag's bucket",
           "RestrictPublicBuckets of the account; the stricter of the account's and the bucket's holds", open_account(p));
  else if (!r.seen(p.live.flag_there, i, "whether the flag is there"))
    return;
  else if (*p.live.flag_there)
    r.fail(i, "the flag is there: visitors are led to the recovery region now", object,
           fmt::format("aws --region {} s3 rm s3://{}/{}   # only if the primary serves",
                       p.config.recovery.region, i.id(), p.topology.flag_key));
  else if (!r.seen(p.live.account_block, i, "whether the account's S3 Block Public Access shuts it"))
    return;
  else if (p.live.account_block->refuses)
    r.warn(i, "the checkers may read the flag, but a new policy of its bucket would be refused",
           "BlockPublicPolicy of the account", open_account(p));
  else
    r.pass(i, "the flag is absent, and the checkers may read it", "whether it can be written is not tried");
}

}  // namespace relight::dr
