// Stacks with web ACLs.
#include "aws/gen/elbv2.h"
#include "base/bytes.h"
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/wafv2/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace wop = aws::wafv2::op;
const std::string kShielded = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/0123456789abcdef";

class OneBalancer final : public Service {
 public:
  explicit OneBalancer(World& w) : Service(w, aws::elbv2::model()) {
    on<aws::elbv2::op::DescribeLoadBalancers>(
        [](const Call&, const auto&) -> Result<aws::elbv2::DescribeLoadBalancersOutput> {
          aws::elbv2::DescribeLoadBalancersOutput out;
          out.LoadBalancers.emplace().emplace_back().LoadBalancerArn = kShielded;
          return out;
        });
  }
};

struct FirewallStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    balancer_ = std::make_unique<OneBalancer>(*world_);
    firewall_ = std::make_unique<WafService>(*world_);
    world_->add(*balancer_), world_->add(*firewall_);
  }
  std::optional<aws::wafv2::WebACL> shield() { return call<wop::GetWebACLForResource>({.ResourceArn = kShielded})->WebACL; }
  size_t acls() { return call<wop::ListWebACLs>({.Scope = "REGIONAL"})->WebACLs->size(); }
  std::unique_ptr<OneBalancer> balancer_;
  std::unique_ptr<WafService> firewall_;
};

// One rule that looks for `search` (a property) in the path.
std::string firewall(const std::string& search) {
  return "Resources:\n  Shield:\n    Type: AWS::WAFv2::WebACL\n    Properties:\n      Scope: REGIONAL\n      DefaultAction: {Allow: {}}\n"
         "      VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: shield}\n"
         "      Rules:\n        - Name: path\n          Priority: 0\n          Action: {Block: {}}\n"
         "          VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: path}\n"
         "          Statement:\n            ByteMatchStatement:\n              " + search + "\n"
         "              FieldToMatch: {UriPath: {}}\n              PositionalConstraint: STARTS_WITH\n"
         "              TextTransformations: [{Priority: 0, Type: NONE}]\n"
         "  Held:\n    Type: AWS::WAFv2::WebACLAssociation\n    Properties: {ResourceArn: '" + kShielded + "', WebACLArn: !GetAtt Shield.Arn}\n"
         "Outputs:\n  Ref: {Value: !Ref Shield}\n  Held: {Value: !Ref Held}\n";
}

TEST_F(FirewallStackTest, AnAclComesChangesAndGoesWithItsAssociation) {
  create("s", firewall("SearchString: /admin"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  auto made = shield();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->Rules->at(0).Statement->ByteMatchStatement->SearchString->bytes, "/admin");
  EXPECT_EQ(output("s", "Ref"), *made->Name + "|" + *made->Id + "|REGIONAL");
  EXPECT_EQ(output("s", "Held"), kShielded + "|" + *made->ARN);
  EXPECT_TRUE(made->Name->starts_with("s-Shield-")) << *made->Name;
  EXPECT_EQ(update("s", firewall("SearchStringBase64: " + base64("/wp-login"))), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(shield()->Id, made->Id);
  EXPECT_EQ(shield()->Rules->at(0).Statement->ByteMatchStatement->SearchString->bytes, "/wp-login");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_FALSE(shield());
  EXPECT_EQ(acls(), 0u);
}

TEST_F(FirewallStackTest, ARuleThatSomebodyChangedIsDriftHoweverTheTemplateWritesIt) {
  for (auto& search : {std::string("SearchString: /admin"), "SearchStringBase64: " + base64("/admin")}) {
    create("s", firewall(search));
    ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
    auto detected = [&] {
      auto r = call<op::DetectStackDrift>({.StackName = "s"});
      rest();
      return *call<op::DescribeStackDriftDetectionStatus>({.StackDriftDetectionId = r->StackDriftDetectionId})->StackDriftStatus;
    };
    EXPECT_EQ(detected(), "IN_SYNC") << search;
    auto acl = *shield();
    aws::wafv2::UpdateWebACLRequest in;
    in.Name = acl.Name, in.Id = acl.Id, in.Scope = "REGIONAL";
    in.LockToken = call<wop::GetWebACL>({.Name = acl.Name, .Scope = "REGIONAL", .Id = acl.Id})->LockToken;
    in.DefaultAction = acl.DefaultAction, in.VisibilityConfig = acl.VisibilityConfig, in.Rules = acl.Rules;
    in.Rules->at(0).Statement->ByteMatchStatement->SearchString->bytes = "/other";
    ASSERT_TRUE(call<wop::UpdateWebACL>(in));
    EXPECT_EQ(detected(), "DRIFTED") << search;
    EXPECT_EQ(remove("s"), "");
    EXPECT_EQ(status("s"), "gone");
  }
}

TEST_F(FirewallStackTest, ARuleThatWafRefusesFailsTheStack) {
  auto body = firewall("SearchString: /admin");
  const std::string action = "Action: {Block: {}}";
  create("s", body.replace(body.find(action), action.size(), "OverrideAction: {None: {}}"));
  EXPECT_NE(status("s"), "CREATE_COMPLETE");
  EXPECT_NE(reasons("s").find("WAFInvalidParameterException"), std::string::npos) << reasons("s");
  EXPECT_EQ(acls(), 0u);
}

}  // namespace
}  // namespace relight::sandbox::cfn
