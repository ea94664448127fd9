// Customer managed policies and their versions.
#include <fmt/format.h>

#include "sandbox/services/iam/lists.h"
#include "sandbox/services/iam/policy_document.h"
#include "sandbox/services/iam/service.h"

namespace relight::sandbox {
namespace iam = aws::iam;
namespace op = aws::iam::op;
namespace {

constexpr size_t kManagedLimit = 6144, kVersions = 5;  // "IAM and AWS STS quotas"

std::unexpected<Error> no_version(std::string_view arn, std::string_view version) {
  return aws_error("NoSuchEntity",
                   fmt::format("Policy {} version {} does not exist or is not attachable.", arn, version));
}

}  // namespace

void IamService::add_policies() {
  on<op::CreatePolicy>([this](const Call&,
                              const iam::CreatePolicyRequest& in) -> Result<iam::CreatePolicyResponse> {
    iam::Policy p;
    p.Path = in.Path.value_or("/");
    p.Arn = arn_of("policy", *p.Path, *in.PolicyName);
    if (policies_.find(kHome, *p.Arn))
      return aws_error(
          "EntityAlreadyExists",
          fmt::format("A policy called {} already exists. Duplicate names are not allowed.", *in.PolicyName));
    TRY(check_policy(*in.PolicyDocument, PolicyKind::kIdentity, kManagedLimit));
    p.PolicyName = in.PolicyName;
    p.PolicyId = new_id("ANPA");
    p.DefaultVersionId = "v1";
    p.AttachmentCount = 0;
    p.PermissionsBoundaryUsageCount = 0;
    p.IsAttachable = true;
    p.Description = in.Description;
    p.CreateDate = p.UpdateDate = world_.clock.now();
    if (in.Tags) TRY(set_tags(p.Tags, *in.Tags));
    versions_.put(kHome, *p.Arn + ":v1",
                  iam::PolicyVersion{.Document = in.PolicyDocument,
                                     .VersionId = "v1",
                                     .IsDefaultVersion = true,
                                     .CreateDate = p.CreateDate});
    policies_.put(kHome, *p.Arn, p);
    return iam::CreatePolicyResponse{.Policy = p};
  });
  on<op::GetPolicy>([this](const Call&, const iam::GetPolicyRequest& in) -> Result<iam::GetPolicyResponse> {
    TRY_ASSIGN(auto* p, policy(in.PolicyArn));
    return iam::GetPolicyResponse{.Policy = static_cast<const iam::Policy&>(*p)};
  });
  on<op::ListPolicies>(
      [this](const Call&, const iam::ListPoliciesRequest& in) -> Result<iam::ListPoliciesResponse> {
        std::vector<iam::Policy> all;
        for (auto& [arn, p] : policies_.in(kHome))
          if (in.Scope.value_or("All") != "AWS" && has_prefix(p.Path, in.PathPrefix) &&
              (!in.OnlyAttached.value_or(false) || p.AttachmentCount.value_or(0) > 0))
            all.push_back(p);
        iam::ListPoliciesResponse out;
        TRY(cut_list(all, in, out));
        out.Policies = std::move(all);
        return out;
      });
}

void IamService::add_policy_deletion() {
  on<op::DeletePolicy>(
      [this](const Call&, const iam::DeletePolicyRequest& in) -> Result<op::DeletePolicy::Output> {
        TRY_ASSIGN(auto* p, policy(in.PolicyArn));
        if (p->AttachmentCount.value_or(0) > 0)
          return aws_error("DeleteConflict", "Cannot delete a policy attached to entities.");
        std::vector<std::string> gone;
        for (auto& [key, v] : versions_.in(kHome))
          if (key.starts_with(*in.PolicyArn + ":")) gone.push_back(key);
        if (gone.size() > 1)
          return aws_error("DeleteConflict",
                           "This policy has more than one version. Before you delete a policy, you must "
                           "delete the policy's versions.");
        for (auto& key : gone) versions_.erase(kHome, key);
        policies_.erase(kHome, *in.PolicyArn);
        return {};
      });
}

void IamService::make_default(Row<iam::Policy>& p, const std::string& version) {
  for (auto& [key, v] : versions_.in(kHome)) {
    if (!key.starts_with(*p.Arn + ":")) continue;
    v.IsDefaultVersion = v.VersionId == version;
    versions_.save(kHome, key, v);
  }
  p.DefaultVersionId = version;
  p.UpdateDate = world_.clock.now();
  policies_.save(kHome, *p.Arn, p);
}

void IamService::add_policy_versions() {
  on<op::GetPolicyVersion>(
      [this](const Call&, const op::GetPolicyVersion::Input& in) -> Result<op::GetPolicyVersion::Output> {
        TRY(policy(in.PolicyArn));
        auto* v = versions_.find(kHome, fmt::format("{}:{}", *in.PolicyArn, *in.VersionId));
        if (!v) return no_version(*in.PolicyArn, *in.VersionId);
        iam::PolicyVersion shown = *v;
        shown.Document = percent_encode(shown.Document.value_or(""));
        return op::GetPolicyVersion::Output{.PolicyVersion = shown};
      });
  on<op::ListPolicyVersions>(
      [this](const Call&, const op::ListPolicyVersions::Input& in) -> Result<op::ListPolicyVersions::Output> {
        TRY(policy(in.PolicyArn));
        std::vector<iam::PolicyVersion> all;
        for (auto& [key, v] : versions_.in(kHome))
          if (key.starts_with(*in.PolicyArn + ":")) {
            all.push_back(v);
            all.back().Document.reset();
          }
        op::ListPolicyVersions::Output out;
        TRY(cut_list(all, in, out));
        out.Versions = std::move(all);
        return out;
      });
}

void IamService::add_policy_version_changes() {
  on<op::CreatePolicyVersion>(
      [this](const Call&,
             const op::CreatePolicyVersion::Input& in) -> Result<op::CreatePolicyVersion::Output> {
        TRY_ASSIGN(auto* p, policy(in.PolicyArn));
        TRY(check_policy(*in.PolicyDocument, PolicyKind::kIdentity, kManagedLimit));
        size_t there = 0;
        int last = 0;
        for (auto& [key, v] : versions_.in(kHome))
          if (key.starts_with(*in.PolicyArn + ":"))
            ++there, last = std::max(last, std::atoi(v.VersionId->c_str() + 1));
        if (there >= kVersions)
          return aws_error("LimitExceeded",
                           "A managed policy can have up to 5 versions. Before you create a new version, you "
                           "must delete an existing version.");
        iam::PolicyVersion v{.VersionId = fmt::format("v{}", last + 1),
                             .IsDefaultVersion = false,
                             .CreateDate = world_.clock.now()};
        iam::PolicyVersion kept = v;
        kept.Document = in.PolicyDocument;
        versions_.put(kHome, fmt::format("{}:{}", *in.PolicyArn, *v.VersionId), kept);
        if (in.SetAsDefault.value_or(false)) make_default(*p, *v.VersionId), v.IsDefaultVersion = true;
        return op::CreatePolicyVersion::Output{.PolicyVersion = v};
      });
  on<op::SetDefaultPolicyVersion>(
      [this](const Call&,
             const op::SetDefaultPolicyVersion::Input& in) -> Result<op::SetDefaultPolicyVersion::Output> {
        TRY_ASSIGN(auto* p, policy(in.PolicyArn));
        if (!versions_.find(kHome, fmt::format("{}:{}", *in.PolicyArn, *in.VersionId)))
          return no_version(*in.PolicyArn, *in.VersionId);
        make_default(*p, *in.VersionId);
        return {};
      });
  on<op::DeletePolicyVersion>(
      [this](const Call&,
             const op::DeletePolicyVersion::Input& in) -> Result<op::DeletePolicyVersion::Output> {
        TRY_ASSIGN(auto* p, policy(in.PolicyArn));
        std::string key = fmt::format("{}:{}", *in.PolicyArn, *in.VersionId);
        if (!versions_.find(kHome, key)) return no_version(*in.PolicyArn, *in.VersionId);
        if (p->DefaultVersionId == in.VersionId)
          return aws_error("DeleteConflict", "Cannot delete the default version of a policy.");
        versions_.erase(kHome, key);
        return {};
      });
}

}  // namespace relight::sandbox
