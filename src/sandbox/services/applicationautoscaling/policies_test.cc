#include "sandbox/services/applicationautoscaling/decide.h"
#include "sandbox/services/applicationautoscaling/scaling_test.h"

namespace relight::sandbox {
namespace {
namespace api = aws::applicationautoscaling;
namespace op = aws::applicationautoscaling::op;
namespace cw = aws::cloudwatch;

struct PolicyTest : ScalingTest {
  static api::PutScalingPolicyRequest tracking(double target) {
    api::PutScalingPolicyRequest in{.PolicyName = "jobs",
                                    .ServiceNamespace = "ecs",
                                    .ResourceId = kWeb,
                                    .ScalableDimension = scaling::kDimension,
                                    .PolicyType = "TargetTrackingScaling"};
    in.TargetTrackingScalingPolicyConfiguration = api::TargetTrackingScalingPolicyConfiguration{
        .TargetValue = target,
        .CustomizedMetricSpecification = api::CustomizedMetricSpecification{
            .MetricName = "Waiting", .Namespace = "App", .Statistic = "Average"}};
    return in;
  }
  static api::PutScalingPolicyRequest steps(std::vector<api::StepAdjustment> list, const char* type) {
    api::PutScalingPolicyRequest in{.PolicyName = "steps",
                                    .ServiceNamespace = "ecs",
                                    .ResourceId = kWeb,
                                    .ScalableDimension = scaling::kDimension,
                                    .PolicyType = "StepScaling"};
    in.StepScalingPolicyConfiguration =
        api::StepScalingPolicyConfiguration{.AdjustmentType = type, .StepAdjustments = list};
    return in;
  }
  // The metric's value for the last `minutes`.
  void metric(double value, int minutes) {
    for (int i = 0; i < minutes; ++i) {
      cw::PutMetricDataInput in{.Namespace = "App"};
      in.MetricData = {cw::MetricDatum{
          .MetricName = "Waiting", .Timestamp = world.clock.now() - std::chrono::minutes(i), .Value = value}};
      ASSERT_TRUE(world.remote<cw::op::PutMetricData>(kEast, in));
    }
    world.advance(Millis{2'000});
  }
};

TEST_F(PolicyTest, TargetTrackingMakesTwoAlarmsAndReplacesThemWithItself) {
  bounds(1, 10);
  auto out = ok<op::PutScalingPolicy>(tracking(50));
  ASSERT_EQ(out.Alarms->size(), 2u);
  EXPECT_TRUE((*out.Alarms)[0].AlarmName->starts_with("TargetTracking-service/main/web-AlarmHigh-"));
  auto again = ok<op::PutScalingPolicy>(tracking(60));
  EXPECT_EQ(again.PolicyARN, out.PolicyARN);
  auto alarms = *world.remote<cw::op::DescribeAlarms>(kEast, {})->MetricAlarms;
  ASSERT_EQ(alarms.size(), 2u);
  EXPECT_EQ(alarms[0].Threshold, 60.0);
  EXPECT_EQ(alarms[1].Threshold, 54.0);
  EXPECT_EQ(alarms[0].AlarmActions, std::vector<std::string>{*out.PolicyARN});
  ok<op::DeleteScalingPolicy>({.PolicyName = "jobs",
                               .ServiceNamespace = "ecs",
                               .ResourceId = kWeb,
                               .ScalableDimension = scaling::kDimension});
  EXPECT_TRUE(world.remote<cw::op::DescribeAlarms>(kEast, {})->MetricAlarms->empty());
}

TEST_F(PolicyTest, TargetTrackingGrowsInProportionRestsForItsCooldownAndKeepsToTheBounds) {
  bounds(1, 5);
  ok<op::PutScalingPolicy>(tracking(50));
  EXPECT_EQ(web(), 2);
  metric(100, 3);
  EXPECT_EQ(web(), 4);
  metric(100, 3);
  EXPECT_EQ(web(), 4) << "within the cooldown";
  EXPECT_TRUE(activities()[0].Cause->starts_with("monitor alarm TargetTracking-service/main/web-AlarmHigh-"));
  world.advance(Millis{300'000});
  metric(100, 3);
  EXPECT_EQ(web(), 5) << "the maximum";
}

TEST_F(PolicyTest, TargetTrackingShrinksOnlyAfterAQuarterOfAnHourAndNeverWithoutData) {
  bounds(1, 10);
  ecs.desired["web"] = 8;
  ok<op::PutScalingPolicy>(tracking(50));
  world.advance(Millis{60'000});
  EXPECT_EQ(web(), 8) << "no data says nothing";
  metric(10, 15);
  EXPECT_EQ(web(), 2);
}

TEST_F(PolicyTest, ASuspendedDirectionIsNotTaken) {
  auto t = target(1, 10);
  t.SuspendedState = api::SuspendedState{.DynamicScalingOutSuspended = true};
  ok<op::RegisterScalableTarget>(t);
  ok<op::PutScalingPolicy>(tracking(50));
  metric(100, 3);
  EXPECT_EQ(web(), 2);
}

TEST_F(PolicyTest, AnAlarmThatNamesAStepPolicyCarriesOutItsStep) {
  bounds(1, 10);
  auto policy = ok<op::PutScalingPolicy>(
      steps({{.MetricIntervalLowerBound = 0, .MetricIntervalUpperBound = 20, .ScalingAdjustment = 1},
             {.MetricIntervalLowerBound = 20, .ScalingAdjustment = 4}},
            "ChangeInCapacity"));
  cw::PutMetricAlarmInput alarm{.AlarmName = "busy", .MetricName = "Waiting", .Namespace = "App"};
  alarm.Statistic = "Average", alarm.Period = 60, alarm.EvaluationPeriods = 1, alarm.Threshold = 70;
  alarm.ComparisonOperator = "GreaterThanThreshold", alarm.AlarmActions = {*policy.PolicyARN};
  ASSERT_TRUE(world.remote<cw::op::PutMetricAlarm>(kEast, alarm));
  auto shown = ok<op::DescribeScalingPolicies>({.ServiceNamespace = "ecs"});
  EXPECT_EQ((*(*shown.ScalingPolicies)[0].Alarms)[0].AlarmName, "busy");
  metric(95, 1);
  EXPECT_EQ(web(), 6);
}

TEST_F(PolicyTest, WrongPoliciesAreRefused) {
  EXPECT_EQ(refused<op::PutScalingPolicy>(tracking(50)), "ObjectNotFoundException") << "no target yet";
  bounds(1, 10);
  EXPECT_EQ(refused<op::PutScalingPolicy>(tracking(0)), "ValidationException");
  auto both = tracking(50);
  both.StepScalingPolicyConfiguration.emplace();
  EXPECT_EQ(refused<op::PutScalingPolicy>(both), "ValidationException");
  auto rds = tracking(50);
  auto& c = *rds.TargetTrackingScalingPolicyConfiguration;
  c.CustomizedMetricSpecification.reset();
  c.PredefinedMetricSpecification =
      api::PredefinedMetricSpecification{.PredefinedMetricType = "RDSReaderAverageCPUUtilization"};
  EXPECT_EQ(refused<op::PutScalingPolicy>(rds), "ValidationException");
  c.PredefinedMetricSpecification->PredefinedMetricType = "ALBRequestCountPerTarget";
  EXPECT_EQ(refused<op::PutScalingPolicy>(rds), "ValidationException") << "without its resource label";
  EXPECT_EQ(refused<op::PutScalingPolicy>(steps(
                {{.MetricIntervalLowerBound = 0, .MetricIntervalUpperBound = 10, .ScalingAdjustment = 1},
                 {.MetricIntervalLowerBound = 20, .ScalingAdjustment = 2}},
                "ChangeInCapacity")),
            "ValidationException")
      << "a gap";
  EXPECT_EQ(refused<op::PutScalingPolicy>(steps({}, "ChangeInCapacity")), "ValidationException");
  auto step = steps({{.MetricIntervalLowerBound = 0, .ScalingAdjustment = 1}}, "ChangeInCapacity");
  ok<op::PutScalingPolicy>(step);
  auto other = tracking(50);
  other.PolicyName = "steps";
  EXPECT_EQ(refused<op::PutScalingPolicy>(other), "ValidationException") << "its type stays";
}

TEST(ScalingDecision, PercentagesRoundAsDocumented) {
  api::StepScalingPolicyConfiguration c{.AdjustmentType = "PercentChangeInCapacity"};
  c.StepAdjustments = {{.MetricIntervalLowerBound = 0, .ScalingAdjustment = 10},
                       {.MetricIntervalUpperBound = 0, .ScalingAdjustment = -50}};
  EXPECT_EQ(scaling::step(4, 80, 70, c), 5) << "0.4 of a task is one";
  EXPECT_EQ(scaling::step(15, 80, 70, c), 16) << "1.5 is one";
  EXPECT_EQ(scaling::step(5, 60, 70, c), 3) << "2.5 is two";
  c.MinAdjustmentMagnitude = 3;
  EXPECT_EQ(scaling::step(15, 80, 70, c), 18);
}

TEST(ScalingDecision, TrackingNeverTakesTooMuch) {
  EXPECT_EQ(scaling::track(4, 75, 50, true), 6);
  EXPECT_EQ(scaling::track(4, 51, 50, true), 5);
  EXPECT_EQ(scaling::track(4, 30, 50, false), 3);
  EXPECT_EQ(scaling::track(4, 49, 50, false), 4);
  EXPECT_EQ(scaling::track(0, 80, 50, true), 0) << "nothing times anything is nothing";
}

}  // namespace
}  // namespace relight::sandbox
