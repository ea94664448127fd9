// Services as callers see them: create, update, delete, describe, list.
#include <algorithm>

#include "aws/gen/elbv2.h"
#include "sandbox/services/ecs/fargate.h"
#include "sandbox/services/ecs/page.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;
namespace op = aws::ecs::op;

namespace {

std::unexpected<Error> invalid(const std::string& why) { return aws_error("InvalidParameterException", why); }

Result<> check_network(const api::TaskDefinition& d, const std::optional<api::NetworkConfiguration>& n) {
  if (d.networkMode != "awsvpc") return {};
  if (!n || !n->awsvpcConfiguration ||
      n->awsvpcConfiguration->subnets.value_or(std::vector<std::string>{}).empty())
    return invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (n->awsvpcConfiguration->subnets->size() > 16) return invalid("subnets can have at most 16 items.");
  return {};
}

Result<> check_percentages(const std::optional<api::DeploymentConfiguration>& c) {
  if (!c) return {};
  int max = c->maximumPercent.value_or(200), min = c->minimumHealthyPercent.value_or(100);
  if (min < 0 || max < min || max < 1)
    return invalid("maximumPercent must be at least minimumHealthyPercent, and neither may be negative.");
  if (max == 100 && min == 100)
    return invalid(
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.");
  return {};
}

api::DeploymentConfiguration with_defaults(const std::optional<api::DeploymentConfiguration>& given,
                                           const std::optional<api::DeploymentConfiguration>& before) {
  api::DeploymentConfiguration out =
      before.value_or(api::DeploymentConfiguration{api::DeploymentCircuitBreaker{false, false}, 200, 100});
  if (!given) return out;
  if (given->deploymentCircuitBreaker) out.deploymentCircuitBreaker = given->deploymentCircuitBreaker;
  if (given->maximumPercent) out.maximumPercent = given->maximumPercent;
  if (given->minimumHealthyPercent) out.minimumHealthyPercent = given->minimumHealthyPercent;
  return out;
}

}  // namespace

Result<> EcsService::check_load_balancers(const std::string& region,
                                          const std::vector<api::LoadBalancer>& lbs,
                                          const api::TaskDefinition& d) {
  for (auto& lb : lbs) {
    if (!lb.targetGroupArn)
      return invalid("targetGroupArn is required: classic load balancers are not built here.");
    bool maps = false;
    for (auto& c : *d.containerDefinitions)
      for (auto& p : c.portMappings.value_or(std::vector<api::PortMapping>{}))
        maps = maps || (c.name == lb.containerName && p.containerPort == lb.containerPort);
    if (!maps)
      return invalid("The container " + lb.containerName.value_or("") + " did not have a container port " +
                     std::to_string(lb.containerPort.value_or(0)) + " defined.");
    auto groups = world_.call<aws::elbv2::op::DescribeTargetGroups>(
        region, {.TargetGroupArns = std::vector<std::string>{*lb.targetGroupArn}});
    if (!groups || !groups->TargetGroups || groups->TargetGroups->empty())
      return invalid("The specified target group does not exist: " + *lb.targetGroupArn);
    auto& g = (*groups->TargetGroups)[0];
    if (d.networkMode == "awsvpc" && g.TargetType != "ip")
      return invalid("The provided target group " + *lb.targetGroupArn + " has target type " +
                     g.TargetType.value_or("instance") +
                     ", which is incompatible with the awsvpc network mode.");
    if (g.LoadBalancerArns.value_or(std::vector<std::string>{}).empty())
      return invalid("The target group with targetGroupArn " + *lb.targetGroupArn +
                     " does not have an associated load balancer.");
  }
  return {};
}

Result<api::CreateServiceResponse> EcsService::create_service(const Call& c,
                                                              const api::CreateServiceRequest& in) {
  TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
  if (!good_name(*in.serviceName)) return invalid("Service name contains invalid characters.");
  std::string key = *cl->v.clusterName + "/" + *in.serviceName;
  if (auto* old = services_.find(c.region, key); old && old->v.status != "INACTIVE")
    return invalid(old->v.status == "DRAINING" ? "Unable to Start a service that is still Draining."
                                               : "Creation of service was not idempotent.");
  if (!in.taskDefinition) return invalid("TaskDefinition can not be blank.");
  if (in.schedulingStrategy == "DAEMON")
    return invalid("The daemon scheduling strategy is not supported on Fargate.");
  if (!in.desiredCount) return invalid("The number of desired tasks must be specified.");
  if (*in.desiredCount < 0) return invalid("Desired count cannot be negative.");
  TRY_ASSIGN(DefinitionRow * def, definition(c.region, *in.taskDefinition, true));
  auto& d = *def->v.taskDefinition;
  TRY(check_network(d, in.networkConfiguration));
  TRY(check_percentages(in.deploymentConfiguration));
  auto lbs = in.loadBalancers.value_or(std::vector<api::LoadBalancer>{});
  TRY(check_load_balancers(c.region, lbs, d));
  ServiceRow row;
  auto& s = row.v;
  s.serviceArn = arn(c.region, "service", key);
  s.serviceName = in.serviceName;
  s.clusterArn = cl->v.clusterArn;
  s.loadBalancers = lbs;
  s.serviceRegistries = in.serviceRegistries.value_or(std::vector<api::ServiceRegistry>{});
  s.status = "ACTIVE";
  s.desiredCount = in.desiredCount;
  s.runningCount = s.pendingCount = 0;
  if (in.capacityProviderStrategy)
    s.capacityProviderStrategy = in.capacityProviderStrategy;
  else
    s.launchType = in.launchType.value_or("FARGATE");
  s.platformVersion = in.platformVersion.value_or("LATEST");
  s.platformFamily = "Linux";
  s.taskDefinition = d.taskDefinitionArn;
  s.deploymentConfiguration = with_defaults(in.deploymentConfiguration, {});
  s.roleArn = in.role.value_or("arn:aws:iam::" + world_.account() +
                               ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS");
  s.events.emplace(), s.deployments.emplace(), s.placementConstraints.emplace(),
      s.placementStrategy.emplace();
  s.createdAt = world_.clock.now();
  s.networkConfiguration = in.networkConfiguration;
  s.healthCheckGracePeriodSeconds = in.healthCheckGracePeriodSeconds.value_or(0);
  s.schedulingStrategy = "REPLICA";
  s.deploymentController = in.deploymentController.value_or(api::DeploymentController{"ECS"});
  s.tags = in.tags;
  s.createdBy = c.principal;
  s.enableECSManagedTags = in.enableECSManagedTags.value_or(false);
  s.propagateTags = in.propagateTags.value_or("NONE");
  s.enableExecuteCommand = in.enableExecuteCommand.value_or(false);
  new_deployment(row);
  auto& kept = services_.put(c.region, key, std::move(row));
  watch_targets(c.region, key);
  later(c.region, Millis{0}, [this, region = c.region, key] { reconcile(region, key); });
  return api::CreateServiceResponse{kept.v};
}

void EcsService::new_deployment(ServiceRow& row) {
  auto& s = row.v;
  for (auto& old : *s.deployments) old.status = "ACTIVE";
  std::string id = "ecs-svc/";
  for (int i = 0; i < 19; ++i)
    id += static_cast<char>('0' + (i == 0 ? 1 + world_.rng.below(9) : world_.rng.below(10)));
  api::Deployment d;
  d.id = id;
  d.status = "PRIMARY";
  d.taskDefinition = s.taskDefinition;
  d.desiredCount = s.desiredCount;
  d.pendingCount = d.runningCount = d.failedTasks = 0;
  d.createdAt = d.updatedAt = world_.clock.now();
  d.launchType = s.launchType;
  d.platformVersion = "1.4.0";
  d.platformFamily = "Linux";
  d.networkConfiguration = s.networkConfiguration;
  d.rolloutState = "IN_PROGRESS";
  d.rolloutStateReason = "ECS deployment " + id + " in progress.";
  s.deployments->insert(s.deployments->begin(), std::move(d));
  row.x["steady"] = "0";
  row.x.erase("failures"), row.x.erase("not_before");
}

Result<api::UpdateServiceResponse> EcsService::update_service(const Call& c,
                                                              const api::UpdateServiceRequest& in) {
  TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
  TRY_ASSIGN(ServiceRow * row, service(c.region, *cl->v.clusterName, *in.service));
  auto& s = row->v;
  if (s.status != "ACTIVE") return aws_error("ServiceNotActiveException", "Service was not ACTIVE.");
  if (in.desiredCount && *in.desiredCount < 0) return invalid("Desired count cannot be negative.");
  TRY_ASSIGN(DefinitionRow * def, definition(c.region, in.taskDefinition.value_or(*s.taskDefinition),
                                             in.taskDefinition.has_value()));
  auto& d = *def->v.taskDefinition;
  if (in.networkConfiguration) TRY(check_network(d, in.networkConfiguration));
  TRY(check_percentages(in.deploymentConfiguration));
  if (in.loadBalancers || in.taskDefinition)
    TRY(check_load_balancers(c.region, in.loadBalancers.value_or(*s.loadBalancers), d));
  bool fresh = in.forceNewDeployment.value_or(false) || d.taskDefinitionArn != s.taskDefinition ||
               in.networkConfiguration || in.loadBalancers || in.platformVersion;
  s.taskDefinition = d.taskDefinitionArn;
  if (in.desiredCount) s.desiredCount = in.desiredCount;
  if (in.networkConfiguration) s.networkConfiguration = in.networkConfiguration;
  if (in.loadBalancers) s.loadBalancers = in.loadBalancers;
  if (in.platformVersion) s.platformVersion = in.platformVersion;
  if (in.healthCheckGracePeriodSeconds) s.healthCheckGracePeriodSeconds = in.healthCheckGracePeriodSeconds;
  if (in.enableExecuteCommand) s.enableExecuteCommand = in.enableExecuteCommand;
  if (in.propagateTags) s.propagateTags = in.propagateTags;
  s.deploymentConfiguration = with_defaults(in.deploymentConfiguration, s.deploymentConfiguration);
  if (fresh) {
    new_deployment(*row);
  } else {
    (*s.deployments)[0].desiredCount = s.desiredCount;
    (*s.deployments)[0].updatedAt = world_.clock.now();
  }
  row->x["steady"] = "0";
  row->x.erase("not_before");
  std::string key = *cl->v.clusterName + "/" + *s.serviceName;
  save(c.region, key, *row);
  watch_targets(c.region, key);
  later(c.region, Millis{0}, [this, region = c.region, key] { reconcile(region, key); });
  return api::UpdateServiceResponse{s};
}

Result<api::DeleteServiceResponse> EcsService::delete_service(const Call& c,
                                                              const api::DeleteServiceRequest& in) {
  TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
  TRY_ASSIGN(ServiceRow * row, service(c.region, *cl->v.clusterName, *in.service));
  auto& s = row->v;
  if (s.status == "INACTIVE") return aws_error("ServiceNotFoundException", "Service not found.");
  if (*s.desiredCount > 0 && !in.force.value_or(false))
    return invalid("The service cannot be stopped while it is scaled above 0.");
  s.status = "DRAINING";
  s.desiredCount = 0;
  for (auto& d : *s.deployments) d.desiredCount = 0;
  std::string key = *cl->v.clusterName + "/" + *s.serviceName;
  save(c.region, key, *row);
  later(c.region, Millis{0}, [this, region = c.region, key] { reconcile(region, key); });
  return api::DeleteServiceResponse{s};
}

void EcsService::build_services() {
  on<op::CreateService>([this](const Call& c, const auto& in) { return create_service(c, in); });
  on<op::UpdateService>([this](const Call& c, const auto& in) { return update_service(c, in); });
  on<op::DeleteService>([this](const Call& c, const auto& in) { return delete_service(c, in); });
  on<op::DescribeServices>([this](const Call& c, const auto& in) -> Result<api::DescribeServicesResponse> {
    TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
    if (in.services->empty() || in.services->size() > 10)
      return invalid("Between 1 and 10 services can be described at once.");
    api::DescribeServicesResponse out;
    out.services.emplace(), out.failures.emplace();
    bool tags = in.include && std::find(in.include->begin(), in.include->end(), "TAGS") != in.include->end();
    for (auto& id : *in.services) {
      auto row = service(c.region, *cl->v.clusterName, id);
      if (!row) {
        out.failures->push_back(
            {.arn = id.starts_with("arn:") ? id : arn(c.region, "service", *cl->v.clusterName + "/" + id),
             .reason = "MISSING"});
        continue;
      }
      auto& shown_service = out.services->emplace_back((*row)->v);
      if (!tags) shown_service.tags.reset();
    }
    return out;
  });
  on<op::ListServices>([this](const Call& c, const auto& in) -> Result<api::ListServicesResponse> {
    TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
    List<std::string> arns;
    for (auto& [key, s] : services_.in(c.region))
      if (s.v.clusterArn == cl->v.clusterArn && s.v.status != "INACTIVE" &&
          (!in.launchType || in.launchType == s.v.launchType) &&
          (!in.schedulingStrategy || in.schedulingStrategy == s.v.schedulingStrategy))
        arns.push_back(*s.v.serviceArn);
    TRY_ASSIGN(Page p, page_of(std::move(arns), in.nextToken, in.maxResults.value_or(10), 100));
    return api::ListServicesResponse{p.items, p.next};
  });
}

}  // namespace relight::sandbox
