#include "dr/planning/failover_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "dr/model/duration.h"

namespace relight::dr {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (auto& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

StepSpec spec_of(const CustomStep& s) {
  StepSpec out{.id = s.name, .title = "", .segment = "", .needs = {}, .calls = {}, .expected = Millis(1000)};
  if (!s.command.empty()) {
    out.title = "Run " + s.command.front();
    std::string all;
    for (auto& word : s.command) all += (all.empty() ? "" : " ") + word;
    out.calls = {"command: " + all};
  } else if (!s.approval.empty()) {
    out.title = "Approval: " + s.approval;
    out.calls = {"relight approve"};
  } else {
    out.title = "Wait for " + s.url;
    out.calls = {fmt::format("GET {} until {}", s.url, s.status)};
  }
  return out;
}

// Before a step: it waits for what that step waits for, and that step waits for it; several in their order.
// After one: beside whatever else follows it; only the run's end waits.
void place(Runbook& r, const CustomStep& s) {
  auto spec = spec_of(s);
  auto at = std::ranges::find(r.steps, s.before.empty() ? s.after : s.before, &StepSpec::id);
  if (at == r.steps.end()) return;  // the configuration was checked
  if (s.before.empty()) {
    spec.needs = {s.after};
    r.steps.back().needs.push_back(s.name);
    ++at;
  } else {
    spec.needs = at->needs;
    at->needs.push_back(s.name);
  }
  r.steps.insert(at, std::move(spec));
}

void complete(Runbook& r, const Config& c, const History& history) {
  for (auto& s : c.steps) place(r, s);
  for (auto& s : r.steps)
    if (auto h = history.find(s.id); h != history.end()) s.expected = h->second;
}

std::string validation_calls(const Validation& v) {
  auto out = v.read.path.empty() ? std::string("GET the target group's health check path, else /")
                                 : "GET " + v.read.path;
  if (v.write) out += ", " + v.write->method + " " + v.write->path;
  if (v.read_back) out += ", GET " + v.read_back->path;
  return v.scheme == "https" ? out + ", over TLS" : out;
}

}  // namespace

// The expected times without history are what AWS shows for a small instance and Fargate tasks;
// docs/config.md says so.
Runbook plan_failover(const Config& c, const Topology& t, const History& history) {
  auto& d = c.recovery.region;
  auto& p = c.primary.region;
  auto service = t.recovery.cluster + "/" + t.recovery.service;
  Runbook r{.kind = "failover", .steps = {}};
  r.steps = {
      {"detect",
       "Look at the primary from three sides",
       "decide",
       {},
       {"rds:DescribeDBInstances in " + p, "GET the primary's load balancer", "SQL: replica status in " + d},
       Millis(1500)},
      {"evidence",
       "Record what would be lost",
       "decide",
       {},
       {"rds:DescribeDBInstances in " + d, "SQL: replica status, heartbeat in " + d},
       Millis(500)},
      {"compute",
       "Start the application read-only",
       "capacity",
       {"evidence"},
       {"ecs:DescribeServices in " + d,
        fmt::format("ecs:UpdateService {} desiredCount={} in {}", service, c.tasks, d)},
       Millis(1000)},
      {"fence",
       "Stop the old primary from writing",
       "fence",
       {"detect", "evidence"},
       {"SQL: epoch row, sessions ended, rds:ModifyDBParameterGroup read_only=1 in " + p,
        fmt::format("ecs:UpdateService {}/{} desiredCount=0 in {}", t.primary.cluster, t.primary.service, p),
        "s3:PutBucketPolicy denying writes, s3:DeleteBucketReplication " + t.primary.bucket + " in " + p},
       c.fence_deadline.count() > 0 ? c.fence_deadline : Config::kFence},
      {"drain",
       "Apply what the replica has received",
       "drain",
       {"evidence"},
       {"SQL: replica status in " + d},
       Millis(5000)},
      {"promote",
       "Promote the replica",
       "promote",
       {"fence", "drain"},
       {fmt::format("rds:PromoteReadReplica {} in {}", t.recovery.database, d),
        "rds:DescribeDBInstances, rds:DescribeEvents in " + d},
       Millis(300000),
       true},
      {"open",
       "Open the database for writes",
       "promote",
       {"promote"},
       {"SQL: read_only, epoch row in " + d},
       Millis(1000)},
      {"capacity",
       "Wait for tasks and healthy targets",
       "capacity",
       {"compute"},
       {"ecs:DescribeServices in " + d, "elbv2:DescribeTargetHealth in " + d},
       Millis(90000)},
      {"validate",
       "Validate before users arrive",
       "validate",
       {"open", "capacity"},
       {validation_calls(c.validation) + ", through " + t.recovery.load_balancer},
       Millis(2000)},
      {"dns",
       "Send the users over",
       "dns",
       {"validate"},
       {fmt::format("s3:PutObject {}/{} in {}", t.flag_bucket, t.flag_key, d),
        "DNS: ask for " + c.dns.domain},
       Millis(40000)},
      {"commit", "Close the run", "", {"dns"}, {"release the lease, arm the anti-flap window"}, Millis(100)},
  };
  complete(r, c, history);
  return r;
}

std::string plan_text(const Runbook& r) {
  std::string out;
  for (auto& s : r.steps) {
    if (s.irreversible) out += "  ---- the point of no return: everything above can be undone ----\n";
    out += fmt::format("  {:<10} {:<44} about {}\n", s.id, s.title, duration_text(s.expected));
    if (!s.needs.empty()) out += fmt::format("  {:<10}   after {}\n", "", joined(s.needs));
    for (auto& call : s.calls) out += fmt::format("  {:<10}   {}\n", "", call);
  }
  out += fmt::format("\nExpected in all: {} (branches side by side).\n", duration_text(expected_time(r)));
  return out;
}

}  // namespace relight::dr
