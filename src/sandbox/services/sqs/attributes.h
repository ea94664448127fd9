// Queues' names and attributes: what may be set and to what (Amazon SQS API Reference, CreateQueue and
// SetQueueAttributes; "Amazon SQS queue quotas"). Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::sandbox::queues {

// "" where an attribute has none.
std::string_view default_of(std::string_view attribute);
// Whether GetQueueAttributes knows the name.
bool known_attribute(std::string_view name);

Result<> check_queue_name(const std::string& name, bool fifo);
// Attributes of CreateQueue or SetQueueAttributes. Errors InvalidAttributeName, InvalidAttributeValue.
Result<> check_attributes(const std::map<std::string, std::string>& attributes, bool fifo);

struct Redrive {
  std::string target;  // ARN
  int64_t max_receives = 0;
};
// RedrivePolicy's JSON; maxReceiveCount may be a number or a text of one.
std::optional<Redrive> parse_redrive(const std::string& policy);
// Whether RedriveAllowPolicy (may be empty: everybody) lets that queue move messages here.
bool allows_redrive(const std::string& policy, const std::string& source_arn);

}  // namespace relight::sandbox::queues
