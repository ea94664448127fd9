#include "sandbox/services/wafv2/service.h"

#include <set>

#include "aws/gen/elbv2.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::wafv2;
namespace op = aws::wafv2::op;
namespace lb = aws::elbv2;
constexpr const char* kEast = "us-east-1";
const std::string kBalancer = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/0123456789abcdef";

// Load balancers by ARN alone.
class BalancersStandIn final : public Service {
 public:
  std::set<std::string> arns{kBalancer};
  explicit BalancersStandIn(World& w) : Service(w, lb::model()) {
    on<lb::op::DescribeLoadBalancers>(
        [this](const Call&, const auto& in) -> Result<lb::DescribeLoadBalancersOutput> {
          lb::DescribeLoadBalancersOutput out;
          for (auto& a : *in.LoadBalancerArns) {
            if (!arns.contains(a)) return aws_error("LoadBalancerNotFound", "none");
            out.LoadBalancers.emplace().emplace_back().LoadBalancerArn = a;
          }
          return out;
        });
  }
};

api::VisibilityConfig visible(const std::string& name) {
  return {.SampledRequestsEnabled = true, .CloudWatchMetricsEnabled = true, .MetricName = name};
}

api::Rule geo(const std::string& name, int32_t priority) {
  api::Rule r;
  r.Name = name, r.Priority = priority;
  r.Statement.emplace().GeoMatchStatement.emplace().CountryCodes = {{"AQ"}};
  r.Action.emplace().Block.emplace();
  r.VisibilityConfig = visible(name);
  return r;
}

api::Rule managed(const std::string& group, int32_t priority) {
  api::Rule r;
  r.Name = group, r.Priority = priority;
  auto& m = r.Statement.emplace().ManagedRuleGroupStatement.emplace();
  m->VendorName = "AWS", m->Name = group;
  r.OverrideAction.emplace().None.emplace();
  r.VisibilityConfig = visible(group);
  return r;
}

struct Waf : testing::Test {
  TestWorld world;
  BalancersStandIn balancers{world};
  WafService service{world};
  void SetUp() override { world.add(balancers), world.add(service); }
  static api::CreateWebACLRequest acl(std::vector<api::Rule> rules = {}, const std::string& name = "shield") {
    api::CreateWebACLRequest in;
    in.Name = name, in.Scope = "REGIONAL";
    in.DefaultAction.emplace().Allow.emplace();
    in.Rules = std::move(rules);
    in.VisibilityConfig = visible(name);
    return in;
  }
  template <class Op>
  std::string code(const typename Op::Input& in, const char* region = kEast) {
    auto r = world.remote<Op>(region, in);
    return r ? "ok" : r.error().code;
  }
  api::WebACLSummary create(std::vector<api::Rule> rules = {}) {
    auto r = world.remote<op::CreateWebACL>(kEast, acl(std::move(rules)));
    EXPECT_TRUE(r) << r.error().text();
    return r ? *r->Summary : api::WebACLSummary{};
  }
  std::string refused(std::vector<api::Rule> rules) { return code<op::CreateWebACL>(acl(std::move(rules))); }
  std::string of_balancer() {
    auto r = world.remote<op::GetWebACLForResource>(kEast, {.ResourceArn = kBalancer});
    return !r ? r.error().code : r->WebACL ? *r->WebACL->ARN : "none";
  }
};

TEST_F(Waf, RulesAreAnsweredAsTheyWerePutAndManagedGroupsCountTheirUnits) {
  auto s = create({geo("a", 0), managed("AWSManagedRulesCommonRuleSet", 1)});
  EXPECT_EQ(s.ARN, "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/shield/" + *s.Id);
  auto r = world.remote<op::GetWebACL>(kEast, {.Name = "shield", .Scope = "REGIONAL", .Id = s.Id});
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->LockToken, s.LockToken);
  EXPECT_EQ(r->WebACL->Capacity, 701);
  ASSERT_EQ(r->WebACL->Rules->size(), 2u);
  EXPECT_EQ((*r->WebACL->Rules)[0].Statement->GeoMatchStatement->CountryCodes->at(0), "AQ");
  auto listed = world.remote<op::ListWebACLs>(kEast, {.Scope = "REGIONAL"});
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->WebACLs->at(0).Id, s.Id);
  EXPECT_TRUE(world.remote<op::ListWebACLs>("us-west-2", {.Scope = "REGIONAL"})->WebACLs->empty());
}

TEST_F(Waf, WhatWafDoesNotAcceptIsRefused) {
  EXPECT_EQ(refused({geo("a", 0), geo("a", 1)}), "WAFDuplicateItemException");
  EXPECT_EQ(refused({geo("a", 0), geo("b", 0)}), "WAFDuplicateItemException");
  EXPECT_EQ(refused({managed("AWSManagedRulesNoSuchRuleSet", 0)}), "WAFNonexistentItemException");
  auto none = geo("a", 0);
  none.Statement.emplace();
  EXPECT_EQ(refused({none}), "WAFInvalidParameterException");
  auto two = geo("a", 0);
  two.Statement->LabelMatchStatement.emplace();
  two.Statement->LabelMatchStatement->Scope = "LABEL", two.Statement->LabelMatchStatement->Key = "k";
  EXPECT_EQ(refused({two}), "WAFInvalidParameterException");
  auto overridden = geo("a", 0);
  overridden.OverrideAction.emplace().None.emplace();
  EXPECT_EQ(refused({overridden}), "WAFInvalidParameterException");
  auto acting = managed("AWSManagedRulesCommonRuleSet", 0);
  acting.Action.emplace().Block.emplace();
  EXPECT_EQ(refused({acting}), "WAFInvalidParameterException");
  auto set = geo("a", 0);
  set.Statement.emplace().IPSetReferenceStatement.emplace().ARN =
      "arn:aws:wafv2:us-east-1:000000000000:regional/ipset/x/1";
  EXPECT_EQ(refused({set}), "WAFNonexistentItemException");
  auto in = acl();
  in.DefaultAction->Block.emplace();
  EXPECT_EQ(code<op::CreateWebACL>(in), "WAFInvalidParameterException");
  EXPECT_EQ(refused({}), "ok");
  EXPECT_EQ(refused({}), "WAFDuplicateItemException");  // by name
}

TEST_F(Waf, NestedStatementsAreLookedInto) {
  auto rule = geo("a", 0);
  auto& both = rule.Statement.emplace().AndStatement.emplace();
  both.Statements.emplace().push_back(*geo("x", 0).Statement);
  EXPECT_EQ(refused({rule}), "WAFInvalidParameterException");  // one alone
  both.Statements->push_back(*managed("AWSManagedRulesCommonRuleSet", 0).Statement);
  EXPECT_EQ(refused({rule}), "WAFInvalidParameterException");  // a group is not nested
  both.Statements->at(1) = *geo("y", 0).Statement;
  EXPECT_EQ(refused({rule}), "ok");
}

TEST_F(Waf, AChangeWantsTheLatestToken) {
  auto s = create();
  api::UpdateWebACLRequest in;
  in.Name = s.Name, in.Id = s.Id, in.Scope = "REGIONAL", in.LockToken = s.LockToken;
  in.DefaultAction.emplace().Block.emplace();
  in.VisibilityConfig = visible("shield");
  auto r = world.remote<op::UpdateWebACL>(kEast, in);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(code<op::UpdateWebACL>(in), "WAFOptimisticLockException");
  api::DeleteWebACLRequest gone{.Name = s.Name, .Scope = "REGIONAL", .Id = s.Id, .LockToken = s.LockToken};
  EXPECT_EQ(code<op::DeleteWebACL>(gone), "WAFOptimisticLockException");
  gone.LockToken = r->NextLockToken;
  EXPECT_EQ(code<op::DeleteWebACL>(gone), "ok");
  EXPECT_EQ(code<op::DeleteWebACL>(gone), "WAFNonexistentItemException");
}

TEST_F(Waf, ALoadBalancerHasOneAclThatIsNotDeletedUnderIt) {
  EXPECT_EQ(of_balancer(), "none");
  auto s = create();
  api::AssociateWebACLRequest in{.WebACLArn = s.ARN, .ResourceArn = kBalancer};
  EXPECT_EQ(code<op::AssociateWebACL>({.WebACLArn = *s.ARN + "0", .ResourceArn = kBalancer}),
            "WAFNonexistentItemException");
  EXPECT_EQ(code<op::AssociateWebACL>(in, "us-west-2"), "WAFInvalidParameterException");
  EXPECT_EQ(code<op::AssociateWebACL>({.WebACLArn = s.ARN, .ResourceArn = kBalancer + "0"}),
            "WAFNonexistentItemException");
  EXPECT_EQ(code<op::AssociateWebACL>(in), "ok");
  EXPECT_EQ(of_balancer(), *s.ARN);
  api::DeleteWebACLRequest gone{.Name = s.Name, .Scope = "REGIONAL", .Id = s.Id, .LockToken = s.LockToken};
  EXPECT_EQ(code<op::DeleteWebACL>(gone), "WAFAssociatedItemException");
  EXPECT_EQ(code<op::DisassociateWebACL>({.ResourceArn = kBalancer}), "ok");
  EXPECT_EQ(of_balancer(), "none");
  EXPECT_EQ(code<op::AssociateWebACL>(in), "ok");
  balancers.arns.clear();
  EXPECT_EQ(of_balancer(), "WAFNonexistentItemException");
  EXPECT_EQ(code<op::DeleteWebACL>(gone), "ok");  // it went with the load balancer
}

TEST_F(Waf, WhatIsNotBuiltIsSaid) {
  auto in = acl();
  in.Scope = "CLOUDFRONT";
  EXPECT_EQ(code<op::CreateWebACL>(in), "NotImplemented");
  in = acl();
  in.Tags = {{api::Tag{.Key = "k", .Value = "v"}}};
  EXPECT_EQ(code<op::CreateWebACL>(in), "NotImplemented");
}

}  // namespace
}  // namespace relight::sandbox
