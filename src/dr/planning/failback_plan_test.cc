#include "dr/planning/failback_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace relight::dr {
namespace {

Runbook planned_back(std::vector<Dormant> dormant = {}, const History& h = {}) {
  Config c;
  c.primary.region = "us-east-1";
  c.recovery.region = "us-west-2";
  Topology t;
  t.primary.database = "db";
  t.recovery.database = "pilot-db";
  t.dormant = std::move(dormant);
  return plan_failback(c, t, h);
}

bool waits_for(const Runbook& r, const std::string& step, const std::string& other) {
  auto& needs = r.find(step)->needs;
  return std::any_of(needs.begin(), needs.end(),
                     [&](auto& n) { return n == other || waits_for(r, n, other); });
}

std::vector<Dormant> one_of_each() {
  std::vector<Dormant> out;
  for (int k = 0; k <= int(Dormant::Kind::kNetwork); ++k)
    out.push_back({.kind = Dormant::Kind(k), .name = "thing" + std::to_string(k), .primary = "p"});
  return out;
}

TEST(FailbackPlan, NothingStartsBeforeTheQuarantineAndNobodyIsFencedBeforeAllStands) {
  auto r = planned_back(one_of_each());
  ASSERT_TRUE(check(r)) << check(r).error().text();
  EXPECT_EQ(r.kind, "failback");
  for (auto& s : r.steps) EXPECT_TRUE(s.id == "quarantine" || waits_for(r, s.id, "quarantine")) << s.id;
  for (auto* id : {"replica", "capacity", "objects", "secrets", "autoscaling"})
    EXPECT_TRUE(waits_for(r, "fence", id)) << id;
}

TEST(FailbackPlan, TheReplicaIsPromotedWhenBothAreEqualAndOpensBeforeAnyFunctionRuns) {
  auto r = planned_back(one_of_each());
  EXPECT_TRUE(waits_for(r, "promote", "equal"));
  EXPECT_TRUE(waits_for(r, "equal", "fence"));
  EXPECT_TRUE(r.find("promote")->irreversible);
  EXPECT_TRUE(waits_for(r, "functions", "open"));
  EXPECT_TRUE(waits_for(r, "triggers", "functions"));
  for (auto* id : {"triggers", "last-objects", "open"}) EXPECT_TRUE(waits_for(r, "dns", id)) << id;
}

TEST(FailbackPlan, ThePilotIsRebuiltWhenUsersAreHome) {
  auto r = planned_back(one_of_each());
  for (auto* id : {"unscale", "network", "readmit", "put-aside", "rebuild", "replicate"}) {
    EXPECT_TRUE(waits_for(r, id, "dns")) << id;
    EXPECT_TRUE(waits_for(r, "commit", id)) << id;
  }
}

TEST(FailbackPlan, WhatAnApplicationHasNotIsNotPlanned) {
  auto r = planned_back({}, {{"replica", Millis(70)}});
  ASSERT_TRUE(check(r)) << check(r).error().text();
  for (auto* id : {"secrets", "autoscaling", "functions", "triggers", "unscale", "network", "replicate"})
    EXPECT_FALSE(r.find(id)) << id;
  EXPECT_TRUE(waits_for(r, "compute", "replica"));
  EXPECT_TRUE(waits_for(r, "validate", "open"));
  EXPECT_EQ(r.find("replica")->expected, Millis(70));
}

TEST(FailbackPlan, UndoneItOpensTheDatabaseThatServedAndPromotesNothing) {
  Config c;
  Topology t;
  t.dormant = one_of_each();
  auto r = plan_failback_undo(c, t, {});
  ASSERT_TRUE(check(r)) << check(r).error().text();
  EXPECT_EQ(r.kind, "failback-undo");
  EXPECT_TRUE(waits_for(r, "open", "reopen"));
  EXPECT_TRUE(waits_for(r, "triggers", "open"));
  EXPECT_TRUE(waits_for(r, "validate", "capacity"));
  EXPECT_FALSE(r.find("promote"));
  for (auto& s : r.steps) EXPECT_FALSE(s.irreversible);
}

}  // namespace
}  // namespace relight::dr
