#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;

EcsService::EcsService(World& w, container::ContainerPlane& plane)
    : Service(w, aws::ecs::model()),
      plane_(plane),
      clusters_(w, "ecs/clusters"),
      definitions_(w, "ecs/definitions"),
      services_(w, "ecs/services"),
      tasks_(w, "ecs/tasks"),
      settings_(w, "ecs/settings") {
  build_clusters();
  build_definitions();
  build_services();
  build_tasks();
  build_settings();
}

EcsService::~EcsService() { plane_.on_exit(nullptr); }

void EcsService::start() {
  plane_.on_exit([this](const std::string& id, int code) {
    world_.after(Millis{0}, [this, id, code] { exited(id, code); });
  });
  auto server =
      MetadataServer::start([this](const MetadataQuery& q, std::function<void(MetadataAnswer)> answer) {
        world_.after(Millis{0}, [this, q, answer = std::move(answer)] { answer(metadata(q)); });
      });
  if (server) metadata_ = std::move(*server);  // without it tasks run, but without credentials
  for (auto& r : world_.settings.regions)
    if (world_.links().up(r)) resume(r);
}

void EcsService::stop() {
  plane_.on_exit(nullptr);
  metadata_.reset();
  for (auto& r : world_.settings.regions) ++generation_[r];
  for (auto& [id, owner] : owner_) plane_.kill(id);
}

void EcsService::region_lost(const std::string& region) {
  ++generation_[region];
  for (auto& [id, owner] : owner_)
    if (owner.first == region) plane_.kill(id);
  std::erase_if(watched_, [&](auto& w) { return w.starts_with(region + "|"); });
  std::erase_if(unplaced_, [&](auto& u) { return u.starts_with(region + "|"); });
  following_.erase(region);
}

void EcsService::region_restored(const std::string& region) { resume(region); }

// Every task goes on from the state that its row is in; what ran runs again, as it was.
void EcsService::resume(const std::string& region) {
  for (auto& [key, t] : tasks_.in(region)) {
    const std::string status = t.v.lastStatus.value_or("STOPPED"), k = key;
    if (status == "STOPPED") {
      forget_later(region, k, std::chrono::hours(1));
    } else if (t.v.desiredStatus == "STOPPED") {
      later(region, Millis{0}, [this, region, k] { stop_containers(region, k); });
    } else if (status == "PROVISIONING") {
      later(region, Millis{0}, [this, region, k] { to_pending(region, k); });
    } else {
      relaunch(region, k);
    }
  }
  follow_logs(region);
  for (auto& [key, s] : services_.in(region)) {
    later(region, Millis{0}, [this, region, k = key] { reconcile(region, k); });
    watch_targets(region, key);
  }
}

void EcsService::later(const std::string& region, Millis delay, std::function<void()> f) {
  world_.after(delay, [this, region, was = generation_[region], f = std::move(f)] {
    if (generation_[region] == was) f();
  });
}

void EcsService::work(const std::string& region, std::function<void()> blocking, std::function<void()> done) {
  world_.work(std::move(blocking), [this, region, was = generation_[region], done = std::move(done)] {
    if (generation_[region] == was) done();
  });
}

std::string EcsService::arn(const std::string& region, std::string_view kind, std::string_view rest) const {
  return "arn:aws:ecs:" + region + ":" + world_.account() + ":" + std::string(kind) + "/" + std::string(rest);
}

Result<ClusterRow*> EcsService::cluster(const std::string& region, const std::optional<std::string>& id) {
  std::string name = id.value_or("default");
  if (name.starts_with("arn:")) name = name.substr(name.rfind('/') + 1);
  auto* row = clusters_.find(region, name);
  if (!row || row->v.status == "INACTIVE") return aws_error("ClusterNotFoundException", "Cluster not found.");
  return row;
}

// "family" (the newest active revision), "family:3" or an ARN.
Result<DefinitionRow*> EcsService::definition(const std::string& region, const std::string& id,
                                              bool must_be_active) {
  std::string name = id.starts_with("arn:") ? id.substr(id.rfind('/') + 1) : id;
  DefinitionRow* found = name.find(':') == std::string::npos ? nullptr : definitions_.find(region, name);
  if (name.find(':') == std::string::npos)
    for (auto& [key, row] : definitions_.in(region)) {
      auto& d = *row.v.taskDefinition;
      if (*d.family == name && *d.status == "ACTIVE" &&
          (!found || *d.revision > *found->v.taskDefinition->revision))
        found = &row;
    }
  if (!found) return aws_error("ClientException", "Unable to describe task definition.");
  if (must_be_active && *found->v.taskDefinition->status != "ACTIVE")
    return aws_error("ClientException", "TaskDefinition is inactive");
  return found;
}

Result<ServiceRow*> EcsService::service(const std::string& region, const std::string& cluster_name,
                                        const std::string& id) {
  std::string name = id.starts_with("arn:") ? id.substr(id.rfind('/') + 1) : id;
  auto* row = services_.find(region, cluster_name + "/" + name);
  if (!row) return aws_error("ServiceNotFoundException", "Service not found.");
  return row;
}

std::vector<TaskRow*> EcsService::tasks_of(const std::string& region, const std::string& service_key) {
  std::vector<TaskRow*> out;
  for (auto& [key, t] : tasks_.in(region))
    if (auto it = t.x.find("service"); it != t.x.end() && it->second == service_key) out.push_back(&t);
  return out;
}

}  // namespace relight::sandbox
