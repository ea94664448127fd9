// Subscriptions: made, confirmed, listed, changed, ended.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sandbox/services/delivery/delivery.h"
#include "sandbox/services/events/pattern.h"
#include "sandbox/services/sns/service.h"

namespace relight::sandbox {
using namespace topics;
namespace op = aws::sns::op;

namespace {

constexpr size_t kSubscriptionPage = 100, kFilterKeys = 5;

std::unexpected<Error> bad_subscription(std::string_view why) {
  return aws_error("InvalidParameterException", fmt::format("Invalid parameter: {}", why));
}

Result<> check_endpoint(const Topic& t, const std::string& protocol, const std::string& endpoint) {
  if (protocol == "sqs") {
    if (arn_service(endpoint) != "sqs") return bad_subscription("SQS endpoint ARN");
    if (endpoint.ends_with(".fifo") && !t.fifo())
      return bad_subscription(
          "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
    return {};
  }
  if (t.fifo()) return bad_subscription("Invalid protocol type: " + protocol);
  if (protocol == "lambda")
    return arn_service(endpoint) == "lambda" ? Result<>{} : bad_subscription("Lambda endpoint ARN");
  if (protocol == "email" || protocol == "email-json")
    return endpoint.find('@') != endpoint.npos ? Result<>{} : bad_subscription("Email address");
  if (protocol == "http" || protocol == "https")
    return endpoint.starts_with(protocol + "://")
               ? Result<>{}
               : bad_subscription("Endpoint must match the specified protocol");
  if (protocol == "sms" || protocol == "application" || protocol == "firehose")
    return aws_error("NotImplemented",
                     fmt::format("subscriptions by {} are not built in this sandbox", protocol), 501);
  return bad_subscription("Does not support this protocol string: " + protocol);
}

Result<> check_filter(const std::string& policy) {
  if (policy.empty() || policy == "{}") return {};
  auto pattern = EventPattern::parse(policy);
  if (!pattern) return bad_subscription("FilterPolicy: " + pattern.error().message);
  if (nlohmann::json::parse(policy).size() > kFilterKeys)
    return bad_subscription("FilterPolicy: Filter policy can not have more than 5 keys");
  return {};
}

Result<> check_subscription_attribute(const std::string& name, const std::string& value,
                                      const std::string& protocol) {
  if (name == "FilterPolicy") return check_filter(value);
  if (name == "FilterPolicyScope")
    return value == "MessageAttributes" || value == "MessageBody"
               ? Result<>{}
               : bad_subscription("FilterPolicyScope: Invalid value [" + value + "]");
  if (name == "RawMessageDelivery") {
    if (value != "true" && value != "false")
      return bad_subscription("RawMessageDelivery: must be true or false");
    if (value == "true" && protocol != "sqs" && protocol != "http" && protocol != "https")
      return bad_subscription("Attributes Reason: Delivery protocol [" + protocol +
                              "] does not support raw message delivery.");
    return {};
  }
  if (name == "RedrivePolicy" || name == "DeliveryPolicy")
    return value.empty() || nlohmann::json::parse(value, nullptr, false).is_object()
               ? Result<>{}
               : bad_subscription(name + ": failed to parse JSON.");
  if (name == "SubscriptionRoleArn") return {};
  return bad_subscription("AttributeName");
}

api::Subscription shown_subscription(const Subscription& s, const std::string& owner) {
  return {.SubscriptionArn = s.token.empty() ? s.arn : "PendingConfirmation",
          .Owner = owner,
          .Protocol = s.protocol,
          .Endpoint = s.endpoint,
          .TopicArn = s.topic};
}

}  // namespace

Result<api::SubscribeResponse> SnsService::subscribe(const Call& c, const api::SubscribeInput& in) {
  TRY_ASSIGN(auto* t, find(c.region, in.TopicArn));
  Subscription s;
  s.topic = *in.TopicArn;
  s.protocol = *in.Protocol;
  s.endpoint = in.Endpoint.value_or("");
  TRY(check_endpoint(*t, s.protocol, s.endpoint));
  if (in.Attributes) s.attributes = *in.Attributes;
  for (auto& [name, value] : s.attributes) TRY(check_subscription_attribute(name, value, s.protocol));
  for (auto* there : subscriptions_of(c.region, s.topic)) {
    if (there->protocol != s.protocol || there->endpoint != s.endpoint) continue;
    if (in.Attributes && there->attributes != s.attributes)
      return bad_subscription("Attributes Reason: Subscription already exists with different attributes");
    bool hidden = !there->token.empty() && !in.ReturnSubscriptionArn.value_or(false);
    return api::SubscribeResponse{hidden ? "pending confirmation" : there->arn};
  }
  s.arn = s.topic + ":" + world_.rng.uuid();
  bool own = s.protocol == "sqs" || s.protocol == "lambda";
  if (!own) s.token = world_.rng.hex(64);
  std::string arn = s.arn;
  subscriptions_.put(c.region, arn, std::move(s));
  return api::SubscribeResponse{own || in.ReturnSubscriptionArn.value_or(false) ? arn
                                                                                : "pending confirmation"};
}

void SnsService::add_subscriptions() {
  on<op::Subscribe>([this](const Call& c, const api::SubscribeInput& in) { return subscribe(c, in); });
  on<op::ConfirmSubscription>(
      [this](const Call& c,
             const api::ConfirmSubscriptionInput& in) -> Result<api::ConfirmSubscriptionResponse> {
        TRY(find(c.region, in.TopicArn));
        for (auto* s : subscriptions_of(c.region, *in.TopicArn)) {
          if (s->token.empty() || s->token != *in.Token) continue;
          s->token.clear();
          subscriptions_.save(c.region, s->arn, *s);
          return api::ConfirmSubscriptionResponse{s->arn};
        }
        return bad_subscription("Token");
      });
  on<op::Unsubscribe>(
      [this](const Call& c, const api::UnsubscribeInput& in) -> Result<api::UnsubscribeOutput_> {
        if (!in.SubscriptionArn->starts_with("arn:aws:sns:"))
          return bad_subscription("SubscriptionArn Reason: An ARN must have at least 6 elements");
        subscriptions_.erase(c.region, *in.SubscriptionArn);
        return api::UnsubscribeOutput_{};
      });
}

void SnsService::add_subscription_reads() {
  auto page = [this](Region r, const std::string& topic, const std::optional<std::string>& token, auto& out) {
    out.Subscriptions.emplace();
    std::string last;
    for (auto& [arn, s] : subscriptions_.in(r)) {
      if ((!topic.empty() && s.topic != topic) || (token && arn <= *token)) continue;
      if (out.Subscriptions->size() == kSubscriptionPage) {
        out.NextToken = last;
        return;
      }
      out.Subscriptions->push_back(shown_subscription(s, world_.account()));
      last = arn;
    }
  };
  on<op::ListSubscriptions>(
      [page](const Call& c, const api::ListSubscriptionsInput& in) -> Result<api::ListSubscriptionsResponse> {
        api::ListSubscriptionsResponse out;
        page(c.region, "", in.NextToken, out);
        return out;
      });
  on<op::ListSubscriptionsByTopic>([this, page](const Call& c, const api::ListSubscriptionsByTopicInput& in)
                                       -> Result<api::ListSubscriptionsByTopicResponse> {
    TRY(find(c.region, in.TopicArn));
    api::ListSubscriptionsByTopicResponse out;
    page(c.region, *in.TopicArn, in.NextToken, out);
    return out;
  });
}

void SnsService::add_subscription_attributes() {
  on<op::GetSubscriptionAttributes>([this](const Call& c, const api::GetSubscriptionAttributesInput& in)
                                        -> Result<api::GetSubscriptionAttributesResponse> {
    TRY_ASSIGN(auto* s, find_subscription(c.region, in.SubscriptionArn));
    auto all = s->attributes;
    all.emplace("RawMessageDelivery", "false");
    if (all.contains("FilterPolicy")) all.emplace("FilterPolicyScope", "MessageAttributes");
    all["SubscriptionArn"] = s->arn;
    all["TopicArn"] = s->topic;
    all["Protocol"] = s->protocol;
    all["Endpoint"] = s->endpoint;
    all["Owner"] = world_.account();
    all["PendingConfirmation"] = s->token.empty() ? "false" : "true";
    all["ConfirmationWasAuthenticated"] = s->token.empty() ? "true" : "false";
    return api::GetSubscriptionAttributesResponse{std::move(all)};
  });
  on<op::SetSubscriptionAttributes>(
      [this](const Call& c,
             const api::SetSubscriptionAttributesInput& in) -> Result<api::SetSubscriptionAttributesOutput_> {
        TRY_ASSIGN(auto* s, find_subscription(c.region, in.SubscriptionArn));
        std::string value = in.AttributeValue.value_or("");
        TRY(check_subscription_attribute(*in.AttributeName, value, s->protocol));
        if (value.empty() || (*in.AttributeName == "FilterPolicy" && value == "{}"))
          s->attributes.erase(*in.AttributeName);
        else
          s->attributes[*in.AttributeName] = value;
        subscriptions_.save(c.region, s->arn, *s);
        return api::SetSubscriptionAttributesOutput_{};
      });
}

}  // namespace relight::sandbox
