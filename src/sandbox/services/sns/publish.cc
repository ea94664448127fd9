// Publishing, and what each subscriber gets of it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "sandbox/services/delivery/delivery.h"
#include "sandbox/services/events/pattern.h"
#include "sandbox/services/sns/service.h"

namespace relight::sandbox {
using namespace topics;
namespace op = aws::sns::op;

namespace {

using PublishEntry = api::PublishBatchRequestEntry;
constexpr size_t kPublishBytes = 262'144, kPublishEntries = 10;
constexpr Millis kTopicDeduplication{300'000};

std::unexpected<Error> bad_publish(std::string_view why) {
  return aws_error("InvalidParameterException", fmt::format("Invalid parameter: {}", why));
}

size_t publish_bytes(const PublishEntry& e) {
  size_t n = e.Message.value_or("").size();
  if (e.MessageAttributes)
    for (auto& [name, v] : *e.MessageAttributes)
      n += name.size() + v.DataType.value_or("").size() + v.StringValue.value_or("").size() +
           (v.BinaryValue ? v.BinaryValue->bytes.size() : 0);
  return n;
}

Result<> check_publish_attributes(const PublishedAttributes& all) {
  for (auto& [name, v] : all) {
    std::string type = v.DataType.value_or(""), kind = type.substr(0, type.find('.'));
    if (kind != "String" && kind != "Number" && kind != "Binary")
      return aws_error("InvalidParameterValueException",
                       fmt::format("The message attribute '{}' has an invalid message attribute type, the "
                                   "set of supported type prefixes is Binary, "
                                   "Number, and String.",
                                   name));
    if (kind == "Binary" ? !v.BinaryValue || v.BinaryValue->bytes.empty()
                         : v.StringValue.value_or("").empty())
      return aws_error("InvalidParameterValueException",
                       fmt::format("The message attribute '{}' must contain non-empty message attribute "
                                   "value for message attribute type '{}'.",
                                   name, type));
    auto j = kind == "Number" ? nlohmann::json::parse(*v.StringValue, nullptr, false) : nlohmann::json(0);
    if (!j.is_number())
      return aws_error("InvalidParameterValueException",
                       fmt::format("Could not cast message attribute '{}' value to number.", name));
  }
  return {};
}

Result<> check_structure(const PublishEntry& e) {
  if (!e.MessageStructure) return {};
  if (*e.MessageStructure != "json") return bad_publish("MessageStructure");
  auto j = nlohmann::json::parse(*e.Message, nullptr, false);
  if (!j.is_object()) return bad_publish("Message Structure - JSON message body failed to parse");
  if (!j.contains("default") || !j["default"].is_string())
    return bad_publish("Message Structure - No default entry in JSON message body");
  return {};
}

Result<> check_publish(const Topic& t, const PublishEntry& e) {
  if (e.Message.value_or("").empty()) return bad_publish("Empty message");
  if (publish_bytes(e) > kPublishBytes) return bad_publish("Message too long");
  if (e.Subject) {
    bool good =
        !e.Subject->empty() && e.Subject->size() <= 100 &&
        std::all_of(e.Subject->begin(), e.Subject->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!good) return bad_publish("Subject");
  }
  TRY(check_structure(e));
  if (e.MessageAttributes) TRY(check_publish_attributes(*e.MessageAttributes));
  if (t.fifo() && !e.MessageGroupId)
    return bad_publish("The MessageGroupId parameter is required for FIFO topics");
  auto it = t.attributes.find("ContentBasedDeduplication");
  if (t.fifo() && !e.MessageDeduplicationId && (it == t.attributes.end() || it->second != "true"))
    return bad_publish(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
        "explicitly");
  if (!t.fifo() && e.MessageDeduplicationId)
    return bad_publish(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is "
        "not valid for this topic type");
  return {};
}

// With MessageStructure json each protocol has its own text.
std::string text_for(const PublishEntry& e, const std::string& protocol) {
  if (!e.MessageStructure) return *e.Message;
  auto j = nlohmann::json::parse(*e.Message);
  auto it = j.find(protocol);
  return it != j.end() && it->is_string() ? it->get<std::string>() : j["default"].get<std::string>();
}

bool wanted_by(const Subscription& s, const Published& p) {
  auto it = s.attributes.find("FilterPolicy");
  if (it == s.attributes.end()) return true;
  auto pattern = EventPattern::parse(it->second);
  if (!pattern) return false;
  if (!s.says("FilterPolicyScope", "MessageBody")) return pattern->matches(filterable(p.attributes));
  auto body = nlohmann::json::parse(p.message, nullptr, false);
  return body.is_object() && pattern->matches(body);
}

Parcel parcel_for(const Subscription& s, const Published& p) {
  Parcel out{.group = p.group, .deduplication = p.deduplication};
  if (!s.endpoint.ends_with(".fifo")) out.group.clear(), out.deduplication.clear();
  if (s.protocol == "lambda") {
    out.body = function_event(p, s.arn);
  } else if (s.says("RawMessageDelivery", "true")) {
    out.body = p.message;
    for (auto& [name, v] : p.attributes)
      out.attributes[name] = {
          .StringValue = v.StringValue, .BinaryValue = v.BinaryValue, .DataType = v.DataType};
  } else {
    out.body = notification(p, s.arn);
  }
  return out;
}

}  // namespace

Result<> SnsService::hand_over(Region r, const Subscription& s, const Published& p) {
  return deliver(world_, {"sns.amazonaws.com", p.topic, s.endpoint, r}, parcel_for(s, p));
}

void SnsService::not_handed_over(Region r, const Subscription& s, const Published& p, const Error& e) {
  world_.event(r, "sns", s.arn, "not delivered: " + e.text());
  auto it = s.attributes.find("RedrivePolicy");
  auto j = it == s.attributes.end() ? nlohmann::json() : nlohmann::json::parse(it->second, nullptr, false);
  if (!j.is_object() || !j.contains("deadLetterTargetArn") || !j["deadLetterTargetArn"].is_string()) return;
  auto buried =
      deliver(world_, {"sns.amazonaws.com", p.topic, j["deadLetterTargetArn"].get<std::string>(), r},
              parcel_for(s, p));
  if (!buried) world_.event(r, "sns", s.arn, "not kept as a dead letter: " + buried.error().text());
}

void SnsService::fan_out(Region r, const Published& p, const PublishEntry& in) {
  for (auto* s : subscriptions_of(r, p.topic)) {
    if (!s->token.empty()) continue;  // pending
    Published mine = p;
    mine.message = text_for(in, s->protocol);
    if (!wanted_by(*s, mine)) continue;
    if (auto done = hand_over(r, *s, mine); !done) not_handed_over(r, *s, mine, done.error());
  }
}

Result<api::PublishResponse> SnsService::publish(Region r, Topic& t, const PublishEntry& in) {
  TRY(check_publish(t, in));
  auto now = world_.clock.now();
  Published p{.topic = arn_of(r, t.name),
              .id = world_.rng.uuid(),
              .message = *in.Message,
              .subject = in.Subject,
              .at = now};
  if (in.MessageAttributes) p.attributes = *in.MessageAttributes;
  if (t.fifo()) {
    p.group = *in.MessageGroupId;
    p.deduplication = in.MessageDeduplicationId ? *in.MessageDeduplicationId : hex(sha256(*in.Message));
    last_sequence_ = std::max(last_sequence_ + 1, now.time_since_epoch().count() * 1'000'000);
    p.sequence = fmt::format("{:020}", last_sequence_);
    std::erase_if(repeats_, [&](auto& entry) { return entry.second.at + kTopicDeduplication <= now; });
    auto [it, fresh] = repeats_.try_emplace(p.topic + "|" + p.deduplication, Repeat{p.id, p.sequence, now});
    if (!fresh) return api::PublishResponse{it->second.message, it->second.sequence};
  }
  fan_out(r, p, in);
  api::PublishResponse out{p.id};
  if (t.fifo()) out.SequenceNumber = p.sequence;
  return out;
}

void SnsService::add_publish() {
  on<op::Publish>([this](const Call& c, const api::PublishInput& in) -> Result<api::PublishResponse> {
    if (in.PhoneNumber) return aws_error("NotImplemented", "SMS is not built in this sandbox", 501);
    TRY_ASSIGN(auto* t, find(c.region, in.TopicArn ? in.TopicArn : in.TargetArn));
    return publish(c.region, *t,
                   {.Id = "1",
                    .Message = in.Message,
                    .Subject = in.Subject,
                    .MessageStructure = in.MessageStructure,
                    .MessageAttributes = in.MessageAttributes,
                    .MessageDeduplicationId = in.MessageDeduplicationId,
                    .MessageGroupId = in.MessageGroupId});
  });
  on<op::PublishBatch>(
      [this](const Call& c, const api::PublishBatchInput& in) -> Result<api::PublishBatchResponse> {
        TRY_ASSIGN(auto* t, find(c.region, in.TopicArn));
        auto& entries = *in.PublishBatchRequestEntries;
        if (entries.empty())
          return aws_error("EmptyBatchRequestException", "The batch request doesn't contain any entries.");
        if (entries.size() > kPublishEntries)
          return aws_error("TooManyEntriesInBatchRequestException",
                           "The batch request contains more entries than permissible.");
        std::set<std::string> ids;
        size_t bytes = 0;
        for (auto& e : entries) {
          if (!ids.insert(*e.Id).second)
            return aws_error("BatchEntryIdsNotDistinctException",
                             "Two or more batch entries in the request have the same Id.");
          bytes += publish_bytes(e);
        }
        if (bytes > kPublishBytes)
          return aws_error("BatchRequestTooLongException",
                           "The length of all the batch messages put together is more than the limit.");
        api::PublishBatchResponse out;
        out.Successful.emplace();
        out.Failed.emplace();
        for (auto& e : entries)
          if (auto one = publish(c.region, *t, e))
            out.Successful->push_back(
                {.Id = e.Id, .MessageId = one->MessageId, .SequenceNumber = one->SequenceNumber});
          else
            out.Failed->push_back(
                {.Id = e.Id, .Code = one.error().code, .Message = one.error().message, .SenderFault = true});
        return out;
      });
}

}  // namespace relight::sandbox
