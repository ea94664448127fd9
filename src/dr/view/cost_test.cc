#include "dr/view/cost.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "dr/planning/cost_example.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

CostReport viewed_report(const CostUse& use = cost_use_example(), const PriceTable& prices = cost_prices()) {
  auto r = cost_report(cost_inventory(), {}, use, prices);
  EXPECT_TRUE(r) << r.error().text();
  return r ? *r : CostReport{};
}

std::vector<std::string> in_every_format(const CostReport& r) {
  return {cost_text(r), cost_markdown(r), cost_json(r)};
}

PriceTable shipped_prices() {
  std::ifstream in(RELIGHT_PRICES);
  std::stringstream text;
  text << in.rdbuf();
  auto t = prices_from_json(text.str(), RELIGHT_PRICES);
  EXPECT_TRUE(t) << t.error().text();
  return t ? *t : PriceTable{};
}

TEST(CostView, TheDateOfThePricesIsInEveryFormat) {
  auto r = viewed_report();
  for (auto& text : in_every_format(r)) EXPECT_NE(text.find("2026-09-11"), std::string::npos) << text;
  r.prices_date = "2031-01-02";
  for (auto& text : in_every_format(r)) EXPECT_NE(text.find("2031-01-02"), std::string::npos) << text;
}

TEST(CostView, NoPriceAndUnknownAmountsAreSaidInEveryFormat) {
  auto prices = cost_prices();
  std::erase_if(prices.prices, [](auto& p) { return p.family == "Alarm"; });
  auto use = cost_use_example();
  use.buckets.clear();
  auto r = viewed_report(use, prices);
  auto text = cost_text(r), page = cost_markdown(r);
  EXPECT_NE(text.find("no price known"), std::string::npos) << text;
  EXPECT_NE(text.find("unknown: nothing told its size"), std::string::npos);
  EXPECT_NE(text.find("the pilot, a month: at least $"), std::string::npos) << text;
  EXPECT_NE(page.find("no price known"), std::string::npos);
  EXPECT_NE(page.find("at least $"), std::string::npos);
  auto j = Json::parse(cost_json(r));
  EXPECT_FALSE(j["pilot"]["whole"].get<bool>());
  EXPECT_EQ(j["pilot"]["without_price"], 1);
  for (auto& l : j["pilot"]["lines"]) {
    bool unpriced = l["usd"].is_null() && l["price"].is_null();
    EXPECT_TRUE(l["what"] != "alarms" || unpriced) << l;
  }
}

TEST(CostView, AssumptionsAreCalledSo) {
  auto text = cost_text(viewed_report());
  EXPECT_NE(text.find("1 LCU hours (assumed)"), std::string::npos) << text;
  EXPECT_NE(text.find("2 GB-months (relight.yaml)"), std::string::npos) << text;
  EXPECT_NE(text.find("load balancers' capacity units: assumed, Relight's default"), std::string::npos);
}

TEST(CostView, UnverifiedPricesAreMarkedAndCounted) {
  auto r = viewed_report();
  EXPECT_NE(cost_text(r).find("prices that were not verified"), std::string::npos);
  EXPECT_EQ(Json::parse(cost_json(r))["prices"]["unverified"], 4);  // memory: an hour, a drill, two ways
  for (auto& p : {&r.pilot, &r.lit_hour, &r.drill})
    for (auto& l : p->lines) l.verified = true;
  for (auto& o : r.others)
    for (auto& l : o.lines) l.verified = true;
  EXPECT_EQ(cost_text(r).find("not verified"), std::string::npos);
}

TEST(CostView, JsonTellsWhatTheTextTells) {
  auto r = viewed_report();
  auto j = Json::parse(cost_json(r));
  EXPECT_NEAR(j["pilot"]["usd"].get<double>(), r.pilot.usd(), 1e-6);
  EXPECT_EQ(j["others"].size(), 3u);
  EXPECT_EQ(j["savings"].size(), r.savings.size());
  double sum = 0;
  for (auto& l : j["pilot"]["lines"]) sum += l["usd"].get<double>();
  EXPECT_NEAR(sum, j["pilot"]["usd"].get<double>(), 1e-4);
}

TEST(CostView, TheSameReportIsTheSameText) {
  EXPECT_EQ(in_every_format(viewed_report()), in_every_format(viewed_report()));
}

TEST(ShippedPrices, EachSaysItsSourceAndFitsOneLineAlone) {
  auto t = shipped_prices();
  EXPECT_EQ(t.date.size(), 10u);
  EXPECT_FALSE(t.source.empty());
  std::set<std::map<std::string, std::string>> seen;
  for (auto& p : t.prices) {
    EXPECT_FALSE(p.source.empty()) << p.description;
    EXPECT_GT(p.usd, 0) << p.description;
    EXPECT_TRUE(seen.insert(p.attributes).second) << p.description;
  }
}

TEST(ShippedPrices, TheExampleIsPricedWholly) {
  auto r = viewed_report(cost_use_example(), shipped_prices());
  EXPECT_EQ(r.pilot.without_price(), 0) << cost_text(r);
  EXPECT_EQ(r.lit_hour.without_price(), 0);
  EXPECT_EQ(r.drill.without_price(), 0);
  for (auto& o : r.others) EXPECT_EQ(o.without_price(), 0) << o.name;
  EXPECT_NEAR(r.pilot.usd(), 43.67, 5);  // a sanity bound: a micro replica, a load balancer, names
}

}  // namespace
}  // namespace relight::dr::view
