// ECS.
#include <cctype>

#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

// A container's definition as the ECS API has it: member names with a small first letter, maps of the user's
// own alone.
Json camel_members(const Json& v) {
  if (v.is_array()) {
    Json out = Json::array();
    for (auto& e : v) out.push_back(camel_members(e));
    return out;
  }
  if (!v.is_object()) return v;
  Json out = Json::object();
  for (auto& [k, e] : v.items()) {
    auto name = k;
    name[0] = char(std::tolower(static_cast<unsigned char>(name[0])));
    bool own = k == "DockerLabels" || k == "Options" || k == "DriverOpts" || k == "Labels";
    out[name] = own ? e : camel_members(e);
  }
  return out;
}

void task(TerraformBlock& b) {
  b.arguments["container_definitions"] = camel_members(b.value("ContainerDefinitions")).dump();
  b.arguments["skip_destroy"] = true;
  if (auto r = b.value("RuntimePlatform"); r.is_object())
    b.arguments["runtime_platform"] = Json::array(
        {renamed(r, "CpuArchitecture=cpu_architecture OperatingSystemFamily=operating_system_family")});
  if (auto e = b.value("EphemeralStorage"); e.is_object())
    b.arguments["ephemeral_storage"] = Json::array({renamed(e, "SizeInGiB=size_in_gib")});
  for (auto& v : b.value("Volumes")) b.arguments["volume"].push_back(renamed(v, "Name=name"));
}

void cluster(TerraformBlock& b) {
  b.arguments["name"] = b.pilot.stack + "-" + b.resource.id;
  for (auto& s : b.value("ClusterSettings"))
    b.arguments["setting"].push_back(renamed(s, "Name=name Value=value"));
  if (b.properties.contains("CapacityProviders")) {
    Json more{{"cluster_name", b.self("name")}, {"capacity_providers", b.value("CapacityProviders")}};
    for (auto& s : b.value("DefaultCapacityProviderStrategy"))
      more["default_capacity_provider_strategy"].push_back(
          renamed(s, "CapacityProvider=capacity_provider Weight=weight Base=base"));
    b.more("aws_ecs_cluster_capacity_providers", b.resource.id, more);
  }
}

void service(TerraformBlock& b) {
  b.arguments["name"] = b.pilot.stack + "-" + b.resource.id;
  auto deployment = b.value("DeploymentConfiguration");
  if (deployment.is_object()) {
    b.arguments.update(renamed(deployment,
                               "MinimumHealthyPercent=deployment_minimum_healthy_percent "
                               "MaximumPercent=deployment_maximum_percent"));
    if (deployment.contains("DeploymentCircuitBreaker"))
      b.arguments["deployment_circuit_breaker"] =
          Json::array({renamed(deployment["DeploymentCircuitBreaker"], "Enable=enable Rollback=rollback")});
  }
  if (auto n = b.value("NetworkConfiguration"); n.is_object()) {
    auto vpc = renamed(n["AwsvpcConfiguration"], "Subnets=subnets SecurityGroups=security_groups");
    vpc["assign_public_ip"] = n["AwsvpcConfiguration"].value("AssignPublicIp", "") == "ENABLED";
    b.arguments["network_configuration"] = Json::array({vpc});
  }
  for (auto& l : b.value("LoadBalancers"))
    b.arguments["load_balancer"].push_back(renamed(
        l, "TargetGroupArn=target_group_arn ContainerName=container_name ContainerPort=container_port"));
  for (auto& s : b.value("CapacityProviderStrategy"))
    b.arguments["capacity_provider_strategy"].push_back(
        renamed(s, "CapacityProvider=capacity_provider Weight=weight Base=base"));
  // A failover lights it; the next apply must not put it out.
  b.arguments["lifecycle"] = Json::array({{{"ignore_changes", Json::array({"desired_count"})}}});
}

}  // namespace

void terraform_compute(TerraformBlock& b) {
  auto& type = b.resource.type;
  if (type == "AWS::ECS::Cluster") cluster(b);
  if (type == "AWS::ECS::TaskDefinition") task(b);
  if (type == "AWS::ECS::Service") service(b);
}

}  // namespace relight::dr::view
