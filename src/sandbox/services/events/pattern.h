// Event patterns: EventBridge's rules and SNS's filter policies ("Amazon EventBridge event patterns" and
// "Comparison operators for use in event patterns", EventBridge User Guide; "Amazon SNS subscription filter
// policies"). Pure.
#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace relight::sandbox {

class EventPattern {
 public:
  // Error "InvalidEventPatternException" with the first fault: not an object, an empty list, an operator that
  // AWS does not document.
  static Result<EventPattern> parse(const std::string& json);
  bool matches(const nlohmann::json& event) const;

 private:
  std::shared_ptr<const nlohmann::json> pattern_;  // checked; shared by copies, never changed
};

}  // namespace relight::sandbox
