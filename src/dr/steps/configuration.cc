// The application at its new database: secrets and parameters that name the primary's, and a task definition
// that does. Tasks read them when they start, so if something changed they are started anew.
#include <algorithm>
#include <mutex>

#include "aws/gen/ecs.h"
#include "dr/steps/configuration_values.h"
#include "dr/steps/failover.h"
#include "dr/steps/translate.h"

namespace relight::dr {
namespace {
namespace ecs = aws::ecs;
constexpr const char* kUpdate = "ecs:UpdateService";

std::vector<Dormant> values_of(const Topology& t) {
  auto out = t.asleep(Dormant::Kind::kParameter);
  for (auto& d : t.asleep(Dormant::Kind::kSecret)) out.push_back(d);
  return out;
}

// What DescribeTaskDefinition answers, as it is registered again.
ecs::RegisterTaskDefinitionRequest again(const ecs::TaskDefinition& t,
                                         std::optional<std::vector<ecs::Tag>> tags) {
  ecs::RegisterTaskDefinitionRequest r{.family = t.family,
                                       .taskRoleArn = t.taskRoleArn,
                                       .executionRoleArn = t.executionRoleArn,
                                       .networkMode = t.networkMode,
                                       .containerDefinitions = t.containerDefinitions,
                                       .volumes = t.volumes,
                                       .placementConstraints = t.placementConstraints,
                                       .requiresCompatibilities = t.requiresCompatibilities,
                                       .cpu = t.cpu,
                                       .memory = t.memory};
  if (tags && !tags->empty()) r.tags = std::move(tags);  // an empty list is refused
  r.pidMode = t.pidMode;
  r.ipcMode = t.ipcMode;
  r.proxyConfiguration = t.proxyConfiguration;
  r.inferenceAccelerators = t.inferenceAccelerators;
  r.ephemeralStorage = t.ephemeralStorage;
  r.runtimePlatform = t.runtimePlatform;
  return r;
}

class Configuration final : public Step {
 public:
  explicit Configuration(Site& s) : s_(s) {}

  // Whoever was killed between a change and the tasks' new start has left the intent, and that is what it
  // means.
  Outcome advance(Context& c) override {
    if (!values_done_) {
      auto o = bring_.advance(c);
      if (!std::holds_alternative<Done>(o)) return o;
      values_done_ = true;
    }
    auto done = tasks(c);
    if (done) return *done;
    if (may_pass(done.error()) && c.elapsed() < Millis(120000))
      return Waiting{"ECS to answer: " + done.error().code};
    return Failed{done.error(), {"relight resume"}};
  }

 private:
  Result<Outcome> tasks(Context& c) {
    auto& r = s_.topology.recovery;
    ecs::Client client(s_.aws);
    TRY_ASSIGN(auto seen,
               client.DescribeServices({.cluster = r.cluster, .services = {{r.service}}}, s_.in_recovery()));
    if (!seen.services || seen.services->empty())
      return fail(Error{.code = "ServiceNotFoundException",
                        .message = "there is no such service",
                        .tried = "ecs:DescribeServices",
                        .resource = r.cluster + "/" + r.service,
                        .region = s_.config.recovery.region});
    auto& service = seen.services->front();
    if (sent_) return settled(service);
    TRY_ASSIGN(auto definition, own_definition(c, client, service.taskDefinition.value_or("")));
    bool owed = values_.changed() || !definition.empty() || c.open_intent(kUpdate);
    if (!owed) return Outcome{Done{{{"changed", "no"}}}};
    TRY(act(c, kUpdate, target(), [&] {
      ecs::UpdateServiceRequest in{.cluster = r.cluster, .service = r.service};
      if (!definition.empty()) in.taskDefinition = definition;
      in.forceNewDeployment = true;
      return client.UpdateService(in, s_.in_recovery());
    }));
    sent_ = true;
    return Outcome{Waiting{"the tasks to start anew"}};
  }

  // The definition's counterpart that names the recovery region; empty: it does already.
  Result<std::string> own_definition(Context& c, ecs::Client& client, const std::string& name) {
    TRY_ASSIGN(auto seen, client.DescribeTaskDefinition({.taskDefinition = name, .include = {{"TAGS"}}},
                                                        s_.in_recovery()));
    if (!seen.taskDefinition) return std::string();
    auto& t = *seen.taskDefinition;
    bool changed = false;
    if (t.containerDefinitions)
      for (auto& container : *t.containerDefinitions)
        if (container.environment)
          for (auto& e : *container.environment) {
            auto value = translated(e.value.value_or(""), s_.config, s_.topology);
            if (value == e.value.value_or("")) continue;
            e.value = value;
            changed = true;
          }
    if (!changed) return std::string();
    TRY(owe(c));
    TRY_ASSIGN(auto made, act(c, "ecs:RegisterTaskDefinition", t.family.value_or(""), [&] {
                 return client.RegisterTaskDefinition(again(t, seen.tags), s_.in_recovery());
               }));
    return made.taskDefinition ? made.taskDefinition->taskDefinitionArn.value_or("") : std::string();
  }

  Result<Outcome> settled(const ecs::Service& service) {
    for (auto& d : service.deployments.value_or(std::vector<ecs::Deployment>{})) {
      if (d.status != "PRIMARY") continue;
      auto state = d.rolloutState.value_or("COMPLETED");
      if (state == "FAILED")
        return fail(Error{.code = "Ecs.RolloutFailed",
                          .message = d.rolloutStateReason.value_or("the deployment failed"),
                          .tried = "start the tasks anew",
                          .resource = target(),
                          .region = s_.config.recovery.region,
                          .next = "mend the service, then relight resume"});
      if (state != "COMPLETED") return Outcome{Waiting{"the tasks to start anew (" + state + ")"}};
    }
    return Outcome{Done{{{"changed", "yes"}}}};
  }

  std::string target() const { return s_.topology.recovery.cluster + "/" + s_.topology.recovery.service; }

  // Before the first change: from then on the tasks have to start anew, whoever goes on.
  Result<> owe(Context& c) {
    std::lock_guard g(owed_m_);
    if (owed_) return {};
    TRY(c.intend(kUpdate, target()));
    owed_ = true;
    return {};
  }

  Site& s_;
  std::mutex owed_m_;
  bool owed_ = false, sent_ = false, values_done_ = false;
  ConfigurationValues values_{s_, [this](Context& c) { return owe(c); }};
  Bring bring_{values_of(s_.topology), "secrets and parameters", Millis(120000),
               [this](Context& c, const Dormant& d) { return values_.look(c, d); }};
};

}  // namespace

std::unique_ptr<Step> make_configuration(Site& site) { return std::make_unique<Configuration>(site); }

}  // namespace relight::dr
