#include "sandbox/services/applicationautoscaling/service.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
using namespace scaling;

namespace {

constexpr size_t kActivities = 1000;  // of a region: the oldest go (AWS keeps six weeks)

// "service/CLUSTER/NAME" -> both; empty when it is not that.
std::pair<std::string, std::string> cluster_and_name(const std::string& resource) {
  size_t first = resource.find('/'), second = first == resource.npos ? first : resource.find('/', first + 1);
  if (second == resource.npos || resource.substr(0, first) != "service") return {};
  std::string cluster = resource.substr(first + 1, second - first - 1), name = resource.substr(second + 1);
  bool good = !cluster.empty() && !name.empty() && name.find('/') == name.npos &&
              resource.find_first_of(":|") == resource.npos;
  return good ? std::pair(cluster, name) : std::pair<std::string, std::string>{};
}

}  // namespace

std::string scaling::key_of(const std::string& resource, const std::string& name) {
  return resource + "|" + name;
}

std::string scaling::where(const std::string& resource) {
  return fmt::format("service namespace: ecs, resource ID: {}, scalable dimension: {}", resource, kDimension);
}

ApplicationAutoScalingService::ApplicationAutoScalingService(World& w)
    : Service(w, api::model()),
      targets_(w, "applicationautoscaling/targets"),
      policies_(w, "applicationautoscaling/policies"),
      scheduled_(w, "applicationautoscaling/scheduled"),
      activities_(w, "applicationautoscaling/activities") {
  add_targets();
  add_target_reads();
  add_policies();
  add_policy_reads();
  add_scheduled();
  add_scheduled_reads();
}

void ApplicationAutoScalingService::start() {
  for (auto& r : world_.settings.regions)
    if (world_.links().up(r)) region_restored(r);
  evaluate_all();
}

void ApplicationAutoScalingService::region_restored(const std::string& r) {
  for (auto& [key, s] : scheduled_.in(r)) arm(r, key);
}

Result<> ApplicationAutoScalingService::check_resource(const std::optional<std::string>& name_space,
                                                       const std::optional<std::string>& resource,
                                                       const std::optional<std::string>& dimension) const {
  if (name_space && *name_space != "ecs")
    return aws_error("ValidationException",
                     fmt::format("Scaling of {} is not built in this sandbox, only of ecs.", *name_space));
  if ((dimension && *dimension != kDimension) || (resource && cluster_and_name(*resource).first.empty()))
    return aws_error("ValidationException",
                     "Unsupported service namespace, resource type or scalable dimension");
  return {};
}

Result<Target*> ApplicationAutoScalingService::registered(Region r, Name resource) {
  if (auto* t = targets_.find(r, resource)) return t;
  return aws_error("ObjectNotFoundException", "No scalable target registered for " + where(resource));
}

Result<aws::ecs::Service> ApplicationAutoScalingService::ecs_service(Region r, Name resource) {
  auto [cluster, name] = cluster_and_name(resource);
  auto out = world_.call<aws::ecs::op::DescribeServices>(
      r, {.cluster = cluster, .services = std::vector<std::string>{name}});
  // AWS's words, as deployment tools report them.
  if (!out || !out->services || out->services->empty() || out->services->front().status == "INACTIVE")
    return aws_error("ValidationException", "ECS service doesn't exist: " + resource);
  return out->services->front();
}

void ApplicationAutoScalingService::scale(Region r, Name resource, int32_t to, const std::string& cause) {
  auto service = ecs_service(r, resource);
  if (!service || service->status != "ACTIVE" || service->desiredCount == to) return;
  auto [cluster, name] = cluster_and_name(resource);
  Activity a;
  a.ActivityId = world_.rng.uuid();
  a.ServiceNamespace = "ecs";
  a.ResourceId = resource;
  a.ScalableDimension = kDimension;
  a.Description = fmt::format("Setting desired count to {}.", to);
  a.Cause = cause;
  a.StartTime = a.EndTime = world_.clock.now();
  auto done =
      world_.call<aws::ecs::op::UpdateService>(r, {.cluster = cluster, .service = name, .desiredCount = to});
  a.StatusCode = done ? "Successful" : "Failed";
  a.StatusMessage =
      done ? fmt::format("Successfully set desired count to {}. Change successfully fulfilled by ecs.", to)
           : fmt::format("Failed to set desired count to {}. Reason: {}", to, done.error().message);
  world_.event(r, "applicationautoscaling", resource,
               fmt::format("desired count {} -> {}: {}", *service->desiredCount, to, cause));
  auto& all = activities_.in(r);
  if (all.size() >= kActivities) activities_.erase(r, std::string(all.begin()->first));
  std::string key = key_of(iso8601(world_.clock.now()), *a.ActivityId);
  activities_.put(r, key, std::move(a));
}

void ApplicationAutoScalingService::into_bounds(Region r, const Target& t) {
  auto service = ecs_service(r, *t.ResourceId);
  if (!service) return;
  int32_t now = service->desiredCount.value_or(0);
  if (now < *t.MinCapacity)
    scale(r, *t.ResourceId, *t.MinCapacity, fmt::format("minimum capacity was set to {}", *t.MinCapacity));
  if (now > *t.MaxCapacity)
    scale(r, *t.ResourceId, *t.MaxCapacity, fmt::format("maximum capacity was set to {}", *t.MaxCapacity));
}

}  // namespace relight::sandbox
