// A world with Application Auto Scaling, CloudWatch and an ECS of one service, for this room's tests.
#pragma once
#include <gtest/gtest.h>

#include "sandbox/services/applicationautoscaling/ecs_stand_in.h"
#include "sandbox/services/applicationautoscaling/service.h"
#include "sandbox/services/cloudwatch/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {

struct ScalingTest : testing::Test {
  static constexpr const char* kEast = "us-east-1";
  static constexpr const char* kWeb = "service/main/web";
  TestWorld world;
  EcsStandIn ecs{world};
  CloudWatchService cloudwatch{world};
  ApplicationAutoScalingService service{world};

  void SetUp() override {
    world.add(ecs), world.add(cloudwatch), world.add(service);
    cloudwatch.start();
    service.start();
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
  static scaling::api::RegisterScalableTargetRequest target(int low, int high, std::string resource = kWeb) {
    return {.ServiceNamespace = "ecs",
            .ResourceId = resource,
            .ScalableDimension = scaling::kDimension,
            .MinCapacity = low,
            .MaxCapacity = high};
  }
  void bounds(int low, int high) {
    ok<aws::applicationautoscaling::op::RegisterScalableTarget>(target(low, high));
  }
  std::vector<scaling::api::ScalingActivity> activities() {
    return *ok<aws::applicationautoscaling::op::DescribeScalingActivities>({.ServiceNamespace = "ecs"})
                .ScalingActivities;
  }
  int web() { return ecs.desired["web"]; }
};

}  // namespace relight::sandbox
