#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- ECS
constexpr std::array kClusterDetails{
    Detail{"ecs", "DescribeClusters",
           R"({"clusters":["{id}"],"include":["SETTINGS","CONFIGURATIONS","TAGS"]})", "/clusters/0", "", ""}};
constexpr std::array<Texts, 6> kClusterVolatile{"/runningTasksCount",   "/pendingTasksCount",
                                                "/activeServicesCount", "/registeredContainerInstancesCount",
                                                "/statistics",          "/attachments"};
constexpr std::array kServiceDetails{
    Detail{"ecs", "DescribeServices", R"({"cluster":"{cluster}","services":["{name}"],"include":["TAGS"]})",
           "/services/0", "", ""}};
constexpr std::array kServiceLinks{
    Link{"/clusterArn", "ecs/cluster"},
    Link{"/taskDefinition", "ecs/task-definition"},
    Link{"/capacityProviderStrategy/*/capacityProvider", "ecs/capacity-provider"},
    Link{"/loadBalancers/*/targetGroupArn", "elbv2/target-group"},
    Link{"/networkConfiguration/awsvpcConfiguration/subnets/*", "ec2/subnet"},
    Link{"/networkConfiguration/awsvpcConfiguration/securityGroups/*", "ec2/security-group"},
    Link{"/serviceRegistries/*/registryArn", "servicediscovery/service"}};
constexpr std::array<Texts, 8> kServiceVolatile{"/events",       "/deployments", "/runningCount",
                                                "/pendingCount", "/createdAt",   "/createdBy",
                                                "/taskSets",     "/status"};
// Its tags stand beside it in the answer.
void with_tags(nlohmann::json& answer, Secrets&) {
  auto definition = answer.value("taskDefinition", nlohmann::json::object());
  if (auto tags = answer.find("tags"); tags != answer.end() && !tags->empty()) definition["tags"] = *tags;
  answer = std::move(definition);
}

constexpr std::array kTaskDefinitionDetails{
    Detail{"ecs", "DescribeTaskDefinition", R"({"taskDefinition":"{id}","include":["TAGS"]})", "", "", ""}};
constexpr std::array kTaskDefinitionLinks{
    Link{"/executionRoleArn", "iam/role"},
    Link{"/taskRoleArn", "iam/role"},
    Link{"/containerDefinitions/*/secrets/*/valueFrom", "secret"},
    Link{"/containerDefinitions/*/repositoryCredentials/credentialsParameter", "secret"},
    Link{"/containerDefinitions/*/logConfiguration/secretOptions/*/valueFrom", "secret"},
    Link{"/containerDefinitions/*/environmentFiles/*/value", "arn"},
    Link{"/volumes/*/efsVolumeConfiguration/fileSystemId", "efs/file-system"},
    Link{"/containerDefinitions/*/logConfiguration/options/awslogs-group", "logs/log-group"},
    Link{"/containerDefinitions/*/image", "image"}};
constexpr std::array<Texts, 7> kTaskDefinitionVolatile{
    "/registeredAt", "/registeredBy",      "/deregisteredAt",    "/status",
    "/revision",     "/taskDefinitionArn", "/requiresAttributes"};

constexpr std::array kClusterLinks{
    Link{"/capacityProviders/*", "ecs/capacity-provider"},
    Link{"/defaultCapacityProviderStrategy/*/capacityProvider", "ecs/capacity-provider"},
    Link{"/configuration/executeCommandConfiguration/logConfiguration/s3BucketName", "s3/bucket"}};
constexpr std::array kProviderDetails{Detail{"ecs", "DescribeCapacityProviders",
                                             R"({"capacityProviders":["{id}"],"include":["TAGS"]})",
                                             "/capacityProviders/0", "", ""}};
constexpr std::array kProviderLinks{
    Link{"/autoScalingGroupProvider/autoScalingGroupArn", "autoscaling/group"}};
constexpr std::array<Texts, 3> kProviderVolatile{"/status", "/updateStatus", "/updateStatusReason"};

constexpr std::array kContainerKinds{
    Kind{.name = "ecs/cluster",
         .details = kClusterDetails,
         .links = kClusterLinks,
         .volatile_ = kClusterVolatile,
         .self = "/clusterArn",
         .dead_pointer = "/status",
         .dead_value = "INACTIVE"},
    Kind{.name = "ecs/service",
         .details = kServiceDetails,
         .links = kServiceLinks,
         .volatile_ = kServiceVolatile,
         .self = "/serviceArn",
         .dead_pointer = "/status",
         .dead_value = "INACTIVE",
         // "You may specify up to 10 services to describe in a single operation."
         .together = {R"({"cluster":"{cluster}","services":[{ids}],"include":["TAGS"]})", "/services",
                      "/serviceArn", 10}},
    Kind{.name = "ecs/task-definition",
         .details = kTaskDefinitionDetails,
         .links = kTaskDefinitionLinks,
         .volatile_ = kTaskDefinitionVolatile,
         .form = Kind::Id::kRevision,
         .shape = with_tags},
    Kind{.name = "ecs/capacity-provider",
         .details = kProviderDetails,
         .links = kProviderLinks,
         .volatile_ = kProviderVolatile,
         .form = Kind::Id::kName},
};

}  // namespace

std::span<const Kind> container_kinds() { return kContainerKinds; }

}  // namespace relight::dr
