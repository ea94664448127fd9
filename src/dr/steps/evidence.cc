// What would be lost? Recorded before anything is touched, and judged against the objective.
#include <fmt/format.h>

#include "aws/gen/rds.h"
#include "dr/steps/failover.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

Failed no_replica(const Site& s, const std::string& why) {
  Error e;
  e.code = "Failover.NoReplica";
  e.tried = "look at the replica";
  e.resource = s.topology.recovery.database;
  e.region = s.config.recovery.region;
  e.message = why;
  e.next = "make or mend the replica, then start a new failover; 'relight status' shows both regions";
  return {std::move(e), {"make or mend the replica, then start a new failover"}, true};
}

Failed not_replicating(const Site& s, const std::string& why) {
  auto f = no_replica(s, why);
  f.error.code = "Failover.ReplicaBroken";
  f.error.next =
      "mend it (CALL mysql.rds_start_replication on the replica, or make it anew), or go on with what it has "
      "applied: --accept-loss TIME or unknown";
  f.choices.push_back("--accept-loss TIME");
  return f;
}

class EvidenceStep final : public Step {
 public:
  explicit EvidenceStep(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    Facts f;
    std::optional<Outcome> api_verdict, sql_verdict;
    side_by_side({[&] { api_verdict = by_api(api_); }, [&] { sql_verdict = by_sql(sql_); }});
    f.insert(api_.begin(), api_.end());
    f.insert(sql_.begin(), sql_.end());
    for (auto* verdict : {&api_verdict, &sql_verdict}) {
      if (!*verdict) continue;
      auto* failed = std::get_if<Failed>(&**verdict);
      if (failed && failed->error.retryable && c.elapsed() < Millis(30000))
        return Waiting{"the recovery region's API to answer: " + failed->error.code};
      return **verdict;
    }
    // Where SQL may not look, RDS's word is the only one ("Monitoring read replication", RDS User Guide).
    auto word = get(f, "replication");
    bool broken =
        word == "error" || word == "stopped" || word == "terminated" || word == "replication stop point set";
    if (get(f, "replica_view") == "denied" && broken && !s_.consent.any_loss())
      return not_replicating(s_, "RDS says of its replication: " + word);
    return Done{f};
  }

 private:
  std::optional<Outcome> by_api(Facts& f) {
    auto& id = s_.topology.recovery.database;
    if (id.empty()) return no_replica(s_, "no database was found in the recovery region");
    auto r = aws::rds::Client(s_.aws).DescribeDBInstances({.DBInstanceIdentifier = id}, s_.in_recovery());
    if (!r && (r.error().code == "DBInstanceNotFound" || r.error().code == "DBInstanceNotFoundFault"))
      return no_replica(s_, "the replica does not exist");
    if (!r) return Failed{r.error(), {"relight resume"}};
    if (!r->DBInstances || r->DBInstances->empty()) return no_replica(s_, "the replica does not exist");
    auto& db = r->DBInstances->front();
    f["replica_status"] = db.DBInstanceStatus.value_or("");
    f["replica_source"] = db.ReadReplicaSourceDBInstanceIdentifier.value_or("");
    if (f["replica_source"].empty())
      return no_replica(s_, "it is not a replica: it was promoted before, or never was one");
    for (auto& i : db.StatusInfos.value_or(std::vector<aws::rds::DBInstanceStatusInfo>{}))
      if (i.StatusType == "read replication") f["replication"] = i.Status.value_or("");
    return std::nullopt;
  }

  std::optional<Outcome> by_sql(Facts& f) {
    auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
    if (!db) {
      f["sql"] = "unreachable";
      f["certainty_lost"] = "received and applied positions, the heartbeat, read_only and the epoch row (" +
                            db.error().code + ")";
      return judge({{},
                    {},
                    "SQL cannot reach the replica (" + db.error().code +
                        "), so neither what it received nor "
                        "the heartbeat can be read"});
    }
    f["sql"] = "reached";
    auto status = read_replica(*db);
    if (!status && denied(status.error())) return by_heartbeat(f, *db, status.error());
    if (!status) return Failed{status.error(), {"relight resume"}};
    f["received"] = status->received;
    f["applied"] = status->applied;
    f["io"] = status->io;
    if (auto n = pending(*status)) f["pending_transactions"] = std::to_string(*n);
    // Receiving ends with the primary; applying must work until the last.
    bool stopped = status->configured && status->sql == "No";
    if (stopped && !s_.consent.any_loss())
      return not_replicating(
          s_, status->sql_error.empty()
                  ? "replication is stopped: the replica applies nothing (receiving: " + status->io + ")"
                  : "replication is broken: " + status->sql_error);
    auto age = heartbeat_age(*db);
    if (!age) return Failed{age.error(), {"relight resume"}};
    f["heartbeat_age_ms"] = *age ? std::to_string((*age)->count()) : "unknown";
    // While something still waits in the relay log, the row that is applied is not the last that arrived: the
    // drain judges then.
    if (!drained(*status) && !stopped) return std::nullopt;
    auto bound = bound_by_heartbeat(*age, *status);
    if (s_.consent.loss_bytes)
      if (auto primary = s_.connect(s_.topology.primary.database_host, Site::kProbe))
        if (auto bytes = bytes_behind(*primary, *status)) bound.bytes = *bytes;
    if (bound.bytes) f["bytes_behind"] = std::to_string(*bound.bytes);
    return judge(bound);
  }

  // The user may not see replication. The heartbeat's row still bounds the loss, for it is an applied one;
  // whether replication works at all is RDS's word (by_api).
  std::optional<Outcome> by_heartbeat(Facts& f, sql::Connection& db, const Error& why) {
    f["replica_view"] = "denied";
    f["certainty_lost"] =
        "what the replica has received, and whether all of it is applied: SHOW SLAVE STATUS is denied (" +
        why.code + "; GRANT SLAVE MONITOR ON *.* shows it)";
    if (auto at = applied_position(db)) f["applied"] = *at;
    auto age = heartbeat_age(db);
    if (!age) return Failed{age.error(), {"relight resume"}};
    f["heartbeat_age_ms"] = *age ? std::to_string((*age)->count()) : "unknown";
    LossBound bound{*age, {}, ""};
    if (!*age)
      bound.missing =
          "there is no heartbeat (relight heartbeat --create writes one), and SHOW SLAVE STATUS is denied";
    return judge(bound);
  }

  std::optional<Outcome> judge(const LossBound& bound) {
    if (auto r = loss_allowed(s_, bound); !r) return Failed{r.error(), {"--accept-loss TIME"}, true};
    return std::nullopt;
  }

  Site& s_;
  Facts api_, sql_;
};

}  // namespace

std::unique_ptr<Step> make_evidence(Site& site) { return std::make_unique<EvidenceStep>(site); }

}  // namespace relight::dr
