#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- CloudWatch Logs. The call takes the beginning of a name, and sorts: the whole name is the first (API
// reference of DescribeLogGroups, "ASCII-sorted by log group name").
constexpr std::array kLogGroupDetails{
    Detail{"logs", "DescribeLogGroups", R"({"logGroupNamePrefix":"{key}"})", "/logGroups/0", "", ""}};
constexpr std::array kLogGroupLinks{Link{"/kmsKeyId", "kms/key"}};
constexpr std::array<Texts, 3> kGroupVolatile{"/creationTime", "/storedBytes", "/metricFilterCount"};

// ---- KMS: what a key is and who may use it, never material. It is named by ARN, id or alias.
constexpr std::string_view kKey = R"({"KeyId":"{KeyId}"})";
constexpr std::array kKeyDetails{
    Detail{"kms", "DescribeKey", R"({"KeyId":"{id}"})", "/KeyMetadata", "", ""},
    Detail{"kms", "ListAliases", kKey, "/Aliases", "Aliases", "Capture.NoSuchResource", "/KeyId"},
    Detail{"kms", "GetKeyPolicy", R"({"KeyId":"{KeyId}","PolicyName":"default"})", "/Policy", "Policy",
           "NotFoundException", "/KeyId"},
    Detail{"kms", "GetKeyRotationStatus", kKey, "/KeyRotationEnabled", "KeyRotationEnabled",
           "UnsupportedOperationException Capture.NoSuchResource", "/KeyId"}};
constexpr std::array<Texts, 4> kKeyVolatile{"/CreationDate", "/Aliases/*/CreationDate",
                                            "/Aliases/*/LastUpdatedDate", "/CurrentKeyMaterialId"};

// ---- ACM
constexpr std::array kCertificateDetails{
    Detail{"acm", "DescribeCertificate", R"({"CertificateArn":"{id}"})", "/Certificate", "", ""}};
constexpr std::array<Texts, 4> kCertificateVolatile{"/InUseBy", "/CreatedAt", "/IssuedAt", "/RenewalSummary"};

// ---- Service Quotas: AWS's default, and what this account was granted instead. Which ones are asked:
// search.
constexpr std::string_view kQuota = R"({"ServiceCode":"{parent}","QuotaCode":"{name}"})";
constexpr std::array kQuotaDetails{
    Detail{"servicequotas", "GetAWSDefaultServiceQuota", kQuota, "/Quota/Value", "Default",
           "NoSuchResourceException"},
    Detail{"servicequotas", "GetServiceQuota", kQuota, "/Quota/Value", "Value", "NoSuchResourceException"}};

// ---- Application Auto Scaling: found by search with its policies and scheduled actions. The role is AWS's
// own.
constexpr std::array<Texts, 8> kTargetVolatile{"/CreationTime",
                                               "/PredictedCapacity",
                                               "/ScalableTargetARN",
                                               "/Policies/*/CreationTime",
                                               "/Policies/*/PolicyARN",
                                               "/Policies/*/Alarms",
                                               "/ScheduledActions/*/CreationTime",
                                               "/ScheduledActions/*/ScheduledActionARN"};

constexpr std::array kAccountKinds{
    Kind{.name = "logs/log-group",
         .details = kLogGroupDetails,
         .links = kLogGroupLinks,
         .volatile_ = kGroupVolatile,
         .form = Kind::Id::kLogGroup,
         .own = "/logGroupName"},
    Kind{.name = "kms/key", .details = kKeyDetails, .volatile_ = kKeyVolatile, .self = "/Arn"},
    Kind{.name = "acm/certificate", .details = kCertificateDetails, .volatile_ = kCertificateVolatile},
    Kind{.name = "servicequotas/quota", .details = kQuotaDetails},
    Kind{.name = "applicationautoscaling/scalable-target", .volatile_ = kTargetVolatile},
};

}  // namespace

std::span<const Kind> account_kinds() { return kAccountKinds; }

}  // namespace relight::dr
