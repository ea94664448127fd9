// Web ACLs of load balancers.
#include "base/bytes.h"
#include "dr/capture/told.h"

namespace relight::dr {
namespace {
using AclJson = nlohmann::json;

constexpr const char* kProtected =
    "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/2";
constexpr const char* kShield = "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/shield/id-7";

class FirewallStory : public WalkStory {
 protected:
  FirewallStory() {
    aws.answers["elbv2:DescribeLoadBalancers"] =
        R"({"LoadBalancers":[{"LoadBalancerArn":")" + std::string(kProtected) + R"(","Type":"application"}]})";
  }
  void acl(const std::string& rules) {
    auto text = R"("WebACL":{"Name":"shield","Id":"id-7","ARN":")" + std::string(kShield) +
                R"(","Capacity":701,"DefaultAction":{"Allow":{}},
        "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"m"},"Rules":[)" +
                rules + "]}";
    aws.answers["wafv2:GetWebACLForResource"] = "{" + text + "}";
    aws.answers["wafv2:GetWebACL"] = "{" + text + R"(,"LockToken":"t-1"})";
  }
  static std::string match(const std::string& field, const std::string& search) {
    return R"({"Name":"r","Priority":0,"Statement":{"NotStatement":{"Statement":{"ByteMatchStatement":{"SearchString":")" +
           base64(search) + R"(","FieldToMatch":)" + field +
           R"(,"TextTransformations":[{"Priority":0,"Type":"NONE"}],"PositionalConstraint":"EXACTLY"}}}},"Action":{"Block":{}},
        "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"m"}})";
  }
  Inventory seen() { return capture({"elbv2/load-balancer", kProtected}); }
  std::string searched(const Inventory& i) {
    auto* r = find(i, {"wafv2/web-acl", kShield});
    if (!r) return "not captured";
    return AclJson::parse(r->properties)["Rules"][0].at("/Statement/NotStatement/Statement/ByteMatchStatement/SearchString"_json_pointer);
  }
  AclJson balancer(const Inventory& i) {
    auto* r = find(i, {"elbv2/load-balancer", kProtected});
    return r ? AclJson::parse(r->properties) : AclJson();
  }
};

TEST_F(FirewallStory, ALoadBalancersAclIsCapturedWithItsRules) {
  acl(match(R"({"UriPath":{}})", "/admin"));
  auto i = seen();
  EXPECT_EQ(balancer(i)["WebACL"], kShield);
  EXPECT_EQ(searched(i), base64("/admin"));
  auto* r = find(i, {"wafv2/web-acl", kShield});
  ASSERT_TRUE(r);
  auto j = AclJson::parse(r->properties);
  EXPECT_FALSE(j.contains("Capacity"));
  EXPECT_FALSE(j.contains("LockToken"));
  EXPECT_TRUE(std::ranges::count(aws.asked, R"(wafv2:GetWebACL {"Name":"shield","Scope":"REGIONAL","Id":"id-7"} us-east-1)"));
}

TEST_F(FirewallStory, NoAclIsNoneAndADeniedOneIsUnknown) {
  for (auto* none : {"{}", "WAFNonexistentItemException", "WAFInvalidParameterException"}) {
    aws.answers["wafv2:GetWebACLForResource"] = none;
    auto i = seen();
    EXPECT_FALSE(balancer(i).contains("WebACL")) << none;
    EXPECT_TRUE(find(i, {"elbv2/load-balancer", kProtected})->unknown.empty()) << none;
  }
  aws.answers["wafv2:GetWebACLForResource"] = "AccessDeniedException";
  auto i = seen();
  auto& unknown = find(i, {"elbv2/load-balancer", kProtected})->unknown;
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown[0].part, "WebACL");
}

TEST_F(FirewallStory, WhatIsLookedForInAHeaderOfOnesOwnIsWithheld) {
  acl(match(R"({"SingleHeader":{"Name":"X-Origin-Verify"}})", "planted-Zx81"));
  auto i = seen();
  EXPECT_EQ(searched(i), "(withheld)");
  EXPECT_TRUE(std::ranges::any_of(i.withheld, [](auto& w) { return w.find("X-Origin-Verify") != w.npos; }));
  for (auto& r : i.resources) {
    EXPECT_EQ(r.properties.find("planted"), std::string::npos);
    EXPECT_EQ(r.properties.find(base64("planted-Zx81")), std::string::npos);
  }
  acl(match(R"({"SingleHeader":{"Name":"User-Agent"}})", "curl"));
  EXPECT_EQ(searched(seen()), base64("curl"));
}

TEST_F(FirewallStory, AHeaderThatARuleAddsIsWithheldIfItLooksSecret) {
  acl(R"({"Name":"r","Priority":0,"Statement":{"GeoMatchStatement":{"CountryCodes":["AQ"]}},"Action":{"Count":{"CustomRequestHandling":
      {"InsertHeaders":[{"Name":"origin-secret","Value":"planted-Zx82"},{"Name":"seen","Value":"yes"}]}}},
      "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"m"}})");
  auto i = seen();
  auto* r = find(i, {"wafv2/web-acl", kShield});
  ASSERT_TRUE(r);
  auto headers = AclJson::parse(r->properties)["Rules"][0].at("/Action/Count/CustomRequestHandling/InsertHeaders"_json_pointer);
  EXPECT_EQ(headers[0]["Value"], "(withheld)");
  EXPECT_EQ(headers[1]["Value"], "yes");
}

}  // namespace
}  // namespace relight::dr
