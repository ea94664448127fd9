#include <algorithm>

#include "sandbox/services/ecs/fargate.h"
#include "sandbox/services/ecs/page.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;
namespace op = aws::ecs::op;

// What ECS fills in ("RegisterTaskDefinition", docs.aws.amazon.com/AmazonECS/latest/APIReference).
static api::TaskDefinition filled_in(const api::RegisterTaskDefinitionRequest& in) {
  api::TaskDefinition d;
  d.containerDefinitions = in.containerDefinitions;
  for (auto& c : *d.containerDefinitions) {
    if (!c.cpu) c.cpu = 0;
    if (!c.essential) c.essential = true;
    if (!c.mountPoints) c.mountPoints.emplace();
    if (!c.environment) c.environment.emplace();
    if (!c.volumesFrom) c.volumesFrom.emplace();
    if (!c.portMappings) c.portMappings.emplace();
    for (auto& p : *c.portMappings) {
      if (!p.hostPort && in.networkMode == "awsvpc") p.hostPort = p.containerPort;
      if (!p.protocol) p.protocol = "tcp";
    }
  }
  d.family = in.family;
  d.taskRoleArn = in.taskRoleArn;
  d.executionRoleArn = in.executionRoleArn;
  d.networkMode = in.networkMode;
  d.volumes = in.volumes.value_or(std::vector<api::Volume>{});
  d.status = "ACTIVE";
  d.placementConstraints =
      in.placementConstraints.value_or(std::vector<api::TaskDefinitionPlacementConstraint>{});
  d.runtimePlatform = in.runtimePlatform;
  d.requiresCompatibilities = in.requiresCompatibilities;
  d.compatibilities = std::vector<std::string>{"EC2"};
  if (in.networkMode == "awsvpc") d.compatibilities->push_back("FARGATE");
  if (in.cpu) d.cpu = std::to_string(cpu_units(*in.cpu));
  if (in.memory) d.memory = std::to_string(memory_mib(*in.memory));
  d.pidMode = in.pidMode;
  d.ipcMode = in.ipcMode;
  d.proxyConfiguration = in.proxyConfiguration;
  d.ephemeralStorage = in.ephemeralStorage;
  return d;
}

Result<api::RegisterTaskDefinitionResponse> EcsService::register_definition(
    const Call& c, const api::RegisterTaskDefinitionRequest& in) {
  TRY(check_definition(in));
  DefinitionRow row;
  auto& d = row.v.taskDefinition.emplace(filled_in(in));
  int revision = 1;
  for (auto& [key, other] : definitions_.in(c.region))
    if (other.v.taskDefinition->family == d.family)
      revision = std::max(revision, *other.v.taskDefinition->revision + 1);
  d.revision = revision;
  std::string key = *d.family + ":" + std::to_string(revision);
  d.taskDefinitionArn = arn(c.region, "task-definition", key);
  d.registeredAt = world_.clock.now();
  d.registeredBy = c.principal;
  row.v.tags = in.tags;
  auto& kept = definitions_.put(c.region, key, std::move(row));
  return api::RegisterTaskDefinitionResponse{kept.v.taskDefinition, kept.v.tags};
}

void EcsService::build_definitions() {
  on<op::RegisterTaskDefinition>(
      [this](const Call& c, const auto& in) { return register_definition(c, in); });
  on<op::DescribeTaskDefinition>([this](const Call& c,
                                        const auto& in) -> Result<api::DescribeTaskDefinitionResponse> {
    TRY_ASSIGN(DefinitionRow * row, definition(c.region, *in.taskDefinition, false));
    api::DescribeTaskDefinitionResponse out = row->v;
    bool tags = in.include && std::find(in.include->begin(), in.include->end(), "TAGS") != in.include->end();
    if (!tags) out.tags.reset();
    return out;
  });
  on<op::DeregisterTaskDefinition>(
      [this](const Call& c, const auto& in) -> Result<api::DeregisterTaskDefinitionResponse> {
        if (in.taskDefinition->substr(in.taskDefinition->rfind('/') + 1).find(':') == std::string::npos)
          return aws_error("InvalidParameterException", "Revision is missing.");
        TRY_ASSIGN(DefinitionRow * row, definition(c.region, *in.taskDefinition, false));
        auto& d = *row->v.taskDefinition;
        d.status = "INACTIVE";
        d.deregisteredAt = world_.clock.now();
        definitions_.save(c.region, *d.family + ":" + std::to_string(*d.revision), *row);
        return api::DeregisterTaskDefinitionResponse{d};
      });
  on<op::ListTaskDefinitions>(
      [this](const Call& c, const auto& in) -> Result<api::ListTaskDefinitionsResponse> {
        List<const api::TaskDefinition*> found;
        for (auto& [key, row] : definitions_.in(c.region)) {
          auto& d = *row.v.taskDefinition;
          if (*d.status == in.status.value_or("ACTIVE") && (!in.familyPrefix || d.family == in.familyPrefix))
            found.push_back(&d);
        }
        std::sort(found.begin(), found.end(), [](auto* a, auto* b) {
          return std::tie(*a->family, *a->revision) < std::tie(*b->family, *b->revision);
        });
        if (in.sort == "DESC") std::reverse(found.begin(), found.end());
        List<std::string> arns;
        for (auto* d : found) arns.push_back(*d->taskDefinitionArn);
        TRY_ASSIGN(Page p, page_of(std::move(arns), in.nextToken, in.maxResults, 100));
        return api::ListTaskDefinitionsResponse{p.items, p.next};
      });
  on<op::ListTaskDefinitionFamilies>(
      [this](const Call& c, const auto& in) -> Result<api::ListTaskDefinitionFamiliesResponse> {
        std::map<std::string, bool> active;
        for (auto& [key, row] : definitions_.in(c.region))
          active[*row.v.taskDefinition->family] |= *row.v.taskDefinition->status == "ACTIVE";
        List<std::string> names;
        std::string wanted = in.status.value_or("ALL");
        for (auto& [family, is_active] : active)
          if (family.starts_with(in.familyPrefix.value_or("")) &&
              (wanted == "ALL" || (wanted == "ACTIVE") == is_active))
            names.push_back(family);
        TRY_ASSIGN(Page p, page_of(std::move(names), in.nextToken, in.maxResults, 100));
        return api::ListTaskDefinitionFamiliesResponse{p.items, p.next};
      });
}

}  // namespace relight::sandbox
