#include "sandbox/services/sns/envelope.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace relight::sandbox::topics {
namespace {

using EnvelopeJson = nlohmann::ordered_json;

std::string region_in(const std::string& arn) {
  auto parts = split(arn, ':');
  return parts.size() > 3 ? parts[3] : "";
}

EnvelopeJson attributes_json(const PublishedAttributes& all) {
  EnvelopeJson out = EnvelopeJson::object();
  for (auto& [name, v] : all)
    out[name] = {{"Type", v.DataType.value_or("")},
                 {"Value", v.BinaryValue ? base64(v.BinaryValue->bytes) : v.StringValue.value_or("")}};
  return out;
}

// Only AWS has the key; a subscriber that verifies has to refuse this.
std::string no_signature() { return base64("not signed: a sandbox has no key of Amazon SNS"); }
std::string certificate(const std::string& region) {
  return fmt::format("https://sns.{}.amazonaws.com/SimpleNotificationService-sandbox.pem", region);
}
std::string leave(const std::string& region, const std::string& subscription) {
  return fmt::format("https://sns.{}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={}", region,
                     subscription);
}

}  // namespace

std::string notification(const Published& p, const std::string& subscription) {
  std::string region = region_in(p.topic);
  EnvelopeJson j{{"Type", "Notification"}, {"MessageId", p.id}};
  if (!p.sequence.empty()) j["SequenceNumber"] = p.sequence;
  j["TopicArn"] = p.topic;
  if (p.subject) j["Subject"] = *p.subject;
  j["Message"] = p.message;
  j["Timestamp"] = iso8601(p.at);
  j["SignatureVersion"] = "1";
  j["Signature"] = no_signature();
  j["SigningCertURL"] = certificate(region);
  j["UnsubscribeURL"] = leave(region, subscription);
  if (!p.attributes.empty()) j["MessageAttributes"] = attributes_json(p.attributes);
  return j.dump(2);
}

std::string function_event(const Published& p, const std::string& subscription) {
  std::string region = region_in(p.topic);
  EnvelopeJson sns{{"Type", "Notification"},
                   {"MessageId", p.id},
                   {"TopicArn", p.topic},
                   {"Subject", p.subject ? EnvelopeJson(*p.subject) : EnvelopeJson()},
                   {"Message", p.message},
                   {"Timestamp", iso8601(p.at)},
                   {"SignatureVersion", "1"},
                   {"Signature", no_signature()},
                   {"SigningCertUrl", certificate(region)},
                   {"UnsubscribeUrl", leave(region, subscription)},
                   {"MessageAttributes", attributes_json(p.attributes)}};
  EnvelopeJson record{{"EventSource", "aws:sns"},
                      {"EventVersion", "1.0"},
                      {"EventSubscriptionArn", subscription},
                      {"Sns", sns}};
  return EnvelopeJson{{"Records", EnvelopeJson::array({record})}}.dump();
}

nlohmann::json filterable(const PublishedAttributes& all) {
  auto out = nlohmann::json::object();
  for (auto& [name, v] : all) {
    std::string type = v.DataType.value_or(""), text = v.StringValue.value_or("");
    bool parsed = type == "Number" || type.starts_with("Number.") || type == "String.Array";
    auto j = parsed ? nlohmann::json::parse(text, nullptr, false) : nlohmann::json(text);
    if (!v.BinaryValue && !j.is_discarded()) out[name] = std::move(j);
  }
  return out;
}

}  // namespace relight::sandbox::topics
