#include "sandbox/faults/throttle.h"

#include <gtest/gtest.h>

namespace relight::sandbox {
namespace {

class HandClock final : public Clock {
 public:
  Instant now() const override { return Instant{}; }
  std::chrono::nanoseconds monotonic() const override { return at; }
  void sleep(Millis d) override { at += d; }
  std::chrono::nanoseconds at{0};
};

TEST(Throttle, AdmitsEverythingUntilARateIsSet) {
  HandClock clock;
  Throttle t(clock);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(t.admit("rds"));
}

TEST(Throttle, AdmitsABurstOfOneSecondAndThenTheRate) {
  HandClock clock;
  Throttle t(clock);
  t.set("rds", 3);
  EXPECT_TRUE(t.admit("rds") && t.admit("rds") && t.admit("rds"));
  EXPECT_FALSE(t.admit("rds"));
  clock.sleep(Millis{340});
  EXPECT_TRUE(t.admit("rds"));
  EXPECT_FALSE(t.admit("rds"));
  EXPECT_TRUE(t.admit("s3")) << "other services are not touched";
}

TEST(Throttle, ARateOfZeroLiftsTheLimit) {
  HandClock clock;
  Throttle t(clock);
  t.set("rds", 0.5);
  EXPECT_TRUE(t.admit("rds"));
  EXPECT_FALSE(t.admit("rds"));
  t.set("rds", 0);
  EXPECT_TRUE(t.admit("rds"));
}

TEST(Throttle, AsAwsHoldsEachBucketOfEachRegionToItsPublishedRate) {
  HandClock clock;
  Throttle t(clock);
  auto balancers = [&](const char* region, const char* operation) {
    int admitted = 0;
    while (t.admit(region, "elbv2", operation)) ++admitted;
    return admitted;
  };
  EXPECT_TRUE(t.admit("us-east-1", "elbv2", "DescribeRules")) << "not turned on yet";
  t.as_aws(true);
  EXPECT_EQ(balancers("us-east-1", "DescribeRules"), 40);
  EXPECT_FALSE(t.admit("us-east-1", "elbv2", "DescribeListeners")) << "one bucket for all that describe";
  EXPECT_TRUE(t.admit("us-west-2", "elbv2", "DescribeListeners"));
  clock.sleep(Millis{1000});
  EXPECT_EQ(balancers("us-east-1", "DescribeListeners"), 10);
  ASSERT_EQ(t.counts().size(), 2u);
  EXPECT_EQ(t.counts()[0].admitted, 50u);
  EXPECT_EQ(t.counts()[0].refused, 3u);
  t.as_aws(false);
  EXPECT_TRUE(t.admit("us-east-1", "elbv2", "DescribeRules"));
}

TEST(Throttle, AsAwsLimitsEachOfEc2sActionsApartAndNothingWithoutAPublishedRate) {
  HandClock clock;
  Throttle t(clock);
  t.as_aws(true);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(t.admit("us-east-1", "ec2", "DescribeVpcs"));
  EXPECT_FALSE(t.admit("us-east-1", "ec2", "DescribeVpcs"));
  EXPECT_TRUE(t.admit("us-east-1", "ec2", "DescribeSubnets"));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(t.admit("us-east-1", "iam", "GetRole"));
}

TEST(Throttle, EachServiceRefusesInItsOwnWords) {
  EXPECT_EQ(throttling_error("ec2", false).code, "RequestLimitExceeded");
  EXPECT_EQ(throttling_error("lambda", false).status, 429);
  EXPECT_EQ(throttling_error("ecs", true).code, "ThrottlingException");
  EXPECT_EQ(throttling_error("route53", false).code, "Throttling");
  EXPECT_EQ(throttling_error("s3", false).code, "SlowDown");
}

}  // namespace
}  // namespace relight::sandbox
