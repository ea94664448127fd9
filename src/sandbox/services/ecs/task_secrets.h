// What a task definition's `secrets` stand for, fetched anew whenever the containers start.
#pragma once
#include <map>
#include <string>

#include "aws/gen/ecs.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::ecs {

using Environment = std::map<std::string, std::string>;

// By container name. A reference is an ARN of Secrets Manager
// ("…:secret:NAME-abcdef[:KEY[:LABEL[:VERSION]]]"), an ARN of a parameter, or a parameter's name in the
// task's own region ("Pass sensitive data to an Amazon ECS container"). Each is fetched in the region that
// its ARN names: a region that is lost answers nothing, and the task does not start. Error code
// "ResourceInitializationError", as a task's stoppedReason says it. Values never stand in a message.
Result<std::map<std::string, Environment>> fetch_secrets(World& w, const std::string& region,
                                                         const aws::ecs::TaskDefinition& d);

}  // namespace relight::sandbox::ecs
