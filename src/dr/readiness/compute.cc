// Checks 19, 20, 24, 26, 31 and 63: would the tasks start, as the same application, without the
// primary.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/model/image_name.h"
#include "dr/readiness/families.h"
#include "dr/readiness/names.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::string update(const Item& service, const std::string& what) {
  return fmt::format("aws --region {} ecs update-service --cluster {} --service {} {}", service.region(),
                     last_word(text_at(*service.properties, "/clusterArn")), last_word(service.id()), what);
}

// Services of which both sides and both task definitions were captured.
struct Running {
  Item primary, recovery, primary_task, recovery_task;
};
std::vector<Running> running(const Picture& p, Report& r) {
  std::vector<Running> out;
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return out;
  for (auto& pair : service_pairs(p)) {
    if (!pair.recovery) {
      r.fail(pair.primary, "no service stands for it in " + p.config.recovery.region,
             "none of that name was found", "relight synth && relight deploy");
      continue;
    }
    if (!r.seen(pair.primary, "") || !r.seen(pair.recovery, "")) continue;
    Running one{pair.primary, pair.recovery, task_definition_of(p.primary, pair.primary),
                task_definition_of(p.recovery, pair.recovery)};
    if (!one.primary_task || !one.recovery_task)
      r.unknown(pair.recovery, "its task definitions could not be compared", "one of them was not captured");
    else if (r.seen(one.primary_task, "") && r.seen(one.recovery_task, ""))
      out.push_back(one);
  }
  return out;
}

const Json* container(const Json& task, const std::string& name) {
  for (auto& c : list_at(task, "/containerDefinitions"))
    if (text_at(c, "/name") == name) return &c;
  return nullptr;
}

void add(std::string& list, const std::string& what) { list += (list.empty() ? "" : "; ") + what; }

// What keeps the service from starting a task, as far as captured properties tell.
std::string obstacles(const Estate& e, const Item& service, const Item& task) {
  std::string out;
  auto& s = *service.properties;
  auto& t = *task.properties;
  if (!e.find("ecs/cluster", text_at(s, "/clusterArn"))) add(out, "its cluster was not found");
  bool fargate = text_at(s, "/launchType") == "FARGATE";
  if (fargate && (text_at(t, "/cpu").empty() || text_at(t, "/memory").empty()))
    add(out, "Fargate wants cpu and memory of the task");
  if (fargate && text_at(t, "/networkMode") != "awsvpc") add(out, "Fargate wants the network mode awsvpc");
  auto& net = at_or_null(s, "/networkConfiguration/awsvpcConfiguration");
  for (auto& subnet : list_at(net, "/subnets"))
    if (!e.find("ec2/subnet", subnet.get<std::string>()))
      add(out, "there is no subnet " + subnet.get<std::string>());
  for (auto& group : list_at(net, "/securityGroups"))
    if (!e.find("ec2/security-group", group.get<std::string>()))
      add(out, "there is no security group " + group.get<std::string>());
  for (auto& lb : list_at(s, "/loadBalancers")) {
    auto* c = container(t, text_at(lb, "/containerName"));
    if (!c) add(out, "the load balancer wants a container " + text_at(lb, "/containerName"));
    bool port = c && std::ranges::any_of(list_at(*c, "/portMappings"), [&](auto& m) {
                  return number_at(m, "/containerPort") == number_at(lb, "/containerPort");
                });
    if (c && !port)
      add(out, fmt::format("container {} has no port {}", text_at(lb, "/containerName"),
                           number_at(lb, "/containerPort")));
    if (!e.find("elbv2/target-group", text_at(lb, "/targetGroupArn")))
      add(out, "its target group was not found");
  }
  for (auto* role : {"/executionRoleArn", "/taskRoleArn"})
    if (auto arn = text_at(t, role); !arn.empty() && !e.find("iam/role", last_word(arn)))
      add(out, "there is no role " + last_word(arn));
  return out;
}

std::map<std::string, std::string> variables(const Json& c) {
  std::map<std::string, std::string> out;
  for (auto& v : list_at(c, "/environment")) out[text_at(v, "/name")] = text_at(v, "/value");
  return out;
}

// Values that name something of the primary must be other ones there; the others must be equal.
struct TaskDifferences {
  std::string seen, untold;  // what differs; what may
};

void compare_variables(const Json& a, const Json& b, const PrimaryNames& names, TaskDifferences& d) {
  auto& out = d.seen;
  auto ours = variables(a), theirs = variables(b);
  for (auto& [name, value] : ours) {
    auto it = theirs.find(name);
    if (it == theirs.end())
      add(out, "variable " + name + " is missing");
    else if (it->second != value && !names.found_in(value)) {
      if (auto unseen = names.unseen_in(value); !unseen.empty())
        add(d.untold, "variable " + name + " names " + unseen + ", which could not be seen");
      else
        add(out, "variable " + name + " differs");
    }
  }
  for (auto& [name, value] : theirs)
    if (!ours.contains(name)) add(out, "variable " + name + " is not in the primary's");
}

// Whatever the registry. Where one of two names of ECR is a tag and the other a digest, as synth writes it,
// check 21 holds the images themselves against each other.
bool same_name(const std::string& a, const std::string& b) {
  auto ours = image_name(a), theirs = image_name(b);
  bool mixed = ours.digest.empty() != theirs.digest.empty();
  if (ours.of_ecr() && theirs.of_ecr() && mixed) return ours.repository == theirs.repository;
  return image_of(a) == image_of(b);
}

void compare_containers(const Json& a, const Json& b, const PrimaryNames& names, TaskDifferences& d) {
  auto& out = d.seen;
  for (auto& c : list_at(a, "/containerDefinitions")) {
    auto name = text_at(c, "/name");
    auto* other = container(b, name);
    if (!other) {
      add(out, "container " + name + " is missing");
      continue;
    }
    for (auto* part : {"/command", "/entryPoint", "/essential", "/portMappings", "/mountPoints",
                       "/healthCheck", "/cpu", "/memory", "/memoryReservation", "/user", "/workingDirectory",
                       "/ulimits", "/logConfiguration/logDriver"})
      if (at_or_null(c, part) != at_or_null(*other, part))
        add(out, fmt::format("{} of container {} differs", part + 1, name));
    if (!same_name(text_at(c, "/image"), text_at(*other, "/image")))
      add(out, fmt::format("image of container {}: {} -> {}", name, text_at(c, "/image"),
                           text_at(*other, "/image")));
    compare_variables(c, *other, names, d);
    std::set<std::string> ours, theirs;
    for (auto& s : list_at(c, "/secrets")) ours.insert(text_at(s, "/name"));
    for (auto& s : list_at(*other, "/secrets")) theirs.insert(text_at(s, "/name"));
    if (ours != theirs) add(out, "the secrets of container " + name + " differ");
  }
}

std::string register_anew(const Item& service) {
  return update(service, "--task-definition FAMILY:REVISION") + "   # after: relight synth && relight deploy";
}

void judge_log_group(const Picture& p, const Item& task, const std::string& group, Report& r) {
  auto mend = fmt::format("aws --region {} logs create-log-group --log-group-name {}",
                          p.config.recovery.region, group);
  auto item = p.recovery.find("logs/log-group", group);
  std::string why = item ? why_unseen(item, "") : "it was not captured";
  for (auto& l : p.recovery.inventory().left_out)
    if (l.key == ResourceKey{"logs/log-group", group}) why = l.why;
  if (why.empty())
    r.pass(task, "the log group " + group + " is there");
  else if (why.find("does not exist") != why.npos)
    r.fail(task, "the log group " + group + " is not there: a task that cannot log does not start", why,
           mend);
  else
    r.unknown(task, "whether the log group " + group + " is there is not known", why, mend);
}

}  // namespace

void check_launchable(const Picture& p, Report& r) {
  for (auto& s : running(p, r)) {
    auto wrong = obstacles(p.recovery, s.recovery, s.recovery_task);
    if (wrong.empty())
      r.pass(s.recovery, "nothing captured keeps its tasks from starting",
             "cluster, network, target groups, roles and Fargate's rules");
    else
      r.fail(s.recovery, "its tasks could not start", wrong, register_anew(s.recovery));
  }
}

void check_task_definition(const Picture& p, Report& r) {
  PrimaryNames names(p);
  for (auto& s : running(p, r)) {
    TaskDifferences d;
    for (auto* part : {"/cpu", "/memory", "/networkMode", "/requiresCompatibilities", "/volumes",
                       "/runtimePlatform", "/ephemeralStorage"})
      if (at_or_null(*s.primary_task.properties, part) != at_or_null(*s.recovery_task.properties, part))
        add(d.seen,
            fmt::format("{}: {} -> {}", part + 1, at_or_null(*s.primary_task.properties, part).dump(),
                        at_or_null(*s.recovery_task.properties, part).dump()));
    compare_containers(*s.primary_task.properties, *s.recovery_task.properties, names, d);
    if (d.seen.empty() && !d.untold.empty())
      r.unknown(s.recovery_task, "whether it is the primary's cannot be told", d.untold);
    else if (d.seen.empty())
      r.pass(s.recovery_task, "it is the primary's, translated",
             "values of secrets in variables are not captured, and not compared");
    else
      r.fail(s.recovery_task, "it is not the primary's", d.seen, register_anew(s.recovery));
  }
}

void check_names(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  PrimaryNames names(p);
  for (auto& service : p.recovery.all("ecs/service")) {
    auto task = task_definition_of(p.recovery, service);
    if (!task || !why_unseen(task, "").empty()) {
      r.unknown(service, "what its tasks are told is not known", "its task definition was not captured");
      continue;
    }
    auto found = names.places_in(*task.properties);
    if (found.empty())
      r.pass(task, "nothing in it names the primary region or what stands there",
             fmt::format("looked for {} names", names.count()));
    else
      r.fail(task, "it names the primary region or what stands there", found, register_anew(service));
  }
}

void check_task_count(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  for (auto& pair : service_pairs(p)) {
    if (!r.seen(pair.primary, "")) continue;
    auto now = number_at(*pair.primary.properties, "/desiredCount");
    auto seen = fmt::format("{} wanted in the primary now, {} after a failover", now, p.config.tasks);
    if (p.config.tasks >= now)
      r.pass(pair.primary, "as many tasks are planned as the primary runs now (its peak is not looked at)",
             seen);
    else
      r.warn(pair.primary, "fewer tasks are planned than the primary runs now", seen,
             fmt::format("capacity: {{tasks: {}}} in {}", now, p.config.file));
  }
}

void check_log_groups(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  for (auto& service : p.recovery.all("ecs/service")) {
    auto task = task_definition_of(p.recovery, service);
    if (!task || !r.seen(task, "")) continue;
    std::set<std::string> groups;
    for (auto& c : list_at(*task.properties, "/containerDefinitions"))
      if (auto g = text_at(c, "/logConfiguration/options/awslogs-group"); !g.empty()) groups.insert(g);
    if (groups.empty()) r.pass(task, "its containers name no log group");
    for (auto& g : groups) judge_log_group(p, task, g, r);
  }
}

void check_local_files(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  for (auto& task : p.primary.all("ecs/task-definition")) {
    if (!r.seen(task, "")) continue;
    std::string volumes;
    for (auto& v : list_at(*task.properties, "/volumes")) add(volumes, text_at(v, "/name"));
    if (volumes.empty())
      r.pass(task, "it mounts no volume", "what is written inside of a container is not looked at");
    else
      r.warn(task, "it keeps files in volumes, which nothing here brings to the recovery region", volumes,
             "move sessions into the database and uploads into a bucket");
  }
}

}  // namespace relight::dr
