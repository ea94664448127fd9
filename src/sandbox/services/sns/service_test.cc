#include "sandbox/services/sns/service.h"

#include <nlohmann/json.hpp>

#include "sandbox/services/sqs/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::sns;
namespace op = aws::sns::op;
namespace sqs = aws::sqs;
constexpr const char* kEast = "us-east-1";
constexpr const char* kTopic = "arn:aws:sns:us-east-1:000000000000:news";
using Texts = std::map<std::string, std::string>;

struct Topics : testing::Test {
  TestWorld world;
  SqsService queues{world};
  SnsService service{world};
  void SetUp() override {
    world.add(queues);
    world.add(service);
    ok<op::CreateTopic>({.Name = "news"});
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  static std::string arn(const std::string& queue) { return "arn:aws:sqs:us-east-1:000000000000:" + queue; }
  static std::string url(const std::string& queue) { return "http://127.0.0.1:4566/000000000000/" + queue; }
  // A queue whose policy lets the topic send.
  void queue(const std::string& name, const std::string& source = kTopic, Texts attributes = {}) {
    attributes["Policy"] =
        R"({"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":")" +
        arn(name) + R"(","Condition":{"ArnEquals":{"aws:SourceArn":")" + source + R"("}}}]})";
    ok<sqs::op::CreateQueue>({.QueueName = name, .Attributes = attributes});
  }
  std::string subscribe(const std::string& name, Texts attributes = {}) {
    api::SubscribeInput in{.TopicArn = kTopic, .Protocol = "sqs", .Endpoint = arn(name)};
    if (!attributes.empty()) in.Attributes = attributes;
    return ok<op::Subscribe>(in).SubscriptionArn.value_or("");
  }
  std::vector<sqs::Message> received(const std::string& name) {
    sqs::ReceiveMessageRequest in{.QueueUrl = url(name)};
    in.MaxNumberOfMessages = 10;
    in.MessageAttributeNames = {"All"};
    return ok<sqs::op::ReceiveMessage>(in).Messages.value_or(std::vector<sqs::Message>{});
  }
  void publish(const std::string& text, std::map<std::string, api::MessageAttributeValue> attributes = {}) {
    api::PublishInput in;
    in.TopicArn = kTopic;
    in.Message = text;
    if (!attributes.empty()) in.MessageAttributes = attributes;
    ok<op::Publish>(in);
  }
  bool told(const std::string& part) {
    return std::any_of(world.events.begin(), world.events.end(),
                       [&](auto& e) { return e.what.find(part) != e.what.npos; });
  }
};

TEST_F(Topics, AMessageReachesEachQueueInAnEnvelopeOrRaw) {
  queue("wrapped");
  queue("raw");
  subscribe("wrapped");
  subscribe("raw", {{"RawMessageDelivery", "true"}});
  publish("hello", {{"k", {.DataType = "String", .StringValue = "v"}}});
  auto j = nlohmann::json::parse(*received("wrapped").at(0).Body);
  EXPECT_EQ(j["Type"], "Notification");
  EXPECT_EQ(j["TopicArn"], kTopic);
  EXPECT_EQ(j["Message"], "hello");
  EXPECT_EQ(j["MessageAttributes"]["k"]["Value"], "v");
  auto raw = received("raw").at(0);
  EXPECT_EQ(raw.Body, "hello");
  EXPECT_EQ(raw.MessageAttributes->at("k").StringValue, "v");
}

TEST_F(Topics, AQueueThatDoesNotLetTheTopicGetsNothing) {
  queue("closed", "arn:aws:sns:us-east-1:000000000000:other");
  subscribe("closed");
  publish("hello");
  EXPECT_TRUE(received("closed").empty());
  EXPECT_TRUE(told("Delivery.NotPermitted"));
}

TEST_F(Topics, WhatCannotBeDeliveredGoesToTheSubscriptionsDeadLetterQueue) {
  queue("dead");
  subscribe("missing",
            {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"})"}});
  publish("hello");
  ASSERT_EQ(received("dead").size(), 1u);
}

TEST_F(Topics, AFilterChoosesByAttributesOrBody) {
  queue("attributes");
  queue("body");
  subscribe("attributes",
            {{"FilterPolicy", R"({"store":["example_corp"],"price":[{"numeric":[">=",100]}]})"}});
  subscribe("body",
            {{"FilterPolicy", R"({"event":["order_placed"]})"}, {"FilterPolicyScope", "MessageBody"}});
  publish(R"({"event":"order_placed"})", {{"store", {.DataType = "String", .StringValue = "example_corp"}},
                                          {"price", {.DataType = "Number", .StringValue = "210.75"}}});
  publish(R"({"event":"other"})", {{"store", {.DataType = "String", .StringValue = "example_corp"}},
                                   {"price", {.DataType = "Number", .StringValue = "99"}}});
  publish("no JSON");
  EXPECT_EQ(received("attributes").size(), 1u);
  EXPECT_EQ(received("body").size(), 1u);
  EXPECT_EQ(refused<op::Subscribe>({.TopicArn = kTopic,
                                    .Protocol = "sqs",
                                    .Endpoint = arn("x"),
                                    .Attributes = Texts{{"FilterPolicy", R"({"a":"b"})"}}}),
            "InvalidParameterException");
}

TEST_F(Topics, MailAndHttpStayPendingAndGetNothing) {
  api::SubscribeInput in{.TopicArn = kTopic, .Protocol = "email", .Endpoint = "on-call@example.com"};
  EXPECT_EQ(ok<op::Subscribe>(in).SubscriptionArn, "pending confirmation");
  EXPECT_EQ(ok<op::ListSubscriptionsByTopic>({.TopicArn = kTopic}).Subscriptions->at(0).SubscriptionArn,
            "PendingConfirmation");
  EXPECT_EQ(ok<op::GetTopicAttributes>({.TopicArn = kTopic}).Attributes->at("SubscriptionsPending"), "1");
  EXPECT_EQ(refused<op::ConfirmSubscription>({.TopicArn = kTopic, .Token = "guess"}),
            "InvalidParameterException");
  in.Endpoint = "nobody";
  EXPECT_EQ(refused<op::Subscribe>(in), "InvalidParameterException");
  EXPECT_EQ(
      refused<op::Subscribe>({.TopicArn = kTopic, .Protocol = "https", .Endpoint = "http://example.com"}),
      "InvalidParameterException");
}

TEST_F(Topics, AFifoTopicFeedsFifoQueuesInOrderAndOnce) {
  ok<op::CreateTopic>({.Name = "n.fifo", .Attributes = Texts{{"FifoTopic", "true"}}});
  std::string topic = "arn:aws:sns:us-east-1:000000000000:n.fifo";
  queue("q.fifo", topic, {{"FifoQueue", "true"}});
  ok<op::Subscribe>({.TopicArn = topic,
                     .Protocol = "sqs",
                     .Endpoint = arn("q.fifo"),
                     .Attributes = Texts{{"RawMessageDelivery", "true"}}});
  for (auto* id : {"1", "1", "2"}) {
    api::PublishInput in;
    in.TopicArn = topic;
    in.Message = std::string("m") + id;
    in.MessageGroupId = "g";
    in.MessageDeduplicationId = id;
    ok<op::Publish>(in);
  }
  auto got = received("q.fifo");
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].Body, "m1");
  EXPECT_EQ(got[1].Body, "m2");
}

TEST_F(Topics, EachProtocolMayHaveAMessageOfItsOwn) {
  queue("q");
  subscribe("q", {{"RawMessageDelivery", "true"}});
  api::PublishInput in;
  in.TopicArn = kTopic;
  in.MessageStructure = "json";
  in.Message = R"({"default":"for all","sqs":"for queues"})";
  ok<op::Publish>(in);
  EXPECT_EQ(received("q").at(0).Body, "for queues");
  in.Message = R"({"sqs":"no default"})";
  EXPECT_EQ(refused<op::Publish>(in), "InvalidParameterException");
}

TEST_F(Topics, TopicsAndSubscriptionsStandAfterARestart) {
  queue("q");
  subscribe("q");
  ok<op::TagResource>({.ResourceArn = kTopic, .Tags = std::vector<api::Tag>{{"team", "web"}}});
  TestWorld again({}, world.ground());
  SnsService reborn(again);
  SqsService queues_reborn(again);
  again.add(reborn);
  again.add(queues_reborn);
  api::PublishInput in;
  in.TopicArn = kTopic;
  in.Message = "still";
  ASSERT_TRUE(again.remote<op::Publish>(kEast, in));
  EXPECT_TRUE(again.remote<sqs::op::ReceiveMessage>(kEast, {.QueueUrl = url("q")})->Messages);
  EXPECT_EQ(again.remote<op::ListTagsForResource>(kEast, {.ResourceArn = kTopic})->Tags->at(0).Value, "web");
}

TEST_F(Topics, WhatSnsDoesNotTakeIsRefused) {
  EXPECT_EQ(refused<op::CreateTopic>({.Name = "a b"}), "InvalidParameterException");
  EXPECT_EQ(refused<op::CreateTopic>({.Name = "news", .Attributes = Texts{{"DisplayName", "other"}}}),
            "InvalidParameterException");
  EXPECT_EQ(refused<op::GetTopicAttributes>({.TopicArn = "arn:aws:sns:us-east-1:000000000000:nobody"}),
            "NotFoundException");
  EXPECT_EQ(refused<op::Subscribe>({.TopicArn = kTopic, .Protocol = "pigeon", .Endpoint = "x"}),
            "InvalidParameterException");
  EXPECT_EQ(refused<op::Subscribe>({.TopicArn = kTopic, .Protocol = "sms", .Endpoint = "+15555550100"}),
            "NotImplemented");
  api::PublishInput in;
  in.TopicArn = kTopic;
  in.Message = std::string(262'145, 'x');
  EXPECT_EQ(refused<op::Publish>(in), "InvalidParameterException");
}

}  // namespace
}  // namespace relight::sandbox
