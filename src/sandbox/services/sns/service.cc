#include "sandbox/services/sns/service.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace relight::sandbox {
using namespace topics;

namespace {
using TopicJson = nlohmann::json;
using Texts = std::map<std::string, std::string>;
}  // namespace

std::string Topic::save() const {
  return TopicJson{{"name", name}, {"attributes", attributes}, {"tags", tags}}.dump();
}
Result<Topic> Topic::load(const std::string& text) {
  auto j = TopicJson::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Malformed", "a topic that is no JSON object");
  return Topic{j.value("name", ""), j.value("attributes", Texts{}), j.value("tags", Texts{})};
}

std::string Subscription::save() const {
  return TopicJson{{"arn", arn},           {"topic", topic}, {"protocol", protocol},
                   {"endpoint", endpoint}, {"token", token}, {"attributes", attributes}}
      .dump();
}
Result<Subscription> Subscription::load(const std::string& text) {
  auto j = TopicJson::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Malformed", "a subscription that is no JSON object");
  return Subscription{j.value("arn", ""),      j.value("topic", ""), j.value("protocol", ""),
                      j.value("endpoint", ""), j.value("token", ""), j.value("attributes", Texts{})};
}
bool Subscription::says(const std::string& attribute, std::string_view value) const {
  auto it = attributes.find(attribute);
  return it != attributes.end() && it->second == value;
}

SnsService::SnsService(World& w)
    : Service(w, api::model()), topics_(w, "sns/topics"), subscriptions_(w, "sns/subscriptions") {
  add_topics();
  add_topic_attributes();
  add_permissions();
  add_tags();
  add_subscriptions();
  add_subscription_reads();
  add_subscription_attributes();
  add_publish();
}

std::string SnsService::arn_of(Region r, const std::string& name) const {
  return fmt::format("arn:aws:sns:{}:{}:{}", r, world_.account(), name);
}

Result<Topic*> SnsService::find(Region r, const std::optional<std::string>& arn) {
  std::string prefix = arn_of(r, ""), text = arn.value_or("");
  if (!text.starts_with("arn:aws:sns:"))
    return aws_error("InvalidParameterException", "Invalid parameter: TopicArn");
  auto* t = text.starts_with(prefix) ? topics_.find(r, text.substr(prefix.size())) : nullptr;
  if (!t) return aws_error("NotFoundException", "Topic does not exist");
  return t;
}

Result<Subscription*> SnsService::find_subscription(Region r, const std::optional<std::string>& arn) {
  if (!arn.value_or("").starts_with("arn:aws:sns:"))
    return aws_error("InvalidParameterException", "Invalid parameter: SubscriptionArn");
  if (auto* s = subscriptions_.find(r, *arn)) return s;
  return aws_error("NotFoundException", "Subscription does not exist");
}

std::vector<Subscription*> SnsService::subscriptions_of(Region r, const std::string& topic_arn) {
  std::vector<Subscription*> out;
  for (auto& [arn, s] : subscriptions_.in(r))
    if (s.topic == topic_arn) out.push_back(&s);
  return out;
}

}  // namespace relight::sandbox
