// ECS.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types container_types() {
  return {
  {.name = "AWS::ECS::Cluster",
   .create = {{"ecs", "CreateCluster", "*", "", ""}},
   .id = "/cluster/clusterName",
   .describe = Action{"ecs", "DescribeClusters", "", "clusters=[$id]", ""}, .root = "/clusters/0",
   .attributes = {{"Arn", "/clusterArn"}},
   .replace = "ClusterName",
   .remove = {{"ecs", "DeleteCluster", "", "cluster=$id", ""}},
   .named = "ClusterName"},
  {.name = "AWS::ECS::TaskDefinition",
   .create = {{"ecs", "RegisterTaskDefinition", "*", "", ""}},
   .id = "/taskDefinition/taskDefinitionArn",
   .attributes = {{"TaskDefinitionArn", "$id"}},
   .replace = "*",
   .remove = {{"ecs", "DeregisterTaskDefinition", "", "taskDefinition=$id", ""}},
   .named = "Family", .renewable = true},
  {.name = "AWS::ECS::Service",
   .create = {{"ecs", "CreateService", "*", "", "", one_task}},
   .id = "/service/serviceArn",
   .describe = Action{"ecs", "DescribeServices", "Cluster=cluster", "services=[$id]", ""}, .root = "/services/0",
   .ready = service_stable,
   .attributes = {{"Name", "/serviceName"}, {"ServiceArn", "/serviceArn"}},
   .replace = "Cluster ServiceName LaunchType SchedulingStrategy DeploymentController Role",
   .update = {{"ecs", "UpdateService", "Cluster=cluster DesiredCount TaskDefinition DeploymentConfiguration NetworkConfiguration HealthCheckGracePeriodSeconds LoadBalancers",
               "service=$id", "DesiredCount TaskDefinition DeploymentConfiguration NetworkConfiguration HealthCheckGracePeriodSeconds LoadBalancers"}},
   .remove = {{"ecs", "DeleteService", "Cluster=cluster", "service=$id force=true", ""}},
   .named = "ServiceName"}};
}

}  // namespace relight::sandbox::cfn
