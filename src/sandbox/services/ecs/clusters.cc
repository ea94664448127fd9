#include <algorithm>

#include "sandbox/services/ecs/fargate.h"
#include "sandbox/services/ecs/page.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;
namespace op = aws::ecs::op;

namespace {

bool has(const std::optional<std::vector<std::string>>& include, const char* what) {
  return include && std::find(include->begin(), include->end(), what) != include->end();
}

}  // namespace

// The counts are not kept but counted.
api::Cluster EcsService::shown(const std::string& region, const ClusterRow& row) {
  api::Cluster c = row.v;
  int running = 0, pending = 0, active = 0;
  for (auto& [key, t] : tasks_.in(region))
    if (t.v.clusterArn == c.clusterArn) {
      running += t.v.lastStatus == "RUNNING";
      pending +=
          t.v.lastStatus == "PENDING" || t.v.lastStatus == "PROVISIONING" || t.v.lastStatus == "ACTIVATING";
    }
  for (auto& [key, s] : services_.in(region))
    active += s.v.clusterArn == c.clusterArn && s.v.status != "INACTIVE";
  c.runningTasksCount = running;
  c.pendingTasksCount = pending;
  c.activeServicesCount = active;
  c.registeredContainerInstancesCount = 0;
  c.statistics.emplace();
  return c;
}

void EcsService::build_clusters() {
  on<op::CreateCluster>([this](const Call& c, const auto& in) -> Result<api::CreateClusterResponse> {
    std::string name = in.clusterName.value_or("default");
    if (!good_name(name))
      return aws_error("InvalidParameterException",
                       "Cluster name must be up to 255 letters, numbers, hyphens and underscores.");
    auto* row = clusters_.find(c.region, name);
    if (!row || row->v.status == "INACTIVE") {  // the same name again gives the cluster that is there
      ClusterRow fresh;
      fresh.v.clusterArn = arn(c.region, "cluster", name);
      fresh.v.clusterName = name;
      fresh.v.status = "ACTIVE";
      fresh.v.configuration = in.configuration;
      fresh.v.settings = in.settings;
      if (!fresh.v.settings) fresh.v.settings = {api::ClusterSetting{"containerInsights", "disabled"}};
      fresh.v.tags = in.tags;
      fresh.v.capacityProviders = in.capacityProviders.value_or(List<std::string>{});
      fresh.v.defaultCapacityProviderStrategy =
          in.defaultCapacityProviderStrategy.value_or(List<api::CapacityProviderStrategyItem>{});
      row = &clusters_.put(c.region, name, std::move(fresh));
    }
    return api::CreateClusterResponse{shown(c.region, *row)};
  });
  on<op::DescribeClusters>([this](const Call& c, const auto& in) -> Result<api::DescribeClustersResponse> {
    api::DescribeClustersResponse out;
    out.clusters.emplace(), out.failures.emplace();
    for (auto& id : in.clusters.value_or(List<std::string>{"default"})) {
      std::string name = id.starts_with("arn:") ? id.substr(id.rfind('/') + 1) : id;
      auto* row = clusters_.find(c.region, name);
      if (!row) {
        out.failures->push_back({.arn = arn(c.region, "cluster", name), .reason = "MISSING"});
        continue;
      }
      api::Cluster shown_cluster = shown(c.region, *row);
      if (!has(in.include, "TAGS")) shown_cluster.tags.emplace().clear();
      if (!has(in.include, "SETTINGS")) shown_cluster.settings.emplace().clear();
      if (!has(in.include, "CONFIGURATIONS")) shown_cluster.configuration.reset();
      out.clusters->push_back(std::move(shown_cluster));
    }
    return out;
  });
  on<op::ListClusters>([this](const Call& c, const auto& in) -> Result<api::ListClustersResponse> {
    List<std::string> arns;
    for (auto& [name, row] : clusters_.in(c.region))
      if (row.v.status == "ACTIVE") arns.push_back(*row.v.clusterArn);
    TRY_ASSIGN(Page p, page_of(std::move(arns), in.nextToken, in.maxResults, 100));
    return api::ListClustersResponse{p.items, p.next};
  });
  on<op::UpdateCluster>([this](const Call& c, const auto& in) -> Result<api::UpdateClusterResponse> {
    TRY_ASSIGN(ClusterRow * row, cluster(c.region, in.cluster));
    if (in.settings) row->v.settings = in.settings;
    if (in.configuration) row->v.configuration = in.configuration;
    clusters_.save(c.region, *row->v.clusterName, *row);
    return api::UpdateClusterResponse{shown(c.region, *row)};
  });
  on<op::UpdateClusterSettings>(
      [this](const Call& c, const auto& in) -> Result<api::UpdateClusterSettingsResponse> {
        TRY_ASSIGN(ClusterRow * row, cluster(c.region, in.cluster));
        row->v.settings = in.settings;
        clusters_.save(c.region, *row->v.clusterName, *row);
        return api::UpdateClusterSettingsResponse{shown(c.region, *row)};
      });
  on<op::PutClusterCapacityProviders>(
      [this](const Call& c, const auto& in) -> Result<api::PutClusterCapacityProvidersResponse> {
        TRY_ASSIGN(ClusterRow * row, cluster(c.region, in.cluster));
        row->v.capacityProviders = in.capacityProviders;
        row->v.defaultCapacityProviderStrategy = in.defaultCapacityProviderStrategy;
        clusters_.save(c.region, *row->v.clusterName, *row);
        return api::PutClusterCapacityProvidersResponse{shown(c.region, *row)};
      });
  on<op::DeleteCluster>([this](const Call& c, const auto& in) -> Result<api::DeleteClusterResponse> {
    TRY_ASSIGN(ClusterRow * row, cluster(c.region, in.cluster));
    api::Cluster now = shown(c.region, *row);
    if (*now.activeServicesCount > 0)
      return aws_error("ClusterContainsServicesException",
                       "The Cluster cannot be deleted while Services are active.");
    if (*now.runningTasksCount + *now.pendingTasksCount > 0)
      return aws_error("ClusterContainsTasksException",
                       "The Cluster cannot be deleted while Tasks are active.");
    now.status = "INACTIVE";
    clusters_.erase(c.region, *now.clusterName);
    return api::DeleteClusterResponse{now};
  });
}

}  // namespace relight::sandbox
