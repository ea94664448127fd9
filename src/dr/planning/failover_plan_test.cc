#include "dr/planning/failover_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace relight::dr {
namespace {

Runbook plan(const History& h = {}, std::vector<Dormant> dormant = {}) {
  Config c;
  c.primary.region = "us-east-1";
  c.recovery.region = "us-west-2";
  c.dns.domain = "www.lamp.example";
  Topology t;
  t.recovery.database = "pilot-db";
  t.flag_bucket = "flags";
  t.flag_key = "k";
  t.dormant = std::move(dormant);
  return plan_failover(c, t, h);
}

// One of each kind.
std::vector<Dormant> everything_asleep() {
  std::vector<Dormant> out;
  for (int k = 0; k <= int(Dormant::Kind::kNetwork); ++k)
    out.push_back({.kind = Dormant::Kind(k), .name = "thing" + std::to_string(k), .primary = "p"});
  return out;
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

TEST(FailoverPlan, WhatTheApplicationHasNotIsNoStep) {
  auto r = plan();
  ASSERT_TRUE(check(r));
  for (auto* id : {"network", "autoscaling", "functions", "triggers"}) EXPECT_FALSE(r.find(id)) << id;
  EXPECT_TRUE(after(r, "validate", "configuration"));
}

TEST(FailoverPlan, FunctionsAndTheirTriggersComeAfterTheDatabaseIsWritableAndBeforeValidation) {
  auto r = plan({}, everything_asleep());
  ASSERT_TRUE(check(r)) << check(r).error().text();
  EXPECT_TRUE(after(r, "compute", "autoscaling"));
  EXPECT_TRUE(after(r, "compute", "network"));
  EXPECT_TRUE(after(r, "network", "evidence"));
  EXPECT_FALSE(after(r, "promote", "network"));
  EXPECT_TRUE(after(r, "configuration", "promote"));
  EXPECT_FALSE(after(r, "promote", "configuration"));
  EXPECT_TRUE(after(r, "functions", "open"));
  EXPECT_TRUE(after(r, "triggers", "functions"));
  EXPECT_TRUE(after(r, "validate", "triggers"));
  auto text = plan_text(r);
  for (auto* call :
       {"RegisterScalableTarget thing0", "PutSecretValue thing2", "ssm:PutParameter thing1",
        "DeleteFunctionConcurrency thing3", "UpdateEventSourceMapping thing4", "EnableRule thing5",
        "PutBucketNotificationConfiguration thing6", "UpdateStack thing7 ", "events:DisableRule"})
    EXPECT_NE(text.find(call), std::string::npos) << call << text;
}

TEST(FailoverPlan, NatGatewaysWithoutAutoscalingComeBeforeTheTasks) {
  auto r = plan({}, {{.kind = Dormant::Kind::kNetwork, .name = "s", .scope = "Lit"}});
  ASSERT_TRUE(check(r)) << check(r).error().text();
  EXPECT_EQ(r.find("compute")->needs, std::vector<std::string>{"network"});
  EXPECT_EQ(r.find("network")->needs, std::vector<std::string>{"evidence"});
}

TEST(FailoverPlan, TriggersWithoutFunctionsFollowTheDatabase) {
  auto r = plan({}, {{.kind = Dormant::Kind::kRule, .name = "x"}});
  ASSERT_TRUE(check(r));
  EXPECT_EQ(r.find("triggers")->needs, std::vector<std::string>{"open"});
}

TEST(FailoverPlan, AStepOfOnesOwnBesideOneThatIsNotThereStandsWhereThatWouldBe) {
  Config c;
  c.steps = {{.name = "late", .before = "", .after = "triggers", .command = {"./x"}},
             {.name = "early", .before = "functions", .after = "", .command = {"./x"}},
             {.name = "first", .before = "autoscaling", .after = "", .function = "warm"}};
  auto r = plan_failover(c, {}, {});
  ASSERT_TRUE(check(r)) << check(r).error().text();
  EXPECT_TRUE(after(r, "late", "open"));
  EXPECT_TRUE(after(r, "validate", "early"));
  EXPECT_TRUE(after(r, "compute", "first"));
  EXPECT_NE(plan_text(r).find("lambda:Invoke warm"), std::string::npos);
}

TEST(FailoverPlan, ItsStepsAreTheOnesThatAConfigurationMayName) {
  std::vector<std::string_view> ids;
  auto r = plan({}, everything_asleep());
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
