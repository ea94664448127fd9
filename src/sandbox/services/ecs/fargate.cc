#include "sandbox/services/ecs/fargate.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>

#include "sandbox/gateway/service.h"
#include "sandbox/services/ecs/task_logs.h"

namespace relight::sandbox::ecs {
namespace {

struct Size {
  int cpu, first, last, step;  // MiB
};
// 256 takes 512, 1024 and 2048; the others run in steps.
constexpr Size kSizes[] = {{512, 1024, 4096, 1024},    {1024, 2048, 8192, 1024},
                           {2048, 4096, 16384, 1024},  {4096, 8192, 30720, 1024},
                           {8192, 16384, 61440, 4096}, {16384, 32768, 122880, 8192}};

bool fits(int cpu, int memory) {
  if (cpu == 256) return memory == 512 || memory == 1024 || memory == 2048;
  for (auto& s : kSizes)
    if (s.cpu == cpu) return memory >= s.first && memory <= s.last && (memory - s.first) % s.step == 0;
  return false;
}

int scaled(const std::string& text, const char* unit, int factor) {
  char* end = nullptr;
  double v = std::strtod(text.c_str(), &end);
  while (*end == ' ') ++end;
  std::string rest = end;
  std::transform(rest.begin(), rest.end(), rest.begin(), ::tolower);
  if (v <= 0 || v > 1e6) return 0;
  if (rest.empty()) return static_cast<int>(v);
  return rest == unit ? static_cast<int>(v * factor) : 0;
}

std::unexpected<Error> client(const std::string& why) { return aws_error("ClientException", why); }

Result<> check_container(const api::ContainerDefinition& c, bool awsvpc, std::set<std::string>& names) {
  if (!c.name || c.name->empty()) return client("Container.name should not be null or empty.");
  if (!good_name(*c.name)) return client("Container.name contains invalid characters.");
  if (!c.image || c.image->empty()) return client("Container.image should not be null or empty.");
  if (!names.insert(*c.name).second)
    return client("Container names should be unique within a task definition.");
  for (auto& p : c.portMappings.value_or(std::vector<api::PortMapping>{})) {
    if (!p.containerPort || *p.containerPort < 1 || *p.containerPort > 65535)
      return client("containerPort should be between 1 and 65535.");
    if (awsvpc && p.hostPort && *p.hostPort != 0 && *p.hostPort != *p.containerPort)
      return client(
          "When networkMode=awsvpc, the host ports and container ports in port mappings must match.");
  }
  if (c.healthCheck && (!c.healthCheck->command || c.healthCheck->command->empty()))
    return client("Container.healthCheck.command should not be empty.");
  // Better refused than ignored.
  if ((c.mountPoints && !c.mountPoints->empty()) || (c.volumesFrom && !c.volumesFrom->empty()))
    return client("Volumes are not built in this sandbox: mountPoints and volumesFrom must be empty.");
  // Ignored, containers would start in an order that AWS would not start them in.
  if (c.dependsOn && !c.dependsOn->empty())
    return client("The order of containers is not built in this sandbox: dependsOn must be empty.");
  if (c.stopTimeout && *c.stopTimeout > 120)
    return client("Container.stopTimeout should be at most 120 seconds.");
  return check_logging(c);
}

}  // namespace

bool good_name(const std::string& s) {
  return !s.empty() && s.size() <= 255 && std::all_of(s.begin(), s.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
}

int cpu_units(const std::string& text) { return scaled(text, "vcpu", 1024); }
int memory_mib(const std::string& text) { return scaled(text, "gb", 1024); }

Result<> check_definition(const api::RegisterTaskDefinitionRequest& in) {
  bool awsvpc = in.networkMode.value_or("bridge") == "awsvpc";
  if (!good_name(*in.family)) return client("Family contains invalid characters.");
  if (in.containerDefinitions->empty()) return client("Container list cannot be empty.");
  if (in.containerDefinitions->size() > 10) return client("A task definition holds at most 10 containers.");
  std::set<std::string> names;
  bool essential = false;
  for (auto& c : *in.containerDefinitions) {
    TRY(check_container(c, awsvpc, names));
    essential = essential || c.essential.value_or(true);
  }
  if (!essential) return client("A task definition must have at least one essential container.");
  auto wanted = in.requiresCompatibilities.value_or(std::vector<std::string>{});
  if (std::find(wanted.begin(), wanted.end(), "FARGATE") == wanted.end()) return {};
  if (!awsvpc) return client("Fargate only supports network mode ‘awsvpc’.");
  if (!in.cpu || !in.memory)
    return client("Fargate requires that 'cpu' and 'memory' be defined at the task level.");
  if (!fits(cpu_units(*in.cpu), memory_mib(*in.memory)))
    return client("No Fargate configuration exists for given values: " + std::to_string(cpu_units(*in.cpu)) +
                  " CPU, " + std::to_string(memory_mib(*in.memory)) +
                  " memory. See the Amazon ECS documentation for the valid values.");
  if (!in.executionRoleArn)
    for (auto& c : *in.containerDefinitions) {
      if (c.secrets && !c.secrets->empty())
        return client(
            "When you are specifying container secrets, you must also specify a value for "
            "'executionRoleArn'.");
      if (c.image->find(".dkr.ecr.") != std::string::npos ||
          (c.logConfiguration && c.logConfiguration->logDriver.value_or("") == "awslogs"))
        return client(
            "Fargate requires task definition to have execution role ARN to support ECR images or awslogs.");
    }
  return {};
}

}  // namespace relight::sandbox::ecs
