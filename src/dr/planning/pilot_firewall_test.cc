#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/planning/pilot_example.h"
#include "dr/planning/pilot.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

struct FirewallPilot : testing::Test {
  Json acl = Json::parse(kExampleAclText);
  Inventory inventory() const {
    auto i = example_inventory();
    for (auto& r : i.resources)
      if (r.key.kind == "elbv2/load-balancer") {
        auto j = Json::parse(r.properties);
        j["WebACL"] = kExampleAcl;
        r.properties = j.dump();
      }
    i.resources.push_back(example_resource("wafv2/web-acl", kExampleAcl, acl));
    std::ranges::sort(i.resources, {}, &Resource::key);
    return i;
  }
  Pilot planned() const {
    auto p = plan_pilot(inventory(), {.region = "us-west-2", .primary_stack = "lamp-primary", .stack = "lamp-pilot"});
    EXPECT_TRUE(p) << p.error().text();
    return p ? *p : Pilot{};
  }
  static const PilotResource* of(const Pilot& p, std::string_view type) {
    auto it = std::ranges::find(p.resources, type, &PilotResource::type);
    return it == p.resources.end() ? nullptr : &*it;
  }
  // What is said of the rule that is called so; "" nothing.
  static std::string said(const Pilot& p, const std::string& what) {
    for (auto& u : p.untranslated)
      if (u.what == what) return u.why;
    return "";
  }
  // The rules that are carried over when this one stands beside the others.
  Json with(const char* statement, std::string& why) {
    acl["Rules"].push_back({{"Name", "odd"}, {"Priority", 9}, {"Action", {{"Block", Json::object()}}}, {"Statement", Json::parse(statement)}});
    auto p = planned();
    why = said(p, "its rule odd");
    acl["Rules"].erase(acl["Rules"].size() - 1);
    auto* r = of(p, "AWS::WAFv2::WebACL");
    return r ? Json::parse(r->properties)["Rules"] : Json();
  }
};

TEST_F(FirewallPilot, TheAclKeepsItsNameAndRulesAndIsTheLoadBalancers) {
  auto p = planned();
  auto *r = of(p, "AWS::WAFv2::WebACL"), *held = of(p, "AWS::WAFv2::WebACLAssociation");
  ASSERT_TRUE(r && held);
  auto properties = Json::parse(r->properties);
  EXPECT_EQ(properties["Name"], "shield");
  EXPECT_EQ(properties["Scope"], "REGIONAL");
  EXPECT_FALSE(properties.contains("ARN"));
  ASSERT_EQ(properties["Rules"].size(), 2u);
  auto match = "/Statement/RateBasedStatement/ScopeDownStatement/AndStatement/Statements/0/ByteMatchStatement"_json_pointer;
  EXPECT_EQ(properties["Rules"][1].at(match)["SearchStringBase64"], "L3dwLWxvZ2lu");
  EXPECT_FALSE(properties["Rules"][1].at(match).contains("SearchString"));
  auto association = Json::parse(held->properties);
  EXPECT_EQ(association["WebACLArn"], Json::parse(R"({"Fn::GetAtt":[")" + r->id + R"(","Arn"]})"));
  EXPECT_EQ(association["ResourceArn"]["Ref"], of(p, "AWS::ElasticLoadBalancingV2::LoadBalancer")->id);
}

TEST_F(FirewallPilot, WithoutAnAclThereIsNone) {
  auto p = plan_pilot(example_inventory(), {.region = "us-west-2", .primary_stack = "lamp-primary", .stack = "lamp-pilot"});
  ASSERT_TRUE(p);
  EXPECT_FALSE(of(*p, "AWS::WAFv2::WebACL"));
  EXPECT_FALSE(of(*p, "AWS::WAFv2::WebACLAssociation"));
}

TEST_F(FirewallPilot, WhatNamesARegionIsLeftOutAndSaidHoweverDeepItStands) {
  std::string why;
  EXPECT_EQ(with(R"({"NotStatement":{"Statement":{"IPSetReferenceStatement":{"ARN":"arn:set"}}}})", why).size(), 2u);
  EXPECT_NE(why.find("IP set arn:set"), std::string::npos) << why;
  EXPECT_EQ(with(R"({"RuleGroupReferenceStatement":{"ARN":"arn:group"}})", why).size(), 2u);
  EXPECT_NE(why.find("rule group arn:group"), std::string::npos) << why;
}

TEST_F(FirewallPilot, WhatTheModelDroppedIsNotTakenForNothing) {
  std::string why;
  for (auto* statement : {R"({})", R"({"OrStatement":{"Statements":[{"GeoMatchStatement":{"CountryCodes":["AQ"]}},{}]}})", R"({"NotStatement":{"Statement":{}}})",
                          R"({"SqliMatchStatement":{"FieldToMatch":{},"TextTransformations":[]}})",
                          R"({"RateBasedStatement":{"Limit":100,"AggregateKeyType":"CUSTOM_KEYS"}})"}) {
    EXPECT_EQ(with(statement, why).size(), 2u) << statement;
    EXPECT_NE(why.find("does not know"), std::string::npos) << statement << why;
  }
}

TEST_F(FirewallPilot, WhatIsWithheldIsNotMadeUp) {
  std::string why;
  EXPECT_EQ(with(R"json({"ByteMatchStatement":{"SearchString":"(withheld)","FieldToMatch":{"SingleHeader":{"Name":"x-verify"}}}})json", why).size(), 2u);
  EXPECT_NE(why.find("withheld"), std::string::npos) << why;
  acl["DefaultAction"]["Allow"]["CustomRequestHandling"]["InsertHeaders"][0]["Value"] = "(withheld)";
  auto p = planned();
  EXPECT_FALSE(of(p, "AWS::WAFv2::WebACL"));
  EXPECT_FALSE(of(p, "AWS::WAFv2::WebACLAssociation"));
  EXPECT_NE(said(p, "its web ACL").find("nothing protects"), std::string::npos);
}

}  // namespace
}  // namespace relight::dr
