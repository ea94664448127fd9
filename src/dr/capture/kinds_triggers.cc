#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;
using TriggerJson = nlohmann::json;

// ---- SQS: a queue is captured under its name, since it is named by its URL as often as by its ARN
void readable_redrive(TriggerJson& p, Secrets&) {
  for (auto* part : {"RedrivePolicy", "RedriveAllowPolicy"})
    if (auto it = p.find(part); it != p.end() && it->is_string()) {
      auto inside = TriggerJson::parse(it->get<std::string>(), nullptr, false);
      if (inside.is_object()) *it = std::move(inside);
    }
}

constexpr std::array kQueueDetails{
    Detail{"sqs", "GetQueueUrl", R"({"QueueName":"{key}"})", "", "", ""},
    Detail{"sqs", "GetQueueAttributes", R"({"QueueUrl":"{QueueUrl}","AttributeNames":["All"]})",
           "/Attributes", "", "", "/QueueUrl"},
    Detail{"sqs", "ListQueueTags", R"({"QueueUrl":"{QueueUrl}"})", "/Tags", "Tags", "Capture.NoSuchResource",
           "/QueueUrl"}};
constexpr std::array kQueueLinks{Link{"/RedrivePolicy/deadLetterTargetArn", "sqs/queue"},
                                 Link{"/KmsMasterKeyId", "kms/key"}};
constexpr std::array kQueueChildren{Children{"lambda/event-source-mapping", "lambda",
                                             "ListEventSourceMappings", R"({"EventSourceArn":"{QueueArn}"})",
                                             "/EventSourceMappings/*/UUID"}};
constexpr std::array<Texts, 5> kQueueVolatile{
    "/ApproximateNumberOfMessages", "/ApproximateNumberOfMessagesNotVisible",
    "/ApproximateNumberOfMessagesDelayed", "/CreatedTimestamp", "/LastModifiedTimestamp"};

// ---- SNS
// Addresses are kept: who is told is a part of the application. Of a web hook only the host is: its path and
// its query are what opens it.
void keep_back_hook(TriggerJson& subscription, Secrets& secrets) {
  auto protocol = subscription.value("Protocol", "");
  auto it = subscription.find("Endpoint");
  if ((protocol != "http" && protocol != "https") || it == subscription.end() || !it->is_string()) return;
  auto url = it->get<std::string>();
  auto begin = url.find("://");
  if (begin == url.npos) return;
  begin += 3;
  auto slash = std::min(url.find_first_of("/?#", begin), url.size());
  auto at = url.rfind('@', slash);
  bool password = at != url.npos && at > begin;
  if (!password && slash + 1 >= url.size()) return;
  secrets.values.insert(url);
  secrets.names.push_back("Endpoint");
  auto host = password ? url.substr(at + 1, slash - at - 1) : url.substr(begin, slash - begin);
  *it = url.substr(0, begin) + host + "/" + std::string(kWithheld);
}

void hooks_of_topic(TriggerJson& p, Secrets& secrets) {
  if (auto it = p.find("Subscriptions"); it != p.end() && it->is_array())
    for (auto& s : *it) keep_back_hook(s, secrets);
}

constexpr std::array kTopicDetails{
    Detail{"sns", "GetTopicAttributes", R"({"TopicArn":"{id}"})", "/Attributes", "", ""},
    Detail{"sns", "ListSubscriptionsByTopic", R"({"TopicArn":"{id}"})", "/Subscriptions", "Subscriptions",
           "Capture.NoSuchResource"},
    Detail{"sns", "ListTagsForResource", R"({"ResourceArn":"{id}"})", "/Tags", "Tags",
           "Capture.NoSuchResource"}};
constexpr std::array kTopicLinks{Link{"/Subscriptions/*/Endpoint", "arn"},
                                 Link{"/Subscriptions/*/SubscriptionArn", "sns/subscription"},
                                 Link{"/KmsMasterKeyId", "kms/key"}};
// EffectiveDeliveryPolicy is DeliveryPolicy with AWS's defaults.
constexpr std::array<Texts, 4> kTopicVolatile{"/SubscriptionsConfirmed", "/SubscriptionsPending",
                                              "/SubscriptionsDeleted", "/EffectiveDeliveryPolicy"};
constexpr std::array kSubscriptionDetails{
    Detail{"sns", "GetSubscriptionAttributes", R"({"SubscriptionArn":"{id}"})", "/Attributes", "", ""}};
constexpr std::array kSubscriptionLinks{Link{"/TopicArn", "sns/topic"}, Link{"/Endpoint", "arn"}};
constexpr std::array<Texts, 1> kSubscriptionVolatile{"/EffectiveDeliveryPolicy"};

// ---- EventBridge: mostly found by search, since a rule names its targets and nobody names the rule
constexpr std::array kEventRuleDetails{
    Detail{"events", "DescribeRule", R"({"Name":"{rule}","EventBusName":"{bus}"})", "", "", ""},
    Detail{"events", "ListTargetsByRule", R"({"Rule":"{rule}","EventBusName":"{bus}"})", "/Targets",
           "Targets", "Capture.NoSuchResource"}};
constexpr std::array kEventRuleLinks{
    Link{"/RoleArn", "iam/role"},
    Link{"/Targets/*/Arn", "arn"},
    Link{"/Targets/*/RoleArn", "iam/role"},
    Link{"/Targets/*/DeadLetterConfig/Arn", "arn"},
    Link{"/Targets/*/EcsParameters/TaskDefinitionArn", "ecs/task-definition"},
    Link{"/Targets/*/EcsParameters/NetworkConfiguration/awsvpcConfiguration/Subnets/*", "ec2/subnet"},
    Link{"/Targets/*/EcsParameters/NetworkConfiguration/awsvpcConfiguration/SecurityGroups/*",
         "ec2/security-group"}};
constexpr std::array<Texts, 1> kRuleVolatile{"/CreatedBy"};

constexpr std::array kTriggerKinds{
    Kind{.name = "sqs/queue",
         .details = kQueueDetails,
         .links = kQueueLinks,
         .children = kQueueChildren,
         .volatile_ = kQueueVolatile,
         .form = Kind::Id::kName,
         .shape = readable_redrive},
    Kind{.name = "sns/topic",
         .details = kTopicDetails,
         .links = kTopicLinks,
         .volatile_ = kTopicVolatile,
         .shape = hooks_of_topic},
    Kind{.name = "sns/subscription",
         .details = kSubscriptionDetails,
         .links = kSubscriptionLinks,
         .volatile_ = kSubscriptionVolatile,
         .shape = keep_back_hook},
    Kind{.name = "events/rule",
         .details = kEventRuleDetails,
         .links = kEventRuleLinks,
         .volatile_ = kRuleVolatile,
         .self = "/Arn"},
};

}  // namespace

std::span<const Kind> trigger_kinds() { return kTriggerKinds; }

}  // namespace relight::dr
