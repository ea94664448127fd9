// From a task to the containers that the plane runs, and the environment that AWS gives them.
#include <algorithm>

#include "sandbox/services/ecs/fargate.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;

namespace {

const api::ContainerOverride* override_of(const TaskRow& t, const std::string& name) {
  if (t.v.overrides && t.v.overrides->containerOverrides)
    for (auto& o : *t.v.overrides->containerOverrides)
      if (o.name == name) return &o;
  return nullptr;
}

void add(std::map<std::string, std::string>& env,
         const std::optional<std::vector<api::KeyValuePair>>& pairs) {
  for (auto& kv : pairs.value_or(std::vector<api::KeyValuePair>{}))
    if (kv.name) env[*kv.name] = kv.value.value_or("");
}

}  // namespace

std::vector<container::Spec> EcsService::specs(const std::string& region, const std::string& key,
                                               const TaskRow& t, const api::TaskDefinition& d,
                                               const std::map<std::string, Environment>& secrets) {
  std::string id = key.substr(key.find('/') + 1), address = address_of(t), dashed = address;
  std::replace(dashed.begin(), dashed.end(), '.', '-');
  std::string secret = world_.rng.hex(32);  // the path of this task's credentials; new for each start
  std::erase_if(secret_paths_, [&](auto& p) { return p.second == std::pair(region, key); });
  secret_paths_[secret] = {region, key};
  std::vector<container::Spec> out;
  for (size_t i = 0; i < d.containerDefinitions->size(); ++i) {
    auto& c = (*d.containerDefinitions)[i];
    container::Spec s;
    s.id = id + "-" + std::to_string(i);
    s.image = *c.image;
    s.entrypoint = c.entryPoint.value_or(List<std::string>{});
    s.command = c.command.value_or(List<std::string>{});
    s.cwd = c.workingDirectory.value_or("");
    s.user = c.user.value_or("");
    s.hostname = "ip-" + dashed;
    s.address = address;
    s.dns = world_.dns_address();
    s.memory_bytes = int64_t{memory_mib(d.memory.value_or("0"))} << 20;
    if (c.memory) s.memory_bytes = int64_t{*c.memory} << 20;
    s.cpu_units = cpu_units(d.cpu.value_or("0"));
    if (c.cpu.value_or(0) > 0) s.cpu_units = *c.cpu;
    s.read_only_root = c.readonlyRootFilesystem.value_or(false);
    s.log_path = world_.dir(region, "ecs") + "/" + id + "-" + *c.name + ".log";
    add(s.env, c.environment);
    if (auto it = secrets.find(*c.name); it != secrets.end())
      for (auto& [name, value] : it->second) s.env[name] = value;
    if (auto* o = override_of(t, *c.name)) {
      if (o->command) s.command = *o->command;
      add(s.env, o->environment);
    }
    s.env.insert({{"AWS_REGION", region},
                  {"AWS_DEFAULT_REGION", region},
                  {"AWS_ENDPOINT_URL", world_.api_endpoint()},
                  {"AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"}});
    if (metadata_) {
      s.env["ECS_CONTAINER_METADATA_URI_V4"] = metadata_->url() + "/v4/" + secret + "-" + std::to_string(i);
      if (d.taskRoleArn) {
        s.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata_->url() + "/v2/credentials/" + secret;
        s.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = secret;
      }
    }
    out.push_back(std::move(s));
  }
  return out;
}

}  // namespace relight::sandbox
