// What subscribers get of a message ("Parsing Amazon SNS message formats"; "Using AWS Lambda with Amazon
// SNS"). Pure.
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "aws/gen/sns.h"
#include "base/clock.h"

namespace relight::sandbox::topics {

using PublishedAttributes = std::map<std::string, aws::sns::MessageAttributeValue>;

struct Published {
  std::string topic, id, message;
  std::optional<std::string> subject;
  PublishedAttributes attributes;
  Instant at;
  std::string group, deduplication, sequence;  // FIFO
};

// The JSON that a queue gets without RawMessageDelivery.
std::string notification(const Published& p, const std::string& subscription);
// The event that a function gets.
std::string function_event(const Published& p, const std::string& subscription);
// The attributes as a filter policy sees them: numbers as numbers, String.Array as a list.
nlohmann::json filterable(const PublishedAttributes& all);

}  // namespace relight::sandbox::topics
