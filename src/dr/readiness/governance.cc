// Checks 56, 58 and 62: can a failover be done without the primary, would anybody be told, is the way free.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/names.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

// The replica's source, the primary's half of the record pair and the way back are rightly named.
bool rightly(const std::string& kind) {
  return kind == "rds/db-instance" || kind == "route53/record-set" || kind == "s3/bucket" ||
         kind == "ecs/task-definition";
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
