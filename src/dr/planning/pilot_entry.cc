// The domain's failover records, the flag that moves them, and the alarm on the replica: what the policy
// wants without a captured counterpart.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

Json flag_bucket(PilotDraft& d) {
  if (!d.policy().flag_bucket.empty()) return d.policy().flag_bucket;
  auto name = bucket_name(
      d.places(), (d.policy().stack.empty() ? "relight" : d.policy().stack) + "-flags-" + d.account());
  d.add({.id = "Flags",
         .type = "AWS::S3::Bucket",
         .why = "Route 53's answer follows one object in it: absent until a failover"},
        {{"BucketName", name},
         {"PublicAccessBlockConfiguration",
          {{"BlockPublicAcls", true},
           {"IgnorePublicAcls", true},
           {"BlockPublicPolicy", false},
           {"RestrictPublicBuckets", false}}}});
  Json statement{{"Sid", "HealthCheckersReadTheFlag"},
                 {"Effect", "Allow"},
                 {"Principal", "*"},
                 {"Action", "s3:GetObject"},
                 {"Resource", {{"Fn::Sub", "${Flags.Arn}/" + d.policy().flag_key}}}};
  d.add({.id = "FlagsPolicy", .type = "AWS::S3::BucketPolicy"},
        {{"Bucket", ref_to("Flags")},
         {"PolicyDocument", {{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}}}});
  return ref_to("Flags");
}

// Inverted: the flag's presence makes the primary "unhealthy". Only our own hand can do that.
void check(PilotDraft& d, const Json& bucket) {
  auto host = bucket.is_string() ? bucket.get<std::string>() : "${Flags}";
  d.add({.id = "FlagCheck",
         .type = "AWS::Route53::HealthCheck",
         .why = "inverted: the flag makes the primary's record unhealthy"},
        {{"HealthCheckConfig",
          {{"Type", "HTTP"},
           {"FullyQualifiedDomainName", {{"Fn::Sub", host + ".s3.${AWS::Region}.amazonaws.com"}}},
           {"Port", 80},
           {"ResourcePath", "/" + d.policy().flag_key},
           {"RequestInterval", 10},
           {"FailureThreshold", 1},
           {"Inverted", true}}}});
}

bool covers(const std::string& zone, const std::string& domain) {
  auto name = zone.substr(0, zone.find_last_not_of('.') + 1);
  return !name.empty() && (domain == name || domain.ends_with("." + name));
}

// The records of the domain as they were captured. Those of a pilot that stands already are not the user's.
bool has_records(const PilotDraft& d, bool ours) {
  for (auto& r : d.all("route53/record-set")) {
    auto name = text_of(*r.properties, "Name");
    bool same = name == d.policy().domain || name == d.policy().domain + ".";
    auto set = text_of(*r.properties, "SetIdentifier");
    bool by_pilot = !text_of(*r.properties, "Failover").empty() && (set == "primary" || set == "recovery");
    if (same && by_pilot == ours) return true;
  }
  return false;
}

// What the policy names, else the captured public zone that covers the domain, the longest name first.
std::string zone_id(const PilotDraft& d) {
  if (!d.policy().hosted_zone.empty() || has_records(d, true)) return d.policy().hosted_zone;
  std::string id, best;
  for (auto& z : d.all("route53/hosted-zone")) {
    auto name = text_of(*z.properties, "Name");
    bool is_private = z.properties->value("Config", Json::object()).value("PrivateZone", false);
    if (!is_private && covers(name, d.policy().domain) && name.size() > best.size()) id = z.id(), best = name;
  }
  return id;
}

Json zone(PilotDraft& d) {
  auto known = zone_id(d);
  if (has_records(d, false))
    d.say({}, "the records of " + d.policy().domain,
          "the zone has some already: the pilot's failover pair is refused until they are removed, and "
          "removing them first "
          "takes the application off the net. Change both in one change batch, or choose a moment");
  d.parameter({.name = "HostedZoneId",
               .description = "The public hosted zone of " + d.policy().domain + "; empty: a new one is made",
               .fallback = known,
               .has_fallback = true});
  d.condition("MakesZone", {{"Fn::Equals", Json::array({ref_to("HostedZoneId"), ""})}});
  if (known.empty())
    d.say({}, "the hosted zone of " + d.policy().domain,
          "none is named: the stack makes a new one, which answers only once its name servers are delegated "
          "to. If there is "
          "one, tell its id as pilot.hosted_zone in relight.yaml, and remove its own records of that name "
          "first");
  d.add({.id = "Zone", .type = "AWS::Route53::HostedZone", .condition = "MakesZone", .retain = true},
        {{"Name", d.policy().domain}});
  return {{"Fn::If", Json::array({"MakesZone", ref_to("Zone"), ref_to("HostedZoneId")})}};
}

void record(PilotDraft& d, const Json& zone, bool primary, Json alias) {
  alias["EvaluateTargetHealth"] =
      false;  // the flag decides: an empty target group must not move visitors by itself
  Json p{{"HostedZoneId", zone}, {"Name", d.policy().domain}, {"Type", "A"}, {"AliasTarget", alias}};
  p["SetIdentifier"] = primary ? "primary" : "recovery";
  p["Failover"] = primary ? "PRIMARY" : "SECONDARY";
  if (primary) p["HealthCheckId"] = ref_to("FlagCheck");
  d.add({.id = primary ? "PrimaryRecord" : "RecoveryRecord", .type = "AWS::Route53::RecordSet"},
        std::move(p));
}

void lag_alarm(PilotDraft& d, const Captured& c) {
  auto id = d.logical("rds/db-instance", c.id());
  d.add({.id = id + "Behind", .type = "AWS::CloudWatch::Alarm", .from = c.key()},
        {{"AlarmDescription", "The replica lags, or has stopped saying how far"},
         {"Namespace", "AWS/RDS"},
         {"MetricName", "ReplicaLag"},
         {"Dimensions", Json::array({{{"Name", "DBInstanceIdentifier"}, {"Value", ref_to(id)}}})},
         {"Statistic", "Maximum"},
         {"Period", 60},
         {"EvaluationPeriods", 3},
         {"Threshold", 30},
         {"ComparisonOperator", "GreaterThanThreshold"},
         {"TreatMissingData", "breaching"},
         {"AlarmActions", own_alarm_actions(d)}});
}

}  // namespace

// After the balancers and the services: `balancer` is the one that serves the domain (its key's id), or
// empty.
void translate_entry(PilotDraft& d, const std::string& balancer) {
  for (auto& c : d.all("rds/db-instance")) lag_alarm(d, c);
  if (d.policy().domain.empty() || balancer.empty()) return;
  auto& p = *d.find("elbv2/load-balancer", balancer);
  auto bucket = flag_bucket(d);
  check(d, bucket);
  auto z = zone(d);
  d.parameter({.name = "PrimaryBalancerName",
               .description = "The primary's load balancer; a failover reads it when that region is silent",
               .fallback = text_of(p, "DNSName"),
               .has_fallback = true});
  d.parameter({.name = "PrimaryBalancerZone",
               .description = "The hosted zone of that name, as AWS gives it",
               .fallback = text_of(p, "CanonicalHostedZoneId"),
               .has_fallback = true});
  auto id = d.logical("elbv2/load-balancer", balancer);
  record(d, z, true,
         {{"DNSName", ref_to("PrimaryBalancerName")}, {"HostedZoneId", ref_to("PrimaryBalancerZone")}});
  record(d, z, false,
         {{"DNSName", attribute_of(id, "DNSName")},
          {"HostedZoneId", attribute_of(id, "CanonicalHostedZoneID")}});
  d.output("FlagBucket", bucket);
  d.output("FlagKey", d.policy().flag_key);
  d.output("HostedZoneId", z);
  d.output("HealthCheckId", ref_to("FlagCheck"));
  d.output("Domain", d.policy().domain);
}

}  // namespace relight::dr
