#include <fmt/format.h>

#include "sandbox/services/iam/lists.h"
#include "sandbox/services/iam/service.h"

namespace relight::sandbox {
namespace iam = aws::iam;
namespace op = aws::iam::op;

void IamService::add_profiles() {
  on<op::CreateInstanceProfile>(
      [this](const Call&,
             const iam::CreateInstanceProfileRequest& in) -> Result<iam::CreateInstanceProfileResponse> {
        if (profiles_.find(kHome, *in.InstanceProfileName))
          return aws_error("EntityAlreadyExists",
                           fmt::format("Instance Profile {} already exists.", *in.InstanceProfileName));
        iam::InstanceProfile p;
        p.Path = in.Path.value_or("/");
        p.InstanceProfileName = in.InstanceProfileName;
        p.InstanceProfileId = new_id("AIPA");
        p.Arn = arn_of("instance-profile", *p.Path, *in.InstanceProfileName);
        p.CreateDate = world_.clock.now();
        p.Roles.emplace();
        if (in.Tags) TRY(set_tags(p.Tags, *in.Tags));
        profiles_.put(kHome, *p.InstanceProfileName, p);
        return iam::CreateInstanceProfileResponse{.InstanceProfile = p};
      });
  on<op::GetInstanceProfile>(
      [this](const Call&,
             const iam::GetInstanceProfileRequest& in) -> Result<iam::GetInstanceProfileResponse> {
        TRY_ASSIGN(auto* p, profile(in.InstanceProfileName));
        return iam::GetInstanceProfileResponse{.InstanceProfile =
                                                   shown(static_cast<const iam::InstanceProfile&>(*p))};
      });
  on<op::ListInstanceProfiles>(
      [this](const Call&,
             const iam::ListInstanceProfilesRequest& in) -> Result<iam::ListInstanceProfilesResponse> {
        std::vector<iam::InstanceProfile> all;
        for (auto& [name, p] : profiles_.in(kHome))
          if (has_prefix(p.Path, in.PathPrefix))
            all.push_back(shown(static_cast<const iam::InstanceProfile&>(p)));
        iam::ListInstanceProfilesResponse out;
        TRY(cut_list(all, in, out));
        out.InstanceProfiles = std::move(all);
        return out;
      });
  on<op::DeleteInstanceProfile>(
      [this](const Call&,
             const iam::DeleteInstanceProfileRequest& in) -> Result<iam::DeleteInstanceProfileOutput_> {
        TRY_ASSIGN(auto* p, profile(in.InstanceProfileName));
        if (p->Roles && !p->Roles->empty())
          return aws_error("DeleteConflict",
                           "Cannot delete entity, must remove roles from instance profile first.");
        profiles_.erase(kHome, *in.InstanceProfileName);
        return {};
      });
}

void IamService::add_profile_roles() {
  on<op::AddRoleToInstanceProfile>(
      [this](const Call&,
             const iam::AddRoleToInstanceProfileRequest& in) -> Result<iam::AddRoleToInstanceProfileOutput_> {
        TRY_ASSIGN(auto* p, profile(in.InstanceProfileName));
        TRY_ASSIGN(auto* r, role(in.RoleName));
        if (!p->Roles) p->Roles.emplace();
        if (!p->Roles->empty())
          return aws_error("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
        p->Roles->push_back(*r);
        profiles_.save(kHome, *in.InstanceProfileName, *p);
        return {};
      });
  on<op::RemoveRoleFromInstanceProfile>([this](const Call&,
                                               const iam::RemoveRoleFromInstanceProfileRequest& in)
                                            -> Result<iam::RemoveRoleFromInstanceProfileOutput_> {
    TRY_ASSIGN(auto* p, profile(in.InstanceProfileName));
    if (!p->Roles || !std::erase_if(*p->Roles, [&](auto& r) { return r.RoleName == in.RoleName; }))
      return aws_error("NoSuchEntity", fmt::format("The role with name {} cannot be found.", *in.RoleName));
    profiles_.save(kHome, *in.InstanceProfileName, *p);
    return {};
  });
  on<op::ListInstanceProfilesForRole>([this](const Call&, const iam::ListInstanceProfilesForRoleRequest& in)
                                          -> Result<iam::ListInstanceProfilesForRoleResponse> {
    TRY(role(in.RoleName));
    std::vector<iam::InstanceProfile> all;
    for (auto& [name, p] : profiles_.in(kHome))
      for (auto& r : p.Roles.value_or(std::vector<iam::Role>{}))
        if (r.RoleName == in.RoleName) all.push_back(shown(static_cast<const iam::InstanceProfile&>(p)));
    iam::ListInstanceProfilesForRoleResponse out;
    TRY(cut_list(all, in, out));
    out.InstanceProfiles = std::move(all);
    return out;
  });
}

}  // namespace relight::sandbox
