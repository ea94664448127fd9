#include "dr/model/prices.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

Json product(const std::string& usage, const std::string& usd, const std::string& engine = "") {
  Json p = Json::parse(R"({"serviceCode":"AmazonRDS","product":{"productFamily":"Database Instance",
    "attributes":{"servicecode":"AmazonRDS","regionCode":"us-west-2"}},"publicationDate":"2026-09-11T12:45:02Z"})");
  p["product"]["attributes"]["usagetype"] = usage;
  if (!engine.empty()) p["product"]["attributes"]["databaseEngine"] = engine;
  p["terms"]["OnDemand"]["x"]["priceDimensions"]["y"] = {
      {"unit", "Hrs"}, {"beginRange", "0"}, {"endRange", "Inf"}, {"pricePerUnit", {{"USD", usd}}}};
  return p;
}

PriceTable table(const Json& list) {
  auto t = prices_from_json(Json{{"date", "2026-09-11"}, {"source", "s"}, {"PriceList", list}}.dump(), "f");
  EXPECT_TRUE(t) << t.error().text();
  return t ? *t : PriceTable{};
}

PriceQuery query(const std::string& usage) {
  return {"AmazonRDS", "Database Instance", "us-west-2", usage, {}};
}

TEST(Prices, AProductIsFoundByItsUsageTypeWhateverItsRegionsPrefix) {
  for (std::string prefix : {"USW2-", "", "us-west-2-"}) {
    auto t = table(Json::array({product(prefix + "InstanceUsage:db.t4g.micro", "0.0160000000")}));
    auto found = find_price(t, query("InstanceUsage:db.t4g.micro"));
    ASSERT_TRUE(found.price) << prefix << found.why;
    EXPECT_DOUBLE_EQ(found.price->usd, 0.016);
    EXPECT_EQ(found.price->published, "2026-09-11T12:45:02Z");
  }
}

TEST(Prices, ALongerUsageTypeIsAnotherProduct) {
  auto t = table(
      Json::array({product("USW2-TS-LoadBalancerUsage", "0.005"), product("USW2-ReservedLCUUsage", "1")}));
  EXPECT_FALSE(find_price(t, query("LoadBalancerUsage")).price);
  EXPECT_FALSE(find_price(t, query("LCUUsage")).price);
}

TEST(Prices, OtherRegionsServicesFamiliesAndEnginesDoNotFit) {
  auto t = table(Json::array({product("U:a", "1", "MySQL")}));
  auto q = query("U:a");
  ASSERT_TRUE(find_price(t, q).price);
  q.region = "us-east-1";
  EXPECT_FALSE(find_price(t, q).price);
  q = query("U:a");
  q.attributes["databaseEngine"] = "MariaDB";
  EXPECT_NE(find_price(t, q).why.find("MariaDB"), std::string::npos);
  q = query("U:a");
  q.family = "Database Storage";
  EXPECT_FALSE(find_price(t, q).price);
}

TEST(Prices, SeveralThatDifferAreNoneAndSeveralThatAgreeAreOne) {
  auto two = [](const char* a, const char* b) {
    return table(Json::array({product("U:a", a, "MySQL"), product("U:a", b, "MariaDB")}));
  };
  EXPECT_TRUE(find_price(two("1", "1.0"), query("U:a")).price);
  auto found = find_price(two("1", "2"), query("U:a"));
  EXPECT_FALSE(found.price);
  EXPECT_NE(found.why.find("several"), std::string::npos);
}

TEST(Prices, FreeTiersAreNotCountedUpon) {
  auto p = product("U:a", "0.0000000000");
  auto& dimensions = p["terms"]["OnDemand"]["x"]["priceDimensions"];
  dimensions["z"] = dimensions["y"];
  dimensions["z"]["beginRange"] = "50";
  dimensions["z"]["pricePerUnit"]["USD"] = "0.5";
  dimensions["zz"] = dimensions["z"];
  dimensions["zz"]["beginRange"] = "500";
  dimensions["zz"]["pricePerUnit"]["USD"] = "0.1";
  EXPECT_DOUBLE_EQ(find_price(table(Json::array({p})), query("U:a")).price->usd, 0.5);
}

TEST(Prices, TextsAsGetProductsSendsThemAreReadToo) {
  auto t = table(Json::array({product("U:a", "3").dump()}));
  ASSERT_EQ(t.prices.size(), 1u);
  EXPECT_TRUE(t.prices[0].verified);
}

TEST(Prices, OtherCurrenciesAreNoPrice) {
  auto p = product("U:a", "3");
  p["terms"]["OnDemand"]["x"]["priceDimensions"]["y"]["pricePerUnit"] = {{"CNY", "3"}};
  EXPECT_TRUE(table(Json::array({p})).prices.empty());
}

TEST(Prices, ATableWithoutADateIsRefused) {
  for (const char* text : {"", "[]", R"({"PriceList":[]})", R"({"date":"2026-09-11"})",
                           R"({"date":"2026-09-11","PriceList":["x"]})"}) {
    auto t = prices_from_json(text, "prices.json");
    ASSERT_FALSE(t) << text;
    EXPECT_EQ(t.error().code, "Prices.Malformed");
    EXPECT_EQ(t.error().resource, "prices.json");
  }
}

}  // namespace
}  // namespace relight::dr
