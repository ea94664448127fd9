// One task's walk through AWS's states ("Amazon ECS task lifecycle" of the developer guide):
// PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED.
#include <algorithm>
#include <filesystem>

#include "aws/gen/elbv2.h"
#include "sandbox/services/ecs/service.h"
#include "sandbox/services/ecs/task_images.h"

namespace relight::sandbox {

using namespace ecs;

namespace {

constexpr auto kStoppedKept = std::chrono::hours(1);
constexpr size_t kStoppedMax = 300;  // of a region

std::string task_id(const std::string& key) { return key.substr(key.find('/') + 1); }
std::string container_id(const std::string& key, size_t index) {
  return task_id(key) + "-" + std::to_string(index);
}

}  // namespace

void EcsService::set_status(const std::string& region, const std::string& key, TaskRow& t,
                            const std::string& status) {
  t.v.lastStatus = status;
  t.v.version = t.v.version.value_or(0) + 1;
  save(region, key, t);
}

void EcsService::to_pending(const std::string& region, const std::string& key) {
  auto* t = tasks_.find(region, key);
  if (!t || t->v.desiredStatus == "STOPPED") return;
  auto def = definition(region, *t->v.taskDefinitionArn, false);
  if (!def) {
    task_failed(region, *t);
    return stop_task(region, key, "TaskFailedToStart", def.error().message);
  }
  (*t->v.attachments)[0].status = "ATTACHED";
  t->v.pullStartedAt = world_.clock.now();
  set_status(region, key, *t, "PENDING");
  relaunch(region, key);
}

// Starts the task's containers, for the first time or again after the sandbox or the region came back.
void EcsService::relaunch(const std::string& region, const std::string& key) {
  auto* t = tasks_.find(region, key);
  auto def = definition(region, t ? *t->v.taskDefinitionArn : "", false);
  if (!t || !def) return;
  auto secrets = fetch_secrets(world_, region, *(*def)->v.taskDefinition);
  auto streams = log_targets(*(*def)->v.taskDefinition, task_id(key));
  auto ready = secrets ? open_log_streams(world_, region, streams) : Result<>(std::unexpected(secrets.error()));
  if (!ready) {
    task_failed(region, *t);
    return stop_task(region, key, "TaskFailedToStart", ready.error().message);
  }
  if (!streams.empty()) {
    t->x["logs"] = "open";
    follow_logs(region);
  }
  auto what = specs(region, key, *t, *(*def)->v.taskDefinition, *secrets);
  if (auto found = find_images(world_, region, what); !found) {
    for (auto& c : *t->v.containers) c.reason = found.error().message;
    task_failed(region, *t);
    return stop_task(region, key, "TaskFailedToStart", found.error().message);
  }
  for (auto& s : what) owner_[s.id] = {region, key};
  auto outcome = std::make_shared<Result<std::vector<std::string>>>();
  work(
      region,
      [this, what, outcome] {
        std::vector<std::string> digests;
        for (auto& s : what) {
          plane_.remove(s.id);  // an earlier life of the same task
          auto digest = plane_.pull(s.image);
          auto ok = digest ? plane_.start(s) : Result<>(std::unexpected(digest.error()));
          if (!ok) {
            *outcome = std::unexpected(ok.error());
            return;
          }
          digests.push_back(*digest);
        }
        *outcome = std::move(digests);
      },
      [this, region, key, outcome] { started(region, key, *outcome); });
}

void EcsService::started(const std::string& region, const std::string& key,
                         const Result<std::vector<std::string>>& digests) {
  auto* t = tasks_.find(region, key);
  if (!t) return;
  if (t->v.desiredStatus == "STOPPED") return stop_containers(region, key);
  if (!digests) {
    bool pull = digests.error().code.starts_with("Container.ImageNotFound") ||
                digests.error().code.starts_with("Container.Bad");
    std::string reason =
        (pull ? "CannotPullContainerError: " : "CannotStartContainerError: ") + digests.error().message;
    for (auto& c : *t->v.containers) c.reason = reason;
    task_failed(region, *t);
    return stop_task(region, key, "TaskFailedToStart", reason);
  }
  bool again = t->v.lastStatus == "RUNNING";  // after a restart: nobody saw it stop
  for (size_t i = 0; i < t->v.containers->size(); ++i) {
    auto& c = (*t->v.containers)[i];
    if (c.lastStatus == "STOPPED") continue;
    c.lastStatus = "RUNNING";
    c.imageDigest = (*digests)[i];
    c.runtimeId = container_id(key, i);
  }
  if (again) {
    targets(region, *t, true);
    save(region, key, *t);
    for (size_t i = 0; i < t->v.containers->size(); ++i) check_container(region, key, i, 0);
    world_.event(region, "ecs", task_id(key), "task running again");
    return;
  }
  t->v.pullStoppedAt = world_.clock.now();
  set_status(region, key, *t, "ACTIVATING");
  later(region, world_.pace(std::chrono::seconds(2)), [this, region, key] { running(region, key); });
}

void EcsService::running(const std::string& region, const std::string& key) {
  auto* t = tasks_.find(region, key);
  if (!t || t->v.lastStatus != "ACTIVATING" || t->v.desiredStatus == "STOPPED") return;
  targets(region, *t, true);
  auto of_service = t->x.find("service");
  auto* s = of_service == t->x.end() ? nullptr : services_.find(region, of_service->second);
  if (s && !s->v.loadBalancers->empty()) t->x["balanced"] = "1";  // well only once its targets are
  t->v.startedAt = world_.clock.now();
  set_status(region, key, *t, "RUNNING");
  world_.event(region, "ecs", task_id(key), "task running");
  for (size_t i = 0; i < t->v.containers->size(); ++i) check_container(region, key, i, 0);
  if (auto it = t->x.find("service"); it != t->x.end()) {
    watch_targets(region, it->second);
    reconcile(region, it->second);
  }
}

// Registers or deregisters the task with its service's target groups.
void EcsService::targets(const std::string& region, const TaskRow& t, bool add) {
  auto it = t.x.find("service");
  auto* s = it == t.x.end() ? nullptr : services_.find(region, it->second);
  if (!s) return;
  for (auto& lb : *s->v.loadBalancers) {
    std::vector<aws::elbv2::TargetDescription> targets{{.Id = address_of(t), .Port = lb.containerPort}};
    Result<> r;
    if (add) {
      auto a = world_.call<aws::elbv2::op::RegisterTargets>(region, {lb.targetGroupArn, targets});
      if (!a) r = std::unexpected(a.error());
    } else {
      auto a = world_.call<aws::elbv2::op::DeregisterTargets>(region, {lb.targetGroupArn, targets});
      if (!a) r = std::unexpected(a.error());
    }
    say(*s, r ? std::string(add ? "registered" : "deregistered") + " 1 targets in (target-group " +
                    *lb.targetGroupArn + ")"
              : "failed to " + std::string(add ? "register" : "deregister") + " targets in (target-group " +
                    *lb.targetGroupArn + ") with (error " + r.error().message + ")");
    save(region, it->second, *s);
  }
}

void EcsService::stop_task(const std::string& region, const std::string& key, const std::string& code,
                           const std::string& reason) {
  auto* t = tasks_.find(region, key);
  if (!t || t->v.desiredStatus == "STOPPED") return;
  bool starting =
      t->v.lastStatus == "PENDING" && code != "TaskFailedToStart";  // started() takes it from there
  t->v.desiredStatus = "STOPPED";
  t->v.stopCode = code;
  t->v.stoppedReason = reason;
  t->v.stoppingAt = world_.clock.now();
  bool registered = t->v.lastStatus == "RUNNING";
  target_health_.erase(key);
  if (registered) targets(region, *t, false);
  set_status(region, key, *t, starting ? "PENDING" : registered ? "DEACTIVATING" : "STOPPING");
  if (auto it = t->x.find("service"); it != t->x.end())  // a replacement does not wait for the end
    later(region, Millis{0}, [this, region, k = it->second] { reconcile(region, k); });
  // AWS lets connections drain for the target group's deregistration delay; `unverified`: a fixed pace here.
  if (!starting)
    later(region, registered ? world_.pace(std::chrono::seconds(10)) : Millis{0},
          [this, region, key] { stop_containers(region, key); });
}

void EcsService::stop_containers(const std::string& region, const std::string& key) {
  auto* t = tasks_.find(region, key);
  if (!t) return;
  set_status(region, key, *t, "STOPPING");
  auto def = definition(region, *t->v.taskDefinitionArn, false);
  std::vector<std::pair<std::string, Millis>> ends;
  for (size_t i = 0; i < t->v.containers->size(); ++i) {
    Millis grace = std::chrono::seconds(30);
    if (def) {
      auto& c = (*(*def)->v.taskDefinition->containerDefinitions)[i];
      grace = std::chrono::seconds(c.stopTimeout.value_or(30));
    }
    ends.emplace_back(container_id(key, i), grace);
  }
  work(
      region,
      [this, ends] {
        for (auto& [id, grace] : ends) plane_.stop(id, grace);
        for (auto& [id, grace] : ends) plane_.remove(id);
      },
      [this, region, key] {
        if (auto* t = tasks_.find(region, key)) {
          t->v.executionStoppedAt = world_.clock.now();
          set_status(region, key, *t, "DEPROVISIONING");
          later(region, world_.pace(std::chrono::seconds(8)), [this, region, key] { stopped(region, key); });
        }
      });
}

void EcsService::stopped(const std::string& region, const std::string& key) {
  auto* t = tasks_.find(region, key);
  if (!t || t->v.lastStatus == "STOPPED") return;
  t->v.stoppedAt = world_.clock.now();
  t->v.connectivity.reset();
  (*t->v.attachments)[0].status = "DELETED";
  for (size_t i = 0; i < t->v.containers->size(); ++i) {
    (*t->v.containers)[i].lastStatus = "STOPPED";
    owner_.erase(container_id(key, i));
  }
  set_status(region, key, *t, "STOPPED");
  world_.release_address(region, "ecs/" + key);
  if (auto c = credentials_.find(key); c != credentials_.end()) {
    world_.drop_principal(c->second.access_key);
    credentials_.erase(c);
  }
  std::erase_if(secret_paths_, [&](auto& p) { return p.second == std::pair(region, key); });
  world_.event(region, "ecs", task_id(key), "task stopped: " + t->v.stoppedReason.value_or(""));
  forget_later(region, key, kStoppedKept);
  if (auto it = t->x.find("service"); it != t->x.end()) {
    std::string service_key = it->second;
    reconcile(region, service_key);
  }
}

// Stopped tasks stay visible for an hour, unless there are too many.
void EcsService::forget_later(const std::string& region, const std::string& key, Millis in) {
  auto forget = [this, region](const std::string& k) {
    auto* t = tasks_.find(region, k);
    if (!t || t->v.lastStatus != "STOPPED") return;
    std::error_code ignored;
    for (auto& c : *t->v.containers)
      std::filesystem::remove(
          world_.dir(region, "ecs") + "/" + task_id(k) + "-" + c.name.value_or("") + ".log", ignored);
    tasks_.erase(region, k);
  };
  later(region, in, [forget, key] { forget(key); });
  std::vector<std::pair<Instant, std::string>> old;
  for (auto& [k, t] : tasks_.in(region))
    if (t.v.lastStatus == "STOPPED") old.emplace_back(t.v.stoppedAt.value_or(Instant{}), k);
  std::sort(old.begin(), old.end());
  for (size_t i = 0; i + kStoppedMax < old.size(); ++i)
    later(region, Millis{0}, [forget, k = old[i].second] { forget(k); });
}

void EcsService::exited(const std::string& id, int exit_code) {
  auto owner = owner_.find(id);
  if (owner == owner_.end()) return;
  auto [region, key] = owner->second;
  auto* t = tasks_.find(region, key);
  size_t index = static_cast<size_t>(std::atoi(id.c_str() + id.rfind('-') + 1));
  if (!t || index >= t->v.containers->size() || !world_.links().up(region)) return;
  auto& c = (*t->v.containers)[index];
  c.exitCode = exit_code;
  if (t->v.desiredStatus == "STOPPED") return save(region, key, *t);
  c.lastStatus = "STOPPED";
  if (exit_code == 137) c.reason = "OutOfMemoryError or killed: container ended by SIGKILL";
  save(region, key, *t);
  auto def = definition(region, *t->v.taskDefinitionArn, false);
  bool essential = !def || (*(*def)->v.taskDefinition->containerDefinitions)[index].essential.value_or(true);
  if (!essential) return;
  bool young = !t->v.startedAt || world_.clock.now() - *t->v.startedAt < std::chrono::seconds(10);
  if (auto s = t->x.find("service"); s != t->x.end() && !young)
    if (auto* row = services_.find(region, s->second)) row->x.erase("failures");
  task_failed(region, *t);
  if (t->v.lastStatus == "PENDING")
    t->v.lastStatus = "ACTIVATING";  // its start is known: nothing will take it from there
  stop_task(region, key, "EssentialContainerExited", "Essential container in task exited");
}

}  // namespace relight::sandbox
