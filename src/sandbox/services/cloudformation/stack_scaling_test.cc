// Stacks that scale an ECS service.
#include "sandbox/services/applicationautoscaling/ecs_stand_in.h"
#include "sandbox/services/applicationautoscaling/service.h"
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/cloudwatch/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace scale = aws::applicationautoscaling;

struct ScalingStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    ecs_ = std::make_unique<EcsStandIn>(*world_);
    cloudwatch_ = std::make_unique<CloudWatchService>(*world_);
    scaling_ = std::make_unique<ApplicationAutoScalingService>(*world_);
    world_->add(*ecs_), world_->add(*cloudwatch_), world_->add(*scaling_);
  }
  std::vector<scale::ScalableTarget> targets() {
    return *call<scale::op::DescribeScalableTargets>({.ServiceNamespace = "ecs"})->ScalableTargets;
  }
  std::vector<scale::ScheduledAction> scheduled() {
    return *call<scale::op::DescribeScheduledActions>({.ServiceNamespace = "ecs"})->ScheduledActions;
  }
  std::unique_ptr<EcsStandIn> ecs_;
  std::unique_ptr<CloudWatchService> cloudwatch_;
  std::unique_ptr<ApplicationAutoScalingService> scaling_;
};

std::string scaled(int low, int high, const std::string& more = "") {
  return "Resources:\n  Bounds:\n    Type: AWS::ApplicationAutoScaling::ScalableTarget\n    Properties:\n"
         "      ServiceNamespace: ecs\n      ScalableDimension: ecs:service:DesiredCount\n      ResourceId: service/main/web\n"
         "      MinCapacity: " + std::to_string(low) + "\n      MaxCapacity: " + std::to_string(high) + "\n" + more +
         "  Load:\n    Type: AWS::ApplicationAutoScaling::ScalingPolicy\n    Properties:\n      PolicyName: load\n"
         "      PolicyType: TargetTrackingScaling\n      ScalingTargetId: !Ref Bounds\n      TargetTrackingScalingPolicyConfiguration:\n"
         "        TargetValue: 60\n        PredefinedMetricSpecification: {PredefinedMetricType: ECSServiceAverageCPUUtilization}\n";
}

TEST_F(ScalingStackTest, ATargetAndItsPolicyComeChangeAndGoWithTheStack) {
  create("s", scaled(1, 4));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(physical("s", "Bounds"), "service/main/web|ecs:service:DesiredCount|ecs");
  EXPECT_TRUE(physical("s", "Load").starts_with("arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:"));
  EXPECT_EQ(ecs_->desired["web"], 2);
  EXPECT_EQ(update("s", scaled(3, 6)), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(targets()[0].MaxCapacity, 6);
  EXPECT_EQ(ecs_->desired["web"], 3);
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_TRUE(targets().empty());
  EXPECT_TRUE(call<aws::cloudwatch::op::DescribeAlarms>({})->MetricAlarms->empty());
}

TEST_F(ScalingStackTest, ScheduledActionsComeAndGoWithTheirTarget) {
  std::string night = "      ScheduledActions:\n      - {ScheduledActionName: night, Schedule: 'cron(0 22 * * ? *)', "
                      "ScalableTargetAction: {MinCapacity: 0, MaxCapacity: 0}}\n";
  create("s", scaled(1, 4, night));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  ASSERT_EQ(scheduled().size(), 1u);
  EXPECT_EQ(scheduled()[0].ScheduledActionName, "night");
  EXPECT_EQ(update("s", scaled(1, 4)), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_TRUE(scheduled().empty());
}

TEST_F(ScalingStackTest, ATargetWithoutItsServiceFailsAndSaysWhy) {
  ecs_->desired.clear();
  create("s", scaled(1, 4));
  EXPECT_EQ(status("s"), "ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("s").find("ECS service doesn't exist"), std::string::npos) << reasons("s");
}

}  // namespace
}  // namespace relight::sandbox::cfn
