// What a target gets of an event ("Amazon EventBridge input transformation"). Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "aws/gen/events.h"
#include "base/result.h"

namespace relight::sandbox::rules {

struct RuleFacts {
  std::string arn, name, ingested;  // ISO 8601
};

// At most one of Input, InputPath, InputTransformer; paths and templates that can be read. Error
// "ValidationException".
Result<> check_input(const aws::events::Target& t);
// The target's text: the event itself, Input, what InputPath points at, or the filled-in template.
std::string input_for(const aws::events::Target& t, const nlohmann::json& event, const RuleFacts& rule);

}  // namespace relight::sandbox::rules
