#include "sandbox/services/lambda/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::functions {
namespace {

using EventJson = nlohmann::ordered_json;
namespace sqs = aws::sqs;

EventJson attribute_json(const sqs::MessageAttributeValue& a) {
  EventJson j = EventJson::object();
  if (a.StringValue) j["stringValue"] = *a.StringValue;
  if (a.BinaryValue) j["binaryValue"] = base64(a.BinaryValue->bytes);
  j["stringListValues"] = EventJson::array();
  j["binaryListValues"] = EventJson::array();
  j["dataType"] = a.DataType.value_or("");
  return j;
}

}  // namespace

std::optional<Queue> queue_of(const std::string& arn) {
  auto parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sqs") return std::nullopt;
  return Queue{parts[3], parts[4], parts[5]};
}

Result<std::string> queue_url(World& w, const Queue& q) {
  TRY_ASSIGN(auto found, w.call<sqs::op::GetQueueUrl>(q.region, {.QueueName = q.name}));
  return found.QueueUrl.value_or("");
}

Result<> check_queue(World& w, const Queue& q, int function_timeout_s) {
  auto url = queue_url(w, q);
  if (!url)
    return aws_error(
        "InvalidParameterValueException",
        fmt::format("Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error Message: {}",
                    url.error().code, url.error().message),
        400);
  auto got = w.call<sqs::op::GetQueueAttributes>(
      q.region, {.QueueUrl = *url, .AttributeNames = std::vector<std::string>{"VisibilityTimeout"}});
  if (!got || !got->Attributes || !got->Attributes->contains("VisibilityTimeout")) return {};
  int hidden = std::atoi(got->Attributes->at("VisibilityTimeout").c_str());
  if (hidden >= function_timeout_s) return {};
  return aws_error(
      "InvalidParameterValueException",
      fmt::format("Queue visibility timeout: {} seconds is less than Function timeout: {} seconds", hidden,
                  function_timeout_s),
      400);
}

Result<std::vector<sqs::Message>> receive(World& w, const Queue& q, const std::string& url, int max) {
  std::vector<sqs::Message> all;
  while (static_cast<int>(all.size()) < max) {
    sqs::op::ReceiveMessage::Input in;
    in.QueueUrl = url;
    in.AttributeNames = std::vector<std::string>{"All"};
    in.MessageAttributeNames = std::vector<std::string>{"All"};
    in.MaxNumberOfMessages = std::min(10, max - static_cast<int>(all.size()));
    in.WaitTimeSeconds = 0;
    auto got = w.call<sqs::op::ReceiveMessage>(q.region, in);
    if (!got && all.empty()) return std::unexpected(got.error());
    if (!got || !got->Messages || got->Messages->empty()) break;
    for (auto& m : *got->Messages) all.push_back(std::move(m));
  }
  return all;
}

std::string sqs_event(const std::vector<sqs::Message>& batch, const std::string& queue_arn,
                      const std::string& region) {
  EventJson records = EventJson::array();
  for (auto& m : batch) {
    EventJson r{{"messageId", m.MessageId.value_or("")},
                {"receiptHandle", m.ReceiptHandle.value_or("")},
                {"body", m.Body.value_or("")}};
    r["attributes"] = EventJson::object();
    if (m.Attributes)
      for (auto& [k, v] : *m.Attributes) r["attributes"][k] = v;
    r["messageAttributes"] = EventJson::object();
    if (m.MessageAttributes)
      for (auto& [k, v] : *m.MessageAttributes) r["messageAttributes"][k] = attribute_json(v);
    r["md5OfBody"] = m.MD5OfBody.value_or("");
    r["eventSource"] = "aws:sqs";
    r["eventSourceARN"] = queue_arn;
    r["awsRegion"] = region;
    records.push_back(std::move(r));
  }
  return EventJson{{"Records", records}}.dump(-1, ' ', false, EventJson::error_handler_t::replace);
}

std::optional<std::set<std::string>> failed_items(const std::string& answer) {
  auto j = EventJson::parse(answer, nullptr, false);
  if (j.is_discarded()) return std::nullopt;
  std::set<std::string> out;
  if (!j.is_object() || !j.contains("batchItemFailures") || j["batchItemFailures"].is_null()) return out;
  if (!j["batchItemFailures"].is_array()) return std::nullopt;
  for (auto& item : j["batchItemFailures"]) {
    if (!item.is_object() || !item.contains("itemIdentifier") || !item["itemIdentifier"].is_string())
      return std::nullopt;
    std::string id = item["itemIdentifier"];
    if (id.empty()) return std::nullopt;
    out.insert(id);
  }
  return out;
}

}  // namespace relight::sandbox::functions
