// Which load balancer has which web ACL: at most one ("AssociateWebACL", AWS WAF API Reference).
#include <fmt/format.h>

#include "aws/gen/elbv2.h"
#include "sandbox/services/wafv2/service.h"

namespace relight::sandbox {
using namespace waf;
namespace op = aws::wafv2::op;

bool WafService::stands(Region r, const std::string& balancer) {
  auto seen = world_.call<aws::elbv2::op::DescribeLoadBalancers>(r, {.LoadBalancerArns = {{balancer}}});
  return seen && seen->LoadBalancers && !seen->LoadBalancers->empty();
}

Result<> WafService::check_balancer(Region r, const std::optional<std::string>& arn) {
  std::string given = arn.value_or("");
  if (!given.starts_with(
          fmt::format("arn:aws:elasticloadbalancing:{}:{}:loadbalancer/app/", r, world_.account())))
    return invalid("The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by "
                   "colons or slashes.",
                   "RESOURCE_ARN");  // of a load balancer elsewhere unverified
  return stands(r, given) ? Result<>{} : not_there();
}

bool WafService::associated(Region r, const std::string& acl) {
  for (auto& [balancer, a] : associations_.in(r))
    if (a.WebACLArn == acl && stands(r, balancer)) return true;
  return false;
}

void WafService::add_associations() {
  on<op::AssociateWebACL>(
      [this](const Call& c, const api::AssociateWebACLRequest& in) -> Result<api::AssociateWebACLResponse> {
        TRY(check_balancer(c.region, in.ResourceArn));
        if (!find_arn(c.region, *in.WebACLArn)) return not_there();
        associations_.put(c.region, *in.ResourceArn, in);
        return api::AssociateWebACLResponse{};
      });
  on<op::DisassociateWebACL>(
      [this](const Call& c, const api::DisassociateWebACLRequest& in) -> Result<api::DisassociateWebACLResponse> {
        TRY(check_balancer(c.region, in.ResourceArn));
        associations_.erase(c.region, *in.ResourceArn);
        return api::DisassociateWebACLResponse{};
      });
  // Nothing is associated: an answer without an ACL ("GetWebACLForResource"; that it is no error is unverified).
  on<op::GetWebACLForResource>([this](const Call& c, const api::GetWebACLForResourceRequest& in)
                                   -> Result<api::GetWebACLForResourceResponse> {
    TRY(check_balancer(c.region, in.ResourceArn));
    auto* a = associations_.find(c.region, *in.ResourceArn);
    auto* acl = a ? find_arn(c.region, *a->WebACLArn) : nullptr;
    api::GetWebACLForResourceResponse out;
    if (acl) out.WebACL = acl->WebACL;
    return out;
  });
}

}  // namespace relight::sandbox
