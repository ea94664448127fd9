#include "sandbox/services/applicationautoscaling/scaling_test.h"

namespace relight::sandbox {
namespace {
namespace api = aws::applicationautoscaling;
namespace op = aws::applicationautoscaling::op;

TEST_F(ScalingTest, BoundsMoveADesiredCountThatTheyExclude) {
  bounds(1, 4);
  EXPECT_EQ(web(), 2) << "it lies within";
  EXPECT_TRUE(activities().empty());
  bounds(3, 4);
  EXPECT_EQ(web(), 3);
  auto first = activities();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].Cause, "minimum capacity was set to 3");
  EXPECT_EQ(first[0].Description, "Setting desired count to 3.");
  EXPECT_EQ(first[0].StatusCode, "Successful");
  bounds(0, 1);
  EXPECT_EQ(web(), 1);
  bounds(0, 0);
  EXPECT_EQ(web(), 0);
  EXPECT_EQ(activities().size(), 3u);
}

TEST_F(ScalingTest, AKnownTargetKeepsWhatIsNotGiven) {
  bounds(1, 4);
  ok<op::RegisterScalableTarget>({.ServiceNamespace = "ecs",
                                  .ResourceId = kWeb,
                                  .ScalableDimension = scaling::kDimension,
                                  .MaxCapacity = 9,
                                  .SuspendedState = api::SuspendedState{.DynamicScalingInSuspended = true}});
  auto t = (*ok<op::DescribeScalableTargets>({.ServiceNamespace = "ecs"}).ScalableTargets)[0];
  EXPECT_EQ(t.MinCapacity, 1);
  EXPECT_EQ(t.MaxCapacity, 9);
  EXPECT_EQ(t.SuspendedState->DynamicScalingInSuspended, true);
  EXPECT_EQ(t.SuspendedState->ScheduledScalingSuspended, false);
  EXPECT_TRUE(t.RoleARN->ends_with("AWSServiceRoleForApplicationAutoScaling_ECSService"));
}

TEST_F(ScalingTest, WhatIsNoServiceOrNoRangeIsRefused) {
  auto missing = world.remote<op::RegisterScalableTarget>(kEast, target(1, 2, "service/main/nobody"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "ValidationException");
  EXPECT_NE(missing.error().message.find("ECS service doesn't exist"), std::string::npos);
  EXPECT_EQ(refused<op::RegisterScalableTarget>(target(1, 2, "service/other/web")), "ValidationException");
  EXPECT_EQ(refused<op::RegisterScalableTarget>(target(1, 2, "web")), "ValidationException");
  EXPECT_EQ(refused<op::RegisterScalableTarget>(target(3, 2)), "ValidationException");
  EXPECT_EQ(refused<op::RegisterScalableTarget>(target(-1, 2)), "ValidationException");
  auto half = target(1, 2);
  half.MaxCapacity.reset();
  EXPECT_EQ(refused<op::RegisterScalableTarget>(half), "ValidationException");
  auto table = target(1, 2);
  table.ServiceNamespace = "dynamodb";
  EXPECT_EQ(refused<op::RegisterScalableTarget>(table), "ValidationException");
  EXPECT_EQ(web(), 2);
}

TEST_F(ScalingTest, ADeregisteredTargetLeavesTheCountAndTakesItsPoliciesAlong) {
  bounds(3, 5);
  ok<op::PutScalingPolicy>(
      {.PolicyName = "up",
       .ServiceNamespace = "ecs",
       .ResourceId = kWeb,
       .ScalableDimension = scaling::kDimension,
       .PolicyType = "TargetTrackingScaling",
       .TargetTrackingScalingPolicyConfiguration = api::TargetTrackingScalingPolicyConfiguration{
           .TargetValue = 50,
           .PredefinedMetricSpecification = api::PredefinedMetricSpecification{
               .PredefinedMetricType = "ECSServiceAverageCPUUtilization"}}});
  EXPECT_EQ(world.remote<aws::cloudwatch::op::DescribeAlarms>(kEast, {})->MetricAlarms->size(), 2u);
  ok<op::DeregisterScalableTarget>(
      {.ServiceNamespace = "ecs", .ResourceId = kWeb, .ScalableDimension = scaling::kDimension});
  EXPECT_EQ(web(), 3);
  EXPECT_TRUE(ok<op::DescribeScalingPolicies>({.ServiceNamespace = "ecs"}).ScalingPolicies->empty());
  EXPECT_TRUE(world.remote<aws::cloudwatch::op::DescribeAlarms>(kEast, {})->MetricAlarms->empty());
  EXPECT_EQ(refused<op::DeregisterScalableTarget>(
                {.ServiceNamespace = "ecs", .ResourceId = kWeb, .ScalableDimension = scaling::kDimension}),
            "ObjectNotFoundException");
}

TEST_F(ScalingTest, ListsInPages) {
  for (const char* name : {"a", "b", "c"}) {
    ecs.desired[name] = 1;
    ok<op::RegisterScalableTarget>(target(1, 2, std::string("service/main/") + name));
  }
  auto first = ok<op::DescribeScalableTargets>({.ServiceNamespace = "ecs", .MaxResults = 2});
  ASSERT_EQ(first.ScalableTargets->size(), 2u);
  auto second = ok<op::DescribeScalableTargets>(
      {.ServiceNamespace = "ecs", .MaxResults = 2, .NextToken = first.NextToken});
  ASSERT_EQ(second.ScalableTargets->size(), 1u);
  EXPECT_FALSE(second.NextToken);
  EXPECT_EQ(refused<op::DescribeScalableTargets>({.ServiceNamespace = "ecs", .NextToken = "x"}),
            "InvalidNextTokenException");
}

struct ScheduledTest : ScalingTest {
  void at(const std::string& schedule, int low, int high) {
    bounds(1, 4);
    put(schedule, low, high);
  }
  void put(const std::string& schedule, int low, int high) {
    ok<op::PutScheduledAction>(
        {.ServiceNamespace = "ecs",
         .Schedule = schedule,
         .ScheduledActionName = "night",
         .ResourceId = kWeb,
         .ScalableDimension = scaling::kDimension,
         .ScalableTargetAction = api::ScalableTargetAction{.MinCapacity = low, .MaxCapacity = high}});
  }
};

TEST_F(ScheduledTest, AScheduledActionChangesTheBoundsAtItsTimeAndWithThemTheCount) {
  std::string soon = iso8601(world.clock.now() + Millis{90'000}).substr(0, 19);
  at("at(" + soon + ")", 6, 8);
  world.advance(Millis{60'000});
  EXPECT_EQ(web(), 2);
  world.advance(Millis{60'000});
  EXPECT_EQ(web(), 6);
  EXPECT_EQ((*ok<op::DescribeScalableTargets>({.ServiceNamespace = "ecs"}).ScalableTargets)[0].MaxCapacity,
            8);
}

TEST_F(ScheduledTest, ARepeatedActionRepeatsUntilItIsDeleted) {
  at("rate(1 minute)", 3, 4);
  world.advance(Millis{60'000});
  EXPECT_EQ(web(), 3);
  ecs.desired["web"] = 1;
  world.advance(Millis{60'000});
  EXPECT_EQ(web(), 3);
  ok<op::DeleteScheduledAction>({.ServiceNamespace = "ecs",
                                 .ScheduledActionName = "night",
                                 .ResourceId = kWeb,
                                 .ScalableDimension = scaling::kDimension});
  ecs.desired["web"] = 1;
  world.advance(Millis{120'000});
  EXPECT_EQ(web(), 1);
}

TEST_F(ScheduledTest, NothingIsScheduledWhileItIsSuspendedOrTheRegionIsLost) {
  auto suspend = target(1, 4);
  suspend.SuspendedState = api::SuspendedState{.ScheduledScalingSuspended = true};
  at("rate(1 minute)", 3, 4);
  ok<op::RegisterScalableTarget>(suspend);
  world.advance(Millis{120'000});
  EXPECT_EQ(web(), 2);
  suspend.SuspendedState->ScheduledScalingSuspended = false;
  ok<op::RegisterScalableTarget>(suspend);
  world.lose(kEast);
  world.advance(Millis{120'000});
  EXPECT_EQ(web(), 2);
  world.restore(kEast);
  world.advance(Millis{60'000});
  EXPECT_EQ(web(), 3);
}

TEST_F(ScheduledTest, ARestartKeepsTargetsAndWhatIsScheduled) {
  at("rate(2 minutes)", 4, 6);
  TestWorld again({}, world.ground());
  EcsStandIn there{again};
  ApplicationAutoScalingService restarted{again};
  again.add(there), again.add(restarted);
  restarted.start();
  again.advance(Millis{120'000});
  EXPECT_EQ(there.desired["web"], 4);
}

}  // namespace
}  // namespace relight::sandbox
