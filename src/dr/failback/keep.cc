// The old database out of the way, and nothing of it lost: a snapshot, then another name ("Renaming a DB
// instance", RDS User Guide: it keeps its data, its endpoint changes, and it is rebooted).
#include "aws/gen/rds.h"
#include "dr/failback/database.h"
#include "dr/failback/failback.h"

namespace relight::dr {
namespace {
namespace rds = aws::rds;

// At most 63 letters, digits and hyphens, no two hyphens together ("CreateDBInstance", DBInstanceIdentifier).
// The run's last word makes it the same name however often the step is begun.
std::string kept_name(const std::string& id, const std::string& run) {
  auto word = run.substr(run.rfind('-') + 1);
  auto ending = "-kept-" + word;
  auto name = id.substr(0, 63 - ending.size());
  while (name.ends_with('-')) name.pop_back();
  return name + ending;
}

class Keep final : public Step {
 public:
  Keep(Site& s, bool snapshot) : s_(s), rds_(s.aws), wants_snapshot_(snapshot) {}

  Outcome advance(Context& c) override {
    auto out = step(c);
    if (out) return *out;
    if (may_pass(out.error()) && c.elapsed() < Millis(600000))
      return Waiting{"RDS to answer: " + out.error().code};
    return Failed{out.error(), {"relight resume"}};
  }

 private:
  Result<Outcome> step(Context& c) {
    auto& id = s_.topology.recovery.database;
    auto kept = kept_name(id, c.run());
    TRY_ASSIGN(auto moved, find_database(s_, kept, s_.in_recovery()));
    if (moved) {
      if (moved->DBInstanceStatus != "available") return wait(kept, *moved);
      return Outcome{Done{facts(kept, *moved)}};
    }
    TRY_ASSIGN(auto now, find_database(s_, id, s_.in_recovery()));
    if (asked_) return Outcome{Waiting{id + " to be renamed"}};
    // An earlier process may have asked, and between the two names RDS may show neither.
    if (!now && c.elapsed() < Millis(60000)) return Outcome{Waiting{id + " or " + kept + " to be seen"}};
    if (!now)
      return fail(
          Error{.code = "Failback.NoDatabase",
                .message = "the old database is not there, so nothing says how its successor shall be",
                .tried = "keep the old database",
                .resource = id,
                .region = s_.config.recovery.region,
                .next = "make one of that name by hand (a restored snapshot will do; it is put aside), then "
                        "relight resume"});
    if (follows(*now)) return kept_before(kept.substr(0, kept.rfind('-') + 1));
    if (now->DBInstanceStatus != "available") return wait(id, *now);
    if (wants_snapshot_) {
      TRY_ASSIGN(auto w, snapshot(c, id, kept));
      if (w) return *w;
    }
    TRY(act(c, "rds:ModifyDBInstance", id, [&] {
      return rds_.ModifyDBInstance(
          {.DBInstanceIdentifier = id, .ApplyImmediately = true, .NewDBInstanceIdentifier = kept},
          s_.in_recovery());
    }));
    asked_ = true;
    return Outcome{Waiting{id + " to be renamed"}};
  }

  // A run that was given up has made the replica; what it kept, the last one that was renamed, is what is
  // kept.
  Result<Outcome> kept_before(const std::string& beginning) {
    std::optional<rds::DBInstance> found;
    rds::DescribeDBInstancesMessage in;
    do {
      TRY_ASSIGN(auto page, rds_.DescribeDBInstances(in, s_.in_recovery()));
      for (auto& db : page.DBInstances.value_or(std::vector<rds::DBInstance>{}))
        if (db.DBInstanceIdentifier.value_or("").starts_with(beginning) &&
            (!found || found->InstanceCreateTime < db.InstanceCreateTime))
          found = db;
      in.Marker = page.Marker;
    } while (in.Marker && !in.Marker->empty());
    auto f = found ? facts(found->DBInstanceIdentifier.value_or(""), *found) : Facts{{"kept", ""}};
    f["note"] = "an earlier run made the replica";
    return Outcome{Done{f}};
  }

  // arn:aws:rds:REGION:ACCOUNT:db:NAME
  bool follows(const rds::DBInstance& db) const {
    auto source = db.ReadReplicaSourceDBInstanceIdentifier.value_or("");
    return source.contains(":rds:" + s_.config.primary.region + ":") &&
           source.ends_with(":db:" + s_.topology.primary.database);
  }

  static Result<Outcome> wait(const std::string& id, const rds::DBInstance& db) {
    return Outcome{Waiting{id + " to be available (" + db.DBInstanceStatus.value_or("?") + ")"}};
  }

  // nullopt: it is there.
  Result<std::optional<Outcome>> snapshot(Context& c, const std::string& id, const std::string& name) {
    TRY_ASSIGN(auto shot, find_snapshot(id, name));
    if (!shot) {
      auto sent = act(c, "rds:CreateDBSnapshot", name, [&] {
        return rds_.CreateDBSnapshot({.DBSnapshotIdentifier = name, .DBInstanceIdentifier = id},
                                     s_.in_recovery());
      });
      // What was made is not always listed at once.
      if (!sent && !sent.error().code.starts_with("DBSnapshotAlreadyExists"))
        return std::unexpected(sent.error());
      return Outcome{Waiting{"the snapshot " + name}};
    }
    if (shot->Status == "available") return std::nullopt;
    return Outcome{Waiting{"the snapshot " + name + " (" + shot->Status.value_or("?") + ")",
                           shot->PercentProgress.value_or(0) / 100.0}};
  }

  // Among its database's: who may look at those need not look at others'.
  Result<std::optional<rds::DBSnapshot>> find_snapshot(const std::string& id, const std::string& name) {
    rds::DescribeDBSnapshotsMessage in{.DBInstanceIdentifier = id};
    do {
      TRY_ASSIGN(auto page, rds_.DescribeDBSnapshots(in, s_.in_recovery()));
      for (auto& shot : page.DBSnapshots.value_or(std::vector<rds::DBSnapshot>{}))
        if (shot.DBSnapshotIdentifier == name) return std::move(shot);
      in.Marker = page.Marker;
    } while (in.Marker && !in.Marker->empty());
    return std::nullopt;
  }

  Facts facts(const std::string& kept, const rds::DBInstance& db) const {
    Facts f{{"kept", kept}, {"backup_days", std::to_string(db.BackupRetentionPeriod.value_or(0))}};
    if (wants_snapshot_) f["snapshot"] = kept;
    return f;
  }

  Site& s_;
  rds::Client rds_;
  bool wants_snapshot_;
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<Step> make_keep(Site& site, bool snapshot) { return std::make_unique<Keep>(site, snapshot); }

}  // namespace relight::dr
