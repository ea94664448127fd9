#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- IAM
constexpr std::array kRoleDetails{Detail{"iam", "GetRole", R"({"RoleName":"{name}"})", "/Role", "", ""},
                                  Detail{"iam", "ListAttachedRolePolicies", R"({"RoleName":"{name}"})",
                                         "/AttachedPolicies", "AttachedPolicies", "Capture.NoSuchResource"}};
constexpr std::array kRoleLinks{Link{"/AttachedPolicies/*/PolicyArn", "iam/policy"},
                                Link{"/PermissionsBoundary/PermissionsBoundaryArn", "iam/policy"}};
constexpr std::array kRoleChildren{
    Children{"iam/role-policy", "iam", "ListRolePolicies", R"({"RoleName":"{name}"})", "/PolicyNames/*"}};
constexpr std::array<Texts, 2> kRoleVolatile{"/CreateDate", "/RoleLastUsed"};
constexpr std::array kRolePolicyDetails{
    Detail{"iam", "GetRolePolicy", R"({"RoleName":"{parent}","PolicyName":"{name}"})", "", "", ""}};
constexpr std::array kPolicyDetails{
    Detail{"iam", "GetPolicy", R"({"PolicyArn":"{id}"})", "/Policy", "", ""},
    Detail{"iam", "GetPolicyVersion", R"({"PolicyArn":"{id}","VersionId":"{DefaultVersionId}"})",
           "/PolicyVersion/Document", "Document", "", "/DefaultVersionId"}};
constexpr std::array<Texts, 3> kPolicyVolatile{"/AttachmentCount", "/CreateDate", "/UpdateDate"};

// ---- Route 53 and CloudWatch: found by search, so that their properties are there already
constexpr std::array kZoneDetails{
    Detail{"route53", "GetHostedZone", R"({"Id":"{id}"})", "/HostedZone", "", ""},
    // A private zone has none.
    Detail{"route53", "GetHostedZone", R"({"Id":"{id}"})", "/DelegationSet/NameServers", "NameServers",
           "Capture.NoSuchResource"}};
constexpr std::array<Texts, 2> kZoneVolatile{"/ResourceRecordSetCount", "/CallerReference"};
constexpr std::array kRecordLinks{Link{"/HealthCheckId", "route53/health-check"}};
constexpr std::array kHealthCheckDetails{
    Detail{"route53", "GetHealthCheck", R"({"HealthCheckId":"{id}"})", "/HealthCheck", "", ""}};
constexpr std::array<Texts, 2> kHealthCheckVolatile{"/HealthCheckVersion", "/CallerReference"};
constexpr std::array kAlarmDetails{
    Detail{"cloudwatch", "DescribeAlarms", R"({"AlarmNames":["{id}"]})", "/MetricAlarms/0", "", ""}};
constexpr std::array kAlarmLinks{Link{"/AlarmActions/*", "arn"}, Link{"/OKActions/*", "arn"},
                                 Link{"/InsufficientDataActions/*", "arn"}};
constexpr std::array<Texts, 7> kAlarmVolatile{"/StateValue",
                                              "/StateReason",
                                              "/StateReasonData",
                                              "/StateUpdatedTimestamp",
                                              "/StateTransitionedTimestamp",
                                              "/AlarmConfigurationUpdatedTimestamp",
                                              "/EvaluationState"};

constexpr std::array kNameKinds{
    Kind{.name = "iam/role",
         .details = kRoleDetails,
         .links = kRoleLinks,
         .children = kRoleChildren,
         .volatile_ = kRoleVolatile,
         .global = true,
         .form = Kind::Id::kName},
    Kind{.name = "iam/role-policy", .details = kRolePolicyDetails, .global = true},
    Kind{.name = "iam/policy", .details = kPolicyDetails, .volatile_ = kPolicyVolatile, .global = true},
    Kind{.name = "route53/hosted-zone",
         .details = kZoneDetails,
         .volatile_ = kZoneVolatile,
         .global = true,
         .form = Kind::Id::kName},
    Kind{.name = "route53/record-set", .links = kRecordLinks, .global = true},
    Kind{.name = "route53/health-check",
         .details = kHealthCheckDetails,
         .volatile_ = kHealthCheckVolatile,
         .global = true},
    Kind{.name = "cloudwatch/alarm",
         .details = kAlarmDetails,
         .links = kAlarmLinks,
         .volatile_ = kAlarmVolatile},
};

}  // namespace

std::span<const Kind> name_kinds() { return kNameKinds; }

}  // namespace relight::dr
