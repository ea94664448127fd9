#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- RDS
// That there are snapshots is part of what an application is; which ones the service made last night is not.
void only_existence(nlohmann::json& properties, Secrets&) {
  auto it = properties.find("Snapshots");
  if (it == properties.end()) return;
  bool automated = false;
  auto manual = nlohmann::json::array();
  for (auto& s : *it)
    if (s.value("Status", "") != "available")
      continue;
    else if (s.value("SnapshotType", "") == "automated")
      automated = true;
    else
      manual.push_back(s.value("DBSnapshotIdentifier", ""));
  if (!automated && manual.empty())
    properties.erase(it);
  else
    *it = {{"Automated", automated}, {"Manual", manual}};
}

constexpr std::array kInstanceDetails{
    Detail{"rds", "DescribeDBInstances", R"({"DBInstanceIdentifier":"{name}"})", "/DBInstances/0", "", ""},
    Detail{"rds", "DescribeDBSnapshots", R"({"DBInstanceIdentifier":"{name}"})", "/DBSnapshots", "Snapshots",
           "Capture.NoSuchResource"}};
constexpr std::array kInstanceLinks{Link{"/DBSubnetGroup/DBSubnetGroupName", "rds/subnet-group"},
                                    Link{"/DBParameterGroups/*/DBParameterGroupName", "rds/parameter-group"},
                                    Link{"/OptionGroupMemberships/*/OptionGroupName", "rds/option-group"},
                                    Link{"/VpcSecurityGroups/*/VpcSecurityGroupId", "ec2/security-group"},
                                    Link{"/KmsKeyId", "kms/key"},
                                    Link{"/MonitoringRoleArn", "iam/role"},
                                    Link{"/MasterUserSecret/SecretArn", "secret"}};
constexpr std::array<Texts, 5> kInstanceVolatile{"/LatestRestorableTime", "/DBInstanceStatus", "/StatusInfos",
                                                 "/PendingModifiedValues", "/InstanceCreateTime"};
constexpr std::array kSubnetGroupDetails{
    Detail{"rds", "DescribeDBSubnetGroups", R"({"DBSubnetGroupName":"{id}"})", "/DBSubnetGroups/0", "", ""}};
constexpr std::array kSubnetGroupLinks{Link{"/VpcId", "ec2/vpc"},
                                       Link{"/Subnets/*/SubnetIdentifier", "ec2/subnet"}};
constexpr std::array kParameterGroupDetails{
    Detail{"rds", "DescribeDBParameterGroups", R"({"DBParameterGroupName":"{id}"})", "/DBParameterGroups/0",
           "", ""},
    Detail{"rds", "DescribeDBParameters", R"({"DBParameterGroupName":"{id}","Source":"user"})", "/Parameters",
           "Parameters", "Capture.NoSuchResource"}};

constexpr std::array kOptionGroupDetails{
    Detail{"rds", "DescribeOptionGroups", R"({"OptionGroupName":"{id}"})", "/OptionGroupsList/0", "", ""}};
constexpr std::array kOptionGroupLinks{
    Link{"/VpcId", "ec2/vpc"},
    Link{"/Options/*/VpcSecurityGroupMemberships/*/VpcSecurityGroupId", "ec2/security-group"}};

constexpr std::array kDatabaseKinds{
    Kind{.name = "rds/db-instance",
         .details = kInstanceDetails,
         .links = kInstanceLinks,
         .volatile_ = kInstanceVolatile,
         .form = Kind::Id::kName,
         .shape = only_existence},
    Kind{.name = "rds/subnet-group", .details = kSubnetGroupDetails, .links = kSubnetGroupLinks},
    Kind{.name = "rds/parameter-group", .details = kParameterGroupDetails},
    Kind{.name = "rds/option-group", .details = kOptionGroupDetails, .links = kOptionGroupLinks},
};

}  // namespace

std::span<const Kind> database_kinds() { return kDatabaseKinds; }

}  // namespace relight::dr
