// Lines of a bill. What a line asks the price list for is as AWS's bulk offers write it.
#include "dr/planning/cost_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// Types of a pilot for which AWS charges nothing while they stand: what costs there costs by use, and an
// unlit pilot uses none of it.
constexpr std::array<std::string_view, 11> kFreePrefixes{"AWS::IAM::",
                                                         "AWS::ECS::",
                                                         "AWS::Lambda::",
                                                         "AWS::Events::",
                                                         "AWS::SQS::",
                                                         "AWS::SNS::",
                                                         "AWS::ElasticLoadBalancingV2::",
                                                         "AWS::Logs::",
                                                         "AWS::SSM::Parameter",
                                                         "AWS::ApplicationAutoScaling::",
                                                         "AWS::Scheduler::"};
constexpr std::array<std::string_view, 22> kFreeTypes{"AWS::EC2::VPC",
                                                      "AWS::EC2::Subnet",
                                                      "AWS::EC2::InternetGateway",
                                                      "AWS::EC2::VPCGatewayAttachment",
                                                      "AWS::EC2::NetworkAcl",
                                                      "AWS::EC2::NetworkAclEntry",
                                                      "AWS::EC2::Route",
                                                      "AWS::EC2::RouteTable",
                                                      "AWS::EC2::SecurityGroup",
                                                      "AWS::EC2::SecurityGroupEgress",
                                                      "AWS::EC2::SecurityGroupIngress",
                                                      "AWS::EC2::SubnetNetworkAclAssociation",
                                                      "AWS::EC2::SubnetRouteTableAssociation",
                                                      "AWS::Route53::RecordSet",
                                                      "AWS::S3::BucketPolicy",
                                                      "AWS::ECR::ReplicationConfiguration",
                                                      "AWS::KMS::Alias",
                                                      "AWS::WAFv2::WebACLAssociation",
                                                      "AWS::CertificateManager::Certificate",
                                                      "AWS::RDS::DBSubnetGroup",
                                                      "AWS::RDS::DBParameterGroup",
                                                      "AWS::RDS::OptionGroup"};
// … and those that a line of its own speaks of.
constexpr std::array<std::string_view, 14> kPricedTypes{
    "AWS::RDS::DBInstance",        "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::EC2::NatGateway",        "AWS::EC2::EIP",
    "AWS::EC2::VPCEndpoint",       "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret", "AWS::CloudWatch::Alarm",
    "AWS::Route53::HostedZone",    "AWS::Route53::HealthCheck",
    "AWS::ECR::Repository",        "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",        "AWS::WAFv2::WebACL"};

bool stands_free(const std::string& type) {
  return std::ranges::find(kFreeTypes, type) != kFreeTypes.end() ||
         std::ranges::any_of(kFreePrefixes, [&](auto& p) { return type.starts_with(p); });
}

std::string zones_words(bool two) { return two ? "two zones" : "one zone"; }
std::string deployment(bool two) { return two ? "Multi-AZ" : "Single-AZ"; }

PriceQuery ipv4_query(const std::string& region) {
  return {"AmazonVPC", "VPC Public IPv4 Address", region, "PublicIPv4:InUseAddress", {}};
}

size_t count_of(const Json& p, const char* key) {
  auto it = p.find(key);
  return it != p.end() && it->is_array() ? it->size() : 0;
}

PriceQuery transfer_query(const std::string& from, const std::string& to) {
  return {"AWSDataTransfer",
          "Data Transfer",
          "",
          "AWS-Out-Bytes",
          {{"fromRegionCode", from}, {"toRegionCode", to}, {"transferType", "InterRegion Outbound"}}};
}

}  // namespace

Amount captured(double value, std::string why) { return {Amount::Basis::kCaptured, value, std::move(why)}; }
Amount unknown_amount(std::string why) { return {Amount::Basis::kUnknown, 0, std::move(why)}; }
Amount times(Amount a, double by) {
  a.value *= by;
  return a;
}

void CostSheet::add(std::string what, const ResourceKey& from, PriceQuery query, Amount amount,
                    std::string unit) {
  CostLine l{.what = std::move(what), .from = from, .amount = std::move(amount), .unit = std::move(unit)};
  auto found = find_price(picture_.prices, query);
  if (found.price) {
    l.price = found.price->usd;
    l.verified = found.price->verified;
  } else {
    l.no_price = found.why;
  }
  l.query = std::move(query);
  sum_.lines.push_back(std::move(l));
}

void CostSheet::no_price(std::string what, const ResourceKey& from, std::string why) {
  sum_.lines.push_back(
      {.what = std::move(what), .from = from, .amount = captured(1), .no_price = std::move(why)});
}

void CostSheet::database(const CostDatabase& d, const std::string& type, bool two, double hours) {
  auto& region = picture_.pilot.region;
  if (d.engine.empty())
    return no_price(d.from.id + ": " + type, d.from, "this build knows no price list's name of its engine");
  std::map<std::string, std::string> as{{"databaseEngine", d.engine}, {"deploymentOption", deployment(two)}};
  auto of_class = as;
  of_class["instanceType"] = type;
  add(fmt::format("{}: {}, {}", d.from.id, type, zones_words(two)), d.from,
      {"AmazonRDS", "Database Instance", region, (two ? "Multi-AZUsage:" : "InstanceUsage:") + type,
       of_class},
      captured(hours), "hours");
  std::string kind = d.storage_type == "gp3"        ? "GP3-Storage"
                     : d.storage_type == "io1"      ? "PIOPS-Storage"
                     : d.storage_type == "io2"      ? "PIOPS-Storage-IO2"
                     : d.storage_type == "standard" ? "StorageUsage"
                                                    : "GP2-Storage";
  add(fmt::format("{}: storage {}, {}", d.from.id, d.storage_type.empty() ? "gp2" : d.storage_type,
                  zones_words(two)),
      d.from, {"AmazonRDS", "Database Storage", region, (two ? "RDS:Multi-AZ-" : "RDS:") + kind, as},
      times(d.storage_gb, hours / kHoursOfMonth), "GB-months");
}

void CostSheet::snapshot(const CostDatabase& d, double hours) {
  if (d.engine.empty())
    return no_price(d.from.id + ": snapshot", d.from, "this build knows no price list's name of its engine");
  auto gb = times(d.storage_gb, hours / kHoursOfMonth);
  if (gb.known()) gb.why = "at most all of its storage, and the days' changes once";
  add(d.from.id + ": snapshots", d.from,
      {"AmazonRDS",
       "Storage Snapshot",
       picture_.pilot.region,
       "RDS:ChargedBackupUsage",
       {{"databaseEngine", d.engine}}},
      std::move(gb), "GB-months");
}

void CostSheet::nat(double hours, bool lit_ones, bool standing_ones) {
  auto wanted = [&](const PilotResource& r) { return picture_.lit_only(r) ? lit_ones : standing_ones; };
  for (auto* p : picture_.of("AWS::EC2::NatGateway"))
    if (wanted(*p->resource))
      add("NAT gateway " + p->resource->from.id, p->resource->from,
          {"AmazonEC2", "NAT Gateway", picture_.pilot.region, "NatGateway-Hours", {}}, captured(hours),
          "hours");
  for (auto* p : picture_.of("AWS::EC2::EIP"))
    if (wanted(*p->resource))
      add("its public address", p->resource->from, ipv4_query(picture_.pilot.region), captured(hours),
          "hours");
}

void CostSheet::tasks(const CostTask& t, int count, double hours) {
  if (!t.fargate)
    return no_price(fmt::format("{}: {} tasks", t.name, count), t.from,
                    "they run on EC2 instances, which are not captured");
  std::string kind = t.arm ? "Fargate-ARM-" : "Fargate-";
  auto sized = [&](const Amount& one) {
    auto a = times(one, count * hours);
    if (a.known()) a.why = fmt::format("{} tasks of {:g}", count, one.value);
    return a;
  };
  auto& region = picture_.pilot.region;
  add(t.name + ": processors", t.from, {"AmazonECS", "Compute", region, kind + "vCPU-Hours:perCPU", {}},
      sized(t.vcpu), "vCPU hours");
  add(t.name + ": memory", t.from, {"AmazonECS", "Compute", region, kind + "GB-Hours", {}}, sized(t.gb),
      "GB hours");
}

void CostSheet::balancers(double hours) {
  for (auto* p : picture_.of("AWS::ElasticLoadBalancingV2::LoadBalancer")) {
    auto& r = *p->resource;
    auto type = p->properties.value("Type", Json("application"));
    if (type != "application") {
      no_price("load balancer " + r.id, r.from, "only application load balancers are priced");
      continue;
    }
    add("load balancer " + r.id, r.from,
        {"AWSELB", "Load Balancer-Application", picture_.pilot.region, "LoadBalancerUsage", {}},
        captured(hours), "hours");
    auto zones = std::max(count_of(p->properties, "Subnets"), count_of(p->properties, "SubnetMappings"));
    if (p->properties.value("Scheme", Json()) != "internal")
      add("its public addresses", r.from, ipv4_query(picture_.pilot.region),
          zones ? captured(hours * double(zones), fmt::format("{} zones", zones))
                : unknown_amount("its subnets are not told"),
          "hours");
  }
}

void CostSheet::bucket(const CostPicture::Planned& p) {
  auto& from = p.resource->from;
  auto& region = picture_.pilot.region;
  PriceQuery storage{"AmazonS3", "Storage", region, "TimedStorage-ByteHrs", {}};
  if (from.kind.empty())
    return add("bucket of the failover's flag: storage", from, storage,
               {Amount::Basis::kAssumed, 0.001, "one object of a few bytes"}, "GB-months");
  auto it = picture_.use.buckets.find(from.id);
  auto missing = unknown_amount("nothing told its size");
  BucketUse use = it == picture_.use.buckets.end() ? BucketUse{missing, missing, missing} : it->second;
  add(from.id + ": storage of the replica", from, storage, use.stored_gb, "GB-months");
  add(from.id + ": replicated out of " + picture_.pilot.primary, from,
      transfer_query(picture_.pilot.primary, region), use.new_gb, "GB");
  add(from.id + ": replicated objects", from, {"AmazonS3", "API Request", region, "Requests-Tier1", {}},
      use.new_objects, "requests");
}

void CostSheet::replication_of_databases() {
  if (picture_.databases.empty()) return;
  add("database changes out of " + picture_.pilot.primary, picture_.databases.front().from,
      transfer_query(picture_.pilot.primary, picture_.pilot.region), picture_.use.database_changes_gb, "GB");
}

void CostSheet::images() {
  bool registry = !picture_.of("AWS::ECR::Repository").empty();
  ResourceKey from{"ecr/repository", ""};
  for (auto* p : picture_.of("AWS::ECS::TaskDefinition"))
    if (p->properties.dump().find(".dkr.ecr.") != std::string::npos)
      registry = true, from = p->resource->from;
  if (!registry) return;
  auto& use = picture_.use.images_gb;
  add("images: storage", from,
      {"AmazonECR", "EC2 Container Registry", picture_.pilot.region, "TimedStorage-ByteHrs", {}}, use,
      "GB-months");
}

void CostSheet::secrets() {
  PriceQuery query{"AWSSecretsManager", "Secret", picture_.pilot.region, "AWSSecretsManager-Secrets", {}};
  for (auto& a : picture_.pilot.actions)
    if (a.kind == PrimaryAction::Kind::kSecretReplica)
      add("replica of " + a.resource, {"secretsmanager/secret", a.resource}, query, captured(1), "secrets");
  for (auto* p : picture_.of("AWS::SecretsManager::Secret"))
    add("secret " + p->resource->id, p->resource->from, query, captured(1), "secrets");
}

void CostSheet::names() {
  for (auto* p : picture_.of("AWS::Route53::HostedZone")) {
    bool known = std::ranges::any_of(picture_.pilot.parameters,
                                     [](auto& q) { return q.name == "HostedZoneId" && !q.fallback.empty(); });
    if (p->resource->condition == "MakesZone" && known) continue;  // the primary pays for it
    add("hosted zone", p->resource->from, {"AmazonRoute53", "DNS Zone", "", "HostedZone", {}}, captured(1),
        "zone");
  }
  for (auto* p : picture_.of("AWS::Route53::HealthCheck")) {
    auto check = p->properties.value("HealthCheckConfig", Json::object());
    bool aws = check.dump().find("amazonaws.com") != std::string::npos;
    std::string kind = aws ? "AWS" : "Non-AWS";
    add("health check " + p->resource->id, p->resource->from,
        {"AmazonRoute53", "DNS Health Check", "", "Health-Check-" + kind, {}}, captured(1), "check");
    auto type = check.value("Type", Json("")).dump();
    int options = (type.find("HTTPS") != type.npos) + (type.find("STR_MATCH") != type.npos) +
                  (check.value("RequestInterval", Json(30)) == 10) +
                  (check.value("MeasureLatency", Json()) == true);
    if (options)
      add("its options (HTTPS, text, 10 s, latency)", p->resource->from,
          {"AmazonRoute53", "DNS Health Check", "", "Health-Check-Option-" + kind, {}}, captured(options),
          "options");
  }
}

void CostSheet::alarms() {
  auto all = picture_.of("AWS::CloudWatch::Alarm");
  if (!all.empty())
    add("alarms", all.front()->resource->from,
        {"AmazonCloudWatch", "Alarm", picture_.pilot.region, "CW:AlarmMonitorUsage", {}},
        captured(double(all.size())), "alarms");
}

void CostSheet::endpoints(double hours) {
  for (auto* p : picture_.of("AWS::EC2::VPCEndpoint")) {
    if (p->properties.value("VpcEndpointType", Json("Gateway")) != "Interface") continue;  // those are free
    auto zones = count_of(p->properties, "SubnetIds");
    add("interface endpoint " + p->resource->id, p->resource->from,
        {"AmazonVPC", "VpcEndpoint", picture_.pilot.region, "VpcEndpoint-Hours", {}},
        captured(hours * double(zones), fmt::format("{} zones", zones)), "hours");
  }
}

void CostSheet::functions_and_keys() {
  for (auto type : {"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
    for (auto* p : picture_.of(type))
      add("key " + p->resource->id, p->resource->from,
          {"awskms", "Encryption Key", picture_.pilot.region, "KMS-Keys", {}}, captured(1), "keys");
}

// "AWS WAF Pricing": an ACL and each of its rules, a managed group as one; what requests, and groups that cost more by
// themselves, come to is not here.
void CostSheet::firewall() {
  for (auto* p : picture_.of("AWS::WAFv2::WebACL")) {
    auto& region = picture_.pilot.region;
    add("web ACL " + p->resource->id, p->resource->from,
        {"awswaf", "Web Application Firewall", region, "WebACLV2", {}}, captured(1), "web ACLs");
    if (auto rules = count_of(p->properties, "Rules"))
      add("its rules", p->resource->from, {"awswaf", "Web Application Firewall", region, "RuleV2", {}},
          captured(double(rules)), "rules");
  }
}

void CostSheet::others() {
  for (auto& p : picture_.planned) {
    auto& type = p.resource->type;
    if (std::ranges::find(kPricedTypes, type) != kPricedTypes.end() || stands_free(type)) continue;
    no_price(type + " " + p.resource->id, p.resource->from, "this build knows no price of this type");
  }
}

}  // namespace relight::dr
