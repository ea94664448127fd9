// Bucket notifications: who is told, of what, and who is not.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/events/service.h"
#include "sandbox/services/s3/service.h"
#include "sandbox/services/sqs/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
using namespace aws::s3::op;
namespace model = aws::s3;
namespace sqs = aws::sqs;
namespace ev = aws::events;
constexpr const char* kHome = "us-east-1";
constexpr const char* kAway = "us-west-2";

struct Notices : testing::Test {
  TestWorld world;
  SqsService queues{world};
  EventsService rules{world};
  S3Service s3{world};
  void SetUp() override {
    world.add(queues);
    world.add(rules);
    world.add(s3);
    s3.start();
    bucket("b-1", kHome);
    queue("q", "arn:aws:s3:::b-1", kHome);
  }
  void TearDown() override { s3.stop(); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kHome) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  void bucket(const std::string& name, const std::string& region) {
    CreateBucket::Input in{.Bucket = name};
    if (region != kHome) in.CreateBucketConfiguration = {.LocationConstraint = region};
    ok<CreateBucket>(in, region);
  }
  static std::string arn(const std::string& queue, const std::string& region) {
    return "arn:aws:sqs:" + region + ":000000000000:" + queue;
  }
  void queue(const std::string& name, const std::string& source, const std::string& region) {
    std::string policy =
        R"({"Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":")" +
        arn(name, region) + R"(","Condition":{"ArnLike":{"aws:SourceArn":")" + source +
        R"("},"StringEquals":{"aws:SourceAccount":"000000000000"}}}})";
    ok<sqs::op::CreateQueue>(
        {.QueueName = name, .Attributes = std::map<std::string, std::string>{{"Policy", policy}}}, region);
  }
  static model::NotificationConfiguration to(const std::string& queue, std::vector<std::string> events,
                                             const std::string& prefix = "", const std::string& suffix = "",
                                             const std::string& region = kHome) {
    model::QueueConfiguration q;
    q.QueueArn = arn(queue, region);
    q.Events = std::move(events);
    q.Filter.emplace().Key.emplace().FilterRules = {{.Name = "prefix", .Value = prefix},
                                                    {.Name = "Suffix", .Value = suffix}};
    model::NotificationConfiguration c;
    c.QueueConfigurations = {q};
    return c;
  }
  std::string configure(const model::NotificationConfiguration& c, const std::string& b = "b-1",
                        const std::string& region = kHome) {
    auto r = world.remote<PutBucketNotificationConfiguration>(region,
                                                              {.Bucket = b, .NotificationConfiguration = c});
    world.run_until_idle();
    return r ? "accepted" : r.error().code + ": " + r.error().message;
  }
  std::vector<nlohmann::json> received(const std::string& name = "q", const std::string& region = kHome) {
    world.run_until_idle();
    sqs::ReceiveMessageRequest in{.QueueUrl = "http://127.0.0.1:4566/000000000000/" + name};
    in.MaxNumberOfMessages = 10;
    std::vector<nlohmann::json> out;
    auto got = ok<sqs::op::ReceiveMessage>(in, region).Messages.value_or(std::vector<sqs::Message>{});
    for (auto& m : got) out.push_back(nlohmann::json::parse(*m.Body));
    return out;
  }
  std::string names(const std::string& queue = "q", const std::string& region = kHome) {
    std::string out;
    for (auto& j : received(queue, region))
      out +=
          (out.empty() ? "" : " ") + (j.contains("Event") ? j["Event"].get<std::string>()
                                                          : j["Records"][0]["eventName"].get<std::string>());
    return out;
  }
  void put(const std::string& key, const std::string& b = "b-1") {
    ok<PutObject>({.Body = http::Body("x"), .Bucket = b, .Key = key});
  }
};

TEST_F(Notices, AnObjectThatIsPutIsToldToTheQueueAfterATestEvent) {
  EXPECT_EQ(configure(to("q", {"s3:ObjectCreated:*"})), "accepted");
  EXPECT_EQ(names(), "s3:TestEvent");
  put("a cat/ü.jpg");
  auto got = received();
  ASSERT_EQ(got.size(), 1u);
  auto& r = got[0]["Records"][0];
  EXPECT_EQ(r["eventSource"], "aws:s3");
  EXPECT_EQ(r["eventName"], "ObjectCreated:Put");
  EXPECT_EQ(r["awsRegion"], kHome);
  EXPECT_EQ(r["s3"]["bucket"]["name"], "b-1");
  EXPECT_EQ(r["s3"]["object"]["key"], "a+cat/%C3%BC.jpg");
  EXPECT_EQ(r["s3"]["object"]["size"], 1);
  EXPECT_EQ(r["s3"]["object"]["eTag"], "9dd4e461268c8034f5c8564e155c67a6");
  ok<DeleteObject>({.Bucket = "b-1", .Key = "a cat/ü.jpg"});
  EXPECT_EQ(names(), "") << "nobody asked for removals";
}

TEST_F(Notices, RemovalsTellDeletionsAndMarkersApart) {
  configure(to("q", {"s3:ObjectRemoved:*"}));
  names();
  put("k");
  ok<DeleteObject>({.Bucket = "b-1", .Key = "k"});
  ok<DeleteObject>({.Bucket = "b-1", .Key = "never there"});
  EXPECT_EQ(names(), "ObjectRemoved:Delete");
  ok<PutBucketVersioning>(
      {.Bucket = "b-1", .VersioningConfiguration = model::VersioningConfiguration{.Status = "Enabled"}});
  put("k");
  ok<DeleteObject>({.Bucket = "b-1", .Key = "k"});
  EXPECT_EQ(names(), "ObjectRemoved:DeleteMarkerCreated");
}

TEST_F(Notices, PrefixAndSuffixChoose) {
  configure(to("q", {"s3:ObjectCreated:Put"}, "in/", ".jpg"));
  names();
  put("in/a.jpg");
  put("in/a.png");
  put("out/a.jpg");
  CopyObject::Input copy;
  copy.Bucket = "b-1";
  copy.Key = "in/copy.jpg";
  copy.CopySource = "b-1/in/a.jpg";
  ok<CopyObject>(copy);
  EXPECT_EQ(names(), "ObjectCreated:Put") << "a copy is no Put";
}

TEST_F(Notices, ADestinationThatIsMissingOrDoesNotLetTheBucketIsRefused) {
  std::string refused = "InvalidArgument: Unable to validate the following destination configurations";
  EXPECT_EQ(configure(to("nobody", {"s3:ObjectCreated:*"})), refused);
  queue("others", "arn:aws:s3:::b-2", kHome);
  EXPECT_EQ(configure(to("others", {"s3:ObjectCreated:*"})), refused);
  model::LambdaFunctionConfiguration f;
  f.LambdaFunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:nobody";
  f.Events = {"s3:ObjectCreated:*"};
  model::NotificationConfiguration c;
  c.LambdaFunctionConfigurations = {f};
  EXPECT_EQ(configure(c), refused);
  EXPECT_FALSE(ok<GetBucketNotificationConfiguration>({.Bucket = "b-1"}).QueueConfigurations);
}

TEST_F(Notices, WhatS3DoesNotTakeIsRefused) {
  auto c = to("q", {"s3:ObjectCreated:*"}, "a");
  c.QueueConfigurations->push_back(to("q", {"s3:ObjectCreated:Put"}, "ab").QueueConfigurations->at(0));
  EXPECT_EQ(configure(c),
            "InvalidArgument: Configurations overlap. Configurations on the same bucket cannot share a "
            "common event type.");
  c.QueueConfigurations->at(1) = to("q", {"s3:ObjectCreated:Put"}, "b").QueueConfigurations->at(0);
  EXPECT_EQ(configure(c), "accepted");
  EXPECT_EQ(configure(to("q", {"s3:ObjectEaten"})).substr(0, 15), "InvalidArgument");
  EXPECT_EQ(configure(to("q", {"s3:ObjectCreated:*"}, "", "", kAway)).substr(0, 15), "InvalidArgument");
}

TEST_F(Notices, EventBridgeHearsOfABucketThatIsSetTo) {
  ok<sqs::op::CreateQueue>(
      {.QueueName = "bridge",
       .Attributes = std::map<std::string, std::string>{
           {"Policy",
            R"({"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:*","Resource":"*"}})"}}});
  ev::PutRuleRequest rule;
  rule.Name = "created";
  rule.EventPattern =
      R"({"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["b-1"]}}})";
  ok<ev::op::PutRule>(rule);
  ok<ev::op::PutTargets>(
      {.Rule = "created", .Targets = std::vector{ev::Target{.Id = "t", .Arn = arn("bridge", kHome)}}});
  put("before");
  model::NotificationConfiguration c;
  c.EventBridgeConfiguration.emplace();
  EXPECT_EQ(configure(c), "accepted");
  put("a b");
  auto got = received("bridge");
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["detail"]["object"]["key"], "a b");
  EXPECT_EQ(got[0]["detail"]["reason"], "PutObject");
  EXPECT_EQ(got[0]["resources"][0], "arn:aws:s3:::b-1");
}

TEST_F(Notices, AReplicaIsToldWhereItArrives) {
  bucket("b-2", kAway);
  queue("away", "arn:aws:s3:::b-2", kAway);
  for (auto& [name, region] : {std::pair{"b-1", kHome}, {"b-2", kAway}})
    ok<PutBucketVersioning>(
        {.Bucket = name, .VersioningConfiguration = model::VersioningConfiguration{.Status = "Enabled"}},
        region);
  model::ReplicationRule rule{
      .ID = "all",
      .Priority = 1,
      .Filter = model::ReplicationRuleFilter{.Prefix = ""},
      .Status = "Enabled",
      .Destination = model::Destination{.Bucket = "arn:aws:s3:::b-2"},
      .DeleteMarkerReplication = model::DeleteMarkerReplication{.Status = "Disabled"}};
  ok<PutBucketReplication>({.Bucket = "b-1",
                            .ReplicationConfiguration = model::ReplicationConfiguration{
                                .Role = "arn:aws:iam::000000000000:role/copy", .Rules = std::vector{rule}}});
  EXPECT_EQ(configure(to("away", {"s3:ObjectCreated:*"}, "", "", kAway), "b-2", kAway), "accepted");
  names("away", kAway);
  put("k");
  world.advance(std::chrono::seconds(5));
  EXPECT_EQ(names("away", kAway), "ObjectCreated:Put");
}

TEST_F(Notices, AQueueThatWentLaterIsAnEventOfTheSandboxAndNoErrorOfThePut) {
  configure(to("q", {"s3:ObjectCreated:*"}));
  ok<sqs::op::DeleteQueue>({.QueueUrl = "http://127.0.0.1:4566/000000000000/q"});
  put("k");
  world.run_until_idle();
  EXPECT_TRUE(std::any_of(world.events.begin(), world.events.end(),
                          [](auto& e) { return e.what.find("not delivered") != e.what.npos; }));
}

}  // namespace
}  // namespace relight::sandbox
