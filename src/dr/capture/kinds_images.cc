#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- ECR: the repositories of the images that tasks and functions name, and those images alone
constexpr std::string_view kRepository = R"({"repositoryName":"{key}"})";
constexpr std::array kRepositoryDetails{
    Detail{"ecr", "DescribeRepositories", R"({"repositoryNames":["{key}"]})", "/repositories/0", "", ""},
    Detail{"ecr", "GetLifecyclePolicy", kRepository, "/lifecyclePolicyText", "LifecyclePolicy",
           "LifecyclePolicyNotFoundException"},
    Detail{"ecr", "GetRepositoryPolicy", kRepository, "/policyText", "Policy",
           "RepositoryPolicyNotFoundException"},
    Detail{"ecr", "ListTagsForResource", R"({"resourceArn":"{repositoryArn}"})", "/tags", "tags",
           "Capture.NoSuchResource", "/repositoryArn"}};
constexpr std::array kRepositoryLinks{Link{"/registryId", "ecr/registry"},
                                      Link{"/encryptionConfiguration/kmsKey", "kms/key"}};
constexpr std::array<Texts, 1> kRepositoryVolatile{"/createdAt"};

// The account's registry in this region; there is one.
constexpr std::array kRegistryDetails{
    Detail{"ecr", "DescribeRegistry", "{}", "", "", ""},
    Detail{"ecr", "GetRegistryPolicy", "{}", "/policyText", "Policy", "RegistryPolicyNotFoundException"}};

// That a tag means another image than before is a change; what the scanner says of it is not. When it was
// pushed is kept, because life cycles count from it.
constexpr std::array kImageDetails{
    Detail{"ecr", "DescribeImages",
           R"({"repositoryName":"{repository}","imageIds":[{"{image_key}":"{image_value}"}]})",
           "/imageDetails/0", "", ""}};
constexpr std::array kImageLinks{Link{"/repositoryName", "ecr/repository"}};
constexpr std::array<Texts, 5> kImageVolatile{"/imageScanStatus", "/imageScanFindingsSummary",
                                              "/lastRecordedPullTime", "/lastActivatedAt", "/lastArchivedAt"};

constexpr std::array kImageKinds{
    Kind{.name = "ecr/repository",
         .details = kRepositoryDetails,
         .links = kRepositoryLinks,
         .volatile_ = kRepositoryVolatile,
         .form = Kind::Id::kRepository},
    Kind{.name = "ecr/registry", .details = kRegistryDetails},
    Kind{.name = "ecr/image",
         .details = kImageDetails,
         .links = kImageLinks,
         .volatile_ = kImageVolatile,
         .form = Kind::Id::kImage},
};

}  // namespace

std::span<const Kind> image_kinds() { return kImageKinds; }

}  // namespace relight::dr
