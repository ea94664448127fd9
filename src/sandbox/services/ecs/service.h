// Amazon ECS: clusters, task definitions, services and tasks on Fargate. See README.md.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/gateway/authority.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/container/container_plane.h"
#include "sandbox/services/ecs/metadata.h"
#include "sandbox/services/ecs/rows.h"
#include "sandbox/services/ecs/task_logs.h"
#include "sandbox/services/ecs/task_secrets.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

class EcsService final : public Service {
 public:
  EcsService(World& w, container::ContainerPlane& plane);
  ~EcsService() override;
  void start() override;
  void stop() override;
  void region_lost(const std::string& region) override;
  void region_restored(const std::string& region) override;
  void use(Authority& a) { authority_ = &a; }

 private:
  using Region = const std::string&;
  using Key = const std::string&;
  template <class T>
  using List = std::vector<T>;

  // registration, one file a family
  void build_clusters();
  void build_definitions();
  void build_services();
  void build_tasks();
  void build_settings();

  Result<> may_pass_roles(const Call& c, const ecs::api::TaskDefinition& d);

  // ---- lookups; errors are ECS's ----
  Result<ecs::ClusterRow*> cluster(Region r, const std::optional<std::string>& id);
  Result<ecs::DefinitionRow*> definition(Region r, const std::string& id, bool must_be_active);
  Result<ecs::ServiceRow*> service(Region r, const std::string& cluster, const std::string& id);
  std::string arn(Region r, std::string_view kind, std::string_view rest) const;
  std::vector<ecs::TaskRow*> tasks_of(Region r, Key service_key);
  Result<std::optional<List<ecs::api::Tag>>*> tags_at(Region r, const std::string& arn);
  Result<ecs::api::RegisterTaskDefinitionResponse> register_definition(
      const Call& c, const ecs::api::RegisterTaskDefinitionRequest& in);
  ecs::api::Cluster shown(Region r, const ecs::ClusterRow& row);

  // ---- services (services.cc, deployment.cc) ----
  Result<ecs::api::CreateServiceResponse> create_service(const Call& c,
                                                         const ecs::api::CreateServiceRequest& in);
  Result<ecs::api::UpdateServiceResponse> update_service(const Call& c,
                                                         const ecs::api::UpdateServiceRequest& in);
  Result<ecs::api::DeleteServiceResponse> delete_service(const Call& c,
                                                         const ecs::api::DeleteServiceRequest& in);
  Result<> check_load_balancers(Region r, const List<ecs::api::LoadBalancer>& lbs,
                                const ecs::api::TaskDefinition& d);
  void new_deployment(ecs::ServiceRow& s);
  void say(ecs::ServiceRow& s, const std::string& message);
  // Brings a service's tasks nearer to what it wants; safe at any time, as often as one likes.
  void reconcile(Region r, Key service_key);
  void count(Region r, Key key, ecs::ServiceRow& s);
  int start_wanted(Region r, Key key, ecs::ServiceRow& s, const std::vector<ecs::TaskRow*>& live);
  void stop_unwanted(Region r, Key key, ecs::ServiceRow& s, const std::vector<ecs::TaskRow*>& live);
  void settle(Region r, Key key, ecs::ServiceRow& s);
  void task_failed(Region r, ecs::TaskRow& t);
  void save(Region r, Key key, ecs::ServiceRow& s) { services_.save(r, key, s); }

  // ---- tasks (tasks.cc, lifecycle.cc, launch.cc) ----
  struct Order {  // what a new task is made from
    std::string cluster, definition_arn, group, started_by, service_key, deployment;
    std::optional<ecs::api::NetworkConfiguration> network;
    std::optional<ecs::api::TaskOverride> overrides;
    std::optional<List<ecs::api::Tag>> tags;
    std::string launch_type = "FARGATE", platform_version = "1.4.0";
  };
  Result<ecs::TaskRow*> add_task(Region r, const Order& order);
  // Fargate's quota of vCPUs: whether one more task of this definition fits (quota.cc). Error "ClientException".
  Result<> within_quota(Region r, const ecs::api::TaskDefinition& d);
  void place_again(Region r, Key service_key);  // a task that could not be placed is tried again
  void to_pending(Region r, Key key);
  void started(Region r, Key key, const Result<std::vector<std::string>>& digests);
  void running(Region r, Key key);
  void stop_task(Region r, Key key, const std::string& code, const std::string& reason);
  void stop_containers(Region r, Key key);
  void stopped(Region r, Key key);
  void exited(const std::string& container_id, int exit_code);
  void forget_later(Region r, Key key, Millis in);
  void relaunch(Region r, Key key);
  std::vector<container::Spec> specs(Region r, Key key, const ecs::TaskRow& t,
                                     const ecs::api::TaskDefinition& d,
                                     const std::map<std::string, ecs::Environment>& secrets);
  void targets(Region r, const ecs::TaskRow& t, bool add);
  void set_status(Region r, Key key, ecs::TaskRow& t, const std::string& status);
  void save(Region r, Key key, ecs::TaskRow& t) { tasks_.save(r, key, t); }
  std::string address_of(const ecs::TaskRow& t) const;

  // ---- what containers write (log_follow.cc) ----
  void follow_logs(Region r);   // begins, unless it is under way
  void collect_logs(Region r);  // what is new in the files of all tasks with awslogs

  // ---- health (health.cc) ----
  void check_container(Region r, Key key, size_t index, int failures);
  void container_health(Region r, Key key, size_t index, bool ok, int failures);
  void watch_targets(Region r, Key service_key);
  bool look_at_targets(Region r, Key service_key,
                       ecs::ServiceRow& s);  // true: all live tasks' targets are healthy
  bool healthy(const ecs::TaskRow& t) const;

  // As World::after, but forgotten when the region is lost meanwhile.
  void later(Region r, Millis delay, std::function<void()> f);
  void work(Region r, std::function<void()> blocking, std::function<void()> done);
  void resume(Region r);
  MetadataAnswer metadata(const MetadataQuery& q);

  container::ContainerPlane& plane_;
  Table<ecs::ClusterRow> clusters_;
  Table<ecs::DefinitionRow> definitions_;
  Table<ecs::ServiceRow> services_;
  Table<ecs::TaskRow> tasks_;
  Table<ecs::SettingRow> settings_;
  std::map<std::string, int> generation_;                             // of a region: raised by its loss
  std::map<std::string, std::pair<std::string, std::string>> owner_;  // container id -> region, task key
  std::map<std::string, std::string> target_health_;                  // task key -> healthy, initial, …
  std::map<std::string, std::pair<std::string, std::string>>
      secret_paths_;                              // credentials id -> region, task key
  std::map<std::string, Principal> credentials_;  // task key -> what it was given
  std::set<std::string> unplaced_;                // "REGION|SERVICE": a task is to be placed again
  std::set<std::string> following_;               // regions whose logs are being followed
  std::map<std::string, std::string> log_ends_;   // container -> Tail::last; its offset is in the task's row
  std::set<std::string> watched_;                 // services with a target poll under way
  std::unique_ptr<MetadataServer> metadata_;
  Authority* authority_ = nullptr;  // none: nobody is refused
};

}  // namespace relight::sandbox
