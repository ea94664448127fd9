#include "dr/planning/failover_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dr/model/duration.h"

namespace relight::dr {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (auto& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

StepSpec spec_of(const CustomStep& s, const std::string& recovery) {
  StepSpec out{.id = s.name, .title = "", .segment = "", .needs = {}, .calls = {}, .expected = Millis(1000)};
  if (!s.command.empty()) {
    out.title = "Run " + s.command.front();
    std::string all;
    for (auto& word : s.command) all += (all.empty() ? "" : " ") + word;
    out.calls = {"command: " + all};
  } else if (!s.approval.empty()) {
    out.title = "Approval: " + s.approval;
    out.calls = {"relight approve"};
  } else if (!s.function.empty()) {
    out.title = "Invoke " + s.function;
    out.calls = {fmt::format("lambda:Invoke {} in {}", s.function, recovery)};
  } else {
    out.title = "Wait for " + s.url;
    out.calls = {fmt::format("GET {} until {}", s.url, s.status)};
  }
  return out;
}

// A step that this application has no need of: what stands before it counts for "after", what follows for
// "before".
constexpr std::array<std::array<std::string_view, 3>, 4> kOptional{{{"network", "evidence", "autoscaling"},
                                                                    {"autoscaling", "network", "compute"},
                                                                    {"functions", "open", "triggers"},
                                                                    {"triggers", "functions", "validate"}}};

std::string_view neighbour(const Runbook& r, std::string_view wanted, bool after) {
  for (int hops = 0; hops < 4 && !r.find(wanted); ++hops) {
    auto it = std::ranges::find(kOptional, wanted, [](auto& o) { return o[0]; });
    if (it == kOptional.end()) break;
    wanted = (*it)[after ? 1 : 2];
  }
  return wanted;
}

// Before a step: it waits for what that step waits for, and that step waits for it; several in their order.
// After one: beside whatever else follows it; only the run's end waits.
void place(Runbook& r, const CustomStep& s, const std::string& recovery) {
  auto spec = spec_of(s, recovery);
  auto at = std::ranges::find(r.steps, neighbour(r, s.before.empty() ? s.after : s.before, s.before.empty()),
                              &StepSpec::id);
  if (at == r.steps.end()) return;  // the configuration was checked
  if (s.before.empty()) {
    spec.needs = {at->id};
    r.steps.back().needs.push_back(s.name);
    ++at;
  } else {
    spec.needs = at->needs;
    at->needs.push_back(s.name);
  }
  r.steps.insert(at, std::move(spec));
}

std::string validation_calls(const Validation& v) {
  auto out = v.read.path.empty() ? std::string("GET the target group's health check path, else /")
                                 : "GET " + v.read.path;
  if (v.write) out += ", " + v.write->method + " " + v.write->path;
  if (v.read_back) out += ", GET " + v.read_back->path;
  return v.scheme == "https" ? out + ", over TLS" : out;
}

std::string named(const std::vector<Dormant>& all) {
  std::vector<std::string> names;
  for (auto& d : all) names.push_back(d.name);
  constexpr size_t kShown = 4;
  if (names.size() <= kShown) return joined(names);
  auto more = names.size() - kShown;
  names.resize(kShown);
  return joined(names) + fmt::format(" and {} more", more);
}

void insert_before(Runbook& r, std::string_view id, StepSpec s) {
  r.steps.insert(std::ranges::find(r.steps, id, &StepSpec::id), std::move(s));
}

// Autoscaling would undo what the next step asks for, so it stands before it.
void add_autoscaling(Runbook& r, const Topology& t, const std::string& region) {
  auto all = t.asleep(Dormant::Kind::kScaling);
  if (all.empty()) return;
  StepSpec s{"autoscaling", "Give autoscaling its bounds", "capacity", {"evidence"}, {}, Millis(1000)};
  s.calls = {"application-autoscaling:DescribeScalableTargets in " + region};
  for (auto& d : all)
    s.calls.push_back(fmt::format("application-autoscaling:RegisterScalableTarget {} {}..{} in {}", d.name,
                                  d.low.value_or(0), d.high.value_or(0), region));
  insert_before(r, "compute", std::move(s));
  std::ranges::find(r.steps, "compute", &StepSpec::id)->needs = {"autoscaling"};
}

// A task without a way out cannot fetch its image. Not before the promotion: that needs no gateway.
void add_network(Runbook& r, const Topology& t, const std::string& region) {
  auto all = t.asleep(Dormant::Kind::kNetwork);
  if (all.empty()) return;
  StepSpec s{"network", "Make the NAT gateways", "capacity", {"evidence"}, {}, Millis(180000)};
  for (auto& d : all)
    s.calls.push_back(fmt::format("cloudformation:UpdateStack {} {}=true, the template as it is, in {}",
                                  d.name, d.scope, region));
  insert_before(r, r.find("autoscaling") ? "autoscaling" : "compute", std::move(s));
  auto at = std::ranges::find(r.steps, "compute", &StepSpec::id);
  if (!r.find("autoscaling")) at->needs.clear();
  at->needs.push_back("network");
}

// Always: what names the primary is found by looking.
void add_configuration(Runbook& r, const Topology& t, const std::string& primary, const std::string& region) {
  StepSpec s{"configuration",
             "Tell the tasks their new database",
             "promote",
             {"compute", "promote"},
             {"ecs:DescribeTaskDefinition in " + region,
              fmt::format("ecs:RegisterTaskDefinition, UpdateService {}/{} in {}, only if something names {}",
                          t.recovery.cluster, t.recovery.service, region, primary)},
             Millis(1000)};
  if (auto all = t.asleep(Dormant::Kind::kSecret); !all.empty())
    s.calls.push_back(fmt::format(
        "secretsmanager:StopReplicationToReplica, PutSecretValue {} in {}, where the host is the primary's",
        named(all), region));
  if (auto all = t.asleep(Dormant::Kind::kParameter); !all.empty())
    s.calls.push_back(
        fmt::format("ssm:PutParameter {} in {}, where it names the primary's database", named(all), region));
  insert_before(r, "capacity", std::move(s));
  std::ranges::find(r.steps, "validate", &StepSpec::id)->needs.push_back("configuration");
}

void add_functions(Runbook& r, const Topology& t, const std::string& region) {
  auto all = t.asleep(Dormant::Kind::kFunction);
  if (all.empty()) return;
  insert_before(
      r, "validate",
      {"functions",
       "Let the functions run",
       "validate",
       {"open"},
       {"lambda:PutFunctionConcurrency or DeleteFunctionConcurrency " + named(all) + " in " + region},
       Millis(1000)});
  std::ranges::find(r.steps, "validate", &StepSpec::id)->needs.push_back("functions");
}

void add_triggers(Runbook& r, const Topology& t, const std::string& region) {
  StepSpec s{"triggers", "Let events reach the functions", "validate", {"open"}, {}, Millis(20000)};
  if (r.find("functions")) s.needs = {"functions"};
  using Kind = Dormant::Kind;
  for (auto& [kind, call] : {std::pair{Kind::kMapping, "lambda:UpdateEventSourceMapping"},
                             std::pair{Kind::kRule, "events:EnableRule"},
                             std::pair{Kind::kNotifications, "s3:PutBucketNotificationConfiguration"}})
    if (auto all = t.asleep(kind); !all.empty())
      s.calls.push_back(fmt::format("{} {} in {}", call, named(all), region));
  if (s.calls.empty()) return;
  insert_before(r, "validate", std::move(s));
  std::ranges::find(r.steps, "validate", &StepSpec::id)->needs.push_back("triggers");
}

// What only some applications have: docs/config.md, "What is lit".
void add_dormant(Runbook& r, const Config& c, const Topology& t) {
  add_autoscaling(r, t, c.recovery.region);
  add_network(r, t, c.recovery.region);
  add_configuration(r, t, c.primary.region, c.recovery.region);
  add_functions(r, t, c.recovery.region);
  add_triggers(r, t, c.recovery.region);
  bool writers = t.dormant && std::ranges::any_of(*t.dormant, [](auto& d) { return !d.primary.empty(); });
  if (writers)
    std::ranges::find(r.steps, "fence", &StepSpec::id)
        ->calls.push_back(
            "lambda:PutFunctionConcurrency 0, UpdateEventSourceMapping off, events:DisableRule, "
            "application-autoscaling:RegisterScalableTarget suspended in " +
            c.primary.region);
}

void complete(Runbook& r, const Config& c, const Topology& t, const History& history) {
  add_dormant(r, c, t);
  for (auto& s : c.steps) place(r, s, c.recovery.region);
  for (auto& s : r.steps)
    if (auto h = history.find(s.id); h != history.end()) s.expected = h->second;
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
  complete(r, c, t, history);
  return r;
}

std::string plan_text(const Runbook& r) {
  std::string out;
  for (auto& s : r.steps) {
    if (s.irreversible) out += "  ---- the point of no return: everything above can be undone ----\n";
    out += fmt::format("  {:<13} {:<44} about {}\n", s.id, s.title, duration_text(s.expected));
    if (!s.needs.empty()) out += fmt::format("  {:<13}   after {}\n", "", joined(s.needs));
    for (auto& call : s.calls) out += fmt::format("  {:<10}   {}\n", "", call);
  }
  out += fmt::format("\nExpected in all: {} (branches side by side).\n", duration_text(expected_time(r)));
  return out;
}

}  // namespace relight::dr
