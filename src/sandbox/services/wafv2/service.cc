#include "sandbox/services/wafv2/service.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
using namespace waf;
namespace op = aws::wafv2::op;

namespace {

// The exceptions' texts are those of AWS WAF's API reference, "Errors".
std::unexpected<Error> stale_token() {
  return aws_error("WAFOptimisticLockException",
                   "AWS WAF couldn’t save your changes because someone changed the resource after you started to "
                   "edit it. Reapply your changes.");
}

Result<> regional(const std::optional<std::string>& scope) {
  if (scope == "REGIONAL") return {};
  return aws_error("NotImplemented", "web ACLs of the scope CLOUDFRONT are not built in this sandbox", 501);
}

api::WebACLSummary summary(const Acl& a) {
  api::WebACLSummary s;
  s.Name = a.WebACL->Name;
  s.Id = a.WebACL->Id;
  s.Description = a.WebACL->Description;
  s.LockToken = a.LockToken;
  s.ARN = a.WebACL->ARN;
  return s;
}

template <class In>
void set_content(api::WebACL& acl, const In& in, int64_t capacity) {
  acl.DefaultAction = in.DefaultAction;
  acl.Description = in.Description;
  acl.Rules = in.Rules.value_or(std::vector<api::Rule>{});
  acl.VisibilityConfig = in.VisibilityConfig;
  acl.CustomResponseBodies = in.CustomResponseBodies;
  acl.CaptchaConfig = in.CaptchaConfig;
  acl.ChallengeConfig = in.ChallengeConfig;
  acl.TokenDomains = in.TokenDomains;
  acl.Capacity = capacity;
}

}  // namespace

namespace waf {

std::unexpected<Error> invalid(const std::string& why, const std::string& field) {
  return aws_error("WAFInvalidParameterException", fmt::format("Error reason: {}, field: {}", why, field));
}

std::unexpected<Error> not_there() {
  return aws_error("WAFNonexistentItemException",
                   "AWS WAF couldn’t perform the operation because your resource doesn’t exist.");
}

}  // namespace waf

WafService::WafService(World& w)
    : Service(w, api::model()), acls_(w, "wafv2/acls"), associations_(w, "wafv2/associations") {
  add_acls();
  add_list();
  add_associations();
}

Result<Acl*> WafService::find(Region r, const std::optional<std::string>& name, const std::optional<std::string>& id) {
  auto* a = acls_.find(r, id.value_or(""));
  if (!a || a->WebACL->Name != name) return not_there();
  return a;
}

Acl* WafService::find_arn(Region r, const std::string& arn) {
  auto* a = acls_.find(r, arn.substr(arn.rfind('/') + 1));
  return a && a->WebACL->ARN == arn ? a : nullptr;
}

Result<api::CreateWebACLResponse> WafService::create(const Call& c, const api::CreateWebACLRequest& in) {
  TRY(regional(in.Scope));
  if (in.Tags) return aws_error("NotImplemented", "tags of web ACLs are not built in this sandbox", 501);
  for (auto& [id, other] : acls_.in(c.region))
    if (other.WebACL->Name == in.Name)
      return aws_error("WAFDuplicateItemException",
                       "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate "
                       "of an existing one.");
  TRY_ASSIGN(int64_t capacity, check_acl(in.DefaultAction, in.Rules));
  api::WebACL acl;
  acl.Name = in.Name;
  acl.Id = world_.rng.uuid();
  acl.ARN = fmt::format("arn:aws:wafv2:{}:{}:regional/webacl/{}/{}", c.region, world_.account(), *in.Name, *acl.Id);
  acl.LabelNamespace = fmt::format("awswaf:{}:webacl:{}:", world_.account(), *in.Name);
  acl.ManagedByFirewallManager = false;
  set_content(acl, in, capacity);
  std::string id = *acl.Id;
  auto& kept = acls_.put(c.region, id, api::GetWebACLResponse{.WebACL = std::move(acl), .LockToken = world_.rng.uuid()});
  return api::CreateWebACLResponse{.Summary = summary(kept)};
}

Result<api::UpdateWebACLResponse> WafService::update(const Call& c, const api::UpdateWebACLRequest& in) {
  TRY(regional(in.Scope));
  TRY_ASSIGN(auto* a, find(c.region, in.Name, in.Id));
  if (a->LockToken != in.LockToken) return stale_token();
  TRY_ASSIGN(int64_t capacity, check_acl(in.DefaultAction, in.Rules));
  set_content(*a->WebACL, in, capacity);
  a->LockToken = world_.rng.uuid();
  acls_.save(c.region, *in.Id, *a);
  return api::UpdateWebACLResponse{.NextLockToken = a->LockToken};
}

Result<> WafService::remove(const Call& c, const api::DeleteWebACLRequest& in) {
  TRY(regional(in.Scope));
  TRY_ASSIGN(auto* a, find(c.region, in.Name, in.Id));
  if (a->LockToken != in.LockToken) return stale_token();
  if (associated(c.region, *a->WebACL->ARN))
    return aws_error("WAFAssociatedItemException",
                     "AWS WAF couldn’t perform the operation because your resource is being used by another resource "
                     "or it’s associated with another resource.");
  acls_.erase(c.region, *in.Id);
  return {};
}

void WafService::add_acls() {
  on<op::CreateWebACL>([this](const Call& c, const auto& in) { return create(c, in); });
  on<op::UpdateWebACL>([this](const Call& c, const auto& in) { return update(c, in); });
  on<op::DeleteWebACL>(
      [this](const Call& c, const api::DeleteWebACLRequest& in) -> Result<api::DeleteWebACLResponse> {
        TRY(remove(c, in));
        return api::DeleteWebACLResponse{};
      });
  on<op::GetWebACL>([this](const Call& c, const api::GetWebACLRequest& in) -> Result<api::GetWebACLResponse> {
    TRY(regional(in.Scope));
    TRY_ASSIGN(auto* a, find(c.region, in.Name, in.Id));
    return *a;
  });
}

void WafService::add_list() {
  on<op::ListWebACLs>([this](const Call& c, const api::ListWebACLsRequest& in) -> Result<api::ListWebACLsResponse> {
    TRY(regional(in.Scope));
    auto& all = acls_.in(c.region);
    auto at = all.begin();
    if (in.NextMarker) {
      at = all.find(*in.NextMarker);
      if (at == all.end()) return invalid("The marker is not valid", "NEXT_MARKER");  // wording unverified
      ++at;
    }
    api::ListWebACLsResponse out;
    out.WebACLs.emplace();
    for (; at != all.end(); ++at) {
      if (out.WebACLs->size() == static_cast<size_t>(in.Limit.value_or(100))) {
        out.NextMarker = out.WebACLs->back().Id;
        break;
      }
      out.WebACLs->push_back(summary(at->second));
    }
    return out;
  });
}

}  // namespace relight::sandbox
