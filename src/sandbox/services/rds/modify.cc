// ModifyDBInstance.
#include <fmt/format.h>

#include "base/disk.h"
#include "sandbox/services/rds/backups.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

// What takes effect without waiting for a window; pending values were set aside by the caller.
void RdsService::modify_now(Instance& i, const api::ModifyDBInstanceMessage& in) {
  auto& d = i.d;
  auto take = [](auto& to, auto& from) {
    if (from) to = from;
  };
  take(d.DBInstanceClass, in.DBInstanceClass);
  take(d.AllocatedStorage, in.AllocatedStorage);
  take(d.BackupRetentionPeriod, in.BackupRetentionPeriod);
  if (i.retention() == 0) drop_backups(i.region, i.key());
  take(d.PreferredBackupWindow, in.PreferredBackupWindow);
  take(d.PreferredMaintenanceWindow, in.PreferredMaintenanceWindow);
  take(d.MultiAZ, in.MultiAZ);
  take(d.AutoMinorVersionUpgrade, in.AutoMinorVersionUpgrade);
  take(d.Iops, in.Iops);
  take(d.StorageType, in.StorageType);
  take(d.CACertificateIdentifier, in.CACertificateIdentifier);
  take(d.CopyTagsToSnapshot, in.CopyTagsToSnapshot);
  take(d.PubliclyAccessible, in.PubliclyAccessible);
  take(d.DeletionProtection, in.DeletionProtection);
  take(d.MaxAllocatedStorage, in.MaxAllocatedStorage);
  if (in.VpcSecurityGroupIds) {
    d.VpcSecurityGroups.emplace();
    for (auto& sg : *in.VpcSecurityGroupIds)
      d.VpcSecurityGroups->push_back({.VpcSecurityGroupId = sg, .Status = "active"});
  }
  if (in.OptionGroupName && in.ApplyImmediately.value_or(false))
    d.OptionGroupMemberships = {
        api::OptionGroupMembership{.OptionGroupName = i.option_group(), .Status = "in-sync"}};
  if (in.DBParameterGroupName) {
    // A new group's static and dynamic values all wait for a reboot ("Working with parameter groups").
    d.DBParameterGroups = {
        api::DBParameterGroupStatus{.DBParameterGroupName = rds::lower(*in.DBParameterGroupName),
                                    .ParameterApplyStatus = "pending-reboot"}};
  }
}

Result<> RdsService::rename(Instance& i, const std::string& to) {
  Instance moved = i;
  std::string from = i.id(), old_arn = *i.d.DBInstanceArn;
  moved.d.DBInstanceIdentifier = to;
  moved.d.DBInstanceArn = rds::arn(world_, i.region, "db", to);
  moved.d.Endpoint->Address = rds::endpoint_name(world_, i.region, to);
  auto tags = tags_of(old_arn);
  t_->tags.erase(i.region, old_arn);
  world_.drop_name(rds::endpoint_name(world_, i.region, from));
  std::string region = i.region;
  t_->instances.erase(region, from);
  Instance& now = t_->instances.put(region, to, std::move(moved));
  give_tags(*now.d.DBInstanceArn, tags);
  publish_name(now);
  world_.event(region, "rds", to, "renamed from " + from);
  return {};
}

Result<> RdsService::check_modification(const Instance& i, const api::ModifyDBInstanceMessage& in) {
  if (in.BackupRetentionPeriod && *in.BackupRetentionPeriod == 0 && !replicas_of(i).empty()) {
    return aws_error("InvalidParameterValue",
                     "Backups cannot be disabled: the DB instance is a source to read replicas");
  }
  if (in.BackupRetentionPeriod && (*in.BackupRetentionPeriod < 0 || *in.BackupRetentionPeriod > 35)) {
    return aws_error("InvalidParameterValue",
                     "Invalid backup retention period. Retention period must be between 0 and 35");
  }
  if (in.AllocatedStorage && *in.AllocatedStorage < i.d.AllocatedStorage.value_or(0)) {
    return aws_error("InvalidParameterCombination",
                     "Requested storage must not be smaller than the allocated storage");
  }
  if (in.MasterUserPassword && (in.MasterUserPassword->size() < 8 || in.MasterUserPassword->size() > 41)) {
    return aws_error("InvalidParameterValue",
                     "The parameter MasterUserPassword is not a valid password: 8 to 41 characters.");
  }
  if (in.PreferredBackupWindow) TRY(rds::parse_backup_window(*in.PreferredBackupWindow));
  Instance checked = i;
  Call c{i.region, "", "", nullptr};
  if (in.DBParameterGroupName || in.OptionGroupName) {
    TRY(check_groups(c, checked, in.DBParameterGroupName, {}, {}, in.OptionGroupName));
  }
  if (in.DBSubnetGroupName) {
    return aws_error("NotImplemented",
                     "moving a DB instance to another subnet group is not built in this sandbox", 501);
  }
  return {};
}

void RdsService::begin_modification(const Instance& i, const api::ModifyDBInstanceMessage& now,
                                    const std::string& new_id) {
  bool immediately = now.ApplyImmediately.value_or(false);
  bool restarts = !new_id.empty() || (immediately && now.DBInstanceClass);
  later(i, std::chrono::seconds(20), [this, now, new_id, restarts, immediately](Instance& row) {
    become(row, new_id.empty() ? "modifying" : "renaming");
    now.MasterUserPassword ? world_.event(row.region, "rds", row.id(), "master password changing") : void();
    bool options = immediately && now.OptionGroupName;
    if (options) row.audit = audit_of(row.region, row.option_group());
    Database db = database_of(row);
    work_on(
        row,
        [this, db, now, restarts, options, user = row.d.MasterUsername.value_or("")]() -> Result<> {
          if (now.MasterUserPassword) TRY(plane_.set_password(db, user, *now.MasterUserPassword));
          if (options) TRY(plane_.apply_audit(db));
          if (!restarts) return {};
          TRY(plane_.stop(db));
          return plane_.start(db);
        },
        [this, now, new_id, restarts, immediately](Instance& done, const Result<>& r) {
          if (!r) return broken(done, r.error());
          modify_now(done, now);
          if (immediately)
            done.d.PendingModifiedValues.emplace();
          else {
            done.d.PendingModifiedValues->MasterUserPassword.reset();
            if (now.BackupRetentionPeriod) done.d.PendingModifiedValues->BackupRetentionPeriod.reset();
          }
          keep(done);
          std::string key = done.key(), region = done.region;
          if (!new_id.empty() && !t_->instances.find(region, new_id)) static_cast<void>(rename(done, new_id));
          Instance* last = by_key(region, key);
          if (now.MasterUserPassword) event(*last, {"configuration change"}, "Reset master credentials");
          if (restarts) event(*last, {"availability"}, "DB instance restarted");
          later(*last, std::chrono::minutes(1), [this](Instance& row) {
            // Backups that were switched on begin with one.
            row.retention() > 0 && !t_->backups.find(row.region, row.key()) ? settle(row)
                                                                            : become(row, "available");
          });
        });
  });
}

Result<api::ModifyDBInstanceResult> RdsService::modify(const Call& c,
                                                       const api::ModifyDBInstanceMessage& in) {
  TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
  if (!i->phase.empty() || (i->status() != "available" && i->status() != "backing-up")) {
    return aws_error("InvalidDBInstanceState",
                     fmt::format("Database instance is not in available state: {}", i->status()));
  }
  std::string new_id;
  if (in.NewDBInstanceIdentifier) {
    TRY_ASSIGN(new_id, rds::identifier("NewDBInstanceIdentifier", *in.NewDBInstanceIdentifier));
    if (t_->instances.find(c.region, new_id))
      return aws_error("DBInstanceAlreadyExists", "DB instance already exists");
  }
  TRY(check_modification(*i, in));
  bool immediately = in.ApplyImmediately.value_or(false);
  auto& pending = i->d.PendingModifiedValues.emplace();
  api::ModifyDBInstanceMessage now = in;
  pending.DBInstanceClass = in.DBInstanceClass;
  pending.AllocatedStorage = in.AllocatedStorage;
  pending.BackupRetentionPeriod = in.BackupRetentionPeriod;
  pending.MultiAZ = in.MultiAZ;
  pending.CACertificateIdentifier = in.CACertificateIdentifier;
  if (!new_id.empty()) pending.DBInstanceIdentifier = new_id;
  if (in.MasterUserPassword) pending.MasterUserPassword = "****";
  if (!immediately) {
    // These wait for the maintenance window; the others never do ("Modifying an Amazon RDS DB instance").
    now.DBInstanceClass.reset();
    now.AllocatedStorage.reset();
    now.MultiAZ.reset();
    now.CACertificateIdentifier.reset();
    new_id.clear();
    // "If you change the parameter from one non-zero value to another non-zero value, the change is
    // asynchronously applied as soon as possible" (ModifyDBInstance).
    if (in.BackupRetentionPeriod && (*in.BackupRetentionPeriod == 0) != (i->retention() == 0))
      now.BackupRetentionPeriod.reset();
  }
  if (in.OptionGroupName) join_group(*i, *in.OptionGroupName, immediately);
  if (in.MasterUserPassword) TRY(system_disk().write(password_file(*i), *in.MasterUserPassword, 0600));
  keep(*i);
  TRY_ASSIGN(api::DBInstance shown, describe(*i));
  begin_modification(*i, now, new_id);
  return api::ModifyDBInstanceResult{.DBInstance = shown};
}

}  // namespace relight::sandbox
