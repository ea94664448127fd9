#include "sandbox/services/events/service.h"

#include <nlohmann/json.hpp>

#include "sandbox/services/sqs/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::events;
namespace op = aws::events::op;
namespace sqs = aws::sqs;
using namespace std::chrono_literals;
constexpr const char* kEast = "us-east-1";

struct Rules : testing::Test {
  TestWorld world;
  SqsService queues{world};
  EventsService service{world};
  void SetUp() override {
    world.add(queues);
    world.add(service);
    service.start();
    queue("q");
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
  void queue(const std::string& name, std::map<std::string, std::string> attributes = {}) {
    attributes["Policy"] =
        R"({"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:*","Resource":"*"}})";
    ok<sqs::op::CreateQueue>({.QueueName = name, .Attributes = attributes});
  }
  std::vector<std::string> bodies(const std::string& name = "q") {
    std::vector<std::string> out;
    for (;;) {
      sqs::ReceiveMessageRequest in{.QueueUrl = url(name)};
      in.MaxNumberOfMessages = 10;
      auto r = ok<sqs::op::ReceiveMessage>(in);
      if (!r.Messages) return out;
      for (auto& m : *r.Messages) {
        out.push_back(*m.Body);
        ok<sqs::op::DeleteMessage>({.QueueUrl = url(name), .ReceiptHandle = m.ReceiptHandle});
      }
    }
  }
  void rule(const std::string& name, const std::string& pattern, const std::string& schedule,
            api::Target target = {}) {
    api::PutRuleRequest in;
    in.Name = name;
    if (!pattern.empty()) in.EventPattern = pattern;
    if (!schedule.empty()) in.ScheduleExpression = schedule;
    ok<op::PutRule>(in);
    target.Id = "t";
    if (!target.Arn) target.Arn = arn("q");
    ok<op::PutTargets>({.Rule = name, .Targets = std::vector{target}});
  }
  api::PutEventsResultEntry put(const std::string& source, const std::string& detail,
                                std::optional<std::string> bus = {}) {
    api::PutEventsRequestEntry e;
    e.Source = source;
    e.DetailType = "test";
    e.Detail = detail;
    e.EventBusName = bus;
    return ok<op::PutEvents>({.Entries = std::vector{e}}).Entries->at(0);
  }
};

TEST_F(Rules, AnEventReachesTheTargetsOfTheRulesThatMatchIt) {
  rule("orders", R"({"source":["shop"],"detail":{"total":[{"numeric":[">",10]}]}})", "");
  put("shop", R"({"total":11})");
  put("shop", R"({"total":9})");
  put("other", R"({"total":11})");
  auto got = bodies();
  ASSERT_EQ(got.size(), 1u);
  auto j = nlohmann::json::parse(got[0]);
  EXPECT_EQ(j["source"], "shop");
  EXPECT_EQ(j["detail"]["total"], 11);
  EXPECT_EQ(j["detail-type"], "test");
  EXPECT_EQ(j["region"], kEast);
}

TEST_F(Rules, ADisabledRuleFiresNothingByEventOrByClock) {
  rule("orders", R"({"source":["shop"]})", "");
  rule("clock", "", "rate(1 minute)");
  ok<op::DisableRule>({.Name = "orders"});
  ok<op::DisableRule>({.Name = "clock"});
  put("shop", "{}");
  world.advance(10min);
  EXPECT_TRUE(bodies().empty());
  ok<op::EnableRule>({.Name = "orders"});
  ok<op::EnableRule>({.Name = "clock"});
  put("shop", "{}");
  world.advance(2min);
  EXPECT_EQ(bodies().size(), 3u);
}

TEST_F(Rules, ARuleThatIsMadeDisabledFiresNothing) {
  api::PutRuleRequest in;
  in.Name = "pilot";
  in.ScheduleExpression = "rate(1 minute)";
  in.State = "DISABLED";
  ok<op::PutRule>(in);
  ok<op::PutTargets>({.Rule = "pilot", .Targets = std::vector{api::Target{.Id = "t", .Arn = arn("q")}}});
  world.advance(10min);
  EXPECT_TRUE(bodies().empty());
  EXPECT_EQ(ok<op::DescribeRule>({.Name = "pilot"}).State, "DISABLED");
}

TEST_F(Rules, ASchedulesEventNamesItsRuleAndItsTime) {
  rule("noon", "", "cron(0 12 * * ? *)");  // the world begins on 2026-09-21 at 14:13:20
  world.advance(21h);
  EXPECT_TRUE(bodies().empty());
  world.advance(1h);
  auto got = bodies();
  ASSERT_EQ(got.size(), 1u);
  auto j = nlohmann::json::parse(got[0]);
  EXPECT_EQ(j["source"], "aws.events");
  EXPECT_EQ(j["detail-type"], "Scheduled Event");
  EXPECT_EQ(j["time"], "2026-09-22T12:00:00Z");
  EXPECT_EQ(j["resources"][0], "arn:aws:events:us-east-1:000000000000:rule/noon");
  EXPECT_EQ(j["detail"], nlohmann::json::object());
}

TEST_F(Rules, AChangedScheduleReplacesTheOneBefore) {
  rule("clock", "", "rate(1 minute)");
  rule("clock", "", "rate(5 minutes)");
  world.advance(10min);
  EXPECT_EQ(bodies().size(), 2u);
  ok<op::RemoveTargets>({.Rule = "clock", .Ids = std::vector<std::string>{"t"}});
  ok<op::DeleteRule>({.Name = "clock"});
  world.advance(10min);
  EXPECT_TRUE(bodies().empty());
}

TEST_F(Rules, SchedulesGoOnAfterARestart) {
  rule("clock", "", "rate(10 minutes)");
  world.advance(4min);
  TestWorld again({}, world.ground());
  SqsService queues_reborn(again);
  EventsService reborn(again);
  again.add(queues_reborn);
  again.add(reborn);
  reborn.start();
  again.advance(6min);  // counted from when the rule was made
  EXPECT_TRUE(again.remote<sqs::op::ReceiveMessage>(kEast, {.QueueUrl = url("q")})->Messages);
}

TEST_F(Rules, ALostRegionFiresNothingAndCatchesUpOnNothing) {
  rule("clock", "", "rate(1 minute)");
  world.lose(kEast);
  world.advance(10min);
  world.restore(kEast);
  EXPECT_TRUE(bodies().empty());
  world.advance(1min);
  EXPECT_EQ(bodies().size(), 1u);
}

TEST_F(Rules, ATargetGetsWhatItsInputSays) {
  api::Target path, constant, made;
  path.InputPath = "$.detail";
  constant.Input = R"({"do":"clean"})";
  made.InputTransformer.emplace();
  made.InputTransformer->InputPathsMap = std::map<std::string, std::string>{{"n", "$.detail.n"}};
  made.InputTransformer->InputTemplate = R"({"got":<n>})";
  rule("a", R"({"source":["shop"]})", "", path);
  rule("b", R"({"source":["shop"]})", "", constant);
  rule("c", R"({"source":["shop"]})", "", made);
  put("shop", R"({"n":1})");
  EXPECT_EQ(bodies(), (std::vector<std::string>{R"({"n":1})", R"({"do":"clean"})", R"({"got":1})"}));
}

TEST_F(Rules, ATargetThatDoesNotLetTheRuleIsLeftAloneAndItsDeadLetterQueueGetsTheEvent) {
  ok<sqs::op::CreateQueue>({.QueueName = "closed"});
  api::Target t;
  t.Arn = arn("closed");
  t.DeadLetterConfig.emplace();
  t.DeadLetterConfig->Arn = arn("q");
  rule("orders", R"({"source":["shop"]})", "", t);
  put("shop", R"({"n":1})");
  EXPECT_TRUE(bodies("closed").empty());
  EXPECT_EQ(bodies().size(), 1u);
}

TEST_F(Rules, ABusOfItsOwnHasItsOwnRules) {
  ok<op::CreateEventBus>({.Name = "orders"});
  api::PutRuleRequest in;
  in.Name = "all";
  in.EventBusName = "orders";
  in.EventPattern = R"({"source":[{"prefix":""}]})";
  EXPECT_EQ(ok<op::PutRule>(in).RuleArn, "arn:aws:events:us-east-1:000000000000:rule/orders/all");
  ok<op::PutTargets>({.Rule = "all",
                      .EventBusName = "orders",
                      .Targets = std::vector{api::Target{.Id = "t", .Arn = arn("q")}}});
  put("shop", "{}");
  EXPECT_TRUE(bodies().empty());
  put("shop", "{}", "orders");
  EXPECT_EQ(bodies().size(), 1u);
  EXPECT_EQ(refused<op::DeleteEventBus>({.Name = "orders"}), "ValidationException");
  in.ScheduleExpression = "rate(1 minute)";
  EXPECT_EQ(refused<op::PutRule>(in), "ValidationException");
}

TEST_F(Rules, BadEntriesFailOneByOne) {
  EXPECT_EQ(put("aws.s3", "{}").ErrorCode, "NotAuthorizedForSourceException");
  EXPECT_EQ(put("shop", "no JSON").ErrorCode, "MalformedDetail");
  EXPECT_EQ(put("shop", "").ErrorCode, "InvalidArgument");
  EXPECT_TRUE(put("shop", "{}").EventId);
}

TEST_F(Rules, APatternIsTriedWithoutARule) {
  std::string event =
      R"({"id":"1","account":"1","source":"shop","time":"2026-09-21T00:00:00Z","region":"us-east-1","resources":[],"detail-type":"t","detail":{}})";
  EXPECT_EQ(ok<op::TestEventPattern>({.EventPattern = R"({"source":["shop"]})", .Event = event}).Result,
            true);
  EXPECT_EQ(ok<op::TestEventPattern>({.EventPattern = R"({"source":["other"]})", .Event = event}).Result,
            false);
  EXPECT_EQ(refused<op::TestEventPattern>({.EventPattern = R"({"source":"shop"})", .Event = event}),
            "InvalidEventPatternException");
  EXPECT_EQ(refused<op::TestEventPattern>({.EventPattern = R"({"source":["shop"]})", .Event = "{}"}),
            "ValidationException");
}

TEST_F(Rules, WhatEventBridgeDoesNotTakeIsRefused) {
  api::PutRuleRequest in;
  in.Name = "r";
  EXPECT_EQ(refused<op::PutRule>(in), "ValidationException");
  in.ScheduleExpression = "rate(1 minutes)";
  EXPECT_EQ(refused<op::PutRule>(in), "ValidationException");
  rule("r", R"({"source":["shop"]})", "");
  EXPECT_EQ(refused<op::DeleteRule>({.Name = "r"}), "ValidationException");  // it has targets
  api::Target t{.Id = "x", .Arn = "arn:aws:sqs:us-west-2:000000000000:q"};
  EXPECT_EQ(refused<op::PutTargets>({.Rule = "r", .Targets = std::vector{t}}), "ValidationException");
  t.Arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
  EXPECT_EQ(refused<op::PutTargets>({.Rule = "r", .Targets = std::vector{t}}), "NotImplemented");
  EXPECT_EQ(refused<op::EnableRule>({.Name = "nobody"}), "ResourceNotFoundException");
}

TEST_F(Rules, PermissionsAreStatementsOfTheBus) {
  ok<op::PutPermission>({.Action = "events:PutEvents", .Principal = "111122223333", .StatementId = "s"});
  EXPECT_NE(ok<op::DescribeEventBus>({}).Policy->find("arn:aws:iam::111122223333:root"), std::string::npos);
  ok<op::RemovePermission>({.StatementId = "s"});
  EXPECT_FALSE(ok<op::DescribeEventBus>({}).Policy);
}

}  // namespace
}  // namespace relight::sandbox
