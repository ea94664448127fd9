// DescribeDBInstanceAutomatedBackups, DeleteDBInstanceAutomatedBackup, RestoreDBInstanceToPointInTime.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;
using std::chrono::seconds;

namespace {

using AutomatedBackups = std::vector<api::DBInstanceAutomatedBackup>;

std::unexpected<Error> no_backup(std::string_view which) {
  return aws_error("DBInstanceAutomatedBackupNotFound",
                   fmt::format("There is no automated backup of the DB instance {}", which), 404);
}

Result<> filter_backups(AutomatedBackups& all, const std::optional<std::vector<api::Filter>>& filters) {
  for (auto& f : filters.value_or(std::vector<api::Filter>{})) {
    if (*f.Name != "status" && *f.Name != "db-instance-id" && *f.Name != "dbi-resource-id")
      return aws_error("InvalidParameterValue", "Unrecognized filter name: " + *f.Name);
    std::erase_if(all, [&](auto& b) {
      return std::ranges::none_of(*f.Values, [&](auto& v) {
        if (*f.Name == "status") return v == b.Status;
        if (*f.Name == "dbi-resource-id") return v == b.DbiResourceId;
        return rds::lower(v) == b.DBInstanceIdentifier || v == b.DBInstanceArn;
      });
    });
  }
  return {};
}

std::string seconds_of(Instant t) { return iso8601(std::chrono::floor<seconds>(t)); }

}  // namespace

void RdsService::add_backups() {
  on<api::op::DescribeDBInstanceAutomatedBackups>(
      [this](const Call& c, const auto& in) -> R<api::DBInstanceAutomatedBackupMessage> {
        AutomatedBackups all;
        for (auto& [key, b] : t_->backups.in(c.region)) {
          auto d = shown_backup(b, c.region);
          if (in.DbiResourceId && d.DbiResourceId != in.DbiResourceId) continue;
          if (in.DBInstanceIdentifier && d.DBInstanceIdentifier != rds::lower(*in.DBInstanceIdentifier))
            continue;
          if (in.DBInstanceAutomatedBackupsArn &&
              d.DBInstanceAutomatedBackupsArn != in.DBInstanceAutomatedBackupsArn)
            continue;
          all.push_back(std::move(d));
        }
        auto& asked = in.DBInstanceAutomatedBackupsArn ? in.DBInstanceAutomatedBackupsArn
                      : in.DbiResourceId               ? in.DbiResourceId
                                                       : in.DBInstanceIdentifier;
        if (all.empty() && asked) return no_backup(*asked);
        TRY(filter_backups(all, in.Filters));
        api::DBInstanceAutomatedBackupMessage out;
        TRY_ASSIGN(out.DBInstanceAutomatedBackups,
                   rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                            [](auto& b) { return *b.DbiResourceId; }));
        return out;
      });
  on<api::op::DeleteDBInstanceAutomatedBackup>(
      [this](const Call& c, const auto& in) -> R<api::DeleteDBInstanceAutomatedBackupResult> {
        TRY_ASSIGN(rds::Backup * b, backup_of(c.region, in.DbiResourceId, in.DBInstanceAutomatedBackupsArn));
        auto gone = shown_backup(*b, c.region);
        // "Deletes automated backups using the DbiResourceId value of the source DB instance": those of a
        // deleted instance. Refusing the others so is unverified.
        if (gone.Status != "retained")
          return aws_error("InvalidDBInstanceAutomatedBackupState",
                           fmt::format("The automated backups of {} are those of a DB instance that exists",
                                       *gone.DBInstanceIdentifier));
        gone.Status = "deleting";
        drop_backups(c.region, *gone.DbiResourceId);
        return api::DeleteDBInstanceAutomatedBackupResult{.DBInstanceAutomatedBackup = gone};
      });
  on<api::op::RestoreDBInstanceToPointInTime>(
      [this](const Call& c, const auto& in) { return restore_to(c, in); });
}

Result<rds::Backup*> RdsService::backup_of(const std::string& region, const std::optional<std::string>& key,
                                           const std::optional<std::string>& arn) {
  if (key.has_value() == arn.has_value())
    return aws_error("InvalidParameterCombination",
                     "Exactly one of DbiResourceId and DBInstanceAutomatedBackupsArn must be given");
  for (auto& [id, b] : t_->backups.in(region))
    if ((key && id == *key) || (arn && b.d.DBInstanceAutomatedBackupsArn == *arn)) return &b;
  return no_backup(key ? *key : *arn);
}

// Whose backups: named in one of three ways.
Result<rds::Backup*> RdsService::backup_source(const Call& c,
                                               const api::RestoreDBInstanceToPointInTimeMessage& in) {
  if (in.SourceDBInstanceIdentifier.has_value() + in.SourceDbiResourceId.has_value() +
          in.SourceDBInstanceAutomatedBackupsArn.has_value() !=
      1)
    return aws_error("InvalidParameterCombination",
                     "Exactly one of SourceDBInstanceIdentifier, SourceDbiResourceId and "
                     "SourceDBInstanceAutomatedBackupsArn must be given");
  Instance* i = nullptr;
  if (in.SourceDBInstanceIdentifier) {
    TRY_ASSIGN(i, find(c.region, *in.SourceDBInstanceIdentifier));
  } else if (in.SourceDbiResourceId) {
    i = by_key(c.region, *in.SourceDbiResourceId);
  }
  if (i && i->retention() == 0)
    return aws_error("PointInTimeRestoreNotEnabled",
                     fmt::format("The DB instance {} has a backup retention period of 0", i->id()));
  if (i && !t_->backups.find(c.region, i->key())) return no_backup(i->id());
  if (i) return t_->backups.find(c.region, i->key());
  return backup_of(c.region, in.SourceDbiResourceId, in.SourceDBInstanceAutomatedBackupsArn);
}

// "You can restore to any point in time before the time identified by the LatestRestorableTime property"
// (RestoreDBInstanceToPointInTime). The words of the refusals are unverified.
Result<Instant> RdsService::moment_of(const api::DBInstanceAutomatedBackup& from,
                                      const api::RestoreDBInstanceToPointInTimeMessage& in) {
  bool newest = in.UseLatestRestorableTime.value_or(false);
  if (newest && in.RestoreTime)
    return aws_error("InvalidParameterCombination",
                     "RestoreTime cannot be specified if UseLatestRestorableTime is true");
  if (!newest && !in.RestoreTime)
    return aws_error("InvalidParameterCombination",
                     "Either RestoreTime or UseLatestRestorableTime must be specified");
  if (!from.RestoreWindow)
    return aws_error("InvalidDBInstanceState", fmt::format("The DB instance {} has no automated backup yet",
                                                           *from.DBInstanceIdentifier));
  auto first = *from.RestoreWindow->EarliestTime, last = *from.RestoreWindow->LatestTime;
  Instant wanted = newest ? last : std::chrono::floor<seconds>(*in.RestoreTime);
  if (wanted >= first && wanted <= last) return wanted;
  return aws_error(
      "InvalidParameterValue",
      fmt::format("The specified instance cannot be restored to {}: it can be restored to a time "
                  "between {} and {}",
                  seconds_of(wanted), seconds_of(first), seconds_of(last)));
}

Result<api::RestoreDBInstanceToPointInTimeResult> RdsService::restore_to(
    const Call& c, const api::RestoreDBInstanceToPointInTimeMessage& in) {
  TRY_ASSIGN(rds::Backup * b, backup_source(c, in));
  auto from = shown_backup(*b, c.region);
  TRY_ASSIGN(Instant moment, moment_of(from, in));
  // DBName: "This parameter isn't supported for the MySQL or MariaDB engines."
  if (in.DBName)
    return aws_error("InvalidParameterValue", "DBName cannot be specified for the engine mariadb");
  if (in.Engine && *in.Engine != "mariadb")
    return aws_error("InvalidParameterCombination", "Cannot restore to another engine: " + *in.Engine);
  const std::string key = *from.DbiResourceId;
  auto all = automated_of(c.region, key);
  std::erase_if(all, [&](auto& s) { return s.Status != "available" || *s.SnapshotCreateTime > moment; });
  const auto& base = all.back();  // the window begins with the first of them
  Instance* source = by_key(c.region, key);
  auto same_class = source ? *source->d.DBInstanceClass : b->instance_class;
  TRY_ASSIGN(Instance i, draft(c, *in.TargetDBInstanceIdentifier, in.DBInstanceClass.value_or(same_class)));
  TRY(check_groups(c, i, in.DBParameterGroupName, in.DBSubnetGroupName, in.VpcSecurityGroupIds,
                   in.OptionGroupName ? in.OptionGroupName : base.OptionGroupName));
  auto& d = i.d;
  d.EngineVersion = base.EngineVersion;
  d.AllocatedStorage = from.AllocatedStorage;
  d.MasterUsername = from.MasterUsername;
  if (source) d.DBName = source->d.DBName;
  d.DbInstancePort = in.Port ? in.Port : from.Port;
  d.BackupRetentionPeriod = from.BackupRetentionPeriod;
  if (source) d.PreferredBackupWindow = source->d.PreferredBackupWindow;
  d.StorageEncrypted = from.Encrypted;
  if (from.KmsKeyId) {
    TRY_ASSIGN(d.KmsKeyId, storage_key(c, c.region, from.KmsKeyId));
  }
  d.StorageType = in.StorageType ? in.StorageType : from.StorageType;
  d.Iops = in.Iops;
  if (in.AvailabilityZone) d.AvailabilityZone = in.AvailabilityZone;
  d.MultiAZ = in.MultiAZ.value_or(false);
  d.AutoMinorVersionUpgrade = in.AutoMinorVersionUpgrade.value_or(true);
  d.CopyTagsToSnapshot = in.CopyTagsToSnapshot.value_or(false);
  d.DeletionProtection = in.DeletionProtection.value_or(false);
  d.PubliclyAccessible = in.PubliclyAccessible.value_or(false);
  d.MaxAllocatedStorage = in.MaxAllocatedStorage;
  std::string argument = fmt::format(
      "{}\n{}\n{}", rds::snapshot_directory(world_, c.region, *base.DBSnapshotIdentifier),
      logs_directory(c.region, key), std::chrono::duration_cast<seconds>(moment.time_since_epoch()).count());
  Instance& row = admit(c, std::move(i), "moment", argument, in.Tags);
  TRY_ASSIGN(api::DBInstance shown, describe(row));
  return api::RestoreDBInstanceToPointInTimeResult{.DBInstance = shown};
}

}  // namespace relight::sandbox
