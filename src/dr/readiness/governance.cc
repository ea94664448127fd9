// Checks 56, 58 and 60-62: can a failover be done without the primary, would anybody be told, would the stack
// keep what a promotion makes precious, is the way free.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/names.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

// The replica's source, the primary's half of the record pair, the way back, and what a replica of a key or
// of a secret is a replica of, are rightly named.
bool rightly(const std::string& kind) {
  return kind == "rds/db-instance" || kind == "route53/record-set" || kind == "s3/bucket" ||
         kind == "ecs/task-definition" || kind == "ecr/registry" || kind == "kms/key" ||
         kind == "secretsmanager/secret";
}

// The role that S3 assumes to copy the primary's objects: its policy names both buckets, and no task has it.
bool copies_objects(const Picture& p, const ResourceKey& policy) {
  if (policy.kind != "iam/role-policy") return false;
  auto role = p.recovery.find("iam/role", policy.id.substr(0, policy.id.find('/')));
  return role && text_at(*role.properties, "/AssumeRolePolicyDocument").contains("s3.amazonaws.com");
}

bool watches(const Item& alarm, const char* metric, const std::string& database) {
  auto& j = *alarm.properties;
  return text_at(j, "/MetricName") == metric && std::ranges::any_of(list_at(j, "/Dimensions"), [&](auto& d) {
           return text_at(d, "/Value") == database;
         });
}

}  // namespace

void check_independence(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  PrimaryNames names(p);
  Report::About whole{"", p.config.recovery.region};
  size_t looked = 0;
  for (auto& resource : p.recovery.inventory().resources) {
    auto i = p.recovery.find(resource.key.kind, resource.key.id);
    if (rightly(resource.key.kind) || copies_objects(p, resource.key) || !why_unseen(i, "").empty()) continue;
    ++looked;
    if (auto found = names.places_in(*i.properties); !found.empty())
      r.fail(i, "it names what stands in the primary region", found, "relight synth && relight deploy");
  }
  if (r.silent())
    r.pass(whole, "nothing captured there names what stands in the primary region",
           fmt::format("{} resources; task definitions are check 24; a failover with the primary's endpoints "
                       "refused was not rehearsed here",
                       looked));
}

void check_alarms(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  auto& database = p.topology.recovery.database;
  Report::About on{database, p.config.recovery.region};
  auto db = p.recovery.find("rds/db-instance", database);
  if (!db) {
    r.unknown(on, "its alarms were not looked for", "the replica was not captured");
    return;
  }
  if (!r.seen(db, "cloudwatch/alarm")) return;
  auto alarms = p.recovery.all("cloudwatch/alarm");
  auto lag = std::ranges::find_if(alarms, [&](auto& a) { return watches(a, "ReplicaLag", database); });
  auto mend = fmt::format(
      "aws --region {} cloudwatch put-metric-alarm --alarm-name {}-lag --namespace AWS/RDS --metric-name "
      "ReplicaLag --dimensions "
      "Name=DBInstanceIdentifier,Value={} --statistic Maximum --period 60 --evaluation-periods 3 --threshold "
      "30 --comparison-operator "
      "GreaterThanThreshold --treat-missing-data breaching",
      p.config.recovery.region, database, database);
  if (lag == alarms.end()) {
    r.fail(on, "no alarm in the recovery region watches the replica's lag",
           fmt::format("{} alarms there", alarms.size()), mend);
    return;
  }
  auto& j = *lag->properties;
  auto seen = fmt::format("{} {} {}, missing data {}, {} actions", text_at(j, "/MetricName"),
                          text_at(j, "/ComparisonOperator"), text_at(j, "/Threshold"),
                          text_at(j, "/TreatMissingData"), list_at(j, "/AlarmActions").size());
  if (!flag_at(j, "/ActionsEnabled", true))
    r.fail(*lag, "it watches, but its actions are off", seen,
           fmt::format("aws --region {} cloudwatch enable-alarm-actions --alarm-names {}", lag->region(),
                       lag->id()));
  else if (text_at(j, "/TreatMissingData") != "breaching")
    r.warn(*lag, "it stays silent when the replica is", seen, mend);
  else
    r.pass(*lag, "the replica's lag is watched from the recovery region", seen);
}

// RECOVERY: a stack that lets go of a promoted database is the outage after the outage. "DeletionPolicy
// attribute" and "UpdateReplacePolicy attribute", AWS CloudFormation User Guide; RetainExceptOnCreate keeps
// all but what a first creation that failed has made.
void check_retention(const Picture& p, Report& r) {
  Report::About whole{p.config.recovery.stack, p.config.recovery.region};
  auto& policies = p.live.stack_policies;
  if (!r.seen(policies, whole, "the stack's template")) return;
  size_t kept = 0;
  for (auto& [id, s] : *policies) {
    bool database = s.type == "AWS::RDS::DBInstance";
    if (!database && !s.versioned) continue;  // the flag's bucket is made again
    ++kept;
    bool stays = s.deletion == "Retain" || s.deletion == "RetainExceptOnCreate" ||
                 (database && s.deletion == "Snapshot");
    bool replaced = s.replacement == "Retain" || (database && s.replacement == "Snapshot");
    if (stays && replaced) continue;
    auto word = [](const std::string& policy) { return policy.empty() ? "not there" : policy; };
    r.fail({id, p.config.recovery.region},
           fmt::format("the stack would {} it", stays ? "replace and delete" : "delete"),
           fmt::format("{}: DeletionPolicy {}, UpdateReplacePolicy {}", s.type, word(s.deletion),
                       word(s.replacement)),
           "relight synth && relight deploy");
  }
  if (r.silent())
    r.pass(whole,
           kept == 0 ? "the stack has neither database nor versioned bucket"
                     : "the stack keeps its databases and versioned buckets",
           fmt::format("{} of {} resources are such", kept, policies->size()));
}

void check_stack_drift(const Picture& p, Report& r) {
  Report::About stack{p.config.recovery.stack, p.config.recovery.region};
  auto& d = p.live.stack_drift;
  if (!r.seen(d, stack, "whether the stack has drifted")) return;
  auto detect = fmt::format("aws --region {} cloudformation detect-stack-drift --stack-name {}", stack.region,
                            stack.resource);
  auto seen = d->status + (d->checked_at ? " at " + iso8601(*d->checked_at) : "");
  if (d->status == "DRIFTED" && !d->changed)
    r.unknown(stack, "the stack differs from what was deployed, and in what is not known", d->changed.why,
              detect);
  else if (d->status == "DRIFTED" && d->changed->empty())
    r.pass(stack, "the last drift detection found it as deployed",
           seen + ", by a key alone that the template names by its alias");
  else if (d->status == "DRIFTED")
    r.fail(
        stack, "somebody changed what the stack made",
        fmt::format("{}: {}", seen, fmt::join(*d->changed, "; ")),
        fmt::format(
            "aws --region {} cloudformation describe-stack-resource-drifts --stack-name {}   # then: relight "
            "synth && relight deploy",
            stack.region, stack.resource));
  else if (d->status == "IN_SYNC")
    r.pass(stack, "the last drift detection found it as deployed", seen);
  else
    r.unknown(stack, "whether the stack has drifted is not known",
              d->status == "NOT_CHECKED" ? "drift was never looked for" : seen, detect);
}

void check_lease(const Picture& p, Report& r) {
  Report::About whole{"", p.config.recovery.region};
  auto& l = p.live.lease;
  if (!r.seen(l, whole, "the lease")) return;
  if (l->unfinished_run)
    r.fail(whole, "a run began and did not end", *l->unfinished_run, "relight resume " + *l->unfinished_run);
  else if (l->held)
    r.warn(whole, "another relight holds the lease", l->holder, "relight runs");
  else
    r.pass(whole, "the lease is free and no run is unfinished",
           "drills are not recorded yet, so the age of the last is not known");
}

}  // namespace relight::dr
