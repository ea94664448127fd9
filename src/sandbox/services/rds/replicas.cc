// CreateDBInstanceReadReplica and PromoteReadReplica.
#include <fmt/format.h>

#include "sandbox/services/rds/backups.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

Result<rds::Instance*> RdsService::replica_source(const Call& c, const std::string& wanted) {
  std::string source_region = c.region, source_id = rds::lower(wanted);
  if (wanted.starts_with("arn:")) {
    TRY_ASSIGN(rds::Arn a, rds::parse_arn(wanted));
    source_region = a.region;
    source_id = a.name;
  }
  bool cross = source_region != c.region;
  if (cross && !world_.links().connected(c.region, source_region)) {
    Error e =
        aws_error("ServiceUnavailable",
                  fmt::format("The region {} of the source DB instance cannot be reached", source_region),
                  503)
            .error();
    e.retryable = true;
    return fail(std::move(e));
  }
  TRY_ASSIGN(Instance * source, find(source_region, source_id));
  if (source->d.BackupRetentionPeriod.value_or(0) == 0) {
    return aws_error(
        "InvalidDBInstanceState",
        "Automated backups are not enabled for this database instance. To enable automated backups, use "
        "ModifyDBInstance to set the backup retention period to a non-zero value.");
  }
  // "The source DB instance must be available"; RDS also takes it while it is being backed up or modified.
  if (!source->phase.empty() || (source->status() != "available" && source->status() != "backing-up" &&
                                 source->status() != "modifying")) {
    return aws_error("InvalidDBInstanceState", fmt::format("DB instance {} is not in an available state: {}",
                                                           source->id(), source->status()));
  }
  if (replicas_of(*source).size() >= 15) {
    return aws_error("InvalidDBInstanceState", "The source DB instance has 15 read replicas already");
  }
  return source;
}

// "You can't create an encrypted read replica from an unencrypted DB instance"; in the same region "don't
// specify a value", in another one "you must specify a KMS key identifier for the destination" (KmsKeyId of
// CreateDBInstanceReadReplica).
Result<std::optional<std::string>> RdsService::replica_key(const Call& c, const Instance& source,
                                                           const std::optional<std::string>& wanted) {
  bool encrypted = source.d.StorageEncrypted.value_or(false), cross = source.region != c.region;
  if (wanted && !encrypted)
    return aws_error("InvalidParameterCombination",
                     "Cannot create an encrypted Read Replica from an unencrypted DB instance");
  if (!encrypted) return std::nullopt;
  if (cross && !wanted)
    return aws_error(
        "InvalidParameterCombination",
        "Cannot create a cross region read replica of an encrypted DB instance without KmsKeyId");
  if (!cross && wanted)
    return aws_error("InvalidParameterCombination",
                     "KmsKeyId cannot be specified for a read replica in the same region");
  // Its data leave by way of the source's key (unverified which actions that takes of the caller).
  TRY(storage_key(c, source.region, source.d.KmsKeyId));
  if (!cross) return source.d.KmsKeyId;
  return storage_key(c, c.region, wanted);
}

Result<api::CreateDBInstanceReadReplicaResult> RdsService::create_replica(
    const Call& c, const api::CreateDBInstanceReadReplicaMessage& in) {
  TRY_ASSIGN(Instance * source, replica_source(c, *in.SourceDBInstanceIdentifier));
  const std::string source_region = source->region;
  bool cross = source_region != c.region;
  TRY_ASSIGN(Instance i,
             draft(c, *in.DBInstanceIdentifier, in.DBInstanceClass.value_or(*source->d.DBInstanceClass)));
  TRY_ASSIGN(i.d.KmsKeyId, replica_key(c, *source, in.KmsKeyId));
  if (!cross && in.DBSubnetGroupName && source->d.DBSubnetGroup) {
    return aws_error(
        "DBSubnetGroupNotAllowedFault",
        "DbSubnetGroupName should not be specified for read replicas that are created in the same region");
  }
  // Without one it has its source's; another region's source has none that stands here, and the engine's own
  // takes its place (unverified).
  std::optional<std::string> group;
  if (!cross) group = source->option_group();
  TRY(check_groups(c, i, in.DBParameterGroupName, in.DBSubnetGroupName, in.VpcSecurityGroupIds,
                   in.OptionGroupName ? in.OptionGroupName : group));
  if (!cross) i.d.DBSubnetGroup = source->d.DBSubnetGroup;
  if (!cross && !in.DBParameterGroupName) i.d.DBParameterGroups = source->d.DBParameterGroups;
  auto& d = i.d;
  d.EngineVersion = source->d.EngineVersion;
  d.AllocatedStorage = source->d.AllocatedStorage;
  d.MasterUsername = source->d.MasterUsername;
  d.DBName = source->d.DBName;
  d.DbInstancePort = in.Port ? in.Port : source->d.DbInstancePort;
  d.BackupRetentionPeriod = 0;  // a replica starts without backups of its own
  d.StorageType = in.StorageType ? in.StorageType : source->d.StorageType;
  d.StorageEncrypted = source->d.StorageEncrypted;
  d.MultiAZ = in.MultiAZ.value_or(false);
  if (in.AvailabilityZone) d.AvailabilityZone = in.AvailabilityZone;
  d.PubliclyAccessible = in.PubliclyAccessible.value_or(false);
  d.AutoMinorVersionUpgrade = in.AutoMinorVersionUpgrade.value_or(true);
  d.CopyTagsToSnapshot = in.CopyTagsToSnapshot.value_or(false);
  d.DeletionProtection = in.DeletionProtection.value_or(false);
  d.ReadReplicaSourceDBInstanceIdentifier = cross ? *source->d.DBInstanceArn : source->id();
  i.source_region = source_region;
  i.source_key = source->key();
  Instance& row = admit(c, std::move(i), "replica", "", in.Tags);
  TRY_ASSIGN(api::DBInstance shown, describe(row));
  return api::CreateDBInstanceReadReplicaResult{.DBInstance = shown};
}

// "A read replica cannot be promoted to a standalone instance when it is in the backing-up status"
// (PromoteReadReplica).
Result<api::PromoteReadReplicaResult> RdsService::promote(const Call& c,
                                                          const api::PromoteReadReplicaMessage& in) {
  TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
  if (!i->replica()) {
    return aws_error("InvalidDBInstanceState", fmt::format("DB Instance {} is not a read replica.", i->id()));
  }
  if (!i->available()) {
    return aws_error("InvalidDBInstanceState",
                     fmt::format("DB instance {} cannot be promoted: it is {}{}", i->id(), i->status(),
                                 i->phase == "promote" ? " and being promoted" : ""));
  }
  int32_t days = in.BackupRetentionPeriod.value_or(1);
  if (days < 0 || days > 35) {
    return aws_error("InvalidParameterValue",
                     "Invalid backup retention period. Retention period must be between 0 and 35");
  }
  if (days == 0 && !replicas_of(*i).empty()) {
    return aws_error("InvalidParameterValue",
                     "Backups cannot be disabled: the DB instance is a source to read replicas");
  }
  if (in.PreferredBackupWindow) TRY(rds::parse_backup_window(*in.PreferredBackupWindow));
  if (in.PreferredBackupWindow) i->d.PreferredBackupWindow = in.PreferredBackupWindow;
  i->d.PendingModifiedValues.emplace().BackupRetentionPeriod = days;
  world_.event(i->region, "rds", i->id(), "promotion accepted");
  std::string argument = std::to_string(days);
  TRY_ASSIGN(api::DBInstance shown, describe(*i));
  enter(*i, "promote", argument, "available");
  return api::PromoteReadReplicaResult{.DBInstance = shown};
}

}  // namespace relight::sandbox
