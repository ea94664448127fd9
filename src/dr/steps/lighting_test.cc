// What is off in the pilot and on after a failover: autoscaling, functions, what calls them; and the same off
// in the old primary.
#include <gtest/gtest.h>

#include "aws/gen/applicationautoscaling.h"
#include "aws/gen/cloudformation.h"
#include "aws/gen/events.h"
#include "aws/gen/lambda.h"
#include "dr/steps/failover.h"
#include "dr/steps/fence_measures.h"
#include "dr/steps/notifications.h"
#include "dr/steps/stage.h"

namespace relight::dr {
namespace {
namespace scaling = aws::applicationautoscaling;
using DormantKind = Dormant::Kind;

// A region's functions, mappings, rules and bounds, by name.
struct Lights : Stage {
  std::map<std::string, std::optional<int>> concurrency;
  std::map<std::string, std::string> mappings, rules;
  struct Bounds {
    int low = 0, high = 0;
    bool suspended = false;
  };
  std::map<std::string, Bounds> bounds;

  Lights() {
    aws.on<aws::lambda::op::GetFunctionConcurrency>(
        [this](auto& in) -> Result<aws::lambda::op::GetFunctionConcurrency::Output> {
          if (!concurrency.contains(*in.FunctionName))
            return fail(Error{.code = "ResourceNotFoundException", .http_status = 404});
          aws::lambda::op::GetFunctionConcurrency::Output out;
          out.ReservedConcurrentExecutions = concurrency[*in.FunctionName];
          return out;
        });
    aws.on<aws::lambda::op::PutFunctionConcurrency>([this](auto& in) {
      concurrency[*in.FunctionName] = *in.ReservedConcurrentExecutions;
      return aws::lambda::op::PutFunctionConcurrency::Output{};
    });
    aws.on<aws::lambda::op::DeleteFunctionConcurrency>([this](auto& in) {
      concurrency[*in.FunctionName] = std::nullopt;
      return aws::lambda::op::DeleteFunctionConcurrency::Output{};
    });
    aws.on<aws::lambda::op::GetEventSourceMapping>([this](auto& in) {
      aws::lambda::op::GetEventSourceMapping::Output out;
      out.State = mappings[*in.UUID];
      return out;
    });
    aws.on<aws::lambda::op::UpdateEventSourceMapping>([this](auto& in) {
      mappings[*in.UUID] = *in.Enabled ? "Enabling" : "Disabling";
      return aws::lambda::op::UpdateEventSourceMapping::Output{};
    });
    aws.on<aws::events::op::DescribeRule>([this](auto& in) {
      aws::events::op::DescribeRule::Output out;
      out.State = rules[*in.Name];
      return out;
    });
    aws.on<aws::events::op::EnableRule>([this](auto& in) {
      rules[*in.Name] = "ENABLED";
      return aws::events::op::EnableRule::Output{};
    });
    aws.on<aws::events::op::DisableRule>([this](auto& in) {
      rules[*in.Name] = "DISABLED";
      return aws::events::op::DisableRule::Output{};
    });
    autoscaling();
  }
  void autoscaling() {
    aws.on<scaling::op::DescribeScalableTargets>([this](auto& in) {
      EXPECT_EQ(in.ServiceNamespace, "ecs");
      scaling::op::DescribeScalableTargets::Output out;
      out.ScalableTargets.emplace();
      for (auto& id : *in.ResourceIds) {
        scaling::ScalableTarget t;
        t.MinCapacity = bounds[id].low;
        t.MaxCapacity = bounds[id].high;
        out.ScalableTargets->push_back(t);
      }
      return out;
    });
    aws.on<scaling::op::RegisterScalableTarget>([this](auto& in) {
      auto& b = bounds[*in.ResourceId];
      b.low = in.MinCapacity.value_or(b.low);
      b.high = in.MaxCapacity.value_or(b.high);
      b.suspended = in.SuspendedState && in.SuspendedState->DynamicScalingOutSuspended.value_or(false);
      return scaling::op::RegisterScalableTarget::Output{};
    });
  }
  void asleep(std::vector<Dormant> all) { site.topology.dormant = std::move(all); }
};

Dormant web_bounds() {
  return {.kind = DormantKind::kScaling,
          .name = "service/dc/ds",
          .primary = "service/pc/ps",
          .scope = "ecs:service:DesiredCount",
          .value = "",
          .low = 2,
          .high = 6};
}

TEST(Autoscaling, GetsTheBoundsOfThePrimaryOnce) {
  Lights s;
  s.asleep({web_bounds()});
  EXPECT_TRUE(is_done(make_autoscaling(s.site)->advance(s.c)));
  EXPECT_EQ(s.bounds["service/dc/ds"].low, 2);
  EXPECT_EQ(s.bounds["service/dc/ds"].high, 6);
  EXPECT_TRUE(is_done(make_autoscaling(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("RegisterScalableTarget d"), 1u);
  EXPECT_EQ(s.c.journal.front(), "application-autoscaling:RegisterScalableTarget");
}

TEST(Autoscaling, IsNeverBelowTheTasksThatTheFailoverAsksFor) {
  Lights s;
  s.asleep({web_bounds()});
  s.site.config.tasks = 9;
  EXPECT_TRUE(is_done(make_autoscaling(s.site)->advance(s.c)));
  EXPECT_EQ(s.bounds["service/dc/ds"].high, 9);
}

// The pilot's stack as CloudFormation shows it.
struct PilotStack : Lights {
  std::string status = "CREATE_COMPLETE", after = "UPDATE_IN_PROGRESS", gateways = "false";
  std::vector<aws::cloudformation::Parameter> asked;

  PilotStack() {
    aws.on<aws::cloudformation::op::DescribeStacks>([this](auto&) {
      aws::cloudformation::Stack stack{
          .StackName = "pilot", .StackStatus = status, .StackStatusReason = "why"};
      stack.Parameters = {{{.ParameterKey = "DbPassword", .ParameterValue = "****"},
                           {.ParameterKey = "Lit", .ParameterValue = gateways}}};
      return aws::cloudformation::op::DescribeStacks::Output{.Stacks = {{stack}}};
    });
    aws.on<aws::cloudformation::op::UpdateStack>([this](auto& in) {
      EXPECT_TRUE(in.UsePreviousTemplate.value_or(false));
      asked = *in.Parameters;
      status = after;
      return aws::cloudformation::op::UpdateStack::Output{};
    });
    asleep({{.kind = DormantKind::kNetwork, .name = "pilot", .scope = "Lit"}});
  }
};

TEST(Network, TheStackMakesItsGatewaysAndKeepsItsOtherParameters) {
  PilotStack s;
  auto step = make_network(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(waits(step->advance(s.c)));
  ASSERT_EQ(s.asked.size(), 2u);
  EXPECT_EQ(s.asked[0].UsePreviousValue, true);
  EXPECT_EQ(s.asked[0].ParameterValue, std::nullopt);
  EXPECT_EQ(s.asked[1].ParameterValue, "true");
  s.status = "UPDATE_COMPLETE";
  s.gateways = "true";
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_TRUE(is_done(make_network(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("UpdateStack d"), 1u);
}

TEST(Network, OnTheWayBackTheSameStackTakesThemAway) {
  PilotStack s;
  s.gateways = "true";
  auto step = make_network_off(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  ASSERT_EQ(s.asked.size(), 2u);
  EXPECT_EQ(s.asked[1].ParameterValue, "false");
  s.status = "UPDATE_COMPLETE";
  s.gateways = "false";
  EXPECT_TRUE(is_done(step->advance(s.c)));
}

TEST(Network, AnUpdateThatWasUndoneIsNotAskedForAgainByTheSameProcess) {
  PilotStack s;
  s.after = "UPDATE_ROLLBACK_COMPLETE";
  auto step = make_network(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  auto o = step->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_EQ(std::get<Failed>(o).error.code, "Failover.Network");
  EXPECT_NE(std::get<Failed>(o).error.message.find("why"), std::string::npos);
  EXPECT_EQ(s.aws.count("UpdateStack d"), 1u);
  EXPECT_TRUE(waits(make_network(s.site)->advance(s.c)));  // a resumed run tries once more
}

TEST(Network, AStackThatTakesNoUpdateIsNamed) {
  PilotStack s;
  s.status = "UPDATE_ROLLBACK_FAILED";
  EXPECT_TRUE(std::holds_alternative<Failed>(make_network(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("UpdateStack d"), 0u);
}

TEST(Functions, GetTheConcurrencyThatTheyHadOrNoneOfTheirOwn) {
  Lights s;
  s.concurrency = {{"thumb", 0}, {"clean", 0}, {"off", 0}};
  s.asleep({{.kind = DormantKind::kFunction, .name = "thumb", .low = 5},
            {.kind = DormantKind::kFunction, .name = "clean"},
            {.kind = DormantKind::kFunction, .name = "off", .low = 0}});
  auto o = make_functions(s.site)->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(get(std::get<Done>(o).facts, "functions"), "3");
  EXPECT_EQ(s.concurrency["thumb"], 5);
  EXPECT_EQ(s.concurrency["clean"], std::nullopt);
  EXPECT_EQ(s.concurrency["off"], 0);
  EXPECT_TRUE(is_done(make_functions(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("PutFunctionConcurrency d"), 1u);
  EXPECT_EQ(s.aws.count("DeleteFunctionConcurrency d"), 1u);
}

TEST(Functions, OneThatIsMissingStopsTheRunWithItsName) {
  Lights s;
  s.asleep({{.kind = DormantKind::kFunction, .name = "thumb"}});
  auto o = make_functions(s.site)->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_EQ(std::get<Failed>(o).error.resource, "thumb");
}

TEST(Functions, WithoutTheLeaseNothingIsSent) {
  Lights s;
  s.concurrency = {{"thumb", 0}};
  s.asleep({{.kind = DormantKind::kFunction, .name = "thumb"}});
  s.c.lost = true;
  EXPECT_TRUE(std::holds_alternative<Failed>(make_functions(s.site)->advance(s.c)));
  EXPECT_EQ(s.concurrency["thumb"], 0);
}

TEST(Functions, MoreThanAFewAreBroughtInTurns) {
  Lights s;
  std::vector<Dormant> all;
  for (int i = 0; i < 20; ++i) {
    auto name = "f" + std::to_string(i);
    s.concurrency[name] = 0;
    all.push_back({.kind = DormantKind::kFunction, .name = name});
  }
  s.asleep(all);
  auto step = make_functions(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(is_done(step->advance(s.c)));
}

TEST(Triggers, AMappingIsDoneOnlyWhenItIsEnabled) {
  Lights s;
  s.mappings = {{"u1", "Disabled"}};
  s.rules = {{"nightly", "DISABLED"}};
  s.asleep({{.kind = DormantKind::kMapping, .name = "u1"}, {.kind = DormantKind::kRule, .name = "nightly"}});
  auto step = make_triggers(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.rules["nightly"], "ENABLED");
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.aws.count("UpdateEventSourceMapping d"), 1u);  // it is under way
  s.mappings["u1"] = "Enabled";
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_TRUE(is_done(make_triggers(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("EnableRule d"), 1u);
}

TEST(Triggers, ABucketsNotificationsAreAddedToWhatItHas) {
  Lights s;
  aws::s3::NotificationConfiguration now;
  aws::s3::QueueConfiguration other;
  other.QueueArn = "arn:q";
  now.QueueConfigurations = {{other}};
  s.aws.on<aws::s3::op::GetBucketNotificationConfiguration>([&](auto&) { return now; });
  s.aws.on<aws::s3::op::PutBucketNotificationConfiguration>([&](auto& in) {
    now = *in.NotificationConfiguration;
    return aws::s3::op::PutBucketNotificationConfiguration::Output{};
  });
  s.asleep({{.kind = DormantKind::kNotifications,
             .name = "uploads",
             .value = R"({"LambdaFunctionConfigurations":[{"Id":"a","LambdaFunctionArn":"arn:f",
    "Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"Prefix","Value":"in/"}]}}}]})"}});
  EXPECT_TRUE(is_done(make_triggers(s.site)->advance(s.c)));
  ASSERT_EQ(now.LambdaFunctionConfigurations->size(), 1u);
  EXPECT_EQ(now.LambdaFunctionConfigurations->front().LambdaFunctionArn, "arn:f");
  EXPECT_EQ(now.QueueConfigurations->size(), 1u);
  now.LambdaFunctionConfigurations->front().Filter->Key->FilterRules->front().Name =
      "prefix";  // as S3 may say it
  EXPECT_TRUE(is_done(make_triggers(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("PutBucketNotificationConfiguration d"), 1u);
}

TEST(FenceWriters, NotificationsThatAFailoverWroteAreTakenAwayAndOthersStay) {
  Lights s;
  aws::s3::NotificationConfiguration now;
  aws::s3::QueueConfiguration other;
  other.QueueArn = "arn:q";
  aws::s3::LambdaFunctionConfiguration written;
  written.LambdaFunctionArn = "arn:f";
  written.Events = {{"s3:ObjectCreated:*"}};
  now.QueueConfigurations = {{other}};
  now.LambdaFunctionConfigurations = {{written}};
  s.aws.on<aws::s3::op::GetBucketNotificationConfiguration>([&](auto&) { return now; });
  s.aws.on<aws::s3::op::PutBucketNotificationConfiguration>([&](auto& in) {
    now = *in.NotificationConfiguration;
    return aws::s3::op::PutBucketNotificationConfiguration::Output{};
  });
  s.asleep({{.kind = DormantKind::kNotifications,
             .primary = "uploads",
             .value = R"({"LambdaFunctionConfigurations":[{"LambdaFunctionArn":"arn:f","Events":["s3:ObjectCreated:*"]}]})"}});
  auto step = make_stop_writers(s.site);
  EXPECT_TRUE(*step->advance(s.c, {"p"}));
  EXPECT_TRUE(now.LambdaFunctionConfigurations->empty());
  EXPECT_EQ(now.QueueConfigurations->size(), 1u);
  EXPECT_TRUE(*make_stop_writers(s.site)->advance(s.c, {"p"}));
  EXPECT_EQ(s.aws.count("PutBucketNotificationConfiguration p"), 1u);
}

TEST(FenceWriters, FunctionsRulesMappingsAndAutoscalingOfTheOldPrimaryAreStopped) {
  Lights s;
  s.concurrency = {{"pthumb", std::nullopt}};
  s.mappings = {{"pu", "Enabled"}};
  s.rules = {{"pnightly", "ENABLED"}};
  auto web = web_bounds();
  s.asleep({web,
            {.kind = DormantKind::kFunction, .name = "thumb", .primary = "pthumb"},
            {.kind = DormantKind::kMapping, .name = "u", .primary = "pu"},
            {.kind = DormantKind::kRule, .name = "nightly", .primary = "pnightly"}});
  auto step = make_fence(s.site);
  Outcome o = step->advance(s.c);
  for (int i = 0; i < 4 && waits(o); ++i) {
    if (s.mappings["pu"] == "Disabling") s.mappings["pu"] = "Disabled";
    s.c.passed += Millis(2000);
    o = step->advance(s.c);
  }
  EXPECT_EQ(s.concurrency["pthumb"], 0);
  EXPECT_EQ(s.rules["pnightly"], "DISABLED");
  EXPECT_EQ(s.mappings["pu"], "Disabled");
  EXPECT_TRUE(s.bounds["service/pc/ps"].suspended);
  EXPECT_FALSE(s.bounds.contains("service/dc/ds"));
  // It still answers, and what was running may write on: that is said, and proves nothing.
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_EQ(std::get<Failed>(o).error.code, "Failover.FenceUnproven");
  EXPECT_NE(std::get<Failed>(o).error.message.find("writers: done"), std::string::npos);
}

TEST(FenceWriters, TasksThatAreGoneProveNothingWhereFunctionsWrite) {
  for (bool functions : {false, true}) {
    Lights s;
    s.site.topology.primary.database_host = "";
    s.aws.on<aws::ecs::op::DescribeServices>([](auto&) {
      aws::ecs::Service service;
      service.desiredCount = 0;
      service.runningCount = 0;
      aws::ecs::op::DescribeServices::Output out;
      out.services = {{service}};
      return out;
    });
    if (functions) s.asleep({{.kind = DormantKind::kFunction, .name = "f", .primary = "pf"}});
    s.site.consent.unproven_fence = true;
    auto step = make_fence(s.site);
    Outcome o = step->advance(s.c);
    s.c.passed = Millis(60000);
    if (waits(o)) o = step->advance(s.c);
    ASSERT_TRUE(is_done(o));
    EXPECT_EQ(get(std::get<Done>(o).facts, "confidence"), functions ? "unproven" : "proven");
  }
}

TEST(Invocation, IsDoneWhenTheFunctionAnsweredAndFailsWithItsError) {
  Lights s;
  std::optional<std::string> error;
  s.aws.on<aws::lambda::op::Invoke>([&](auto& in) {
    EXPECT_EQ(*in.FunctionName, "warm");
    EXPECT_EQ(in.Payload->bytes, "{\"n\":1}");
    aws::lambda::op::Invoke::Output out;
    out.StatusCode = 200;
    out.FunctionError = error;
    return out;
  });
  CustomStep spec{.name = "warm", .function = "warm", .payload = "{\"n\":1}", .deadline = Millis(1000)};
  EXPECT_TRUE(is_done(make_custom(s.site, spec)->advance(s.c)));
  EXPECT_EQ(s.c.journal, (std::vector<std::string>{"lambda:Invoke", "lambda:Invoke=ok"}));
  error = "Unhandled";
  auto o = make_custom(s.site, spec)->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_EQ(std::get<Failed>(o).error.code, "Step.Function");
}

}  // namespace
}  // namespace relight::dr
