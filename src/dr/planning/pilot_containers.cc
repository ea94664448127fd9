// ECS: the same tasks, none of them running.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;
constexpr const char* kWithheld = "(withheld)";

void cluster(PilotDraft& d, const Captured& c) {
  Json p = Json::object();
  Json kept = Json::object();
  take(kept, *c.properties, "configuration settings capacityProviders defaultCapacityProviderStrategy");
  p.update(pascal(kept));
  p.erase("Settings");
  for (auto& setting : c.properties->value("settings", Json::array()))
    if (text_of(setting, "value") != "disabled")
      p["ClusterSettings"].push_back(pascal(setting));  // off is usual
  p["Tags"] = tags_of(c.properties->value("tags", Json()));
  if (p.contains("Configuration")) p["Configuration"] = d.deep(p["Configuration"], c.key());
  d.add({.id = d.logical("ecs/cluster", c.id()), .type = "AWS::ECS::Cluster", .from = c.key()}, std::move(p));
}

// Withheld variables, with the task definitions that have them.
using Withheld = std::map<std::string, std::set<std::string>>;

Withheld withheld_of(const std::vector<Captured>& tasks) {
  Withheld out;
  for (auto& t : tasks)
    for (auto& container : t.properties->value("containerDefinitions", Json::array()))
      for (auto& e : container.value("environment", Json::array()))
        if (text_of(e, "value") == kWithheld) out[text_of(e, "name")].insert(t.id());
  return out;
}

// Variables of the same name in more than one task definition may hold different secrets.
std::string parameter_name(const PilotDraft& d, const Captured& c, const std::string& variable,
                           const Withheld& withheld) {
  auto word = camel(variable);
  return withheld.at(variable).size() > 1
             ? logical_word(d.places(), d.account(), text_of(*c.properties, "family")) + word
             : word;
}

Json environment(PilotDraft& d, const Captured& c, const Json& variables, const Withheld& withheld) {
  Json out = Json::array();
  for (auto& e : variables) {
    auto name = text_of(e, "name"), value = text_of(e, "value");
    if (value != kWithheld) {
      out.push_back({{"Name", name}, {"Value", d.text(value, c.key())}});
      continue;
    }
    auto parameter = parameter_name(d, c, name, withheld);
    d.parameter({.name = parameter,
                 .description = fmt::format("{} of {}: its value is not in the capture", name,
                                            text_of(*c.properties, "family")),
                 .secret = true});
    out.push_back({{"Name", name}, {"Value", ref_to(parameter)}});
  }
  return out;
}

// ARN, or ARN:member:stage:version.
bool is_captured(const PilotDraft& d, const std::string& value_from) {
  return std::ranges::any_of(d.all("secretsmanager/secret"), [&](auto& secret) {
    auto arn = text_of(*secret.properties, "ARN");
    return !arn.empty() && value_from.starts_with(arn);
  });
}

void expect(PilotDraft& d, const Captured& c, const Json& container) {
  for (auto& s : container.value("secrets", Json::array())) {
    auto from = text_of(s, "valueFrom");
    if (is_captured(d, from)) continue;  // translate_secrets sees to it
    d.say(c.key(), "secret " + from,
          "it must exist in " + d.policy().region +
              " under the same name: replicate it there (secretsmanager:ReplicateSecretToRegions, "
              "or ssm:PutParameter)");
  }
}

Json container(PilotDraft& d, const Captured& c, Json from, const Withheld& withheld) {
  expect(d, c, from);
  auto variables = from.value("environment", Json::array());
  from.erase("environment");
  if (from.value("cpu", 0) == 0) from.erase("cpu");
  for (auto& m : from.value("portMappings", Json::array()))
    if (m.contains("hostPort") && m["hostPort"] == m.value("containerPort", Json()))
      for (auto& p : from["portMappings"]) p.erase("hostPort");  // awsvpc: it is the same by nature
  auto out = pascal(from);
  if (out.contains("Image")) out["Image"] = image_of_pilot(d, text_of(out, "Image"), c.key());
  for (auto member : {"Secrets", "LogConfiguration", "Command", "EntryPoint", "RepositoryCredentials"})
    if (out.contains(member)) out[member] = d.deep(out[member], c.key());
  if (!variables.empty()) out["Environment"] = environment(d, c, variables, withheld);
  return out;
}

void task(PilotDraft& d, const Captured& c, const Withheld& withheld) {
  d.unknown_parts(*c.resource);
  auto from = *c.properties;
  Json p = Json::object(), rest = Json::object();
  p["Family"] = d.name(text_of(from, "family"));
  take(rest, from,
       "networkMode placementConstraints requiresCompatibilities cpu memory runtimePlatform ephemeralStorage "
       "pidMode ipcMode "
       "proxyConfiguration volumes");
  p.update(pascal(rest));
  for (auto& v : from.value("volumes", Json::array()))
    if (v.contains("efsVolumeConfiguration") || v.contains("fsxWindowsFileServerVolumeConfiguration"))
      d.say(c.key(), "volume " + text_of(v, "name"),
            "its file system is the primary's: this build does not translate file systems");
  for (auto role : {"executionRoleArn", "taskRoleArn"})
    if (auto arn = text_of(from, role); !arn.empty())
      p[role == std::string("taskRoleArn") ? "TaskRoleArn" : "ExecutionRoleArn"] = d.text(arn, c.key());
  p["ContainerDefinitions"] = Json::array();
  for (auto& k : from.value("containerDefinitions", Json::array()))
    p["ContainerDefinitions"].push_back(container(d, c, k, withheld));
  d.add({.id = d.logical("ecs/task-definition", c.id()), .type = "AWS::ECS::TaskDefinition", .from = c.key()},
        std::move(p));
}

Json balancers(PilotDraft& d, const Captured& c) {
  Json out = Json::array();
  for (auto& b : c.properties->value("loadBalancers", Json::array())) {
    Json e = Json::object();
    take(e, b, "containerName=ContainerName containerPort=ContainerPort");
    e["TargetGroupArn"] = d.ref("elbv2/target-group", text_of(b, "targetGroupArn"), c.key());
    out.push_back(std::move(e));
  }
  return out;
}

Json network(PilotDraft& d, const Captured& c) {
  auto vpc = c.properties->value("networkConfiguration", Json::object())
                 .value("awsvpcConfiguration", Json::object());
  if (vpc.empty()) return {};
  Json out = Json::object();
  take(out, vpc, "assignPublicIp=AssignPublicIp");
  if (vpc.contains("subnets")) out["Subnets"] = d.refs("ec2/subnet", &vpc["subnets"], c.key());
  if (vpc.contains("securityGroups"))
    out["SecurityGroups"] = d.refs("ec2/security-group", &vpc["securityGroups"], c.key());
  return {{"AwsvpcConfiguration", out}};
}

// Target group -> what leads to it. A service is refused while nothing does.
using Leading = std::map<std::string, std::vector<std::string>>;

Leading leading_to_groups(const PilotDraft& d) {
  Leading out;
  for (auto kind : {"elbv2/listener", "elbv2/rule"})
    for (auto& l : d.all(kind))
      for (auto& used : l.resource->uses)
        if (used.kind == "elbv2/target-group" && !l.properties->value("IsDefault", false))
          out[used.id].push_back(d.logical(kind, l.id()));
  return out;
}

std::vector<std::string> listeners_before(const Captured& c, const Leading& leading) {
  std::vector<std::string> out;
  for (auto& b : c.properties->value("loadBalancers", Json::array()))
    if (auto it = leading.find(text_of(b, "targetGroupArn")); it != leading.end())
      out.insert(out.end(), it->second.begin(), it->second.end());
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string family_of(const std::string& task_definition) {
  auto slash = task_definition.rfind('/');
  auto colon = task_definition.find(':', slash == task_definition.npos ? 0 : slash);
  return task_definition.substr(0, colon);
}

void service(PilotDraft& d, const Captured& c, const Leading& leading) {
  auto& from = *c.properties;
  Json p{{"Cluster", d.ref("ecs/cluster", text_of(from, "clusterArn"), c.key())}, {"DesiredCount", 0}};
  auto definition = text_of(from, "taskDefinition");
  p["TaskDefinition"] =
      d.ref("ecs/task-definition",
            d.has("ecs/task-definition", definition) ? definition : family_of(definition), c.key());
  Json rest = Json::object();
  take(rest, from,
       "launchType capacityProviderStrategy healthCheckGracePeriodSeconds enableExecuteCommand propagateTags "
       "placementConstraints placementStrategy schedulingStrategy");
  if (rest.contains("capacityProviderStrategy")) rest.erase("launchType");
  if (rest.value("schedulingStrategy", "") == "REPLICA") rest.erase("schedulingStrategy");
  if (rest.value("propagateTags", "") == "NONE") rest.erase("propagateTags");
  if (!rest.value("enableExecuteCommand", false)) rest.erase("enableExecuteCommand");
  if (rest.value("healthCheckGracePeriodSeconds", 0) == 0) rest.erase("healthCheckGracePeriodSeconds");
  Json deployment = Json::object();
  take(deployment, from.value("deploymentConfiguration", Json::object()),
       "maximumPercent minimumHealthyPercent deploymentCircuitBreaker");
  if (!deployment.value("deploymentCircuitBreaker", Json::object()).value("enable", false))
    deployment.erase("deploymentCircuitBreaker");
  if (!deployment.empty()) rest["deploymentConfiguration"] = deployment;
  if (auto v = text_of(from, "platformVersion"); !v.empty() && v != "LATEST") rest["platformVersion"] = v;
  p.update(pascal(rest));
  if (auto b = balancers(d, c); !b.empty()) p["LoadBalancers"] = b;
  p["NetworkConfiguration"] = network(d, c);
  p["Tags"] = tags_of(from.value("tags", Json()));
  if (!from.value("serviceRegistries", Json::array()).empty())
    d.say(c.key(), "serviceRegistries", "service discovery is not captured");
  if (text_of(from.value("deploymentController", Json::object()), "type") == "CODE_DEPLOY")
    d.say(c.key(), "deploymentController",
          "the pilot's service is deployed by ECS itself, not by CodeDeploy");
  d.add({.id = d.logical("ecs/service", c.id()),
         .type = "AWS::ECS::Service",
         .depends = listeners_before(c, leading),
         .from = c.key(),
         .why = fmt::format("{} tasks run in {}, none here until a failover", from.value("desiredCount", 0),
                            d.places().primary)},
        std::move(p));
}

}  // namespace

void translate_containers(PilotDraft& d) {
  auto tasks = d.all("ecs/task-definition");
  for (auto& c : d.all("ecs/cluster")) cluster(d, c);
  auto withheld = withheld_of(tasks);
  for (auto& c : tasks) task(d, c, withheld);
  auto leading = leading_to_groups(d);
  for (auto& c : d.all("ecs/service")) service(d, c, leading);
}

}  // namespace relight::dr
