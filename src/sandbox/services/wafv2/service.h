// WAF: web ACLs and their associations with load balancers. Metadata only. See README.md.
#pragma once
#include <optional>
#include <string>

#include "aws/gen/wafv2.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace waf {
namespace api = aws::wafv2;
using Acl = Row<api::GetWebACLResponse>;             // with its lock token
using Association = Row<api::AssociateWebACLRequest>;

std::unexpected<Error> invalid(const std::string& why, const std::string& field);
std::unexpected<Error> not_there();
// What WAF accepts of an ACL's rules and default action (rules.cc); answers the capacity that they take.
// "WAFInvalidParameterException", "WAFDuplicateItemException", "WAFNonexistentItemException",
// "WAFLimitsExceededException".
Result<int64_t> check_acl(const std::optional<api::DefaultAction>& action,
                          const std::optional<std::vector<api::Rule>>& rules);
}  // namespace waf

class WafService final : public Service {
 public:
  explicit WafService(World& w);

 private:
  using Region = const std::string&;
  void add_acls();
  void add_list();
  void add_associations();  // associations.cc

  // By name and id. "WAFNonexistentItemException".
  Result<waf::Acl*> find(Region r, const std::optional<std::string>& name, const std::optional<std::string>& id);
  waf::Acl* find_arn(Region r, const std::string& arn);  // null: there is none
  Result<waf::api::CreateWebACLResponse> create(const Call& c, const waf::api::CreateWebACLRequest& in);
  Result<waf::api::UpdateWebACLResponse> update(const Call& c, const waf::api::UpdateWebACLRequest& in);
  Result<> remove(const Call& c, const waf::api::DeleteWebACLRequest& in);
  // Whether the load balancer is one of this region and account, and stands. "WAFInvalidParameterException",
  // "WAFNonexistentItemException".
  Result<> check_balancer(Region r, const std::optional<std::string>& arn);
  bool stands(Region r, const std::string& balancer);
  bool associated(Region r, const std::string& acl);

  Table<waf::Acl> acls_;                  // by id
  Table<waf::Association> associations_;  // by the load balancer's ARN
};

}  // namespace relight::sandbox
