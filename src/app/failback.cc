#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/run_verbs.h"
#include "aws/gen/rds.h"
#include "dr/model/turned.h"
#include "dr/planning/failback_plan.h"
#include "dr/steps/replica.h"

namespace relight::app {
namespace {

Error not_possible(const Workshop& w, const std::string& resource, const std::string& region, std::string why,
                   std::string next) {
  return {.code = "Failback.NotPossible",
          .message = std::move(why),
          .tried = "bring " + w.config.application + " back to " + w.config.primary.region,
          .resource = resource,
          .region = region,
          .next = std::move(next)};
}

Result<aws::rds::DBInstance> database(const dr::Site& s, const std::string& id, const std::string& region) {
  TRY_ASSIGN(auto r, aws::rds::Client(s.aws).DescribeDBInstances({.DBInstanceIdentifier = id},
                                                                 {region, Millis(20000)}));
  if (!r.DBInstances || r.DBInstances->empty())
    return fail(Error{.code = "DBInstanceNotFound",
                      .message = "there is no such database",
                      .resource = id,
                      .region = region});
  return std::move(r.DBInstances->front());
}

// The recovery region has been lit, the old primary answers, and what is asleep is known.
Result<> possible(const Workshop& w, const dr::Site& there) {
  auto &home = w.config.primary.region, &away = w.config.recovery.region;
  auto &p = there.topology.primary, &d = there.topology.recovery;
  if (p.database.empty() || d.database.empty() || p.service.empty() || d.service.empty())
    return fail(not_possible(w, w.config.file, home,
                             "the databases and services of both regions are not known",
                             "name them in relight.yaml (resources), or the stacks that have them"));
  if (!there.topology.dormant)
    return fail(not_possible(w, w.config.recovery.stack, away, "what the failover switched on is not known",
                             "the pilot's stack records it (outputs Dormant1, …): it has to be readable"));
  TRY_ASSIGN(auto serving, database(there, d.database, away));
  if (auto source = serving.ReadReplicaSourceDBInstanceIdentifier.value_or(""); !source.empty())
    return fail(not_possible(w, d.database, away,
                             "its database still follows " + source + ": nothing was failed over",
                             "there is nothing to bring back"));
  auto old = database(there, p.database, home);
  if (old || old.error().code.starts_with("DBInstanceNotFound")) return {};
  auto e = not_possible(w, p.database, home, "the old primary's region does not answer: " + old.error().code,
                        "wait until it does; " + away + " serves meanwhile");
  return fail(std::move(e));
}

bool typed_name(const Workshop& w, const std::string& what) {
  fmt::print("Type the application's name ({}) to {}: ", w.config.application, what);
  std::fflush(stdout);
  std::string typed;
  return std::getline(std::cin, typed) && typed == w.config.application;
}

bool confirmed_back(const Workshop& w, const dr::Runbook& runbook) {
  auto &home = w.config.primary.region, &away = w.config.recovery.region;
  fmt::print("{}\n", dr::plan_text(runbook));
  fmt::print(
      "{} serves until the step 'fence'. From there until 'open' the application is read-only, or away for "
      "as long as\n"
      "DNS takes. The old databases of both regions are kept under other names.\n",
      away);
  return typed_name(w, "go back to " + home);
}

bool confirmed_undo(const Workshop& w, const dr::Runbook& runbook) {
  fmt::print("{}\n", dr::plan_text(runbook));
  return typed_name(w, "let " + w.config.recovery.region + " serve again");
}

Error not_confirmed(const char* tried) {
  return {
      .code = "Failover.NotConfirmed", .message = "the name was not typed; nothing was done", .tried = tried};
}

// The database itself says whose writes it takes: from a failback's fence on, the other region's. To begin
// anew then would stop, with its quarantine, what may serve by now. Whatever the journal tells: another run
// may stand last.
Result<> serves(const Workshop& w, dr::Site& there) {
  auto &home = w.config.primary.region, &away = w.config.recovery.region;
  auto& host = there.topology.recovery.database_host;
  auto db = there.connect(host, Millis(5000));
  auto row = db ? dr::read_epoch(*db) : Result<std::optional<dr::EpochRow>>(std::unexpected(db.error()));
  if (!row)
    return fail(not_possible(w, host, away,
                             "SQL does not reach the database that serves: " + row.error().code,
                             "a planned switchover needs it in both regions"));
  if (!*row || (*row)->writer_region != home) return {};
  return fail(not_possible(
      w, host, away, "it was fenced for " + home + " by the run " + (*row)->run,
      "relight resume " + (*row)->run + ", or while it promoted nothing relight failback --undo"));
}

// The failback that may be undone: the last run, not ended, and nothing of it was ever asked to be promoted.
Result<> may_undo(Workshop& w) {
  TRY_ASSIGN(auto open, unfinished(*w.store));
  if (!open || open->runbook.kind != "failback")
    return fail(not_possible(w, open ? open->run : "", w.config.recovery.region,
                             "the last run is no failback that stopped on its way",
                             "'relight runs' lists them"));
  TRY_ASSIGN(auto events, w.store->read(open->run));
  if (std::ranges::none_of(events, [](auto& e) { return e.kind == "step.intent" && e.step == "promote"; }))
    return {};
  return fail(not_possible(w, open->run, w.config.primary.region,
                           "the promotion was asked for: two databases would take writes",
                           "relight resume " + open->run));
}

Result<int> undo(Workshop& w, const Global& g, const FailoverOptions& o, const Hooks& hooks) {
  TRY(nobody_at_work(w));
  TRY(may_undo(w));
  TRY_ASSIGN(auto topology, w.topology(false));
  auto runbook = dr::plan_failback_undo(w.config, topology, history_of(*w.store, "failback-undo"));
  auto ways = both_ways(w, topology);
  if (o.plan) {
    fmt::print("{}\n", g.json ? dr::to_json(runbook) : dr::plan_text(runbook));
    return int(kDone);
  }
  if (!o.yes && !confirmed_undo(w, runbook)) return fail(not_confirmed("undo a failback"));
  auto run = new_run_id();
  return under_lease(w, run, [&](const dr::Lease& lease) -> Result<int> {
    TRY(may_undo(w));
    return carry_out(w, g, dr::undo_steps(ways.there), lease, {}, started(run, w.config, runbook, o), hooks);
  });
}

Result<int> failback(const Global& g, const FailoverOptions& o, const Hooks& hooks) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY(dr::enough_to_fail_over(w->config));
  if (o.undo) return undo(*w, g, o, hooks);
  if (!o.plan) {
    TRY(nobody_at_work(*w));
    TRY(may_begin(*w, o));
  }
  TRY_ASSIGN(auto topology, w->topology(true));
  auto runbook = dr::plan_failback(w->config, topology, history_of(*w->store, "failback"));
  auto ways = both_ways(*w, topology);
  TRY(possible(*w, ways.there));
  if (o.plan) {
    fmt::print("{}\n", g.json
                           ? dr::to_json(runbook)
                           : "Failback of " + w->config.application + " from " + w->config.recovery.region +
                                 " to " + w->config.primary.region + ":\n\n" + dr::plan_text(runbook));
    return int(kDone);
  }
  TRY(serves(*w, ways.there));
  if (!o.yes && !confirmed_back(*w, runbook)) return fail(not_confirmed("start a failback"));
  auto run = new_run_id();
  return under_lease(*w, run, [&](const dr::Lease& lease) -> Result<int> {
    TRY(may_begin(*w, o));
    return carry_out(*w, g, dr::failback_steps(ways.back, ways.there), lease, {},
                     started(run, dr::turned(w->config), runbook, o), hooks);
  });
}

}  // namespace

int failback_verb(const Global& g, const FailoverOptions& o, const Hooks& hooks) {
  auto r = failback(g, o, hooks);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
