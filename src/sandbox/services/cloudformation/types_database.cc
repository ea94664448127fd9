// RDS.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types database_types() {
  return {
  {.name = "AWS::RDS::DBSubnetGroup",
   .create = {{"rds", "CreateDBSubnetGroup", "*", "", ""}},
   .id = "/DBSubnetGroup/DBSubnetGroupName",
   .replace = "DBSubnetGroupName",
   .update = {{"rds", "ModifyDBSubnetGroup", "SubnetIds DBSubnetGroupDescription", "DBSubnetGroupName=$id", "SubnetIds DBSubnetGroupDescription"}},
   .remove = {{"rds", "DeleteDBSubnetGroup", "", "DBSubnetGroupName=$id", ""}},
   .named = "DBSubnetGroupName"},
  {.name = "AWS::RDS::DBParameterGroup",
   .create = {{"rds", "CreateDBParameterGroup", "DBParameterGroupName Family=DBParameterGroupFamily Description Tags", "", ""}},
   .settings = {undone({"rds", "ModifyDBParameterGroup", "", "DBParameterGroupName=$id", "Parameters", db_parameters}, "-")},
   .id = "/DBParameterGroup/DBParameterGroupName",
   .replace = "DBParameterGroupName Family Description",
   .update = {about_gone({"rds", "ResetDBParameterGroup", "", "DBParameterGroupName=$id", "Parameters", db_parameters_gone})},
   .remove = {{"rds", "DeleteDBParameterGroup", "", "DBParameterGroupName=$id", ""}},
   .named = "DBParameterGroupName"},
  {.name = "AWS::RDS::OptionGroup",
   .create = {{"rds", "CreateOptionGroup", "OptionGroupName EngineName MajorEngineVersion OptionGroupDescription Tags", "", ""}},
   .settings = {undone({"rds", "ModifyOptionGroup", "", "OptionGroupName=$id ApplyImmediately=true", "OptionConfigurations", options}, "-")},
   .id = "/OptionGroup/OptionGroupName",
   .describe = Action{"rds", "DescribeOptionGroups", "", "OptionGroupName=$id", ""}, .root = "/OptionGroupsList/0",
   .replace = "OptionGroupName EngineName MajorEngineVersion OptionGroupDescription",
   .update = {about_gone({"rds", "ModifyOptionGroup", "", "OptionGroupName=$id ApplyImmediately=true", "OptionConfigurations", options_gone})},
   .remove = {{"rds", "DeleteOptionGroup", "", "OptionGroupName=$id", ""}},
   .named = "OptionGroupName"},
  {.name = "AWS::RDS::DBInstance",
   .create = {{"rds", "CreateDBInstance", "* VPCSecurityGroups=VpcSecurityGroupIds", "", "!SourceDBInstanceIdentifier"},
              {"rds", "CreateDBInstanceReadReplica", "* VPCSecurityGroups=VpcSecurityGroupIds", "", "SourceDBInstanceIdentifier"}},
   .id = "/DBInstance/DBInstanceIdentifier",
   .describe = Action{"rds", "DescribeDBInstances", "", "DBInstanceIdentifier=$id", ""}, .root = "/DBInstances/0",
   .ready = db_available,
   .attributes = {{"Endpoint.Address", "/Endpoint/Address"}, {"Endpoint.Port", "/Endpoint/Port"}, {"Endpoint.HostedZoneId", "/Endpoint/HostedZoneId"},
                  {"DBInstanceArn", "/DBInstanceArn"}, {"DbiResourceId", "/DbiResourceId"}},
   // Removing SourceDBInstanceIdentifier: "AWS CloudFormation deletes the read replica and creates a new DB instance (not a
   // read replica)" (AWS::RDS::DBInstance, until 2022; now the page says that it promotes the replica). The stricter of
   // the two stands here: an empty database takes its place, and nothing at all does when it has a name of its own.
   .replace = "DBInstanceIdentifier DBName Engine MasterUsername DBSubnetGroupName SourceDBInstanceIdentifier SourceRegion StorageEncrypted "
              "KmsKeyId Port AvailabilityZone CharacterSetName Timezone DBSnapshotIdentifier",
   .update = {{"rds", "ModifyDBInstance",
               "DBInstanceClass AllocatedStorage MasterUserPassword BackupRetentionPeriod DBParameterGroupName OptionGroupName MultiAZ DeletionProtection VPCSecurityGroups=VpcSecurityGroupIds "
               "PreferredBackupWindow PreferredMaintenanceWindow AutoMinorVersionUpgrade StorageType Iops CopyTagsToSnapshot PubliclyAccessible "
               "MaxAllocatedStorage",
               "DBInstanceIdentifier=$id ApplyImmediately=true",
               "DBInstanceClass AllocatedStorage MasterUserPassword BackupRetentionPeriod DBParameterGroupName OptionGroupName MultiAZ DeletionProtection VPCSecurityGroups "
               "PreferredBackupWindow PreferredMaintenanceWindow AutoMinorVersionUpgrade StorageType Iops CopyTagsToSnapshot PubliclyAccessible "
               "MaxAllocatedStorage"}},
   .remove = {{"rds", "DeleteDBInstance", "", "DBInstanceIdentifier=$id SkipFinalSnapshot=true", ""}},
   .snapshot = {{"rds", "DeleteDBInstance", "", "DBInstanceIdentifier=$id FinalDBSnapshotIdentifier=$stack-snapshot-$logical-$token", ""}},
   .snapshots_by_default = true,
   .no_policy_if = "/ReadReplicaSourceDBInstanceIdentifier",
   .skip = "SourceRegion DeleteAutomatedBackups", .named = "DBInstanceIdentifier"}};
}

}  // namespace relight::sandbox::cfn
