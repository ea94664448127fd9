#include "app/canary.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/lit.h"
#include "aws/gen/ecs.h"

namespace relight::app {
namespace {
namespace ecs = aws::ecs;
using Json = nlohmann::json;

constexpr const char* kLastCanary = "canary";
constexpr const char* kStartedBy = "relight-canary";  // by which a killed run's task is found
constexpr auto kPatience = std::chrono::minutes(5);
constexpr Millis kLook{1000};

// Of somebody who was killed between starting and stopping.
Result<> sweep(ecs::Client& client, const std::string& cluster, const aws::CallOptions& where) {
  TRY_ASSIGN(auto left, client.ListTasks({.cluster = cluster, .startedBy = kStartedBy}, where));
  for (auto& task : left.taskArns.value_or(std::vector<std::string>{})) {
    TRY(client.StopTask({.cluster = cluster, .task = task, .reason = "a canary of relight check"}, where));
  }
  return {};
}

ecs::RunTaskRequest as_the_service(const ecs::Service& s, const ecs::TaskDefinition& d, const dr::Config& c) {
  ecs::RunTaskRequest in;
  in.cluster = s.clusterArn;
  in.taskDefinition = s.taskDefinition.value_or("");
  in.count = 1;
  in.startedBy = kStartedBy;
  in.networkConfiguration = s.networkConfiguration;
  in.platformVersion = s.platformVersion;
  if (s.capacityProviderStrategy && !s.capacityProviderStrategy->empty())
    in.capacityProviderStrategy = s.capacityProviderStrategy;
  else
    in.launchType = s.launchType;
  if (c.canary.empty()) return in;
  ecs::TaskOverride over;
  over.containerOverrides.emplace();
  for (auto& container : d.containerDefinitions.value_or(std::vector<ecs::ContainerDefinition>{})) {
    auto& one = over.containerOverrides->emplace_back();
    one.name = container.name;
    one.environment.emplace();
    for (auto& [name, value] : c.canary) one.environment->push_back({.name = name, .value = value});
  }
  in.overrides = std::move(over);
  return in;
}

// Until it runs, or has ended, or patience has.
Result<dr::CanaryNow> watch(ecs::Client& client, const std::string& cluster, const std::string& task, Clock& clock,
                            const aws::CallOptions& where) {
  auto began = clock.now();
  dr::CanaryNow out;
  for (;;) {
    TRY_ASSIGN(auto seen, client.DescribeTasks({.cluster = cluster, .tasks = std::vector<std::string>{task}}, where));
    auto waited = clock.now() - began;
    out.seconds = std::chrono::ceil<std::chrono::seconds>(waited).count();
    if (!seen.tasks || seen.tasks->empty()) {
      out.why = "ECS does not know the task any more";
      return out;
    }
    auto& t = seen.tasks->front();
    auto status = t.lastStatus.value_or("");
    out.ran = status == "RUNNING";
    if (out.ran) return out;
    out.why = t.stoppedReason.value_or("it is " + status);
    if (t.desiredStatus == "STOPPED" || waited > kPatience) return out;
    clock.sleep(kLook);
  }
}

Result<> keep(Workshop& w, const dr::CanaryNow& c, Instant at) {
  return w.store->keep(kLastCanary, Json{{"at", iso8601(at)},
                                   {"ran", c.ran},
                                   {"seconds", c.seconds},
                                   {"why", c.why},
                                   {"task_definition", c.task_definition}}
                                  .dump());
}

}  // namespace

Result<> run_canary(Workshop& w, const dr::Site& site) {
  TRY(not_lit(w));
  auto& r = site.topology.recovery;
  if (r.service.empty())
    return fail(Error{.code = "Check.NoService",
                      .message = "which service runs in the recovery region is not known",
                      .tried = "start a canary task",
                      .region = site.config.recovery.region,
                      .next = "deploy the pilot first, or name it as resources.recovery.service"});
  ecs::Client client(w.aws->patient());
  auto where = site.in_recovery();
  TRY_ASSIGN(auto services,
             client.DescribeServices({.cluster = r.cluster, .services = std::vector<std::string>{r.service}}, where));
  if (!services.services || services.services->empty())
    return fail(Error{.code = "Check.NoService",
                      .message = "ECS does not know the service",
                      .tried = "start a canary task",
                      .resource = r.service,
                      .region = site.config.recovery.region,
                      .next = "relight synth && relight deploy"});
  auto& service = services.services->front();
  TRY_ASSIGN(auto defined, client.DescribeTaskDefinition(
                               {.taskDefinition = service.taskDefinition.value_or("")}, where));
  TRY(sweep(client, r.cluster, where));
  dr::CanaryNow seen;
  TRY_ASSIGN(auto started,
             client.RunTask(as_the_service(service, defined.taskDefinition.value_or(ecs::TaskDefinition{}),
                                           site.config),
                            where));
  if (started.tasks && !started.tasks->empty()) {
    auto task = started.tasks->front().taskArn.value_or("");
    auto watched = watch(client, r.cluster, task, site.clock, where);
    // Whatever was seen, it must not go on running.
    TRY(client.StopTask({.cluster = r.cluster, .task = task, .reason = "a canary of relight check"}, where));
    if (!watched) return std::unexpected(std::move(watched).error());
    seen = *watched;
  } else if (started.failures && !started.failures->empty()) {
    auto& f = started.failures->front();
    seen.why = f.reason.value_or("") + " " + f.detail.value_or("");
  } else {
    seen.why = "ECS started nothing and did not say why";
  }
  seen.task_definition = service.taskDefinition.value_or("");
  return keep(w, seen, site.clock.now());
}

dr::Known<dr::CanaryNow> last_canary(Workshop& w) {
  using Out = dr::Known<dr::CanaryNow>;
  auto kept = w.store->kept(kLastCanary);
  if (!kept) return Out::not_seen(kept.error().text());
  if (!*kept) return Out::not_seen("no canary task was started yet: relight check --canary starts one and stops it");
  auto j = Json::parse(**kept, nullptr, false);
  if (!j.is_object()) return Out::not_seen("what is kept of the last canary task cannot be read");
  auto out = Out::of({.ran = j.value("ran", false),
                      .seconds = j.value("seconds", int64_t(0)),
                      .why = j.value("why", ""),
                      .task_definition = j.value("task_definition", "")});
  if (auto at = parse_iso8601(j.value("at", ""))) out.at = *at;
  return out;
}

}  // namespace relight::app
