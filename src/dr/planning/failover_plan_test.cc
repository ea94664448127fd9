#include "dr/planning/failover_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace relight::dr {
namespace {

Runbook plan(const History& h = {}) {
  Config c;
  c.primary.region = "us-east-1";
  c.recovery.region = "us-west-2";
  c.dns.domain = "www.lamp.example";
  Topology t;
  t.recovery.database = "pilot-db";
  t.flag_bucket = "flags";
  t.flag_key = "k";
  return plan_failover(c, t, h);
}

// Whether `step` cannot start before `other` is done.
bool after(const Runbook& r, const std::string& step, const std::string& other) {
  auto& needs = r.find(step)->needs;
  return std::any_of(needs.begin(), needs.end(), [&](auto& n) { return n == other || after(r, n, other); });
}

TEST(FailoverPlan, PromotesOnlyAfterTheFenceAttemptAndTheDrain) {
  auto r = plan();
  ASSERT_TRUE(check(r));
  EXPECT_TRUE(after(r, "promote", "fence"));
  EXPECT_TRUE(after(r, "promote", "drain"));
  EXPECT_TRUE(after(r, "promote", "evidence"));
  EXPECT_FALSE(after(r, "promote", "capacity"));
}

TEST(FailoverPlan, UsersComeOnlyAfterValidationOfBoth) {
  auto r = plan();
  EXPECT_TRUE(after(r, "dns", "validate"));
  EXPECT_TRUE(after(r, "validate", "promote"));
  EXPECT_TRUE(after(r, "validate", "capacity"));
}

TEST(FailoverPlan, StepsOfOnesOwnStandWhereTheyWereTold) {
  Config c;
  c.steps = {{.name = "warm", .before = "", .after = "open", .command = {"./warm", "x"}},
             {.name = "first", .before = "dns", .after = "", .approval = "Shall we?"},
             {.name = "second", .before = "dns", .after = "", .url = "http://search/"}};
  auto r = plan_failover(c, {}, {{"warm", Millis(70)}});
  ASSERT_TRUE(check(r)) << check(r).error().text();
  EXPECT_TRUE(after(r, "warm", "open"));
  EXPECT_FALSE(after(r, "validate", "warm"));
  EXPECT_TRUE(after(r, "commit", "warm"));
  EXPECT_TRUE(after(r, "first", "validate"));
  EXPECT_TRUE(after(r, "second", "first"));
  EXPECT_TRUE(after(r, "dns", "second"));
  EXPECT_EQ(r.find("warm")->expected, Millis(70));
  EXPECT_NE(plan_text(r).find("command: ./warm x"), std::string::npos);
}

TEST(FailoverPlan, ItsStepsAreTheOnesThatAConfigurationMayName) {
  std::vector<std::string_view> ids;
  auto r = plan();
  for (auto& s : r.steps) ids.push_back(s.id);
  EXPECT_TRUE(std::ranges::is_permutation(ids, failover_step_names()));
}

TEST(FailoverPlan, NothingIsAskedOfTheRoute53ControlPlane) {
  for (auto& s : plan().steps)
    for (auto& call : s.calls) EXPECT_EQ(call.find("route53:"), std::string::npos) << call;
}

TEST(FailoverPlan, HistoryReplacesTheGuesses) {
  auto r = plan({{"promote", Millis(700)}});
  EXPECT_EQ(r.find("promote")->expected, Millis(700));
}

TEST(FailoverPlan, TheTextNamesCallsAndThePointOfNoReturn) {
  auto text = plan_text(plan());
  auto at = text.find("the point of no return");
  ASSERT_NE(at, std::string::npos);
  EXPECT_GT(text.find("rds:PromoteReadReplica pilot-db in us-west-2"), at);
  EXPECT_NE(text.find("s3:PutObject flags/k in us-west-2"), std::string::npos);
}

}  // namespace
}  // namespace relight::dr
