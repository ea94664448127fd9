// SQS and SNS: queues, topics, their policies and subscriptions. They cost nothing while nobody sends.
#include <fmt/format.h>

#include <algorithm>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

// SQS and SNS answer attributes as texts.
Json typed_attribute(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  bool number = !text.empty() && text.size() < 10 &&
                std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return number ? Json(std::stoi(text)) : Json(text);
}

void take_attributes(Json& to, const Json& from, std::string_view members) {
  Json texts = Json::object();
  take(texts, from, members);
  for (auto& [name, value] : texts.items())
    to[name] = value.is_string() ? typed_attribute(value.get<std::string>()) : value;
}

void queue(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto id = d.logical("sqs/queue", c.id());
  Json p{{"QueueName", d.name(c.id())}};
  take_attributes(p, from,
                  "VisibilityTimeout MessageRetentionPeriod MaximumMessageSize DelaySeconds "
                  "ReceiveMessageWaitTimeSeconds FifoQueue ContentBasedDeduplication DeduplicationScope "
                  "FifoThroughputLimit KmsDataKeyReusePeriodSeconds SqsManagedSseEnabled");
  if (p.contains("FifoQueue") && p["FifoQueue"] == false)
    p.erase("FifoQueue");  // CloudFormation refuses a false
  if (auto key = text_of(from, "KmsMasterKeyId"); !key.empty()) p["KmsMasterKeyId"] = key_of(d, key, c.key());
  if (auto redrive = from.value("RedrivePolicy", Json()); redrive.is_object()) {
    Json to{{"deadLetterTargetArn", arn_of(d, text_of(redrive, "deadLetterTargetArn"), c.key())}};
    take(to, redrive, "maxReceiveCount");
    p["RedrivePolicy"] = to;
  }
  // It names the queues that may send here, which themselves name this one: by text, so that no circle
  // arises.
  if (auto allow = from.value("RedriveAllowPolicy", Json()); allow.is_object())
    p["RedriveAllowPolicy"] = d.deep(allow, c.key());
  Json tags = Json::array();
  auto given = from.value("Tags", Json::object());
  for (auto& [key, value] : given.items())
    tags.push_back({{"Key", key}, {"Value", value}});
  p["Tags"] = tags_of(tags);
  d.add({.id = id, .type = "AWS::SQS::Queue", .from = c.key()}, std::move(p));
  auto policy = Json::parse(text_of(from, "Policy"), nullptr, false);
  if (policy.is_object())
    d.add({.id = id + "Policy", .type = "AWS::SQS::QueuePolicy", .from = c.key()},
          {{"Queues", Json::array({ref_to(id)})}, {"PolicyDocument", d.deep(policy, c.key())}});
}

void topic(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto id = d.logical("sns/topic", c.id());
  Json p{{"TopicName", d.name(c.id().substr(c.id().rfind(':') + 1))}};
  take_attributes(p, from, "FifoTopic ContentBasedDeduplication TracingConfig SignatureVersion");
  if (auto shown = text_of(from, "DisplayName"); !shown.empty()) p["DisplayName"] = shown;
  if (p.contains("FifoTopic") && p["FifoTopic"] == false) p.erase("FifoTopic");
  if (p.contains("SignatureVersion")) p["SignatureVersion"] = text_of(from, "SignatureVersion");
  if (auto key = text_of(from, "KmsMasterKeyId"); !key.empty()) p["KmsMasterKeyId"] = key_of(d, key, c.key());
  p["Tags"] = tags_of(from.value("Tags", Json()));
  d.add({.id = id, .type = "AWS::SNS::Topic", .from = c.key()}, std::move(p));
  auto policy = Json::parse(text_of(from, "Policy"), nullptr, false);
  if (policy.is_object() && text_of(policy, "Id") != "__default_policy_ID")
    d.add({.id = id + "Policy", .type = "AWS::SNS::TopicPolicy", .from = c.key()},
          {{"Topics", Json::array({ref_to(id)})}, {"PolicyDocument", d.deep(policy, c.key())}});
}

void subscription(PilotDraft& d, const Captured& c) {
  auto& from = *c.properties;
  auto topic = text_of(from, "TopicArn"), endpoint = text_of(from, "Endpoint"),
       protocol = text_of(from, "Protocol");
  if (!d.has("sns/topic", topic)) return d.say(c.key(), "everything", "its topic was not captured");
  if (endpoint.find("(withheld)") != endpoint.npos)
    return d.say(c.key(), "everything", "its address is withheld: subscribe it by hand (sns:Subscribe)");
  if (protocol.starts_with("email") || protocol.starts_with("http"))
    d.say(c.key(), endpoint, "whoever is there must confirm the pilot's subscription too");
  Json p{{"TopicArn", ref_to(d.logical("sns/topic", topic))},
         {"Protocol", protocol},
         {"Endpoint", arn_of(d, endpoint, c.key())}};
  if (text_of(from, "RawMessageDelivery") == "true") p["RawMessageDelivery"] = true;
  if (auto filter = Json::parse(text_of(from, "FilterPolicy"), nullptr, false); filter.is_object()) {
    p["FilterPolicy"] = filter;
    take(p, from, "FilterPolicyScope");
  }
  if (auto redrive = Json::parse(text_of(from, "RedrivePolicy"), nullptr, false); redrive.is_object())
    p["RedrivePolicy"] = {
        {"deadLetterTargetArn", arn_of(d, text_of(redrive, "deadLetterTargetArn"), c.key())}};
  d.add({.id = d.logical("sns/subscription", c.id()), .type = "AWS::SNS::Subscription", .from = c.key()},
        std::move(p));
}

}  // namespace

void translate_messages(PilotDraft& d) {
  for (auto& c : d.all("sqs/queue")) queue(d, c);
  for (auto& c : d.all("sns/topic")) topic(d, c);
  for (auto& c : d.all("sns/subscription")) subscription(d, c);
}

}  // namespace relight::dr
