// Is a task well? Container health checks run inside it; target health is the load balancer's word.
#include <algorithm>

#include "aws/gen/elbv2.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;

namespace {

constexpr Millis kSteadyCheck{2000};  // a check starts a process: not more often than this once all is well
constexpr Millis kSteadyLook{500};
constexpr Millis kGraceMin{3000};  // a container needs real time to start, whatever the latency profile

}  // namespace

bool EcsService::healthy(const TaskRow& t) const {
  if (t.v.lastStatus != "RUNNING" || t.v.healthStatus == "UNHEALTHY") return false;
  if (t.x.contains("checked") && t.v.healthStatus != "HEALTHY") return false;
  if (!t.x.contains("balanced")) return true;
  std::string key = t.v.taskArn->substr(t.v.taskArn->find('/') + 1);
  auto it = target_health_.find(key);
  return it != target_health_.end() && it->second == "healthy";
}

void EcsService::check_container(const std::string& region, const std::string& key, size_t index,
                                 int failures) {
  auto* t = tasks_.find(region, key);
  auto def = definition(region, t ? *t->v.taskDefinitionArn : "", false);
  if (!t || !def || t->v.lastStatus != "RUNNING") return;
  auto& c = (*(*def)->v.taskDefinition->containerDefinitions)[index];
  if (!c.healthCheck || !c.healthCheck->command) return;
  Millis every = world_.poll_interval(std::chrono::seconds(c.healthCheck->interval.value_or(30)));
  if ((*t->v.containers)[index].healthStatus == "HEALTHY") every = std::max(every, kSteadyCheck);
  later(region, every, [this, region, key, index, failures] {
    auto* task = tasks_.find(region, key);
    auto d = definition(region, task ? *task->v.taskDefinitionArn : "", false);
    if (!task || !d || task->v.lastStatus != "RUNNING") return;
    auto& check = *(*(*d)->v.taskDefinition->containerDefinitions)[index].healthCheck;
    std::vector<std::string> argv = *check.command;
    if (argv[0] == "NONE") return;
    if (argv[0] == "CMD-SHELL")
      argv = {"/bin/sh", "-c", argv.size() > 1 ? argv[1] : ""};
    else if (argv[0] == "CMD")
      argv.erase(argv.begin());
    auto ok = std::make_shared<bool>(false);
    Millis limit = std::chrono::seconds(check.timeout.value_or(5));
    std::string id = key.substr(key.find('/') + 1) + "-" + std::to_string(index);
    work(
        region,
        [this, id, argv, limit, ok] {
          auto code = plane_.exec(id, argv, limit);
          *ok = code && *code == 0;
        },
        [this, region, key, index, ok, failures] { container_health(region, key, index, *ok, failures); });
  });
}

void EcsService::container_health(const std::string& region, const std::string& key, size_t index, bool ok,
                                  int failures) {
  auto* t = tasks_.find(region, key);
  auto def = definition(region, t ? *t->v.taskDefinitionArn : "", false);
  if (!t || !def || t->v.lastStatus != "RUNNING") return;
  auto& c = (*(*def)->v.taskDefinition->containerDefinitions)[index];
  auto& shown_container = (*t->v.containers)[index];
  Millis start_period =
      std::max(world_.pace(std::chrono::seconds(c.healthCheck->startPeriod.value_or(0))), kGraceMin);
  bool starting = shown_container.healthStatus != "HEALTHY" &&
                  world_.clock.now() - t->v.startedAt.value_or(Instant{}) < start_period;
  failures = ok || starting ? 0 : failures + 1;
  std::string before = t->v.healthStatus.value_or("UNKNOWN");
  if (ok) shown_container.healthStatus = "HEALTHY";
  if (failures >= c.healthCheck->retries.value_or(3)) shown_container.healthStatus = "UNHEALTHY";
  if (c.essential.value_or(true) && shown_container.healthStatus != "UNKNOWN")
    t->v.healthStatus = shown_container.healthStatus;
  auto service_key = t->x.find("service");
  if (t->v.healthStatus != before) {
    save(region, key, *t);
    if (service_key != t->x.end()) {
      std::string sk = service_key->second;
      if (t->v.healthStatus == "UNHEALTHY") {
        if (auto* s = services_.find(region, sk))
          say(*s, "(task " + key.substr(key.find('/') + 1) + ") failed container health checks.");
        task_failed(region, *t);
        stop_task(region, key, "ServiceSchedulerInitiated", "Task failed container health checks");
      }
      reconcile(region, sk);
    }
  }
  check_container(region, key, index, failures);
}

// One poll of target health under way for each service with a load balancer.
void EcsService::watch_targets(const std::string& region, const std::string& service_key) {
  auto* s = services_.find(region, service_key);
  if (!s || s->v.status == "INACTIVE" || s->v.loadBalancers->empty()) return;
  if (!watched_.insert(region + "|" + service_key).second) return;
  Millis every = world_.poll_interval(std::chrono::seconds(10));
  if (s->x["steady"] == "1") every = std::max(every, kSteadyLook);
  later(region, every, [this, region, service_key] {
    watched_.erase(region + "|" + service_key);
    auto* row = services_.find(region, service_key);
    if (!row) return;
    if (look_at_targets(region, service_key, *row)) reconcile(region, service_key);
    // Nothing to look at: running() takes the poll up again.
    if (*row->v.desiredCount > 0 || *row->v.runningCount > 0) watch_targets(region, service_key);
  });
}

bool EcsService::look_at_targets(const std::string& region, const std::string& service_key, ServiceRow& s) {
  bool changed = false;
  Millis grace =
      std::max(world_.pace(std::chrono::seconds(s.v.healthCheckGracePeriodSeconds.value_or(0))), kGraceMin);
  std::map<std::string, std::string> states;  // address -> the worst state over the groups
  for (auto& lb : *s.v.loadBalancers) {
    auto health =
        world_.call<aws::elbv2::op::DescribeTargetHealth>(region, {.TargetGroupArn = lb.targetGroupArn});
    if (!health || !health->TargetHealthDescriptions) return false;
    for (auto& h : *health->TargetHealthDescriptions) {
      if (!h.Target || !h.TargetHealth || h.Target->Port != lb.containerPort) continue;
      auto& state = states[h.Target->Id.value_or("")];
      if (state.empty() || state == "healthy") state = h.TargetHealth->State.value_or("");
    }
  }
  for (auto* t : tasks_of(region, service_key)) {
    if (t->v.lastStatus != "RUNNING" || t->v.desiredStatus != "RUNNING") continue;
    std::string key = t->v.taskArn->substr(t->v.taskArn->find('/') + 1);
    std::string now = states.contains(address_of(*t)) ? states[address_of(*t)] : "unused";
    if (target_health_[key] != now) changed = true;
    target_health_[key] = now;
    if (now != "unhealthy" || world_.clock.now() - t->v.startedAt.value_or(Instant{}) < grace) continue;
    say(s, "(task " + key.substr(key.find('/') + 1) + ") is unhealthy in (target-group " +
               s.v.loadBalancers->front().targetGroupArn.value_or("") +
               ") due to (reason Health checks failed).");
    task_failed(region, *t);
    stop_task(region, key, "ServiceSchedulerInitiated",
              "Task failed ELB health checks in (target-group " +
                  s.v.loadBalancers->front().targetGroupArn.value_or("") + ")");
    changed = true;
  }
  return changed;
}

}  // namespace relight::sandbox
