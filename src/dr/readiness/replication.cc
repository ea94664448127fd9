// Checks 1-5: does the replica follow the primary, and how closely.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dr/model/duration.h"
#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"
#include "sql/mariadb_gtid.h"

namespace relight::dr {
namespace {

constexpr int64_t kLagBound = 60;  // s, where relight.yaml names no objective

int64_t lag_bound(const Picture& p) {
  return p.config.rpo.count() > 0 ? std::max<int64_t>(1, p.config.rpo.count() / 1000) : kLagBound;
}

Report::About replica(const Picture& p) { return {p.topology.recovery.database, p.config.recovery.region}; }

std::string start_replication(const Picture& p) {
  return fmt::format("mariadb -h {} -u {} -p -e 'CALL mysql.rds_start_replication'",
                     p.topology.recovery.database_host, p.config.database.user);
}

void source_of(const Picture& p, const Pair& pair, Report& r) {
  auto& replica = pair.recovery;
  if (!r.seen(replica, "")) return;
  auto source = text_at(*replica.properties, "/ReadReplicaSourceDBInstanceIdentifier");
  if (source.empty()) {
    r.fail(replica, "it is not a replica: it was promoted, or never was one", "it names no source",
           "make a replica of " + pair.primary.id() + " in its place: relight deploy");
    return;
  }
  if (last_word(source) != pair.primary.id()) {
    r.fail(replica, "it replicates from another database", source,
           "make a replica of " + pair.primary.id() + ": relight deploy");
    return;
  }
  if (replica.id() != p.topology.recovery.database) {
    r.unknown(replica, "whether it replicates was not looked at",
              "only the database that relight.yaml names is asked");
    return;
  }
  auto& now = p.live.recovery_instance;
  if (!r.seen(now, replica, "whether it replicates")) return;
  auto seen = fmt::format("source {}, status {}, replication {}", source, now->status, now->replication);
  if (now->replication == "replicating")
    r.pass(replica, "it replicates from " + pair.primary.id(), seen);
  else
    r.fail(replica, "RDS does not call it replicating", seen, start_replication(p));
}

using States = std::vector<sql::MariaDbGtid>;
Result<States> states_of(std::string_view text) {
  States out;
  while (!text.empty()) {
    auto comma = text.find(',');
    TRY_ASSIGN(auto one, sql::MariaDbGtid::parse(text.substr(0, comma)));
    out.push_back(one);
    text = comma == text.npos ? "" : text.substr(comma + 1);
  }
  return out;
}

// What the replica wrote and the primary never did.
std::string errant(const States& replica, const States& primary) {
  std::string out;
  for (auto& g : replica) {
    bool known = std::ranges::any_of(primary, [&](auto& o) {
      return o.domain == g.domain && o.server == g.server && o.sequence >= g.sequence;
    });
    if (!known) out += (out.empty() ? "" : ", ") + g.text();
  }
  return out;
}

}  // namespace

void check_replica(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  for (auto& pair : database_pairs(p)) {
    if (pair.recovery)
      source_of(p, pair, r);
    else
      r.fail(pair.primary, "it has no replica in " + p.config.recovery.region,
             "no database there replicates from it", "relight synth && relight deploy");
  }
}

void check_lag(const Picture& p, Report& r) {
  auto& lag = p.live.replica_lag_s;
  if (!r.seen(lag, replica(p), "ReplicaLag")) return;
  auto bound = lag_bound(p);
  auto seen = fmt::format("ReplicaLag {} s, bound {} s", *lag, bound);
  if (*lag < 0) {
    r.fail(replica(p), "ReplicaLag says that replication is not active", seen, start_replication(p))
        .risk.rpo_s.reset();
  } else if (*lag > double(bound)) {
    auto& f = r.fail(
        replica(p), "the replica lags more than the objective allows", seen,
        fmt::format(
            "mariadb -h {} -u {} -p -e 'SHOW FULL PROCESSLIST'   # what it applies; a larger class if it "
            "cannot keep up",
            p.topology.recovery.database_host, p.config.database.user));
    f.risk = {int64_t(*lag), int64_t(*lag)};
  } else {
    r.pass(replica(p), "the replica's lag is within the objective", seen);
  }
}

void check_heartbeat(const Picture& p, Report& r) {
  auto& age = p.live.heartbeat_age;
  if (!r.seen(age, replica(p), "the heartbeat row")) return;
  if (!*age) {
    r.fail(replica(p), "there is no heartbeat, so that nobody can bound the loss",
           "no row in relight_heartbeat", "relight heartbeat --create");
    return;
  }
  auto seconds = (**age).count() / 1000;
  auto seen = fmt::format("the row is {} old, bound {} s", duration_text(**age), lag_bound(p));
  if (seconds > lag_bound(p)) {
    r.fail(replica(p), "the heartbeat is older than the objective allows", seen, "relight heartbeat").risk = {
        0, seconds};
  } else {
    r.pass(replica(p), "the heartbeat arrives", seen);
  }
}

void check_threads(const Picture& p, Report& r) {
  auto& now = p.live.replica;
  if (!r.seen(now, replica(p), "the replication threads")) return;
  auto seen = fmt::format("receiving {}, applying {}", now->io, now->sql);
  if (now->pending) seen += fmt::format(", {} to apply", *now->pending);
  for (auto* e : {&now->io_error, &now->sql_error})
    if (!e->empty()) seen += ": " + *e;
  if (!now->configured)
    r.fail(replica(p), "the database has no source to replicate from", "SHOW REPLICA STATUS is empty",
           "relight deploy");
  else if (now->io == "Yes" && now->sql == "Yes")
    r.pass(replica(p), "both replication threads run", seen);
  else
    r.fail(replica(p), now->io != "Yes" ? "the replica receives nothing" : "the replica applies nothing",
           seen, start_replication(p));
}

void check_errant(const Picture& p, Report& r) {
  if (!r.seen(p.live.recovery_binlog_state, replica(p), "what the replica wrote itself")) return;
  if (!r.seen(p.live.primary_binlog_state, replica(p), "what the primary wrote")) return;
  auto ours = states_of(*p.live.recovery_binlog_state), theirs = states_of(*p.live.primary_binlog_state);
  if (!ours || !theirs) {
    r.unknown(replica(p), "the GTID states could not be read", (ours ? theirs : ours).error().message);
  } else if (ours->empty()) {
    r.unknown(replica(p), "what the replica wrote itself cannot be told",
              "it keeps no binary log (gtid_binlog_state is empty)");
  } else if (auto extra = errant(*ours, *theirs); !extra.empty()) {
    r.fail(replica(p), "the replica holds transactions that the primary never wrote",
           fmt::format("{} on the replica only; primary: {}", extra, *p.live.primary_binlog_state),
           fmt::format("mariadb-binlog --read-from-remote-server -h {} -u {} -p --base64-output=decode-rows "
                       "-v --to-last-log FILE   # judge them, then make the replica anew",
                       p.topology.recovery.database_host, p.config.database.user));
  } else {
    r.pass(replica(p), "the replica wrote nothing itself", *p.live.recovery_binlog_state);
  }
}

}  // namespace relight::dr
