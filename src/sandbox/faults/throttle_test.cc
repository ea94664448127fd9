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

}  // namespace
}  // namespace relight::sandbox
