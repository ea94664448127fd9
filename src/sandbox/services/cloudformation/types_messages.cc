// SQS, SNS and EventBridge; the notifications of a bucket.
#include <algorithm>

#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

constexpr std::string_view kQueueAttributes =
    "VisibilityTimeout DelaySeconds MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds RedrivePolicy RedriveAllowPolicy "
    "ContentBasedDeduplication DeduplicationScope FifoThroughputLimit KmsMasterKeyId KmsDataKeyReusePeriodSeconds SqsManagedSseEnabled";
constexpr std::string_view kTopicAttributes = "DisplayName ContentBasedDeduplication KmsMasterKeyId SignatureVersion TracingConfig DeliveryPolicy";
constexpr std::string_view kSubscriptionAttributes = "FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy DeliveryPolicy SubscriptionRoleArn";

// SQS and SNS keep attributes as texts; a document goes as its text.
std::string attribute_text(const Json& v) { return v.is_structured() ? v.dump() : as_text(v); }

Json attribute_texts(const Json& props, std::string_view names) {
  Json out = Json::object();
  for (auto& [k, v] : props.items())
    if (listed(names, k)) out[k] = attribute_text(v);
  return out;
}

// A name that was made up must end as FIFO's names do; one that the template says is taken as it is.
std::string fifo_name(const Subject& s, const std::string& property) {
  std::string name = as_text(s.props[property]);
  const char* flag = property == "QueueName" ? "FifoQueue" : "FifoTopic";
  bool fifo = s.props.contains(flag) && as_text(s.props[flag]) == "true";
  return fifo && name.starts_with(s.stack + "-" + s.logical + "-") ? name + ".fifo" : name;
}

void queue_made(Json& input, const Subject& s) {
  input["QueueName"] = fifo_name(s, "QueueName");
  Json attributes = attribute_texts(s.props, kQueueAttributes);
  if (s.props.contains("FifoQueue") && as_text(s.props["FifoQueue"]) == "true") attributes["FifoQueue"] = "true";
  if (!attributes.empty()) input["Attributes"] = attributes;
  for (auto& t : s.props.value("Tags", Json::array())) input["tags"][t.value("Key", "")] = t.value("Value", "");
}

// What is no longer said goes back to its default: an empty text takes a document away; numbers have no such word.
void queue_changed(Json& input, const Subject& s) {
  input["Attributes"] = attribute_texts(s.props, kQueueAttributes);
  for (auto* document : {"RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"})
    if (s.previous.contains(document) && !s.props.contains(document)) input["Attributes"][document] = "";
  for (auto& [name, otherwise] : {std::pair{"VisibilityTimeout", "30"}, {"DelaySeconds", "0"}, {"MaximumMessageSize", "262144"},
                                  {"MessageRetentionPeriod", "345600"}, {"ReceiveMessageWaitTimeSeconds", "0"}})
    if (s.previous.contains(name) && !s.props.contains(name)) input["Attributes"][name] = otherwise;
}

void queue_tags(Json& input, const Subject& s) {
  for (auto& t : s.props.value("Tags", Json::array())) input["Tags"][t.value("Key", "")] = t.value("Value", "");
  if (!input.contains("Tags")) input = Json();
}

// Of an update: the keys no longer named.
Json keys_gone(const Subject& s) {
  Json kept = Json::array(), gone = Json::array();
  for (auto& t : s.props.value("Tags", Json::array())) kept.push_back(t.value("Key", ""));
  for (auto& t : s.previous.value("Tags", Json::array()))
    if (std::find(kept.begin(), kept.end(), t.value("Key", "")) == kept.end()) gone.push_back(t.value("Key", ""));
  return gone;
}
void message_tags_gone(Json& input, const Subject& s) {
  Json gone = keys_gone(s);
  if (gone.empty()) input = Json();
  else input["TagKeys"] = gone;
}

std::string document_of(const Subject& s) { return attribute_text(s.whole.value("PolicyDocument", Json::object())); }
void queue_policy(Json& input, const Subject& s) { input = Json{{"QueueUrl", s.props["value"]}, {"Attributes", {{"Policy", document_of(s)}}}}; }
void queue_policy_gone(Json& input, const Subject& s) { input = Json{{"QueueUrl", s.props["value"]}, {"Attributes", {{"Policy", ""}}}}; }
void topic_policy(Json& input, const Subject& s) {
  input = Json{{"TopicArn", s.props["value"]}, {"AttributeName", "Policy"}, {"AttributeValue", document_of(s)}};
}
void topic_policy_gone(Json& input, const Subject& s) {
  input = Json{{"TopicArn", s.props["value"]}, {"AttributeName", "Policy"}, {"AttributeValue", ""}};
}

void topic_made(Json& input, const Subject& s) {
  input["Name"] = fifo_name(s, "TopicName");
  Json attributes = attribute_texts(s.props, kTopicAttributes);
  if (s.props.contains("FifoTopic") && as_text(s.props["FifoTopic"]) == "true") attributes["FifoTopic"] = "true";
  if (!attributes.empty()) input["Attributes"] = attributes;
}

void subscription_made(Json& input, const Subject& s) {
  Json attributes = attribute_texts(s.props, kSubscriptionAttributes);
  if (!attributes.empty()) input["Attributes"] = attributes;
}

void attribute_as_text(Json& input, const Subject&) {
  if (input.contains("AttributeValue")) input["AttributeValue"] = attribute_text(input["AttributeValue"]);
  else input["AttributeValue"] = "";
}

// SNS changes one attribute a call; one that is no longer said is emptied.
std::vector<Action> one_by_one(std::string_view operation, const std::vector<std::array<std::string_view, 3>>& rows) {
  std::vector<Action> out;
  for (auto& [name, take, with] : rows) out.push_back(about_gone({"sns", operation, take, with, name, attribute_as_text}));
  return out;
}

void rule_pattern(Json& input, const Subject&) {
  if (input.contains("EventPattern")) input["EventPattern"] = attribute_text(input["EventPattern"]);
}

Json target_ids(const Json& props) {
  Json out = Json::array();
  if (props.is_object())
    for (auto& t : props.value("Targets", Json::array())) out.push_back(t.value("Id", ""));
  return out;
}
void rule_targets_gone(Json& input, const Subject& s) {
  bool removal = !s.previous.is_object();
  Json gone = Json::array(), now = removal ? Json::array() : target_ids(s.props);
  for (auto& id : target_ids(removal ? s.props : s.previous))
    if (std::find(now.begin(), now.end(), id) == now.end()) gone.push_back(id);
  if (gone.empty()) input = Json();
  else input["Ids"] = gone;
}

// CloudFormation's words to S3's (AWS::S3::Bucket NotificationConfiguration).
Json notice(const Json& one, const char* arn_from, const char* arn_to) {
  Json out{{arn_to, one.value(arn_from, Json(""))}, {"Events", Json::array({one.value("Event", Json(""))})}};
  const Json key = one.value("Filter", Json::object()).value("S3Key", Json::object());
  if (key.contains("Rules")) out["Filter"] = Json{{"Key", {{"FilterRules", key["Rules"]}}}};
  return out;
}

}  // namespace

void adapt::bucket_notifications(Json& input, const Subject& s) {
  const Json from = s.props.value("NotificationConfiguration", Json::object());
  Json to = Json::object();
  for (auto& q : from.value("QueueConfigurations", Json::array())) to["QueueConfigurations"].push_back(notice(q, "Queue", "QueueArn"));
  for (auto& t : from.value("TopicConfigurations", Json::array())) to["TopicConfigurations"].push_back(notice(t, "Topic", "TopicArn"));
  for (auto& f : from.value("LambdaConfigurations", Json::array())) to["LambdaFunctionConfigurations"].push_back(notice(f, "Function", "LambdaFunctionArn"));
  const Json bridge = from.value("EventBridgeConfiguration", Json());
  if (bridge.is_object() && as_text(bridge.value("EventBridgeEnabled", Json(true))) == "true") to["EventBridgeConfiguration"] = Json::object();
  input["NotificationConfiguration"] = to;
}

Types queue_types() {
  return {
  {.name = "AWS::SQS::Queue",
   .create = {{"sqs", "CreateQueue", "", "", "", queue_made}},
   .id = "/QueueUrl",
   .describe = Action{"sqs", "GetQueueAttributes", "", "QueueUrl=$id AttributeNames=[All]", ""}, .root = "/Attributes",
   .attributes = {{"Arn", "/QueueArn"}, {"QueueName", "$name"}, {"QueueUrl", "$id"}},
   .replace = "QueueName FifoQueue",
   .update = {about_gone({"sqs", "SetQueueAttributes", "", "QueueUrl=$id", kQueueAttributes, queue_changed}),
              about_gone({"sqs", "UntagQueue", "", "QueueUrl=$id", "Tags", message_tags_gone}),
              {"sqs", "TagQueue", "", "QueueUrl=$id", "Tags", queue_tags, "", Entries::kAll, "-"}},
   .remove = {{"sqs", "DeleteQueue", "", "QueueUrl=$id", ""}},
   .named = "QueueName"},
  {.name = "AWS::SQS::QueuePolicy",
   .create = {{"sqs", "SetQueueAttributes", "", "", "Queues", queue_policy, "Queues"}},
   .id = "=Id",
   .update = {about_gone({"sqs", "SetQueueAttributes", "", "", "Queues", queue_policy_gone, "Queues", Entries::kGone}),
              {"sqs", "SetQueueAttributes", "", "", "Queues PolicyDocument", queue_policy, "Queues"}},
   .remove = {{"sqs", "SetQueueAttributes", "", "", "Queues", queue_policy_gone, "Queues"}},
   .named = "Id"}};
}

Types topic_types() {
  return {
  {.name = "AWS::SNS::Topic",
   .create = {{"sns", "CreateTopic", "Tags", "", "", topic_made},
              {"sns", "Subscribe", "Protocol Endpoint", "TopicArn=$id", "Subscription", nullptr, "Subscription"}},
   .id = "/TopicArn",
   .describe = Action{"sns", "GetTopicAttributes", "", "TopicArn=$id", ""}, .root = "/Attributes",
   .attributes = {{"TopicArn", "$id"}, {"TopicName", "$name"}},
   .replace = "TopicName FifoTopic",
   .update = one_by_one("SetTopicAttributes", {{"DisplayName", "DisplayName=AttributeValue", "TopicArn=$id AttributeName=DisplayName"},
                                               {"KmsMasterKeyId", "KmsMasterKeyId=AttributeValue", "TopicArn=$id AttributeName=KmsMasterKeyId"},
                                               {"SignatureVersion", "SignatureVersion=AttributeValue", "TopicArn=$id AttributeName=SignatureVersion"},
                                               {"TracingConfig", "TracingConfig=AttributeValue", "TopicArn=$id AttributeName=TracingConfig"},
                                               {"DeliveryPolicy", "DeliveryPolicy=AttributeValue", "TopicArn=$id AttributeName=DeliveryPolicy"},
                                               {"ContentBasedDeduplication", "ContentBasedDeduplication=AttributeValue",
                                                "TopicArn=$id AttributeName=ContentBasedDeduplication"}}),
   .remove = {{"sns", "DeleteTopic", "", "TopicArn=$id", ""}},
   .named = "TopicName"},
  {.name = "AWS::SNS::Subscription",
   .create = {{"sns", "Subscribe", "TopicArn Protocol Endpoint", "ReturnSubscriptionArn=true", "", subscription_made}},
   .id = "/SubscriptionArn",
   .attributes = {{"Arn", "$id"}},
   .replace = "TopicArn Protocol Endpoint",
   .update = one_by_one("SetSubscriptionAttributes",
                        {{"FilterPolicy", "FilterPolicy=AttributeValue", "SubscriptionArn=$id AttributeName=FilterPolicy"},
                         {"FilterPolicyScope", "FilterPolicyScope=AttributeValue", "SubscriptionArn=$id AttributeName=FilterPolicyScope"},
                         {"RawMessageDelivery", "RawMessageDelivery=AttributeValue", "SubscriptionArn=$id AttributeName=RawMessageDelivery"},
                         {"RedrivePolicy", "RedrivePolicy=AttributeValue", "SubscriptionArn=$id AttributeName=RedrivePolicy"},
                         {"DeliveryPolicy", "DeliveryPolicy=AttributeValue", "SubscriptionArn=$id AttributeName=DeliveryPolicy"}}),
   .remove = {{"sns", "Unsubscribe", "", "SubscriptionArn=$id", ""}}},
  {.name = "AWS::SNS::TopicPolicy",
   .create = {{"sns", "SetTopicAttributes", "", "", "Topics", topic_policy, "Topics"}},
   .id = "=Id",
   .update = {about_gone({"sns", "SetTopicAttributes", "", "", "Topics", topic_policy_gone, "Topics", Entries::kGone}),
              {"sns", "SetTopicAttributes", "", "", "Topics PolicyDocument", topic_policy, "Topics"}},
   .remove = {{"sns", "SetTopicAttributes", "", "", "Topics", topic_policy_gone, "Topics"}},
   .named = "Id"}};
}

Types rule_types() {
  constexpr std::string_view kTaken = "Name Description EventBusName EventPattern ScheduleExpression State RoleArn Tags";
  return {
  {.name = "AWS::Events::EventBus",
   .create = {{"events", "CreateEventBus", "Name Tags", "", ""}},
   .id = "=Name",
   .describe = Action{"events", "DescribeEventBus", "", "Name=$id", ""},
   .attributes = {{"Arn", "/Arn"}, {"Name", "/Name"}},
   .replace = "Name",
   .remove = {{"events", "DeleteEventBus", "", "Name=$id", ""}}},
  {.name = "AWS::Events::Rule",
   .create = {{"events", "PutRule", kTaken, "", "", rule_pattern}},
   .settings = {{"events", "PutTargets", "Targets EventBusName", "Rule=$id", "Targets", nullptr, "", Entries::kAll, "-"}},
   .id = "=Name",
   .describe = Action{"events", "DescribeRule", "EventBusName", "Name=$id", ""},
   .attributes = {{"Arn", "/Arn"}},
   .replace = "Name EventBusName",
   .update = {about_gone({"events", "PutRule", kTaken, "", "Description EventPattern ScheduleExpression State RoleArn", rule_pattern}),
              about_gone({"events", "RemoveTargets", "EventBusName", "Rule=$id", "Targets", rule_targets_gone})},
   .remove = {{"events", "RemoveTargets", "EventBusName", "Rule=$id", "", rule_targets_gone},
              {"events", "DeleteRule", "EventBusName", "Name=$id", ""}},
   .named = "Name"}};
}

}  // namespace relight::sandbox::cfn
