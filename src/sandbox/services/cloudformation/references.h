// Dynamic references ("Get values stored in other services using dynamic references"): {{resolve:ssm:NAME[:VERSION]}} and
// {{resolve:secretsmanager:ID[:SecretString[:KEY[:LABEL[:VERSION]]]]}} in any string of a property. They are replaced when
// the resource's operation is called and never before, so that a stack keeps the reference, not the value.
#pragma once
#include <string>

#include "sandbox/services/cloudformation/template.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::cfn {

// Error "ValidationError" names the reference, never the value. Not built: ssm-secure.
Result<Json> resolve_references(World& w, const std::string& region, const Json& value);

}  // namespace relight::sandbox::cfn
