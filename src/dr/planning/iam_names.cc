#include "dr/planning/iam_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "aws/partition.h"

namespace relight::dr {

// A kind that is named alike everywhere: how it is captured, what the pilot calls it, how its ARN ends.
struct IamNames::Row {
  IamScope scope;
  std::string_view kind, type, property, service, form;
  bool lower = false;                       // RDS keeps names in lower case
  std::string Resources::*known = nullptr;  // of relight.yaml or the topology
};

namespace {
using IamTexts = std::vector<std::string>;
using IamJson = nlohmann::json;

void once(IamTexts& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

void append_to(IamTexts& to, IamTexts from) { std::ranges::move(from, std::back_inserter(to)); }

std::string lower_case(std::string s) {
  std::ranges::transform(s, s.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return s;
}

// The n-th of an ARN's first five parts.
std::string arn_part(const std::string& arn, int n) {
  size_t at = 0;
  for (int i = 0; i < n && at != arn.npos; ++i) at = arn.find(':', at) + 1;
  return arn.substr(at, arn.find(':', at) - at);
}

bool digits(const std::string& s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

std::string account_of(const IamPicture& p) {
  if (p.pilot && !p.pilot->account.empty()) return p.pilot->account;
  if (p.captured)
    for (auto& r : p.captured->resources)
      if (r.key.id.starts_with("arn:") && digits(arn_part(r.key.id, 4))) return arn_part(r.key.id, 4);
  return "*";
}

std::string property_text(const std::string& properties, std::string_view name) {
  auto j = IamJson::parse(properties, nullptr, false);
  if (!j.is_object()) return "";
  auto it = j.find(std::string(name));
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

// A name as the template has it: a text, a text with places to fill in (Fn::Sub), or something that
// CloudFormation alone knows.
std::string named_by(const PilotResource& r, std::string_view property, const Pilot& pilot) {
  auto j = IamJson::parse(r.properties, nullptr, false);
  auto it = j.is_object() ? j.find(std::string(property)) : j.end();
  if (!j.is_object() || it == j.end()) return "";
  auto& sub = it->is_object() && it->contains("Fn::Sub") ? (*it)["Fn::Sub"] : *it;
  if (!sub.is_string()) return "*";
  auto text = sub.get<std::string>();
  for (auto& [mark, value] : {std::pair<std::string, std::string>{"${AWS::Region}", pilot.region},
                              {"${AWS::AccountId}", pilot.account},
                              {"${AWS::StackName}", pilot.stack}})
    for (size_t at; !value.empty() && (at = text.find(mark)) != text.npos;)
      text.replace(at, mark.size(), value);
  for (size_t at; (at = text.find("${")) != text.npos;) {
    auto end = text.find('}', at);
    text.replace(at, end == text.npos ? text.npos : end - at + 1, "*");
  }
  return text;
}

}  // namespace

bool pattern_covers(std::string_view outer, std::string_view inner) {
  if (outer.empty()) return inner.empty();
  if (outer.front() == '*')
    return pattern_covers(outer.substr(1), inner) ||
           (!inner.empty() && pattern_covers(outer, inner.substr(1)));
  if (inner.empty() || inner.front() == '*') return false;
  if (outer.front() != '?' && outer.front() != inner.front()) return false;
  return pattern_covers(outer.substr(1), inner.substr(1));
}

IamNames::IamNames(const IamPicture& p) : p_(p), account_(p.account.empty() ? account_of(p) : p.account) {
  partition_ = aws::partition_of(p.config.primary.region);
}

std::string IamNames::region(bool recovery) const {
  auto& r = recovery ? p_.config.recovery.region : p_.config.primary.region;
  return r.empty() ? "*" : r;
}

const Resources& IamNames::known(bool recovery) const {
  return recovery ? p_.topology.recovery : p_.topology.primary;
}

std::string IamNames::arn(std::string_view service, const std::string& rest, bool recovery) const {
  bool global = service == "iam" || service == "route53";
  return fmt::format("arn:{}:{}:{}:{}:{}", partition_, service, global ? "" : region(recovery),
                     service == "route53" ? "" : account_, rest);
}

// What was captured in the primary region, as it is called in the other one.
std::string IamNames::moved(const std::string& arn, bool recovery) const {
  auto here = arn_part(arn, 3);
  auto at = arn.find(":" + here + ":", arn.find(arn_part(arn, 2)));
  if (!recovery || here.empty() || at == arn.npos) return arn;
  return arn.substr(0, at + 1) + region(true) + arn.substr(at + 1 + here.size());
}

// CloudFormation calls what has no name STACK-LOGICALID-…; names of load balancers and target groups are
// short, and the stack's is cut (the rule is not documented: `unverified`).
IamTexts IamNames::pilot_names(std::string_view type, std::string_view property, bool lower) const {
  IamTexts out;
  for (auto& r : p_.pilot->resources) {
    if (r.type != type) continue;
    auto name = named_by(r, property, *p_.pilot);
    bool cut = type.starts_with("AWS::ElasticLoadBalancingV2::");
    if (name.empty()) name = cut ? p_.pilot->stack.substr(0, 5) + "*" : p_.pilot->stack + "-*";
    out.push_back(lower ? lower_case(name) : name);
  }
  return out;
}

IamTexts IamNames::names(const Row& r, bool recovery) const {
  IamTexts out;
  bool built = recovery && p_.pilot && !r.type.empty();
  bool all = recovery ? !p_.pilot : !p_.captured;
  if (built) out = pilot_names(r.type, r.property, r.lower);
  // RDS's own groups have the same name in every region, and a pilot does not make them.
  bool groups = r.scope == IamScope::kOptionGroup || r.scope == IamScope::kParameterGroup;
  if (p_.captured)
    for (auto& c : p_.captured->resources)
      if (c.key.kind == r.kind && (!built || (groups && c.key.id.starts_with("default"))))
        out.push_back(c.key.id);
  auto named = r.known ? known(recovery).*r.known : "";
  if (r.scope == IamScope::kService && !named.empty() && !named.starts_with("arn:"))
    named = known(recovery).cluster + "/" + named;
  if (!named.empty()) out.push_back(named);
  if (all && (out.empty() || (recovery && named.empty()))) out = {"*"};
  return out;
}

IamTexts IamNames::row(const Row& r, bool recovery) const {
  IamTexts out;
  for (auto& name : names(r, recovery)) {
    if (name.starts_with("arn:"))
      out.push_back(moved(name, recovery));
    else if (r.scope == IamScope::kService && name.find('/') == name.npos && name != "*")
      for (auto& cluster : one_side(IamScope::kCluster, recovery))
        out.push_back(
            arn(r.service, "service/" + cluster.substr(cluster.rfind('/') + 1) + "/" + name, recovery));
    else
      // "/lamp/mode" is parameter/lamp/mode.
      out.push_back(
          arn(r.service,
              fmt::format(fmt::runtime(r.form),
                          r.scope == IamScope::kParameter && name.starts_with('/') ? name.substr(1) : name),
              recovery));
  }
  return out;
}

// Once the application is captured, only if it has such a thing.
IamTexts IamNames::unless_none(std::string_view kind, std::string whole) const {
  bool none = p_.captured &&
              std::ranges::none_of(p_.captured->resources, [&](auto& r) { return r.key.kind == kind; });
  return none ? IamTexts{} : IamTexts{std::move(whole)};
}

IamTexts IamNames::replication_roles() const {
  if (!p_.captured) return {arn("iam", "role/*", false)};
  IamTexts out;
  for (auto& r : p_.captured->resources) {
    if (r.key.kind != "s3/bucket") continue;
    auto replication = IamJson::parse(r.properties, nullptr, false).value("Replication", IamJson());
    if (replication.is_object() && !replication.value("Role", "").empty()) out.push_back(replication["Role"]);
  }
  return out;
}

// As captured; what is not captured may be.
bool IamNames::encrypted_database() const {
  return !p_.captured || std::ranges::any_of(p_.captured->resources, [](auto& r) {
    return r.key.kind == "rds/db-instance" &&
           IamJson::parse(r.properties, nullptr, false).value("StorageEncrypted", false);
  });
}

// The ARN of "/lamp/mode" ends in "parameter/lamp/mode".
IamTexts IamNames::parameters(bool recovery) const {
  if (!p_.captured) return {arn("ssm", "parameter/*", recovery)};
  IamTexts out;
  for (auto& r : p_.captured->resources)
    if (r.key.kind == "ssm/parameter")
      out.push_back(
          arn("ssm", (r.key.id.starts_with('/') ? "parameter" : "parameter/") + r.key.id, recovery));
  return out;
}

IamTexts IamNames::stacks(bool nested, bool recovery) const {
  auto& name = recovery ? p_.config.recovery.stack : p_.config.primary.stack;
  if (p_.config.application.empty()) return {arn("cloudformation", "stack/*", recovery)};
  if (name.empty()) return {};
  if (name.starts_with("arn:")) return {name};
  IamTexts out{arn("cloudformation", "stack/" + name + "/*", recovery)};
  // CloudFormation calls a nested stack STACK-LOGICALID-…
  if (nested) out.push_back(arn("cloudformation", "stack/" + name + "-*/*", recovery));
  return out;
}

IamTexts IamNames::balancing(bool recovery) const {
  IamTexts out, balancers{"*"}, groups{"*"};
  if (p_.pilot) {
    balancers = pilot_names("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name", false);
    groups = pilot_names("AWS::ElasticLoadBalancingV2::TargetGroup", "Name", false);
  }
  for (auto& b : balancers)
    for (auto* form : {"loadbalancer/app/{}/*", "listener/app/{}/*", "listener-rule/app/{}/*"})
      out.push_back(arn("elasticloadbalancing", fmt::format(fmt::runtime(form), b), recovery));
  for (auto& g : groups) out.push_back(arn("elasticloadbalancing", "targetgroup/" + g + "/*", recovery));
  return out;
}

IamTexts IamNames::zones() const {
  auto id = p_.config.pilot.hosted_zone;
  return {arn("route53", "hostedzone/" + (id.empty() ? "*" : id.substr(id.rfind('/') + 1)), true)};
}

// Of the application, or of the flag alone.
IamTexts IamNames::pilot_buckets(bool captured) const {
  IamTexts out;
  for (auto& r : p_.pilot->resources)
    if (r.type == "AWS::S3::Bucket" && captured != r.from.kind.empty())
      out.push_back(named_by(r, "BucketName", *p_.pilot));
  return out;
}

// Names of buckets have no region and no account in them.
IamTexts IamNames::buckets(IamScope scope, bool recovery) const {
  using enum IamScope;
  constexpr Row kRow{kBucket, "s3/bucket", "AWS::S3::Bucket", "BucketName", "s3",
                     "{}",    true,        &Resources::bucket};
  auto& t = p_.topology;
  auto& journal = p_.config.coordination;
  IamTexts names;
  std::string key;
  if (scope == kJournal || scope == kJournalBucket) {
    if (!journal.bucket.empty()) names = {journal.bucket};
    auto prefix = journal.prefix;
    if (!prefix.empty() && !prefix.ends_with('/')) prefix += "/";
    key = scope == kJournal ? "/" + prefix + "*" : "";
  } else if (scope == kCode || scope == kCodeBucket) {
    auto stack = lower_case(p_.config.recovery.stack);
    names = {stack.empty() ? "*"
                           : stack + "-code-*"};  // unless the parameter FunctionCodeBucket names another
    key = scope == kCode ? "/functions/*" : "";
  } else if (scope == kFlag || scope == kFlagBucket) {
    if (!t.flag_bucket.empty()) names = {t.flag_bucket};
    if (names.empty() && p_.pilot) names = pilot_buckets(false);
    if (names.empty()) names = {"*"};
    key = scope == kFlag ? "/" + (t.flag_key.empty() ? p_.config.dns.flag_key : t.flag_key) : "";
  } else if (scope == kUploaded) {
    auto of_buckets = buckets(kUploads, recovery);
    for (auto& b : of_buckets) b += "/*";
    return of_buckets;
  } else if (scope == kUploads && !known(recovery).bucket.empty()) {
    names = {known(recovery).bucket};
  } else {
    names = scope == kUploads && recovery && p_.pilot ? pilot_buckets(true)
            : scope == kBuckets                       ? IamTexts{"*"}
                                                      : this->names(kRow, recovery);
    if (scope == kBucket && recovery && !t.flag_bucket.empty()) names.push_back(t.flag_bucket);
    if (scope == kObjects) key = "/*";
  }
  for (auto& n : names)
    n = "arn:" + partition_ + ":s3:::" + (n.empty() ? lower_case(p_.pilot->stack) + "-*" : n) + key;
  return names;
}

std::span<const IamNames::Row> IamNames::rows() {
  using enum IamScope;
  static const std::array kRows{
      Row{kCluster, "ecs/cluster", "AWS::ECS::Cluster", "ClusterName", "ecs", "cluster/{}", false,
          &Resources::cluster},
      Row{kService, "ecs/service", "AWS::ECS::Service", "ServiceName", "ecs", "service/{}", false,
          &Resources::service},
      Row{kProvider, "ecs/capacity-provider", "", "", "ecs", "capacity-provider/{}"},
      Row{kFamily, "ecs/task-definition", "AWS::ECS::TaskDefinition", "Family", "ecs",
          "task-definition/{}:*"},
      Row{kDatabase, "rds/db-instance", "AWS::RDS::DBInstance", "DBInstanceIdentifier", "rds", "db:{}", true,
          &Resources::database},
      Row{kParameterGroup, "rds/parameter-group", "AWS::RDS::DBParameterGroup", "DBParameterGroupName", "rds",
          "pg:{}", true},
      Row{kSubnetGroup, "rds/subnet-group", "AWS::RDS::DBSubnetGroup", "DBSubnetGroupName", "rds",
          "subgrp:{}", true},
      Row{kOptionGroup, "rds/option-group", "AWS::RDS::OptionGroup", "OptionGroupName", "rds", "og:{}", true},
      Row{kPilotRole, "", "AWS::IAM::Role", "RoleName", "iam", "role/{}"},
      Row{kVpc, "ec2/vpc", "", "", "ec2", "vpc/{}"},
      Row{kPolicy, "iam/policy", "", "", "iam", "policy/{}"},
      Row{kZone, "route53/hosted-zone", "", "", "route53", "hostedzone/{}"},
      Row{kHealthCheck, "route53/health-check", "", "", "route53", "healthcheck/{}"},
      Row{kAlarm, "cloudwatch/alarm", "AWS::CloudWatch::Alarm", "AlarmName", "cloudwatch", "alarm:{}"},
      Row{kFunction, "lambda/function", "AWS::Lambda::Function", "FunctionName", "lambda", "function:{}"},
      Row{kMapping, "lambda/event-source-mapping", "", "", "lambda", "event-source-mapping:{}"},
      Row{kSecret, "secretsmanager/secret", "", "", "secretsmanager", "secret:{}"},
      Row{kQueue, "sqs/queue", "", "", "sqs", "{}"},
      Row{kTopic, "sns/topic", "", "", "sns", "{}"},
      Row{kRepository, "ecr/repository", "", "", "ecr", "repository/{}"},
      Row{kParameter, "ssm/parameter", "", "", "ssm", "parameter/{}"},
      Row{kLogGroup, "", "AWS::Logs::LogGroup", "LogGroupName", "logs", "log-group:{}"}};
  return kRows;
}

// All of the region.
struct WholeRegion {
  IamScope scope;
  std::string_view service, form;
};
static constexpr std::array kWholeRegion{
    WholeRegion{IamScope::kServices, "ecs", "service/*"},
    WholeRegion{IamScope::kTasks, "ecs", "task/*"},
    WholeRegion{IamScope::kTaskLists, "ecs", "container-instance/*"},
    WholeRegion{IamScope::kDatabases, "rds", "db:*"},
    WholeRegion{IamScope::kZones, "route53", "hostedzone/*"},
    WholeRegion{IamScope::kHealthChecks, "route53", "healthcheck/*"},
    WholeRegion{IamScope::kChanges, "route53", "change/*"},
    WholeRegion{IamScope::kAlarms, "cloudwatch", "alarm:*"},
    WholeRegion{IamScope::kScalingAlarms, "cloudwatch", "alarm:TargetTracking-*"},
    WholeRegion{IamScope::kRules, "events", "rule/*"},
    WholeRegion{IamScope::kCertificates, "acm", "certificate/*"},
    WholeRegion{IamScope::kKeys, "kms", "key/*"},
    WholeRegion{IamScope::kNetwork, "ec2", "*"},
    WholeRegion{IamScope::kLinkedRole, "iam", "role/aws-service-role/*"}};

// A secret that is asked for by its name is judged without the six letters that Secrets Manager put behind
// it, by AWS's advice:
// "-??????" ("Permissions policy examples for AWS Secrets Manager": wildcards).
static void by_name(std::string& secret) {
  constexpr size_t kLetters = 7;
  if (secret.size() > kLetters && secret[secret.size() - kLetters] == '-')
    secret.replace(secret.size() - kLetters, kLetters, "-??????");
}

// A subscription's ARN is its topic's with an id behind it.
static void with_subscriptions(IamTexts& topics) {
  for (size_t i = 0, n = topics.size(); i < n; ++i) topics.push_back(topics[i] + ":*");
}

// Whether the pilot has something that a failover switches on; without a pilot: it may.
static bool lights(const IamPicture& p) {
  return !p.pilot || std::ranges::find(p.pilot->conditions, kLitCondition, &PilotCondition::name) !=
                         p.pilot->conditions.end();
}

IamTexts IamNames::one_side(IamScope scope, bool recovery) const {
  using enum IamScope;
  // Ids that are given when a thing is made.
  if (scope == kMapping && recovery)
    return unless_none("lambda/event-source-mapping", arn("lambda", "event-source-mapping:*", true));
  if (scope == kScaling)
    return unless_none("applicationautoscaling/scalable-target",
                       arn("application-autoscaling", "scalable-target/*", recovery));
  if (scope == kRule) return unless_none("events/rule", arn("events", "rule/*", recovery));
  if (scope == kSetting) return parameters(recovery);
  if (scope == kLitStack) return lights(p_) ? stacks(false, recovery) : IamTexts{};
  if (scope == kVpc && recovery) return {arn("ec2", "vpc/*", true)};  // its id is given when it is made
  // CloudFormation names them when it makes them, or somebody made them by hand.
  if (scope == kQueue && recovery) return {arn("sqs", "*", true)};
  if (scope == kTopic && recovery) return {arn("sns", "*", true)};
  if (scope == kParameter && recovery) return {arn("ssm", "parameter/*", true)};
  if (auto all = rows(); std::ranges::find(all, scope, &Row::scope) != all.end()) {
    auto out = row(*std::ranges::find(all, scope, &Row::scope), recovery);
    if (scope == kSecret) std::ranges::for_each(out, by_name);
    if (scope == kTopic) with_subscriptions(out);
    return out;
  }
  for (auto& w : kWholeRegion)
    if (w.scope == scope) return {arn(std::string(w.service), std::string(w.form), recovery)};
  switch (scope) {
    case kAny:
      return {"*"};
    case kStack:
    case kStacks:
      return stacks(scope == kStacks, recovery);
    case kBalancing:
      return balancing(recovery);
    case kWebAcls:
      return {arn("wafv2", "regional/webacl/*", recovery),
              arn("elasticloadbalancing", "loadbalancer/app/*", recovery)};
    case kPilotZone:
      return zones();
    case kKeyAlias:
      return {arn("kms", "alias/*", recovery), arn("kms", "key/*", recovery)};
    default:
      return buckets(scope, recovery);
  }
}

// Of the paths of roles only their ARNs know.
IamTexts IamNames::captured_roles() const {
  if (!p_.captured) return {arn("iam", "role/*", false)};
  IamTexts out;
  for (auto& r : p_.captured->resources) {
    if (r.key.kind != "iam/role") continue;
    auto whole = property_text(r.properties, "Arn");
    out.push_back(whole.empty() ? arn("iam", "role/" + r.key.id, false) : whole);
  }
  return out;
}

IamTexts IamNames::of(IamScope scope, IamSide side) const {
  using enum IamScope;
  IamTexts out;
  auto also = [&](IamScope s, IamSide where) { append_to(out, of(s, where)); };
  if (scope == kSnapshots) {
    also(kDatabase, side);
    for (bool recovery : {false, true})
      if (side == IamSide::kBoth || recovery == (side == IamSide::kRecovery))
        out.push_back(arn("rds", "snapshot:*", recovery));
  } else if (scope == kReplicationRole) {
    out = replication_roles();
  } else if (scope == kStorageKeys) {
    if (encrypted_database()) also(kKeys, IamSide::kBoth);
  } else if (scope == kReplica) {
    also(kDatabase, IamSide::kBoth);
    for (auto s : {kOptionGroup, kParameterGroup, kSubnetGroup}) also(s, side);
  } else if (scope == kRole) {
    also(kPilotRole, IamSide::kRecovery);
    append_to(out, captured_roles());
  } else if (scope == kDeployments) {
    // arn:…:service-deployment/CLUSTER/SERVICE/ID
    for (auto& service : of(kService, side)) {
      auto at = service.find(":service/");
      append_to(out,
                {service, service.substr(0, at) + ":service-deployment/" + service.substr(at + 9) + "/*"});
    }
  } else if (scope == kPilotRole) {
    out = one_side(scope, true);
  } else if (scope == kLogGroup) {
    // With and without its streams: IAM policies are seen with either.
    for (auto& group : one_side(scope, true)) append_to(out, {group, group + ":*"});
  } else {
    if (side != IamSide::kRecovery) append_to(out, one_side(scope, false));
    if (side != IamSide::kPrimary) append_to(out, one_side(scope, true));
  }
  once(out);
  return out;
}

}  // namespace relight::dr
