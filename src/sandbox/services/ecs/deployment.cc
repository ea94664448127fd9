// The service scheduler: "Amazon ECS services" and "Rolling update" of the ECS developer guide.
// Level-triggered: reconcile() compares what is with what is wanted and takes the next steps that the
// percentages allow.
#include <algorithm>
#include <utility>

#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;

namespace {

constexpr size_t kEventsMax = 100;
constexpr Millis kBackoffMin{250}, kBackoffMax{std::chrono::minutes(15)};

bool of(const TaskRow& t, const std::string& deployment) {
  auto it = t.x.find("deployment");
  return it != t.x.end() && it->second == deployment;
}

int number(const ServiceRow& s, const char* name) {
  auto it = s.x.find(name);
  return it == s.x.end() ? 0 : std::atoi(it->second.c_str());
}

std::string short_id(const TaskRow& t) { return t.v.taskArn->substr(t.v.taskArn->rfind('/') + 1); }

}  // namespace

void EcsService::say(ServiceRow& s, const std::string& message) {
  auto& events = *s.v.events;
  events.insert(events.begin(),
                {world_.rng.uuid(), world_.clock.now(), "(service " + *s.v.serviceName + ") " + message});
  if (events.size() > kEventsMax) events.resize(kEventsMax);
}

void EcsService::reconcile(const std::string& region, const std::string& key) {
  auto* s = services_.find(region, key);
  if (!s || s->v.status == "INACTIVE") return;
  std::vector<TaskRow*> live;
  for (auto* t : tasks_of(region, key))
    if (t->v.desiredStatus == "RUNNING") live.push_back(t);
  stop_unwanted(region, key, *s, live);
  std::erase_if(live, [](auto* t) { return t->v.desiredStatus != "RUNNING"; });
  start_wanted(region, key, *s, live);
  count(region, key, *s);
  settle(region, key, *s);
  save(region, key, *s);
}

void EcsService::count(const std::string& region, const std::string& key, ServiceRow& s) {
  s.v.runningCount = s.v.pendingCount = 0;
  for (auto& d : *s.v.deployments) d.runningCount = d.pendingCount = 0;
  for (auto* t : tasks_of(region, key)) {
    if (t->v.desiredStatus != "RUNNING") continue;
    bool runs = t->v.lastStatus == "RUNNING";
    ++*(runs ? s.v.runningCount : s.v.pendingCount);
    for (auto& d : *s.v.deployments)
      if (of(*t, *d.id)) ++*(runs ? d.runningCount : d.pendingCount);
  }
}

int EcsService::start_wanted(const std::string& region, const std::string& key, ServiceRow& s,
                             const std::vector<TaskRow*>& live) {
  auto& primary = (*s.v.deployments)[0];
  if (primary.rolloutState == "FAILED") return 0;
  int desired = *s.v.desiredCount;
  int mine =
      static_cast<int>(std::count_if(live.begin(), live.end(), [&](auto* t) { return of(*t, *primary.id); }));
  int room = desired * *s.v.deploymentConfiguration->maximumPercent / 100 - static_cast<int>(live.size());
  int wanted = std::min(desired - mine, room);
  if (wanted <= 0) return 0;
  int64_t now = world_.clock.now().time_since_epoch().count();
  if (auto it = s.x.find("not_before"); it != s.x.end() && std::stoll(it->second) > now) {
    later(region, Millis{std::stoll(it->second) - now + 1}, [this, region, key] { reconcile(region, key); });
    return 0;
  }
  std::string names;
  int count = 0;
  for (; count < wanted; ++count) {
    Order o;
    o.cluster = key.substr(0, key.find('/'));
    o.definition_arn = *primary.taskDefinition;
    o.group = "service:" + *s.v.serviceName;
    o.started_by = o.deployment = *primary.id;
    o.service_key = key;
    o.network = s.v.networkConfiguration;
    if (s.v.propagateTags == "SERVICE") o.tags = s.v.tags;
    auto t = add_task(region, o);
    if (!t) {
      std::string why = "was unable to place a task. Reason: " + t.error().message;
      if (std::exchange(s.x["unplaced"], why) != why) say(s, why);  // once, until a task is placed again
      place_again(region, key);
      break;
    }
    names += (count ? " (task " : "(task ") + short_id(**t) + ")";
  }
  if (count == wanted) s.x.erase("unplaced");
  if (count > 0) say(s, "has started " + std::to_string(count) + " tasks: " + names + ".");
  return count;
}

void EcsService::stop_unwanted(const std::string& region, const std::string& key, ServiceRow& s,
                               const std::vector<TaskRow*>& live) {
  auto& primary = (*s.v.deployments)[0];
  int desired = *s.v.desiredCount, minimum = *s.v.deploymentConfiguration->minimumHealthyPercent;
  int must_stay = (desired * minimum + 99) / 100;
  auto stop = [&](TaskRow& t) {
    say(s, "has stopped 1 running tasks: (task " + short_id(t) + ").");
    stop_task(region, key.substr(0, key.find('/')) + "/" + short_id(t), "ServiceSchedulerInitiated",
              "Scaling activity initiated by (deployment " + *primary.id + ")");
  };
  std::vector<TaskRow*> mine, old;
  for (auto* t : live) (of(*t, *primary.id) ? mine : old).push_back(t);
  // What does not serve yet goes first.
  std::stable_sort(mine.begin(), mine.end(), [&](auto* a, auto* b) { return healthy(*a) < healthy(*b); });
  for (size_t i = 0; i + desired < mine.size(); ++i) stop(*mine[i]);
  int serving = static_cast<int>(std::count_if(
      live.begin(), live.end(), [&](auto* t) { return t->v.desiredStatus == "RUNNING" && healthy(*t); }));
  bool replaced = primary.rolloutState != "FAILED";
  for (auto* t : old) {
    if (!replaced) break;  // the circuit breaker leaves the old tasks alone
    if (healthy(*t) && serving - 1 < must_stay) continue;
    serving -= healthy(*t);
    stop(*t);
  }
}

// Notices that the service is as wanted.
void EcsService::settle(const std::string& region, const std::string& key, ServiceRow& s) {
  auto& primary = (*s.v.deployments)[0];
  int good = 0, live = 0, leaving = 0;
  for (auto* t : tasks_of(region, key)) {
    leaving += t->v.desiredStatus == "STOPPED" && t->v.lastStatus != "STOPPED";
    if (t->v.desiredStatus != "RUNNING") continue;
    ++live;
    good += of(*t, *primary.id) && healthy(*t);
  }
  if (s.v.status == "DRAINING") {
    if (live + leaving == 0) s.v.status = "INACTIVE", s.v.deployments->clear();
    return;
  }
  bool steady = good == *s.v.desiredCount && live == good && primary.rolloutState != "FAILED";
  if (!steady) {
    s.x["steady"] = "0";
    return;
  }
  s.v.deployments->resize(1);
  auto& d = (*s.v.deployments)[0];
  if (d.rolloutState == "IN_PROGRESS") {
    d.rolloutState = "COMPLETED";
    d.rolloutStateReason = "ECS deployment " + *d.id + " completed.";
    d.updatedAt = world_.clock.now();
    s.x["last_good"] = *d.taskDefinition;
    say(s, "(deployment " + *d.id + ") deployment completed.");
    world_.event(region, "ecs", *s.v.serviceName, "deployment completed");
  }
  if (s.x["steady"] != "1") {
    s.x["steady"] = "1";
    s.x.erase("failures");
    say(s, "has reached a steady state.");
    if (*s.v.desiredCount > 0) world_.event(region, "ecs", *s.v.serviceName, "steady state");
  }
}

// A service's task did not last. Backs off ("Service throttle logic"), and trips the circuit breaker ("Amazon
// ECS deployment circuit breaker": half the desired count, at least 3, at most 200 failures).
void EcsService::task_failed(const std::string& region, TaskRow& t) {
  auto it = t.x.find("service");
  auto* s = it == t.x.end() ? nullptr : services_.find(region, it->second);
  if (!s || s->v.deployments->empty()) return;
  auto& primary = (*s->v.deployments)[0];
  int failures = number(*s, "failures") + 1;
  s->x["failures"] = std::to_string(failures);
  if (failures > 1) {
    Millis wait = std::clamp(world_.pace(std::chrono::seconds(10)) * (1 << std::min(failures, 7)),
                             kBackoffMin * (1 << std::min(failures - 2, 6)), kBackoffMax);
    s->x["not_before"] = std::to_string((world_.clock.now() + wait).time_since_epoch().count());
    if (failures == 3)
      say(*s,
          "is unable to consistently start tasks successfully. For more information, see the Troubleshooting "
          "section.");
  }
  if (of(t, *primary.id) && primary.rolloutState == "IN_PROGRESS") {
    ++*primary.failedTasks;
    auto& breaker = s->v.deploymentConfiguration->deploymentCircuitBreaker;
    int threshold = std::clamp((*s->v.desiredCount + 1) / 2, 3, 200);
    if (breaker && breaker->enable.value_or(false) && *primary.failedTasks >= threshold) {
      primary.rolloutState = "FAILED";
      primary.rolloutStateReason = "ECS deployment circuit breaker: tasks failed to start.";
      say(*s, "(deployment " + *primary.id + ") deployment failed: tasks failed to start.");
      auto good = s->x.find("last_good");
      if (breaker->rollback.value_or(false) && good != s->x.end()) {
        say(*s, "rolling back to (deployment of " + good->second + ").");
        s->v.taskDefinition = good->second;
        new_deployment(*s);
        s->v.deployments->erase(std::remove_if(s->v.deployments->begin() + 1, s->v.deployments->end(),
                                               [](auto& d) { return d.rolloutState == "FAILED"; }),
                                s->v.deployments->end());
      }
    }
  }
  save(region, it->second, *s);
}

}  // namespace relight::sandbox
