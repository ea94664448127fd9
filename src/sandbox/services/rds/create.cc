// CreateDBInstance, RestoreDBInstanceFromDBSnapshot, and what every new instance shares.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/disk.h"
#include "sandbox/services/rds/backups.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace {

namespace api = aws::rds;

Result<> check_password(std::string_view p) {
  bool ok = p.size() >= 8 && p.size() <= 41;
  for (char c : p) ok = ok && c > ' ' && c < 127 && c != '/' && c != '@' && c != '"';
  if (ok) return {};
  return aws_error(
      "InvalidParameterValue",
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides "
      "'/', '@', '\"', ' ' may be used, 8 to 41 of them.");
}

Result<> check_user(std::string_view name) {
  if (name == "rdsadmin" || name == "rdsrepladmin" || name == "root" || name == "mariadb.sys") {
    return aws_error(
        "InvalidParameterValue",
        fmt::format("MasterUsername {} cannot be used as it is a reserved word used by the engine", name));
  }
  bool ok = !name.empty() && name.size() <= 16 && std::isalpha(static_cast<unsigned char>(name[0]));
  for (char c : name) ok = ok && (std::isalnum(static_cast<unsigned char>(c)) || c == '_');
  if (ok) return {};
  return aws_error("InvalidParameterValue",
                   "The parameter MasterUsername must begin with a letter and contain 1 to 16 "
                   "letters, digits or underscores.");
}

Result<std::string> check_engine(std::string_view engine, const std::optional<std::string>& version) {
  static const std::set<std::string_view> kOthers{
      "mysql",      "postgres",     "aurora-mysql", "aurora-postgresql", "oracle-ee",
      "oracle-se2", "sqlserver-ee", "sqlserver-se", "sqlserver-ex"};
  if (kOthers.contains(engine)) {
    return aws_error(
        "InvalidParameterCombination",
        fmt::format("RDS does not support creating a DB instance with Engine={} here: this sandbox runs "
                    "real databases of the engine mariadb only",
                    engine));
  }
  if (engine != "mariadb") return aws_error("InvalidParameterValue", "Invalid DB engine");
  std::string v = version.value_or("10.11");
  if (v == "10.11") return std::string("10.11.9");
  if (v.starts_with("10.11.") && v.find_first_not_of("0123456789", 6) == v.npos && v.size() > 6) return v;
  return aws_error("InvalidParameterCombination", fmt::format("Cannot find version {} for mariadb", v));
}

Result<> check_storage(std::optional<int32_t> gib) {
  if (gib && *gib >= 5 && *gib <= 65536) return {};
  return aws_error(
      "InvalidParameterValue",
      gib ? fmt::format("Invalid storage size for engine name mariadb: {}", *gib)
          : std::string("The parameter AllocatedStorage must be provided and must not be blank."));
}

Result<> check_retention(int32_t days) {
  if (days >= 0 && days <= 35) return {};
  return aws_error("InvalidParameterValue",
                   "Invalid backup retention period. Retention period must be between 0 and 35");
}

}  // namespace

Result<rds::Instance> RdsService::draft(const Call& c, const std::string& wanted,
                                        const std::string& instance_class) {
  TRY_ASSIGN(std::string id, rds::identifier("DBInstanceIdentifier", wanted));
  if (t_->instances.find(c.region, id))
    return aws_error("DBInstanceAlreadyExists", "DB instance already exists");
  if (t_->instances.in(c.region).size() >= rds::kInstanceLimit) {
    return aws_error("InstanceQuotaExceeded", "The request would exceed the quota of DB instances: 40");
  }
  if (!instance_class.starts_with("db.") ||
      std::count(instance_class.begin(), instance_class.end(), '.') != 2) {
    return aws_error("InvalidParameterValue", "Invalid DB Instance class: " + instance_class);
  }
  Instance i;
  i.region = c.region;
  std::set<uint32_t> taken;
  for (auto& region : world_.settings.regions)
    for (auto& [other, row] : t_->instances.in(region)) taken.insert(row.number);
  for (i.number = 1; taken.contains(i.number);) ++i.number;
  auto& d = i.d;
  d.DBInstanceIdentifier = id;
  d.DBInstanceClass = instance_class;
  d.Engine = "mariadb";
  d.DBInstanceStatus = "creating";
  d.PreferredBackupWindow = "07:00-07:30";
  d.BackupRetentionPeriod = 1;
  d.DBSecurityGroups.emplace();
  d.PreferredMaintenanceWindow = "sun:09:00-sun:09:30";
  d.PendingModifiedValues.emplace();
  d.MultiAZ = false;
  d.AutoMinorVersionUpgrade = true;
  d.ReadReplicaDBInstanceIdentifiers.emplace();
  d.LicenseModel = "general-public-license";
  d.PubliclyAccessible = false;
  d.StorageType = "gp2";
  d.DbInstancePort = 3306;
  d.StorageEncrypted = false;
  std::string unique = world_.rng.hex(26);
  for (char& ch : unique) ch = static_cast<char>(ch >= 'a' ? ch - 32 : ch);
  d.DbiResourceId = "db-" + unique;
  d.CACertificateIdentifier = "rds-ca-rsa2048-g1";
  d.DomainMemberships.emplace();
  d.CopyTagsToSnapshot = false;
  d.MonitoringInterval = 0;
  d.DBInstanceArn = rds::arn(world_, c.region, "db", id);
  d.IAMDatabaseAuthenticationEnabled = false;
  d.PerformanceInsightsEnabled = false;
  d.DeletionProtection = false;
  d.AssociatedRoles.emplace();
  d.TagList.emplace();
  d.CustomerOwnedIpEnabled = false;
  d.BackupTarget = "region";
  d.NetworkType = "IPV4";
  d.AvailabilityZone = c.region + "a";
  return i;
}

Result<> RdsService::check_groups(const Call& c, Instance& i,
                                  const std::optional<std::string>& parameter_group,
                                  const std::optional<std::string>& subnet_group,
                                  const std::optional<std::vector<std::string>>& security_groups,
                                  const std::optional<std::string>& option_group) {
  std::string pg = rds::lower(parameter_group.value_or("default.mariadb10.11"));
  if (pg != "default.mariadb10.11" && !t_->parameter_groups.find(c.region, pg)) {
    return aws_error("DBParameterGroupNotFound", fmt::format("DBParameterGroup not found: {}", pg), 404);
  }
  i.d.DBParameterGroups = {
      api::DBParameterGroupStatus{.DBParameterGroupName = pg, .ParameterApplyStatus = "in-sync"}};
  if (subnet_group) {
    auto* g = t_->subnet_groups.find(c.region, rds::lower(*subnet_group));
    if (!g) {
      return aws_error("DBSubnetGroupNotFoundFault",
                       fmt::format("DB subnet group '{}' does not exist.", *subnet_group), 404);
    }
    i.d.DBSubnetGroup = *g;
    if (g->Subnets && !g->Subnets->empty() && g->Subnets->front().SubnetAvailabilityZone)
      i.d.AvailabilityZone = g->Subnets->front().SubnetAvailabilityZone->Name;
  }
  i.d.VpcSecurityGroups.emplace();
  for (auto& sg : security_groups.value_or(std::vector<std::string>{})) {
    if (!sg.starts_with("sg-"))
      return aws_error("InvalidParameterValue", "Invalid security group , groupId= " + sg);
    i.d.VpcSecurityGroups->push_back({.VpcSecurityGroupId = sg, .Status = "active"});
  }
  TRY_ASSIGN(std::string og, option_group_for(c.region, option_group));
  i.d.OptionGroupMemberships = {api::OptionGroupMembership{.OptionGroupName = og, .Status = "in-sync"}};
  i.audit = audit_of(c.region, og);
  return {};
}

rds::Instance& RdsService::admit(const Call& c, Instance i, std::string phase, std::string argument,
                                 const std::optional<std::vector<api::Tag>>& tags) {
  std::string id = i.id();
  Instance& row = t_->instances.put(c.region, id, std::move(i));
  give_tags(*row.d.DBInstanceArn, tags);
  world_.event(c.region, "rds", id, phase == "replica" ? "replica requested" : "requested");
  enter(row, std::move(phase), std::move(argument), "creating");
  return row;
}

Result<api::CreateDBInstanceResult> RdsService::create(const Call& c,
                                                       const api::CreateDBInstanceMessage& in) {
  TRY_ASSIGN(std::string version, check_engine(*in.Engine, in.EngineVersion));
  TRY_ASSIGN(Instance i, draft(c, *in.DBInstanceIdentifier, *in.DBInstanceClass));
  TRY(check_storage(in.AllocatedStorage));
  if (!in.MasterUsername) {
    return aws_error("InvalidParameterValue",
                     "The parameter MasterUsername must be provided and must not be blank.");
  }
  if (!in.MasterUserPassword) {
    return aws_error("InvalidParameterValue",
                     "The parameter MasterUserPassword must be provided and must not be blank.");
  }
  TRY(check_user(*in.MasterUsername));
  TRY(check_password(*in.MasterUserPassword));
  TRY(check_retention(in.BackupRetentionPeriod.value_or(1)));
  if (in.PreferredBackupWindow) TRY(rds::parse_backup_window(*in.PreferredBackupWindow));
  if (in.DBName &&
      (in.DBName->empty() || in.DBName->size() > 64 ||
       in.DBName->find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
           in.DBName->npos)) {
    return aws_error("InvalidParameterValue",
                     "DBName must begin with a letter and contain only alphanumeric characters.");
  }
  if (in.Port && (*in.Port < 1150 || *in.Port > 65535)) {
    return aws_error("InvalidParameterValue", "The parameter Port must be between 1150 and 65535");
  }
  TRY(check_groups(c, i, in.DBParameterGroupName, in.DBSubnetGroupName, in.VpcSecurityGroupIds,
                   in.OptionGroupName));
  auto& d = i.d;
  d.EngineVersion = version;
  d.AllocatedStorage = in.AllocatedStorage;
  d.MasterUsername = in.MasterUsername;
  d.DBName = in.DBName;
  d.DbInstancePort = in.Port.value_or(3306);
  d.BackupRetentionPeriod = in.BackupRetentionPeriod.value_or(1);
  if (in.PreferredBackupWindow) d.PreferredBackupWindow = in.PreferredBackupWindow;
  if (in.PreferredMaintenanceWindow) d.PreferredMaintenanceWindow = in.PreferredMaintenanceWindow;
  if (in.AvailabilityZone) d.AvailabilityZone = in.AvailabilityZone;
  d.MultiAZ = in.MultiAZ.value_or(false);
  d.StorageType = in.StorageType.value_or("gp2");
  d.Iops = in.Iops;
  d.StorageEncrypted = in.StorageEncrypted.value_or(false);
  // "If you specify the KmsKeyId parameter, you must enable encryption" (unverified how it is refused).
  if (in.KmsKeyId && !*d.StorageEncrypted)
    return aws_error("InvalidParameterCombination", "KmsKeyId can only be specified with StorageEncrypted");
  if (*d.StorageEncrypted) {
    TRY_ASSIGN(d.KmsKeyId, storage_key(c, c.region, in.KmsKeyId));
  }
  d.PubliclyAccessible = in.PubliclyAccessible.value_or(false);
  d.AutoMinorVersionUpgrade = in.AutoMinorVersionUpgrade.value_or(true);
  d.CopyTagsToSnapshot = in.CopyTagsToSnapshot.value_or(false);
  d.DeletionProtection = in.DeletionProtection.value_or(false);
  d.MaxAllocatedStorage = in.MaxAllocatedStorage;
  // A file beside the data, for its owner alone; never a row, an answer or a log.
  TRY(system_disk().write(password_file(i), *in.MasterUserPassword, 0600));
  Instance& row = admit(c, std::move(i), "create", "", in.Tags);
  TRY_ASSIGN(api::DBInstance shown, describe(row));
  return api::CreateDBInstanceResult{.DBInstance = shown};
}

Result<api::RestoreDBInstanceFromDBSnapshotResult> RdsService::restore(
    const Call& c, const api::RestoreDBInstanceFromDBSnapshotMessage& in) {
  std::string name = in.DBSnapshotIdentifier.value_or("");
  if (name.starts_with("arn:")) {
    TRY_ASSIGN(rds::Arn a, rds::parse_arn(name));
    name = a.region == c.region ? a.name : "";
  }
  auto* s = t_->snapshots.find(c.region, rds::lower(name));
  if (!s)
    return aws_error("DBSnapshotNotFound", "DBSnapshot not found: " + in.DBSnapshotIdentifier.value_or(""),
                     404);
  if (*s->Status != "available") return aws_error("InvalidDBSnapshotState", "The snapshot is " + *s->Status);
  TRY_ASSIGN(Instance i, draft(c, *in.DBInstanceIdentifier, in.DBInstanceClass.value_or("db.t3.micro")));
  // "The option group associated with the DB snapshot is associated with the restored DB instance" (Restoring
  // from a DB snapshot).
  TRY(check_groups(c, i, in.DBParameterGroupName, in.DBSubnetGroupName, in.VpcSecurityGroupIds,
                   in.OptionGroupName ? in.OptionGroupName : s->OptionGroupName));
  auto& d = i.d;
  d.EngineVersion = s->EngineVersion;
  d.AllocatedStorage = s->AllocatedStorage;
  d.MasterUsername = s->MasterUsername;
  d.DbInstancePort = in.Port ? in.Port : s->Port;
  d.StorageEncrypted = s->Encrypted;
  if (s->KmsKeyId) {
    TRY_ASSIGN(d.KmsKeyId, storage_key(c, c.region, s->KmsKeyId));
  }
  d.StorageType = in.StorageType ? in.StorageType : s->StorageType;
  if (in.AvailabilityZone) d.AvailabilityZone = in.AvailabilityZone;
  d.MultiAZ = in.MultiAZ.value_or(false);
  d.DeletionProtection = in.DeletionProtection.value_or(false);
  d.PubliclyAccessible = in.PubliclyAccessible.value_or(false);
  std::string dir = rds::snapshot_directory(world_, c.region, *s->DBSnapshotIdentifier);
  Instance& row = admit(c, std::move(i), "restore", dir, in.Tags);
  TRY_ASSIGN(api::DBInstance shown, describe(row));
  return api::RestoreDBInstanceFromDBSnapshotResult{.DBInstance = shown};
}

}  // namespace relight::sandbox
