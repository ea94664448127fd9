#include <fmt/format.h>

#include "sandbox/services/iam/lists.h"
#include "sandbox/services/iam/policy_document.h"
#include "sandbox/services/iam/service.h"

namespace relight::sandbox {
namespace iam = aws::iam;
namespace op = aws::iam::op;
namespace {
constexpr size_t kTrustPolicyLimit = 2048, kRoles = 1000;  // "IAM and AWS STS quotas"
}

void IamService::add_roles() {
  on<op::CreateRole>([this](const Call&,
                            const iam::CreateRoleRequest& in) -> Result<iam::CreateRoleResponse> {
    if (roles_.find(kHome, *in.RoleName))
      return aws_error("EntityAlreadyExists", fmt::format("Role with name {} already exists.", *in.RoleName));
    TRY(check_policy(*in.AssumeRolePolicyDocument, PolicyKind::kTrust, kTrustPolicyLimit));
    if (roles_.in(kHome).size() >= kRoles)
      return aws_error("LimitExceeded", fmt::format("Cannot exceed quota for RolesPerAccount: {}", kRoles));
    iam::Role r;
    r.Path = in.Path.value_or("/");
    r.RoleName = in.RoleName;
    r.RoleId = new_id("AROA");
    r.Arn = arn_of("role", *r.Path, *in.RoleName);
    r.CreateDate = world_.clock.now();
    r.AssumeRolePolicyDocument = in.AssumeRolePolicyDocument;
    r.Description = in.Description;
    r.MaxSessionDuration = in.MaxSessionDuration.value_or(3600);
    if (in.Tags) TRY(set_tags(r.Tags, *in.Tags));
    roles_.put(kHome, *r.RoleName, r);
    return iam::CreateRoleResponse{.Role = shown(r)};
  });
  on<op::GetRole>([this](const Call&, const iam::GetRoleRequest& in) -> Result<iam::GetRoleResponse> {
    TRY_ASSIGN(auto* r, role(in.RoleName));
    return iam::GetRoleResponse{.Role = shown(*r)};
  });
  on<op::ListRoles>([this](const Call&, const iam::ListRolesRequest& in) -> Result<iam::ListRolesResponse> {
    std::vector<iam::Role> all;
    for (auto& [name, r] : roles_.in(kHome))
      if (has_prefix(r.Path, in.PathPrefix)) all.push_back(shown(r));
    iam::ListRolesResponse out;
    TRY(cut_list(all, in, out));
    out.Roles = std::move(all);
    return out;
  });
  on<op::DeleteRole>([this](const Call&, const iam::DeleteRoleRequest& in) -> Result<iam::DeleteRoleOutput_> {
    TRY_ASSIGN(auto* r, role(in.RoleName));
    std::string own = *r->RoleName + ":";
    for (auto& [key, a] : attachments_.in(kHome))
      if (key.starts_with(own))
        return aws_error("DeleteConflict", "Cannot delete entity, must detach all policies first.");
    for (auto& [key, p] : inline_.in(kHome))
      if (key.starts_with(own))
        return aws_error("DeleteConflict", "Cannot delete entity, must delete policies first.");
    for (auto& [key, p] : profiles_.in(kHome))
      for (auto& held : p.Roles.value_or(std::vector<iam::Role>{}))
        if (held.RoleName == in.RoleName)
          return aws_error("DeleteConflict",
                           "Cannot delete entity, must remove roles from instance profile first.");
    roles_.erase(kHome, *in.RoleName);
    return {};
  });
}

void IamService::add_role_changes() {
  on<op::UpdateRole>(
      [this](const Call&, const iam::UpdateRoleRequest& in) -> Result<iam::UpdateRoleResponse> {
        TRY_ASSIGN(auto* r, role(in.RoleName));
        if (in.Description) r->Description = in.Description;
        if (in.MaxSessionDuration) r->MaxSessionDuration = in.MaxSessionDuration;
        roles_.save(kHome, *in.RoleName, *r);
        return {};
      });
  on<op::UpdateRoleDescription>(
      [this](const Call&,
             const iam::UpdateRoleDescriptionRequest& in) -> Result<iam::UpdateRoleDescriptionResponse> {
        TRY_ASSIGN(auto* r, role(in.RoleName));
        r->Description = in.Description;
        roles_.save(kHome, *in.RoleName, *r);
        return iam::UpdateRoleDescriptionResponse{.Role = shown(*r)};
      });
  on<op::UpdateAssumeRolePolicy>(
      [this](const Call&,
             const iam::UpdateAssumeRolePolicyRequest& in) -> Result<iam::UpdateAssumeRolePolicyOutput_> {
        TRY_ASSIGN(auto* r, role(in.RoleName));
        TRY(check_policy(*in.PolicyDocument, PolicyKind::kTrust, kTrustPolicyLimit));
        r->AssumeRolePolicyDocument = in.PolicyDocument;
        roles_.save(kHome, *in.RoleName, *r);
        return {};
      });
}

void IamService::add_tags() {
  on<op::TagRole>([this](const Call&, const iam::TagRoleRequest& in) -> Result<iam::TagRoleOutput_> {
    TRY_ASSIGN(auto* r, role(in.RoleName));
    TRY(set_tags(r->Tags, *in.Tags));
    roles_.save(kHome, *in.RoleName, *r);
    return {};
  });
  on<op::UntagRole>([this](const Call&, const iam::UntagRoleRequest& in) -> Result<iam::UntagRoleOutput_> {
    TRY_ASSIGN(auto* r, role(in.RoleName));
    drop_tags(r->Tags, *in.TagKeys);
    roles_.save(kHome, *in.RoleName, *r);
    return {};
  });
  on<op::ListRoleTags>(
      [this](const Call&, const iam::ListRoleTagsRequest& in) -> Result<iam::ListRoleTagsResponse> {
        TRY_ASSIGN(auto* r, role(in.RoleName));
        auto all = r->Tags.value_or(std::vector<iam::Tag>{});
        iam::ListRoleTagsResponse out;
        TRY(cut_list(all, in, out));
        out.Tags = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
