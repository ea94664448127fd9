// The pacer against a token bucket that refuses, one caller after the other on a clock that only sleeping moves.
#include "aws/client/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aws/client/published_rates.h"

namespace relight::aws {
namespace {

class PacedClock final : public Clock {
 public:
  Instant now() const override { return Instant{}; }
  std::chrono::nanoseconds monotonic() const override { return at; }
  void sleep(Millis d) override { at += d; }
  std::chrono::nanoseconds at{0};
};

// AWS as it throttles, and a client that asks until `wanted` answers have come.
struct PacerTrial {
  double burst, per_second;
  PacedClock clock{};
  Pacer pacer{clock};
  double tokens = burst, filled = 0;
  int refused = 0;

  double now() const { return std::chrono::duration<double>(clock.at).count(); }
  bool admitted() {
    tokens = std::min(burst, tokens + (now() - filled) * per_second);
    filled = now();
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }
  // Seconds that it took, with answers that take 10 ms.
  double take(int wanted, const char* operation) {
    auto begin = now();
    while (wanted > 0) {
      EXPECT_TRUE(pacer.pass("us-east-1", "elbv2", operation, std::chrono::hours(9)));
      bool may = admitted();
      pacer.answered("us-east-1", "elbv2", operation, !may);
      may ? --wanted : ++refused;
      clock.sleep(Millis(10));
    }
    return now() - begin;
  }
};

TEST(Pacer, TakesLittleLongerThanThePublishedRateAllows) {
  PacerTrial t{40, 10};
  double took = t.take(640, "DescribeRules"), bound = (640 - 40) / 10.0;
  EXPECT_GE(took, bound * 0.99);
  EXPECT_LE(took, bound * 1.05);
  EXPECT_LE(t.refused, 200);  // a refusal costs nothing but the asking
}

TEST(Pacer, FindsTheRateOfAnAccountThatHasLess) {
  PacerTrial t{10, 3};
  double took = t.take(310, "DescribeRules"), bound = (310 - 10) / 3.0;
  EXPECT_LE(took, bound * 1.1);
  EXPECT_LE(t.refused, 310 / 2);
}

TEST(Pacer, FindsARateThatIsNotPublished) {
  PacerTrial t{10, 5};
  double took = t.take(510, "ModifyListener"), bound = (510 - 10) / 5.0;
  EXPECT_EQ(published_rate("elbv2", "ModifyListener"), nullptr);
  EXPECT_LE(took, bound * 1.1);
}

TEST(Pacer, WhoeverIsNotThrottledIsNotHeldUp) {
  PacerTrial t{1e9, 1e9};
  EXPECT_NEAR(t.take(1000, "DescribeRules"), 10, 0.001);
}

TEST(Pacer, LeavesAtOnceWhenTheTurnWouldComeTooLate) {
  PacedClock clock;
  Pacer pacer(clock);
  pacer.answered("us-east-1", "elbv2", "DescribeRules", true);
  EXPECT_FALSE(pacer.pass("us-east-1", "elbv2", "DescribeRules", Millis(50)));
  EXPECT_EQ(clock.at.count(), 0);
  EXPECT_TRUE(pacer.pass("us-west-2", "elbv2", "DescribeRules", Millis(50))) << "another region's bucket";
}

TEST(PublishedRates, TheFirstRowThatFitsIsMeantAndSharedBucketsHaveOneName) {
  auto* rules = published_rate("elbv2", "DescribeRules");
  ASSERT_TRUE(rules);
  EXPECT_EQ(bucket_of(rules, "DescribeRules"), bucket_of(published_rate("elbv2", "DescribeListeners"), "x"));
  EXPECT_EQ(published_rate("ec2", "DescribeSecurityGroups")->per_second, 10);
  EXPECT_EQ(published_rate("ec2", "DescribeVpcs")->per_second, 20);
  EXPECT_EQ(published_rate("ec2", "CreateVpc")->per_second, 5);
  EXPECT_EQ(published_rate("iam", "GetRole"), nullptr);
}

TEST(PublishedRates, EveryRowSaysWhereItStands) {
  for (auto& r : published_rates()) {
    EXPECT_TRUE(r.page.starts_with("https://docs.aws.amazon.com/")) << r.service << r.operations;
    EXPECT_GT(r.burst, 0);
    EXPECT_GT(r.per_second, 0);
  }
}

}  // namespace
}  // namespace relight::aws
