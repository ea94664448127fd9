// What Fargate demands of a task definition ("Task CPU and memory",
// docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html). Pure.
#pragma once
#include "base/result.h"
#include "sandbox/services/ecs/rows.h"

namespace relight::sandbox::ecs {

// ClientException with ECS's words.
Result<> check_definition(const api::RegisterTaskDefinitionRequest& in);

// ECS's rule for the names of clusters, services, families and containers: up to 255 letters, digits, '-' and
// '_'.
bool good_name(const std::string& s);

// "256", "0.25 vCPU" -> units; "512", "1 GB" -> MiB; 0 when it is neither.
int cpu_units(const std::string& text);
int memory_mib(const std::string& text);

}  // namespace relight::sandbox::ecs
