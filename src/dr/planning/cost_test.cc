#include "dr/planning/cost.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dr/planning/cost_example.h"
#include "dr/planning/cost_meter.h"

namespace relight::dr {
namespace {
using Basis = Amount::Basis;

CostReport reported(const Inventory& i = cost_inventory(), const PilotPolicy& policy = {},
                    const CostUse& use = cost_use_example(), const PriceTable& prices = cost_prices()) {
  auto r = cost_report(i, policy, use, prices);
  EXPECT_TRUE(r) << r.error().text();
  return r ? *r : CostReport{};
}

// What the lines that begin like this cost together; -1: none does, -2: one has no price or amount.
double cost_of(const CostSum& s, const std::string& begin) {
  double sum = -1;
  for (auto& l : s.lines)
    if (l.what.starts_with(begin)) {
      if (!l.usd()) return -2;
      sum = std::max(sum, 0.0) + *l.usd();
    }
  return sum;
}

const Saving* saving(const CostReport& r, const std::string& begin) {
  auto it = std::ranges::find_if(r.savings, [&](auto& s) { return s.what.starts_with(begin); });
  return it == r.savings.end() ? nullptr : &*it;
}

void set_property(Inventory& i, const std::string& kind, const char* key, nlohmann::json value) {
  for (auto& r : i.resources)
    if (r.key.kind == kind) {
      auto p = nlohmann::json::parse(r.properties);
      p[key] = value;
      if (value.is_null()) p.erase(key);
      r.properties = p.dump();
    }
}

TEST(Cost, EveryLineOfThePilotIsItsAmountTimesItsPrice) {
  auto p = reported().pilot;
  EXPECT_NEAR(cost_of(p, "lamp-primary-db: db.t4g.micro, one zone"), 7.3, 1e-9);
  EXPECT_NEAR(cost_of(p, "lamp-primary-db: storage gp2"), 2, 1e-9);
  EXPECT_NEAR(cost_of(p, "load balancer "), 14.6, 1e-9);
  EXPECT_NEAR(cost_of(p, "its public addresses"), 7.3, 1e-9);
  EXPECT_NEAR(cost_of(p, std::string(kExampleBucket) + ": storage"), 1, 1e-9);
  EXPECT_NEAR(cost_of(p, std::string(kExampleBucket) + ": replicated out"), 0.1, 1e-9);
  EXPECT_NEAR(cost_of(p, std::string(kExampleBucket) + ": replicated objects"), 0.01, 1e-9);
  EXPECT_NEAR(cost_of(p, "database changes"), 2, 1e-9);
  EXPECT_NEAR(cost_of(p, "images"), 0.2, 1e-9);
  EXPECT_NEAR(cost_of(p, "replica of arn:"), 0.4, 1e-9);
  EXPECT_NEAR(cost_of(p, "hosted zone"), 0.5, 1e-9);
  EXPECT_NEAR(cost_of(p, "health check"), 0.5, 1e-9);
  EXPECT_NEAR(cost_of(p, "its options"), 1, 1e-9);
  EXPECT_NEAR(cost_of(p, "alarms"), 0.1, 1e-9);
}

TEST(Cost, TheTotalIsTheSumOfItsLines) {
  auto p = reported().pilot;
  double sum = 0;
  for (auto& l : p.lines) sum += l.usd().value_or(0);
  EXPECT_NEAR(p.usd(), sum, 1e-9);
  EXPECT_NEAR(p.usd(), 37.01, 0.001);
  EXPECT_TRUE(p.whole());
}

TEST(Cost, ThePilotRunsNoTaskAndHasNoNatGatewayUntilItIsLit) {
  auto r = reported();
  EXPECT_EQ(cost_of(r.pilot, "web:"), -1);
  EXPECT_EQ(cost_of(r.pilot, "NAT gateway"), -1);
  EXPECT_NEAR(cost_of(r.lit_hour, "NAT gateway"), 0.05, 1e-9);
  EXPECT_NEAR(cost_of(r.lit_hour, "its public address"), 0.005, 1e-9);
  EXPECT_NEAR(cost_of(r.lit_hour, "web: processors"), 2 * 0.25 * 0.04, 1e-9);
  EXPECT_NEAR(cost_of(r.lit_hour, "web: memory"), 2 * 0.5 * 0.004, 1e-9);
  EXPECT_NEAR(cost_of(r.lit_hour, "load balancers' capacity"), 0.008, 1e-9);
  EXPECT_NEAR(cost_of(r.lit_hour, "to visitors"), 0.045, 1e-9);
  auto always = reported(cost_inventory(), {.nat = PilotPolicy::Nat::kAlways});
  EXPECT_NEAR(cost_of(always.pilot, "NAT gateway"), 36.5, 1e-9);
  EXPECT_EQ(cost_of(always.lit_hour, "NAT gateway"), -1);
}

TEST(Cost, TheReplicasClassIsThePolicys) {
  auto r = reported(cost_inventory(), {.replica_class = "db.t4g.small"});
  EXPECT_NEAR(cost_of(r.pilot, "lamp-primary-db: db.t4g.small"), 14.6, 1e-9);
}

TEST(Cost, TheOtherWaysStandInTheOrderOfWhatTheyHold) {
  auto r = reported();
  ASSERT_EQ(r.others.size(), 3u);
  EXPECT_EQ(cost_of(r.others[0], "lamp-primary-db: db."), -1);
  EXPECT_NEAR(cost_of(r.others[0], "lamp-primary-db: snapshots"), 1, 1e-9);
  EXPECT_NEAR(cost_of(r.others[1], "web: processors"), 730 * 0.25 * 0.04, 1e-9);
  EXPECT_NEAR(cost_of(r.others[2], "web: processors"), 3 * 730 * 0.25 * 0.04, 1e-9);
  EXPECT_NEAR(cost_of(r.others[2], "lamp-primary-db: db.t4g.micro, two zones"), 14.6, 1e-9);
  EXPECT_LT(r.others[0].usd(), r.pilot.usd());
  EXPECT_LT(r.pilot.usd(), r.others[1].usd());
  EXPECT_LT(r.others[1].usd(), r.others[2].usd());
}

TEST(Cost, ADrillIsPricedByItsHours) {
  auto use = cost_use_example();
  use.drill_hours = 10;
  auto ten = reported(cost_inventory(), {}, use).drill, two = reported().drill;
  EXPECT_NEAR(ten.usd(), 5 * two.usd(), 1e-9);
  EXPECT_NEAR(cost_of(two, "lamp-primary-db: db.t4g.micro"), 0.02, 1e-9);
}

TEST(Cost, AnUnknownSizeStaysUnknownAndIsNeverZero) {
  auto i = cost_inventory();
  set_property(i, "rds/db-instance", "AllocatedStorage", nullptr);
  auto use = cost_use_example();
  use.buckets.clear();
  auto r = reported(i, {}, use);
  EXPECT_EQ(cost_of(r.pilot, "lamp-primary-db: storage"), -2);
  EXPECT_EQ(cost_of(r.pilot, kExampleBucket), -2);
  EXPECT_EQ(r.pilot.unknown(), 4);
  EXPECT_FALSE(r.pilot.whole());
  EXPECT_FALSE(saving(r, "lamp-primary-db: copies of snapshots")->usd_month);
}

TEST(Cost, WhatTheTableDoesNotHaveHasNoPrice) {
  auto prices = cost_prices();
  std::erase_if(prices.prices, [](auto& p) { return p.family == "Alarm"; });
  auto r = reported(cost_inventory(), {}, cost_use_example(), prices);
  EXPECT_EQ(cost_of(r.pilot, "alarms"), -2);
  EXPECT_EQ(r.pilot.without_price(), 1);
  auto line = std::ranges::find_if(r.pilot.lines, [](auto& l) { return l.what == "alarms"; });
  EXPECT_NE(line->no_price.find("AlarmMonitorUsage"), std::string::npos);
}

TEST(Cost, ATypeThatNobodyPricedIsALineWithoutAPrice) {
  auto i = cost_inventory();
  auto pilot = cost_pilot(i);
  pilot.resources.push_back({.id = "Cache", .type = "AWS::ElastiCache::CacheCluster", .properties = "{}"});
  auto r = price_pilot(i, pilot, cost_use_example(), cost_prices());
  ASSERT_TRUE(r);
  EXPECT_EQ(cost_of(r->pilot, "AWS::ElastiCache::CacheCluster Cache"), -2);
  EXPECT_FALSE(r->pilot.whole());
}

TEST(Cost, TasksOnInstancesHaveNoPrice) {
  auto i = cost_inventory();
  set_property(i, "ecs/service", "launchType", "EC2");
  auto r = reported(i);
  EXPECT_EQ(cost_of(r.lit_hour, "web: 2 tasks"), -2);
}

TEST(Cost, AnEngineWithoutANameInThePriceListHasNoPrice) {
  auto i = cost_inventory();
  set_property(i, "rds/db-instance", "Engine", "db2-se");
  EXPECT_EQ(cost_of(reported(i).pilot, "lamp-primary-db: db.t4g.micro"), -2);
}

TEST(Cost, AKnownHostedZoneIsThePrimarysToPay) {
  EXPECT_EQ(cost_of(reported(cost_inventory(), {.hosted_zone = "Z1"}).pilot, "hosted zone"), -1);
}

TEST(Cost, EachSavingSaysWhatItIsWorthAndWhatItCosts) {
  auto r = reported(cost_inventory(), {.replica_class = "db.t4g.small"});
  auto* nat = saving(r, "NAT gateways only when lit");
  ASSERT_TRUE(nat && nat->usd_month);
  EXPECT_NEAR(*nat->usd_month, 36.5 + 3.65, 1e-9);
  EXPECT_TRUE(nat->taken);
  EXPECT_FALSE(nat->rto.empty());
  auto* tasks = saving(r, "web: no task runs, not 3");
  ASSERT_TRUE(tasks && tasks->usd_month);
  EXPECT_NEAR(*tasks->usd_month, 3 * 730 * (0.25 * 0.04 + 0.5 * 0.004), 1e-9);
  auto* copies = saving(r, "lamp-primary-db: copies of snapshots");
  ASSERT_TRUE(copies && copies->usd_month);
  EXPECT_NEAR(*copies->usd_month, 14.6 + 2 - 1, 1e-9);
  EXPECT_FALSE(copies->taken);
  auto* zones = saving(r, "lamp-primary-db: the replica stands in one zone");
  ASSERT_TRUE(zones && zones->usd_month);
  EXPECT_NEAR(*zones->usd_month, 14.6 + 2, 1e-9);
  EXPECT_TRUE(
      std::ranges::is_sorted(r.savings, std::greater{}, [](auto& s) { return s.usd_month.value_or(-1); }));
}

TEST(Cost, AssumptionsAndUnverifiedPricesAreCounted) {
  auto r = reported();
  EXPECT_EQ(r.lit_hour.assumed(), 1);
  EXPECT_EQ(r.lit_hour.unverified(), 1);
  EXPECT_EQ(r.pilot.unverified(), 0);
}

TEST(Cost, WhatIsAskedOfThePriceListIsAskedOnce) {
  auto queries = queries_of(reported());
  auto copy = queries;
  copy.erase(std::unique(copy.begin(), copy.end()), copy.end());
  EXPECT_EQ(copy.size(), queries.size());
  EXPECT_GT(queries.size(), 15u);
}

TEST(CostMeter, ARateBecomesAMonthAndAGrowthAMonthsGrowth) {
  auto day = [](int d) { return *parse_iso8601(fmt::format("2026-09-{:02}T00:00:00Z", d)); };
  auto rate = month_of({{day(1), 10}, {day(2), 20}}, 1, "");
  EXPECT_EQ(rate.basis, Basis::kMetered);
  EXPECT_NEAR(rate.value, 15.0 * 730 * 3600, 1e-6);
  EXPECT_NEAR(growth_of({{day(11), 300}, {day(1), 100}}, 1, "").value, 200 * 30.4 / 10, 1e-6);
  EXPECT_EQ(growth_of({{day(1), 300}, {day(11), 100}}, 1, "").value, 0);
  EXPECT_FALSE(growth_of({{day(1), 100}}, 1, "").known());
  EXPECT_EQ(latest_of({{day(3), 7}, {day(2), 9}}, 2, "").value, 14);
}

TEST(CostMeter, MeteredComesBeforeStatedAndStatedBeforeTheDefault) {
  Amount none{Basis::kUnknown, 0, "CloudWatch has none"};
  EXPECT_EQ(best_of({Basis::kMetered, 3, ""}, 4, 5).value, 3);
  auto stated = best_of(none, 4, 5);
  EXPECT_EQ(stated.basis, Basis::kStated);
  EXPECT_EQ(stated.value, 4);
  auto assumed = best_of(none, {}, 5);
  EXPECT_EQ(assumed.basis, Basis::kAssumed);
  EXPECT_NE(assumed.why.find("CloudWatch has none"), std::string::npos);
  EXPECT_FALSE(best_of(none, {}, {}).known());
}

}  // namespace
}  // namespace relight::dr
