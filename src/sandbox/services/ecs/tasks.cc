// Tasks as callers see them: run, stop, describe, list.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/ecs/page.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;
namespace op = aws::ecs::op;

namespace {

constexpr size_t kTasksMax = 1000;  // of a region, those under way; AWS's quota for Fargate is of that order

std::string id_of(const std::string& task) { return task.substr(task.rfind('/') + 1); }

api::Attachment interface(Rng& rng, const std::string& address, const std::string& subnet) {
  std::string mac = "02";
  for (int i = 0; i < 5; ++i) mac += ":" + rng.hex(2);
  std::string dashed = address;
  std::replace(dashed.begin(), dashed.end(), '.', '-');
  return {.id = rng.uuid(),
          .type = "ElasticNetworkInterface",
          .status = "PRECREATED",
          .details = std::vector<api::KeyValuePair>{{"subnetId", subnet},
                                                    {"networkInterfaceId", "eni-" + rng.hex(17)},
                                                    {"macAddress", mac},
                                                    {"privateDnsName", "ip-" + dashed + ".ec2.internal"},
                                                    {"privateIPv4Address", address}}};
}

}  // namespace

std::string EcsService::address_of(const TaskRow& t) const {
  for (auto& a : *t.v.attachments)
    for (auto& d : *a.details)
      if (d.name == "privateIPv4Address") return *d.value;
  return {};
}

Result<TaskRow*> EcsService::add_task(const std::string& region, const Order& o) {
  auto& all = tasks_.in(region);
  size_t under_way =
      std::count_if(all.begin(), all.end(), [](auto& t) { return t.second.v.lastStatus != "STOPPED"; });
  if (under_way >= kTasksMax)
    return aws_error("ClientException",
                     "You've reached the limit on the number of tasks you can run concurrently");
  TRY_ASSIGN(DefinitionRow * def, definition(region, o.definition_arn, false));
  auto& d = *def->v.taskDefinition;
  TRY(within_quota(region, d));
  std::string id = world_.rng.hex(32), key = o.cluster + "/" + id;
  TRY_ASSIGN(std::string address, world_.take_address(region, "ecs/" + key));
  auto subnets = o.network && o.network->awsvpcConfiguration
                     ? o.network->awsvpcConfiguration->subnets.value_or(List<std::string>{})
                     : List<std::string>{};
  size_t turn = subnets.empty() ? 0 : tasks_.in(region).size() % subnets.size();
  TaskRow row;
  auto& t = row.v;
  t.taskArn = arn(region, "task", key);
  t.clusterArn = arn(region, "cluster", o.cluster);
  t.taskDefinitionArn = d.taskDefinitionArn;
  t.attachments = {interface(world_.rng, address, subnets.empty() ? "subnet-00000000" : subnets[turn])};
  t.attributes.emplace();
  t.availabilityZone = region + static_cast<char>('a' + turn % 3);  // by turn: zones mean nothing on loopback
  t.connectivity = "CONNECTED";
  t.connectivityAt = t.createdAt = world_.clock.now();
  t.cpu = d.cpu, t.memory = d.memory;
  t.desiredStatus = "RUNNING", t.lastStatus = "PROVISIONING", t.healthStatus = "UNKNOWN";
  t.group = o.group, t.startedBy = o.started_by.empty() ? std::nullopt : std::optional(o.started_by);
  t.launchType = o.launch_type, t.platformVersion = o.platform_version, t.platformFamily = "Linux";
  t.overrides = o.overrides.value_or(api::TaskOverride{});
  t.tags = o.tags;
  t.version = 1;
  t.enableExecuteCommand = false;
  t.ephemeralStorage = d.ephemeralStorage.value_or(api::EphemeralStorage{20});
  t.containers.emplace();
  for (auto& c : *d.containerDefinitions) {
    auto& shown_container = t.containers->emplace_back();
    shown_container.containerArn = arn(region, "container", key + "/" + world_.rng.uuid());
    shown_container.taskArn = t.taskArn;
    shown_container.name = c.name, shown_container.image = c.image;
    shown_container.lastStatus = "PENDING", shown_container.healthStatus = "UNKNOWN";
    shown_container.cpu = std::to_string(c.cpu.value_or(0));
    shown_container.networkInterfaces = {api::NetworkInterface{(*t.attachments)[0].id, address, {}}};
    if (c.healthCheck) row.x["checked"] = "1";
  }
  if (!o.service_key.empty()) row.x["service"] = o.service_key, row.x["deployment"] = o.deployment;
  auto& kept = tasks_.put(region, key, std::move(row));
  later(region, world_.pace(std::chrono::seconds(8)), [this, region, key] { to_pending(region, key); });
  return &kept;
}

// Whoever runs a task hands its definition's roles to it: iam:PassRole is a dependent action of RunTask ("Actions,
// resources, and condition keys for Amazon Elastic Container Service", Service Authorization Reference).
Result<> EcsService::may_pass_roles(const Call& c, const api::TaskDefinition& d) {
  if (!authority_ || c.principal.empty()) return {};  // empty: the sandbox's own doing
  for (auto* role : {&d.taskRoleArn, &d.executionRoleArn}) {
    auto name = role->value_or("");
    if (name.empty()) continue;
    if (!name.starts_with("arn:")) name = fmt::format("arn:aws:iam::{}:role/{}", world_.account(), name);
    TRY(authority_->permit_action(c, model(), "iam:PassRole", name,
                                  {{"iam:PassedToService", "ecs-tasks.amazonaws.com"}}));
  }
  return {};
}

void EcsService::build_tasks() {
  on<op::RunTask>([this](const Call& c, const api::RunTaskRequest& in) -> Result<api::RunTaskResponse> {
    TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
    TRY_ASSIGN(DefinitionRow * def, definition(c.region, *in.taskDefinition, true));
    auto& d = *def->v.taskDefinition;
    int count = in.count.value_or(1);
    if (count < 1 || count > 10) return aws_error("InvalidParameterException", "count must be between 1 and 10.");
    if (d.networkMode == "awsvpc" &&
        (!in.networkConfiguration || !in.networkConfiguration->awsvpcConfiguration))
      return aws_error("InvalidParameterException",
                       "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
    TRY(may_pass_roles(c, d));
    Order o;
    o.cluster = *cl->v.clusterName;
    o.definition_arn = *d.taskDefinitionArn;
    o.group = in.group.value_or("family:" + *d.family);
    o.started_by = in.startedBy.value_or("");
    o.network = in.networkConfiguration;
    o.overrides = in.overrides;
    o.tags = in.propagateTags == "TASK_DEFINITION" && !in.tags ? def->v.tags : in.tags;
    api::RunTaskResponse out;
    out.tasks.emplace(), out.failures.emplace();
    for (int i = 0; i < count; ++i) {
      auto t = add_task(c.region, o);
      if (t)
        out.tasks->push_back((*t)->v);
      else
        out.failures->push_back(
            {.arn = cl->v.clusterArn, .reason = "RESOURCE:FARGATE", .detail = t.error().message});
    }
    return out;
  });
  on<op::StopTask>([this](const Call& c, const auto& in) -> Result<api::StopTaskResponse> {
    TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
    std::string key = *cl->v.clusterName + "/" + id_of(*in.task);
    auto* t = tasks_.find(c.region, key);
    if (!t) return aws_error("InvalidParameterException", "The referenced task was not found.");
    stop_task(c.region, key, "UserInitiated", in.reason.value_or("Task stopped by user"));
    return api::StopTaskResponse{t->v};
  });
  on<op::DescribeTasks>([this](const Call& c, const auto& in) -> Result<api::DescribeTasksResponse> {
    TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
    if (in.tasks->empty() || in.tasks->size() > 100)
      return aws_error("InvalidParameterException", "Between 1 and 100 tasks can be described at once.");
    bool tags = in.include && std::find(in.include->begin(), in.include->end(), "TAGS") != in.include->end();
    api::DescribeTasksResponse out;
    out.tasks.emplace(), out.failures.emplace();
    for (auto& task : *in.tasks) {
      auto* t = tasks_.find(c.region, *cl->v.clusterName + "/" + id_of(task));
      if (!t) {
        out.failures->push_back(
            {.arn = arn(c.region, "task", *cl->v.clusterName + "/" + id_of(task)), .reason = "MISSING"});
        continue;
      }
      auto& shown_task = out.tasks->emplace_back(t->v);
      if (!tags) shown_task.tags.emplace().clear();
    }
    return out;
  });
  on<op::ListTasks>([this](const Call& c, const auto& in) -> Result<api::ListTasksResponse> {
    TRY_ASSIGN(ClusterRow * cl, cluster(c.region, in.cluster));
    std::string wanted = in.desiredStatus.value_or("RUNNING"), service_key;
    if (in.serviceName) {
      TRY_ASSIGN(ServiceRow * s, service(c.region, *cl->v.clusterName, *in.serviceName));
      service_key = *cl->v.clusterName + "/" + *s->v.serviceName;
    }
    List<std::string> arns;
    for (auto& [key, t] : tasks_.in(c.region)) {
      auto of_service = t.x.find("service");
      std::string definition_name = id_of(*t.v.taskDefinitionArn);
      bool match = t.v.clusterArn == cl->v.clusterArn && t.v.desiredStatus == wanted &&
                   (!in.family || definition_name.starts_with(*in.family + ":")) &&
                   (!in.startedBy || in.startedBy == t.v.startedBy) &&
                   (!in.launchType || in.launchType == t.v.launchType) &&
                   (service_key.empty() || (of_service != t.x.end() && of_service->second == service_key));
      if (match) arns.push_back(*t.v.taskArn);
    }
    TRY_ASSIGN(Page p, page_of(std::move(arns), in.nextToken, in.maxResults, 100));
    return api::ListTasksResponse{p.items, p.next};
  });
}

}  // namespace relight::sandbox
