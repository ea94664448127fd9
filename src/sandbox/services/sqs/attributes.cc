#include "sandbox/services/sqs/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::queues {
namespace {

using AttributeJson = nlohmann::json;

struct AttributeRow {
  std::string_view name, fallback;
  int64_t min = 0, max = -1;  // max < min: no number
  bool fifo_only = false, settable = true;
};
constexpr auto kAttributes = std::to_array<AttributeRow>({
    {"VisibilityTimeout", "30", 0, 43'200},
    {"DelaySeconds", "0", 0, 900},
    {"MaximumMessageSize", "262144", 1'024, 262'144},
    {"MessageRetentionPeriod", "345600", 60, 1'209'600},
    {"ReceiveMessageWaitTimeSeconds", "0", 0, 20},
    {"KmsDataKeyReusePeriodSeconds", "", 60, 86'400},
    {"KmsMasterKeyId", ""},
    {"SqsManagedSseEnabled", "true"},
    {"Policy", ""},
    {"RedrivePolicy", ""},
    {"RedriveAllowPolicy", ""},
    {"FifoQueue", "", 0, -1, true},
    {"ContentBasedDeduplication", "false", 0, -1, true},
    {"DeduplicationScope", "queue", 0, -1, true},
    {"FifoThroughputLimit", "perQueue", 0, -1, true},
    {"QueueArn", "", 0, -1, false, false},
    {"CreatedTimestamp", "", 0, -1, false, false},
    {"LastModifiedTimestamp", "", 0, -1, false, false},
    {"ApproximateNumberOfMessages", "", 0, -1, false, false},
    {"ApproximateNumberOfMessagesNotVisible", "", 0, -1, false, false},
    {"ApproximateNumberOfMessagesDelayed", "", 0, -1, false, false},
});

const AttributeRow* attribute_row(std::string_view name) {
  auto it = std::find_if(kAttributes.begin(), kAttributes.end(), [&](auto& a) { return a.name == name; });
  return it == kAttributes.end() ? nullptr : &*it;
}

std::optional<int64_t> attribute_number(std::string_view text) {
  int64_t n = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  return ec == std::errc{} && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

bool attribute_is_object(const std::string& text) {
  return AttributeJson::parse(text, nullptr, false).is_object();
}

bool attribute_fits(const AttributeRow& row, const std::string& value) {
  if (row.max >= row.min) {
    auto n = attribute_number(value);
    return n && *n >= row.min && *n <= row.max;
  }
  if (row.name == "FifoQueue") return value == "true";
  if (row.name == "ContentBasedDeduplication" || row.name == "SqsManagedSseEnabled")
    return value == "true" || value == "false";
  if (row.name == "DeduplicationScope") return value == "queue" || value == "messageGroup";
  if (row.name == "FifoThroughputLimit") return value == "perQueue" || value == "perMessageGroupId";
  if (value.empty()) return true;  // taken away
  if (row.name == "RedrivePolicy") return parse_redrive(value).has_value();
  if (row.name == "Policy" || row.name == "RedriveAllowPolicy") return attribute_is_object(value);
  return true;
}

}  // namespace

std::string_view default_of(std::string_view attribute) {
  auto* row = attribute_row(attribute);
  return row ? row->fallback : std::string_view{};
}

bool known_attribute(std::string_view name) { return name == "All" || attribute_row(name); }

Result<> check_queue_name(const std::string& name, bool fifo) {
  std::string_view stem = name;
  if (fifo && stem.ends_with(".fifo")) stem.remove_suffix(5);
  bool good = !stem.empty() && name.size() <= 80 && fifo == name.ends_with(".fifo") &&
              std::all_of(stem.begin(), stem.end(),
                          [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  if (good) return {};
  return aws_error(
      "InvalidParameterValue",
      fifo ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
             "must end with .fifo suffix and be 1 to 80 in length"
           : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
      400);
}

Result<> check_attributes(const std::map<std::string, std::string>& attributes, bool fifo) {
  for (auto& [name, value] : attributes) {
    auto* row = attribute_row(name);
    if (!row || !row->settable || (row->fifo_only && !fifo))
      return aws_error("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name), 400);
    if (!attribute_fits(*row, value))
      return aws_error("InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.", name),
                       400);
  }
  auto it = attributes.find("FifoThroughputLimit");
  auto scope = attributes.find("DeduplicationScope");
  // "High throughput for FIFO queues": a limit by group needs deduplication by group.
  if (it != attributes.end() && it->second == "perMessageGroupId" &&
      (scope == attributes.end() || scope->second != "messageGroup"))
    return aws_error("InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit.", 400);
  return {};
}

std::optional<Redrive> parse_redrive(const std::string& policy) {
  auto j = AttributeJson::parse(policy, nullptr, false);
  if (!j.is_object() || !j.contains("deadLetterTargetArn") || !j["deadLetterTargetArn"].is_string())
    return std::nullopt;
  Redrive r{j["deadLetterTargetArn"].get<std::string>(), 0};
  auto& count = j["maxReceiveCount"];
  if (count.is_number_integer()) r.max_receives = count.get<int64_t>();
  if (count.is_string()) r.max_receives = attribute_number(count.get<std::string>()).value_or(0);
  if (r.max_receives < 1 || r.max_receives > 1'000) return std::nullopt;
  return r;
}

bool allows_redrive(const std::string& policy, const std::string& source_arn) {
  auto j = AttributeJson::parse(policy, nullptr, false);
  if (!j.is_object()) return true;
  std::string who = j.contains("redrivePermission") && j["redrivePermission"].is_string()
                        ? j["redrivePermission"].get<std::string>()
                        : "allowAll";
  if (who != "byQueue") return who == "allowAll";
  auto& sources = j["sourceQueueArns"];
  return sources.is_array() &&
         std::any_of(sources.begin(), sources.end(), [&](auto& s) { return s == source_arn; });
}

}  // namespace relight::sandbox::queues
