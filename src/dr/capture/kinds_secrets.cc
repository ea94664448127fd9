#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- Secrets Manager and Parameter Store: what there is and which version, never what it holds
constexpr std::array kSecretDetails{
    Detail{"secretsmanager", "DescribeSecret", R"({"SecretId":"{id}"})", "", "", ""},
    Detail{"secretsmanager", "GetResourcePolicy", R"({"SecretId":"{id}"})", "/ResourcePolicy", "Policy",
           "Capture.NoSuchResource"}};
constexpr std::array kSecretLinks{Link{"/KmsKeyId", "kms/key"},
                                  Link{"/RotationLambdaARN", "lambda/function"}};
constexpr std::array<Texts, 5> kSecretVolatile{"/LastAccessedDate", "/LastChangedDate", "/LastRotatedDate",
                                               "/NextRotationDate", "/CreatedDate"};
constexpr std::array kParameterDetails{
    Detail{"ssm", "DescribeParameters",
           R"({"ParameterFilters":[{"Key":"Name","Option":"Equals","Values":["{key}"]}]})", "/Parameters/0",
           "", ""}};
constexpr std::array kParameterLinks{Link{"/KeyId", "kms/key"}};
constexpr std::array<Texts, 2> kParameterVolatile{"/LastModifiedDate", "/LastModifiedUser"};

constexpr std::array kSecretKinds{
    Kind{.name = "secretsmanager/secret",
         .details = kSecretDetails,
         .links = kSecretLinks,
         .volatile_ = kSecretVolatile,
         .form = Kind::Id::kSecret,
         .self = "/ARN"},
    Kind{.name = "ssm/parameter",
         .details = kParameterDetails,
         .links = kParameterLinks,
         .volatile_ = kParameterVolatile,
         .form = Kind::Id::kParameter},
};

}  // namespace

std::span<const Kind> secret_kinds() { return kSecretKinds; }

}  // namespace relight::dr
