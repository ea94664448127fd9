#include "dr/planning/failback_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "dr/model/turned.h"

namespace relight::dr {
namespace {
using Asleep = Dormant::Kind;

// One after the other as they are added; what an application has no need of is left out, and what would have
// waited for it waits for what it would have waited for.
class RunbookDraft {
 public:
  void add(StepSpec s) { r_.steps.push_back(std::move(s)); }
  void add_if(bool wanted, StepSpec s) {
    if (wanted) return add(std::move(s));
    instead_[s.id] = s.needs;
  }
  Runbook take(const char* kind, const History& history) {
    r_.kind = kind;
    for (auto& s : r_.steps) {
      std::vector<std::string> needs;
      for (auto& n : s.needs) resolve(n, needs);
      s.needs = std::move(needs);
      if (auto h = history.find(s.id); h != history.end()) s.expected = h->second;
    }
    return std::move(r_);
  }

 private:
  void resolve(const std::string& id, std::vector<std::string>& out) const {
    if (auto it = instead_.find(id); it != instead_.end()) {
      for (auto& n : it->second) resolve(n, out);
    } else if (std::ranges::find(out, id) == out.end()) {
      out.push_back(id);
    }
  }
  Runbook r_;
  std::map<std::string, std::vector<std::string>> instead_;
};

struct RegionNames {
  const Config& c;
  const Topology& t;
  const std::string& home = c.primary.region;
  const std::string& away = c.recovery.region;
  bool has(Asleep k) const { return !t.asleep(k).empty(); }
  bool triggers() const {
    auto back = turned(t);
    return !back.asleep(Asleep::kMapping).empty() || !back.asleep(Asleep::kRule).empty();
  }
  bool functions() const { return !turned(t).asleep(Asleep::kFunction).empty(); }
};

// Nobody notices: the old primary becomes a copy of what serves.
void return_home(RunbookDraft& d, const RegionNames& n) {
  auto& p = n.t.primary;
  auto service = p.cluster + "/" + p.service;
  d.add({"quarantine",
         "Keep the old primary from writing as it returns",
         "",
         {},
         {fmt::format("ecs:UpdateService {} desiredCount=0, lambda:PutFunctionConcurrency 0, mappings and "
                      "rules off, autoscaling "
                      "suspended in {}",
                      service, n.home),
          fmt::format("s3:PutBucketPolicy denying writes, s3:DeleteBucketReplication {} in {}", p.bucket,
                      n.home)},
         Millis(30000)});
  d.add({"keep",
         "Keep the old database under another name",
         "",
         {"quarantine"},
         {fmt::format("rds:CreateDBSnapshot, ModifyDBInstance NewDBInstanceIdentifier {}-kept-… of {} in {}",
                      p.database, p.database, n.home)},
         Millis(600000)});
  d.add({"replica",
         "Make a replica in its place",
         "",
         {"keep"},
         {fmt::format("rds:CreateDBInstanceReadReplica {} of {}'s {} in {}", p.database, n.away,
                      n.t.recovery.database, n.home),
          "rds:ResetDBParameterGroup read_only, if a fence set it"},
         Millis(1800000)});
  d.add({"admit",
         "Let objects into the old bucket again",
         "",
         {"quarantine"},
         {"s3:PutBucketPolicy without the fence's denial, " + p.bucket + " in " + n.home},
         Millis(500)});
  d.add({"objects",
         "Bring the objects back",
         "",
         {"admit"},
         {fmt::format("s3:CopyObject {} to {}, s3:DeleteObject what was deleted", n.t.recovery.bucket,
                      p.bucket)},
         Millis(60000)});
}

// Its tasks stand and are healthy before anybody is stopped.
void start_home(RunbookDraft& d, const RegionNames& n) {
  auto service = n.t.primary.cluster + "/" + n.t.primary.service;
  d.add_if(n.has(Asleep::kSecret),
           {"secrets",
            "Bring the secrets' values back",
            "",
            {"quarantine"},
            {"secretsmanager:PutSecretValue in " + n.home + ", where the value differs"},
            Millis(1000)});
  d.add_if(n.has(Asleep::kScaling), {"autoscaling",
                                     "Give autoscaling its bounds",
                                     "",
                                     {"replica", "secrets"},
                                     {"application-autoscaling:RegisterScalableTarget in " + n.home},
                                     Millis(1000)});
  d.add({"compute",
         "Start the application read-only",
         "",
         {"autoscaling", "replica", "secrets"},
         {fmt::format("ecs:UpdateService {} desiredCount={} in {}", service, n.c.tasks, n.home)},
         Millis(1000)});
  d.add({"capacity",
         "Wait for tasks and healthy targets",
         "",
         {"compute"},
         {"ecs:DescribeServices, elbv2:DescribeTargetHealth in " + n.home},
         Millis(90000)});
}

// Users see a read-only application until `open`.
void switch_over(RunbookDraft& d, const RegionNames& n) {
  auto& away = n.t.recovery;
  d.add({"fence",
         "Stop the region that serves from writing",
         "fence",
         {"capacity", "objects"},
         {"SQL: epoch row, sessions ended, rds:ModifyDBParameterGroup read_only=1 in " + n.away,
          fmt::format("ecs:UpdateService {}/{} desiredCount=0, s3:PutBucketPolicy denying writes to {} in {}",
                      away.cluster, away.service, away.bucket, n.away),
          fmt::format("lambda:PutFunctionConcurrency 0, UpdateEventSourceMapping off, events:DisableRule, "
                      "s3:PutBucketNotificationConfiguration without the functions in {}",
                      n.away)},
         Millis(5000)});
  d.add({"equal",
         "Hold both databases against each other",
         "drain",
         {"fence"},
         {"SQL: @@gtid_slave_pos in " + n.home + " contains all of " + n.away},
         Millis(1000)});
  d.add({"last-objects",
         "Bring the last objects back",
         "drain",
         {"fence"},
         {fmt::format("s3:CopyObject {} to {}", away.bucket, n.t.primary.bucket)},
         Millis(5000)});
  d.add({"promote",
         "Promote the replica",
         "promote",
         {"equal"},
         {fmt::format("rds:PromoteReadReplica {} in {}", n.t.primary.database, n.home),
          "rds:DescribeDBInstances, rds:DescribeEvents in " + n.home},
         Millis(300000),
         true});
  d.add({"open",
         "Open the database for writes",
         "promote",
         {"promote"},
         {"SQL: read_only, epoch row in " + n.home},
         Millis(1000)});
}

// The old primary takes over.
void serve_home(RunbookDraft& d, const RegionNames& n) {
  d.add_if(n.functions(), {"functions",
                           "Let the functions run",
                           "validate",
                           {"open", "last-objects"},
                           {"lambda:PutFunctionConcurrency or DeleteFunctionConcurrency in " + n.home},
                           Millis(1000)});
  d.add_if(n.triggers(), {"triggers",
                          "Let events reach the functions",
                          "validate",
                          {"functions", "open", "last-objects"},
                          {"lambda:UpdateEventSourceMapping, events:EnableRule in " + n.home},
                          Millis(20000)});
  d.add({"validate",
         "Validate before users arrive",
         "validate",
         {"triggers", "functions", "open", "last-objects"},
         {"the questions of relight.yaml's validation, through " + n.t.primary.load_balancer},
         Millis(2000)});
  d.add({"dns",
         "Send the users home",
         "dns",
         {"validate"},
         {fmt::format("s3:DeleteObject {}/{} in {}", n.t.flag_bucket, n.t.flag_key, n.away),
          "DNS: ask for " + n.c.dns.domain},
         Millis(40000)});
}

// The recovery region is a pilot again.
void put_out(RunbookDraft& d, const RegionNames& n) {
  auto& away = n.t.recovery;
  d.add_if(n.has(Asleep::kScaling),
           {"unscale",
            "Autoscaling of the pilot to zero",
            "",
            {"dns"},
            {"application-autoscaling:RegisterScalableTarget 0..0, suspended in " + n.away},
            Millis(1000)});
  d.add_if(n.has(Asleep::kNetwork), {"network",
                                     "Take the NAT gateways away",
                                     "",
                                     {"dns"},
                                     {"cloudformation:UpdateStack, the template as it is, in " + n.away},
                                     Millis(180000)});
  d.add({"readmit",
         "Let objects into the pilot's bucket again",
         "",
         {"dns"},
         {"s3:PutBucketPolicy without the fence's denial, " + away.bucket + " in " + n.away},
         Millis(500)});
  d.add({"put-aside",
         "Put the pilot's old database aside",
         "",
         {"dns"},
         {fmt::format("rds:ModifyDBInstance NewDBInstanceIdentifier {}-kept-… in {}", away.database, n.away)},
         Millis(300000)});
  d.add({"rebuild",
         "Make the pilot's replica anew",
         "",
         {"put-aside"},
         {fmt::format("rds:CreateDBInstanceReadReplica {} of {}'s {} in {}", away.database, n.home,
                      n.t.primary.database, n.away)},
         Millis(1800000)});
  d.add_if(n.has(Asleep::kSecret), {"replicate",
                                    "Replicate the secrets again",
                                    "",
                                    {"dns"},
                                    {"secretsmanager:ReplicateSecretToRegions in " + n.home},
                                    Millis(5000)});
  d.add({"commit",
         "Close the run",
         "",
         {"unscale", "network", "readmit", "rebuild", "replicate"},
         {"release the lease, arm the anti-flap window"},
         Millis(100)});
}

// The region that served before lets its functions run again.
void wake(RunbookDraft& d, const RegionNames& n) {
  d.add_if(n.has(Asleep::kFunction),
           {"functions",
            "Let the functions run",
            "validate",
            {"open", "readmit"},
            {"lambda:PutFunctionConcurrency or DeleteFunctionConcurrency in " + n.away},
            Millis(1000)});
  d.add_if(n.has(Asleep::kMapping) || n.has(Asleep::kRule) || n.has(Asleep::kNotifications),
           {"triggers",
            "Let events reach the functions",
            "validate",
            {"functions", "open", "readmit"},
            {"lambda:UpdateEventSourceMapping, events:EnableRule, s3:PutBucketNotificationConfiguration in " +
             n.away},
            Millis(20000)});
}

}  // namespace

Runbook plan_failback(const Config& c, const Topology& t, const History& history) {
  RunbookDraft d;
  RegionNames n{c, t};
  return_home(d, n);
  start_home(d, n);
  switch_over(d, n);
  serve_home(d, n);
  put_out(d, n);
  return d.take("failback", history);
}

Runbook plan_failback_undo(const Config& c, const Topology& t, const History& history) {
  RunbookDraft d;
  RegionNames n{c, t};
  auto service = t.recovery.cluster + "/" + t.recovery.service;
  d.add({"reopen",
         "Take the fence off the database",
         "promote",
         {},
         {"rds:ResetDBParameterGroup read_only in " + n.away},
         Millis(5000)});
  d.add({"readmit",
         "Let objects into the bucket again",
         "",
         {},
         {"s3:PutBucketPolicy without the fence's denial, " + t.recovery.bucket + " in " + n.away},
         Millis(500)});
  d.add_if(n.has(Asleep::kScaling), {"autoscaling",
                                     "Give autoscaling its bounds",
                                     "capacity",
                                     {},
                                     {"application-autoscaling:RegisterScalableTarget in " + n.away},
                                     Millis(1000)});
  d.add({"compute",
         "Start the application",
         "capacity",
         {"autoscaling"},
         {fmt::format("ecs:UpdateService {} desiredCount={} in {}", service, c.tasks, n.away)},
         Millis(1000)});
  d.add({"open",
         "Open the database for writes",
         "promote",
         {"reopen"},
         {"SQL: read_only, epoch row in " + n.away},
         Millis(1000)});
  d.add({"capacity",
         "Wait for tasks and healthy targets",
         "capacity",
         {"compute"},
         {"ecs:DescribeServices, elbv2:DescribeTargetHealth in " + n.away},
         Millis(90000)});
  wake(d, n);
  d.add({"validate",
         "Validate",
         "validate",
         {"open", "readmit", "capacity", "functions", "triggers"},
         {"the questions of relight.yaml's validation, through " + t.recovery.load_balancer},
         Millis(2000)});
  d.add({"commit",
         "Close the run",
         "",
         {"validate"},
         {"release the lease, arm the anti-flap window"},
         Millis(100)});
  return d.take("failback-undo", history);
}

}  // namespace relight::dr
