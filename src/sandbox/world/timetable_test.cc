#include "sandbox/world/timetable.h"

#include <gtest/gtest.h>

namespace relight::sandbox {
namespace {

std::string after(const std::string& expression, const std::string& from, int times = 1) {
  auto t = Timetable::parse(expression);
  if (!t) return "refused";
  auto since = *parse_iso8601(from), at = since;
  for (int i = 0; i < times; ++i) {
    auto next = t->next(since, at);
    if (!next) return "never";
    at = *next;
  }
  return iso8601(at).substr(0, 16);
}

// The table under "Cron expressions" in "Setting a schedule pattern for scheduled rules (legacy) in Amazon
// EventBridge".
TEST(Timetable, TheGuidesCronExamples) {
  EXPECT_EQ(after("cron(0 10 * * ? *)", "2026-09-21T10:00:00Z"), "2026-09-22T10:00");
  EXPECT_EQ(after("cron(15 12 * * ? *)", "2026-09-21T10:00:00Z"), "2026-09-21T12:15");
  EXPECT_EQ(after("cron(0 18 ? * MON-FRI *)", "2026-09-18T18:00:00Z"),
            "2026-09-21T18:00");  // from a Friday to the Monday
  EXPECT_EQ(after("cron(0 8 1 * ? *)", "2026-09-21T10:00:00Z"), "2026-10-01T08:00");
  EXPECT_EQ(after("cron(0/15 * * * ? *)", "2026-09-21T10:01:00Z"), "2026-09-21T10:15");
  EXPECT_EQ(after("cron(0/10 * ? * MON-FRI *)", "2026-09-18T23:55:00Z"), "2026-09-21T00:00");
  EXPECT_EQ(after("cron(0/5 8-17 ? * MON-FRI *)", "2026-09-21T17:55:00Z"), "2026-09-22T08:00");
  EXPECT_EQ(after("cron(0 9 ? * 2#1 *)", "2026-09-21T10:00:00Z"), "2026-10-05T09:00");  // the first Monday
}

TEST(Timetable, CronsOwnLetters) {
  EXPECT_EQ(after("cron(0 0 L * ? *)", "2028-02-01T00:00:00Z"), "2028-02-29T00:00");
  EXPECT_EQ(after("cron(0 0 15W * ? *)", "2026-11-01T00:00:00Z"),
            "2026-11-16T00:00");  // the 15th is a Sunday
  EXPECT_EQ(after("cron(0 0 1W * ? *)", "2026-07-31T12:00:00Z"),
            "2026-08-03T00:00");  // the 1st is a Saturday: not in July
  EXPECT_EQ(after("cron(0 0 LW * ? *)", "2026-10-01T00:00:00Z"),
            "2026-10-30T00:00");  // the 31st is a Saturday
  EXPECT_EQ(after("cron(0 0 ? * 6L *)", "2026-09-01T00:00:00Z"), "2026-09-25T00:00");  // the last Friday
  EXPECT_EQ(after("cron(0 0 ? * L *)", "2026-09-21T00:00:00Z"), "2026-09-26T00:00");   // Saturday
  EXPECT_EQ(after("cron(0 0 1 JAN,JUL ? 2027/2)", "2027-07-01T00:00:00Z"), "2029-01-01T00:00");
  EXPECT_EQ(after("cron(0 0 31 2 ? *)", "2026-01-01T00:00:00Z"), "never");
  EXPECT_EQ(after("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z"), "never");
}

// "Rate expressions": they count from when the rule is made.
TEST(Timetable, RatesCountFromTheRulesBeginning) {
  EXPECT_EQ(after("rate(5 minutes)", "2026-09-21T10:02:00Z", 3), "2026-09-21T10:17");
  EXPECT_EQ(after("rate(1 hour)", "2026-09-21T10:02:00Z", 2), "2026-09-21T12:02");
  EXPECT_EQ(after("rate(1 day)", "2026-09-21T10:02:00Z"), "2026-09-22T10:02");
}

TEST(Timetable, WhatAwsDoesNotTakeIsRefused) {
  for (auto* bad : {"rate(1 minutes)",
                    "rate(5 minute)",
                    "rate(0 minutes)",
                    "rate(-1 minutes)",
                    "rate(5 weeks)",
                    "rate(1.5 hours)",
                    "cron(0 10 * * *)",
                    "cron(0 10 * * * *)",
                    "cron(0 10 ? * ? *)",
                    "cron(60 10 * * ? *)",
                    "cron(0 24 * * ? *)",
                    "cron(0 10 32 * ? *)",
                    "cron(0 10 ? * 8 *)",
                    "cron(0 10 ? * 2#6 *)",
                    "cron(0 10 * 13 ? *)",
                    "cron(0/0 10 * * ? *)",
                    "cron(50-10 10 * * ? *)",
                    "cron(0 10 * * ? 1969)",
                    "every day",
                    "",
                    "cron(1/2147483647 * * * ? *)"})
    EXPECT_EQ(after(bad, "2026-09-21T10:00:00Z"), "refused") << bad;
}

}  // namespace
}  // namespace relight::sandbox
