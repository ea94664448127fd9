#include "dr/capture/status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/gen/ecs.h"
#include "aws/gen/rds.h"
#include "dr/model/duration.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

std::string objective(Millis m) { return m.count() ? duration_text(m) : "none"; }
std::string unknown(const Error& e) { return "unknown (" + e.code + ")"; }

void database(Site& s, const Resources& r, const aws::CallOptions& where, Facts& f) {
  if (r.database.empty()) {
    f["database"] = "unknown (its name is not known)";
    return;
  }
  auto seen = aws::rds::Client(s.aws).DescribeDBInstances({.DBInstanceIdentifier = r.database}, where);
  if (!seen || !seen->DBInstances || seen->DBInstances->empty()) {
    f["database"] = seen ? "missing" : unknown(seen.error());
    return;
  }
  auto& db = seen->DBInstances->front();
  auto source = db.ReadReplicaSourceDBInstanceIdentifier.value_or("");
  f["database"] = db.DBInstanceStatus.value_or("?") + (source.empty() ? "" : ", replica");
}

void tasks(Site& s, const Resources& r, const aws::CallOptions& where, Facts& f) {
  if (r.service.empty()) {
    f["tasks"] = "unknown (the service's name is not known)";
    return;
  }
  auto seen =
      aws::ecs::Client(s.aws).DescribeServices({.cluster = r.cluster, .services = {{r.service}}}, where);
  if (!seen || !seen->services || seen->services->empty()) {
    f["tasks"] = seen ? "missing" : unknown(seen.error());
    return;
  }
  auto& service = seen->services->front();
  f["tasks"] = fmt::format("{} of {}", service.runningCount.value_or(0), service.desiredCount.value_or(0));
}

void edge(Site& s, const Resources& r, Facts& f) {
  auto& name = s.config.dns.domain.empty() ? r.load_balancer : s.config.dns.domain;
  auto answer = s.look(r.load_balancer, name, "", Site::kProbe);
  f["load_balancer"] = answer ? std::to_string(answer->status) : unknown(answer.error());
}

void replication(Site& s, Facts& f) {
  f["heartbeat_age"] = f["pending_transactions"] = f["io"] = f["sql"] = "unknown";
  auto db = s.connect(s.topology.recovery.database_host, Site::kProbe);
  if (!db) {
    f["sql"] = unknown(db.error());
    return;
  }
  auto status = read_replica(*db);
  if (!status && !denied(status.error())) return;
  if (!status) {
    f["io"] = f["sql"] = "unknown (SHOW SLAVE STATUS is denied to " + s.config.database.user + ")";
  } else if (!status->configured) {
    f["io"] = f["sql"] = "none (not a replica)";
  } else {
    f["io"] = status->io;
    f["sql"] = status->sql + (status->sql_error.empty() ? "" : ": " + status->sql_error);
    f["received"] = status->received;
    f["applied"] = status->applied;
    if (auto n = pending(*status)) f["pending_transactions"] = std::to_string(*n);
    if (status->seconds_behind) f["seconds_behind"] = std::to_string(*status->seconds_behind);
  }
  if (auto age = heartbeat_age(*db); age && *age) {
    f["heartbeat_age"] = duration_text(**age);
    f["heartbeat_age_ms"] = std::to_string((*age)->count());
  }
}

void dns(Site& s, Facts& f) {
  if (s.config.dns.domain.empty()) {
    f["answer"] = f["points_to"] = "unknown (relight.yaml names no domain)";
    return;
  }
  auto answer = s.resolver.addresses(s.config.dns.domain);
  f["answer"] = answer ? answer->front() : unknown(answer.error());
  f["points_to"] = "unknown";
  if (!answer) return;
  for (auto* side : {&s.topology.primary, &s.topology.recovery}) {
    auto a = s.resolver.addresses(side->load_balancer);
    if (a && *a == *answer)
      f["points_to"] = side == &s.topology.primary ? s.config.primary.region : s.config.recovery.region;
  }
}

}  // namespace

Status read_status(Site& s, const Runbook& runbook) {
  Status out;
  Facts pd, pt, pe, dd, dt, de;
  auto& p = s.topology.primary;
  auto& d = s.topology.recovery;
  auto here = s.in_recovery();
  here.deadline = Millis(3000);
  side_by_side({[&] { database(s, p, s.in_primary(), pd); }, [&] { tasks(s, p, s.in_primary(), pt); },
                [&] { edge(s, p, pe); }, [&] { database(s, d, here, dd); }, [&] { tasks(s, d, here, dt); },
                [&] { edge(s, d, de); }, [&] { replication(s, out.replication); }, [&] { dns(s, out.dns); }});
  for (auto* f : {&pd, &pt, &pe}) out.primary.insert(f->begin(), f->end());
  for (auto* f : {&dd, &dt, &de}) out.recovery.insert(f->begin(), f->end());
  out.primary["region"] = s.config.primary.region;
  out.recovery["region"] = s.config.recovery.region;
  out.expected["rto"] = duration_text(expected_time(runbook));
  out.expected["rpo"] = out.replication["heartbeat_age"];
  out.expected["rto_objective"] = objective(s.config.rto);
  out.expected["rpo_objective"] = objective(s.config.rpo);
  return out;
}

std::string to_json(const Status& s) {
  return nlohmann::json{{"primary", s.primary},
                        {"recovery", s.recovery},
                        {"replication", s.replication},
                        {"dns", s.dns},
                        {"expected", s.expected}}
      .dump(2);
}

std::string text(const Status& s, const Config& c) {
  auto v = [](const Facts& f, const char* k) {
    return get(f, k).empty() ? std::string("unknown") : get(f, k);
  };
  std::string out = fmt::format("{:<16}{:<34}{}\n", c.application, "primary " + c.primary.region,
                                "recovery " + c.recovery.region);
  for (auto* row : {"database", "tasks", "load_balancer"})
    out += fmt::format("{:<16}{:<34}{}\n", row, v(s.primary, row), v(s.recovery, row));
  out += fmt::format("replication     receiving {}, applying {}, {} to apply, heartbeat {} old\n",
                     v(s.replication, "io"), v(s.replication, "sql"),
                     v(s.replication, "pending_transactions"), v(s.replication, "heartbeat_age"));
  out +=
      fmt::format("dns             {} -> {} ({})\n", c.dns.domain, v(s.dns, "answer"), v(s.dns, "points_to"));
  out += fmt::format("if it failed now: back in about {} (objective {}), losing up to {} (objective {})\n",
                     v(s.expected, "rto"), v(s.expected, "rto_objective"), v(s.expected, "rpo"),
                     v(s.expected, "rpo_objective"));
  return out;
}

}  // namespace relight::dr
