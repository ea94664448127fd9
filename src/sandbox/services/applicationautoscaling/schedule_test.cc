#include "sandbox/services/applicationautoscaling/schedule.h"

#include <gtest/gtest.h>

namespace relight::sandbox::scaling {
namespace {

std::string next(const std::string& text, const char* now) {
  auto s = Schedule::parse(text);
  if (!s) return s.error().code;
  auto t = s->after(*parse_iso8601(now), *parse_iso8601("2026-01-01T00:00:00Z"));
  return t ? iso8601(*t).substr(0, 16) : "never";
}

TEST(ScalingSchedule, SaysTheNextTime) {
  EXPECT_EQ(next("at(2026-09-21T10:00:00)", "2026-09-21T09:00:00Z"), "2026-09-21T10:00");
  EXPECT_EQ(next("at(2026-09-21T10:00:00)", "2026-09-21T10:00:00Z"), "never");
  EXPECT_EQ(next("rate(1 day)", "2026-09-21T09:00:00Z"), "2026-09-22T00:00");
  EXPECT_EQ(next("cron(30 8 * * ? *)", "2026-09-21T09:00:00Z"), "2026-09-22T08:30");
  EXPECT_EQ(next("cron(0/15 * * * ? *)", "2026-09-21T09:16:00Z"), "2026-09-21T09:30");
  EXPECT_EQ(next("cron(0 18 ? * MON-FRI *)", "2026-09-18T18:00:00Z"), "2026-09-21T18:00") << "over a weekend";
  EXPECT_EQ(next("cron(0 0 1 JAN,JUL ? *)", "2026-09-21T09:00:00Z"), "2027-01-01T00:00");
  EXPECT_EQ(next("cron(0 0 L * ? *)", "2026-09-21T09:00:00Z"), "2026-09-30T00:00") << "the month's last day";
  EXPECT_EQ(next("cron(0 0 1 1 ? 2020)", "2026-09-21T09:00:00Z"), "never");
}

TEST(ScalingSchedule, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad : {"", "at()", "at(tomorrow)", "rate(0 minutes)", "rate(2 minute)", "rate(1 minutes)",
                          "cron(0 12 * * *)", "cron(0 12 * * * *)", "cron(60 12 * * ? *)",
                          "at(2026-09-21T10:00:00Z)", "at(2026-13-21T10:00:00)", "every(5 minutes)"})
    EXPECT_EQ(next(bad, "2026-09-21T09:00:00Z"), "ValidationException") << bad;
}

}  // namespace
}  // namespace relight::sandbox::scaling
