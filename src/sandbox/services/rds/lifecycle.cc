// Reboot, start, stop and delete.
#include <fmt/format.h>

#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

namespace {

std::unexpected<Error> wrong_state(const rds::Instance& i, std::string_view wanted) {
  return aws_error("InvalidDBInstanceState",
                   fmt::format("Instance {} is not in {} state: {}", i.id(), wanted, i.status()));
}

}  // namespace

Result<api::DeleteDBInstanceResult> RdsService::remove(const Call& c,
                                                       const api::DeleteDBInstanceMessage& in) {
  TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
  bool skip = in.SkipFinalSnapshot.value_or(false);
  if (i->d.DeletionProtection.value_or(false)) {
    return aws_error(
        "InvalidParameterCombination",
        "Cannot delete protected DB Instance, please disable deletion protection and try again.");
  }
  if (!skip && !i->replica() && !in.FinalDBSnapshotIdentifier) {
    return aws_error("InvalidParameterCombination",
                     "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.");
  }
  if (skip && in.FinalDBSnapshotIdentifier) {
    return aws_error("InvalidParameterCombination",
                     "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true");
  }
  if (i->replica() && in.FinalDBSnapshotIdentifier) {
    return aws_error("InvalidParameterCombination", "A final snapshot of a read replica cannot be made");
  }
  if (i->phase == "delete") return wrong_state(*i, "a deletable");
  if (!i->phase.empty() && i->phase != "promote") return wrong_state(*i, "a deletable");
  if (in.FinalDBSnapshotIdentifier) {
    TRY_ASSIGN(std::string name,
               rds::identifier("FinalDBSnapshotIdentifier", *in.FinalDBSnapshotIdentifier, 255));
    if (t_->snapshots.find(c.region, name))
      return aws_error("DBSnapshotAlreadyExists", "Snapshot exists: " + name);
    if (i->status() != "available") return wrong_state(*i, "available");
    // Paused for the copy before the database goes: workers may run side by side, one key's work may not.
    take_snapshot(*i, name, "manual");
  }
  i->keeps_backups = !in.DeleteAutomatedBackups.value_or(true);
  i->phase = "delete";
  i->argument = rds::lower(in.FinalDBSnapshotIdentifier.value_or(""));
  become(*i, "deleting");
  TRY_ASSIGN(api::DBInstance shown, describe(*i));
  // A same-region replica outlives its source as an instance of its own; a cross-region one stays a replica
  // whose replication is broken ("Deleting a DB instance": unverified in detail).
  if (!in.FinalDBSnapshotIdentifier) proceed(*i);
  return api::DeleteDBInstanceResult{.DBInstance = shown};
}

void RdsService::add_lifecycle() {
  on<api::op::RebootDBInstance>([this](const Call& c, const auto& in) -> R<api::RebootDBInstanceResult> {
    TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
    if (!i->available()) return wrong_state(*i, "available");
    if (in.ForceFailover.value_or(false) && !i->d.MultiAZ.value_or(false)) {
      return aws_error("InvalidParameterCombination",
                       "Cannot force a failover of a DB instance that is not configured for MultiAZ");
    }
    enter(*i, "reboot", "", "rebooting");
    TRY_ASSIGN(api::DBInstance shown, describe(*i));
    return api::RebootDBInstanceResult{.DBInstance = shown};
  });
  on<api::op::StartDBInstance>([this](const Call& c, const auto& in) -> R<api::StartDBInstanceResult> {
    TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
    if (i->status() != "stopped") return wrong_state(*i, "stopped");
    enter(*i, "start", "", "starting");
    TRY_ASSIGN(api::DBInstance shown, describe(*i));
    return api::StartDBInstanceResult{.DBInstance = shown};
  });
  on<api::op::StopDBInstance>([this](const Call& c, const auto& in) -> R<api::StopDBInstanceResult> {
    TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
    if (!i->available()) return wrong_state(*i, "available");
    // "You can't stop a DB instance that has a read replica, or that is a read replica."
    if (i->replica() || !replicas_of(*i).empty()) {
      return aws_error("InvalidDBInstanceState", "Cannot stop or start a read replica or the source of one");
    }
    if (in.DBSnapshotIdentifier) {
      TRY_ASSIGN(std::string name, rds::identifier("DBSnapshotIdentifier", *in.DBSnapshotIdentifier, 255));
      if (t_->snapshots.find(c.region, name))
        return aws_error("DBSnapshotAlreadyExists", "Snapshot exists: " + name);
      take_snapshot(*i, name, "manual");
    }
    enter(*i, "stop", "", "stopping");
    TRY_ASSIGN(api::DBInstance shown, describe(*i));
    return api::StopDBInstanceResult{.DBInstance = shown};
  });
}

}  // namespace relight::sandbox
