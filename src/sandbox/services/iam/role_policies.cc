// A role's inline policies and the managed ones attached to it.
#include <fmt/format.h>

#include "sandbox/services/iam/lists.h"
#include "sandbox/services/iam/policy_document.h"
#include "sandbox/services/iam/service.h"

namespace relight::sandbox {
namespace iam = aws::iam;
namespace op = aws::iam::op;
namespace {

constexpr size_t kInlineLimit = 10240, kAttachedPerRole = 10;  // "IAM and AWS STS quotas"

// The managed policies of AWS's own that a stack like ours attaches. Others answer NoSuchEntity.
constexpr std::string_view kAwsManaged[] = {"AdministratorAccess",
                                            "PowerUserAccess",
                                            "ReadOnlyAccess",
                                            "AmazonS3FullAccess",
                                            "AmazonS3ReadOnlyAccess",
                                            "AmazonRDSFullAccess",
                                            "AmazonRDSReadOnlyAccess",
                                            "AmazonECS_FullAccess",
                                            "AmazonRoute53FullAccess",
                                            "AmazonSSMReadOnlyAccess",
                                            "AmazonSSMManagedInstanceCore",
                                            "AmazonEC2ContainerRegistryReadOnly",
                                            "CloudWatchFullAccess",
                                            "CloudWatchLogsFullAccess",
                                            "CloudWatchReadOnlyAccess",
                                            "SecretsManagerReadWrite",
                                            "AWSLambda_FullAccess",
                                            "service-role/AmazonECSTaskExecutionRolePolicy",
                                            "service-role/AmazonRDSEnhancedMonitoringRole",
                                            "service-role/AWSLambdaBasicExecutionRole",
                                            "service-role/AWSLambdaVPCAccessExecutionRole"};

bool is_aws_managed(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy/";
  return arn.starts_with(kPrefix) && std::find(std::begin(kAwsManaged), std::end(kAwsManaged),
                                               arn.substr(kPrefix.size())) != std::end(kAwsManaged);
}

std::unexpected<Error> no_inline(std::string_view policy) {
  return aws_error("NoSuchEntity", fmt::format("The role policy with name {} cannot be found.", policy));
}

}  // namespace

bool IamService::is_attachable(const std::string& arn) {
  return is_aws_managed(arn) || policies_.find(kHome, arn);
}

void IamService::count_attachment(const std::string& arn, int change) {
  auto* p = policies_.find(kHome, arn);
  if (!p) return;
  p->AttachmentCount = p->AttachmentCount.value_or(0) + change;
  policies_.save(kHome, arn, *p);
}

void IamService::add_inline_policies() {
  on<op::PutRolePolicy>(
      [this](const Call&, const iam::PutRolePolicyRequest& in) -> Result<iam::PutRolePolicyOutput_> {
        TRY_ASSIGN(auto* r, role(in.RoleName));
        TRY(check_policy(*in.PolicyDocument, PolicyKind::kIdentity, kInlineLimit));
        inline_.put(kHome, fmt::format("{}:{}", *r->RoleName, *in.PolicyName),
                    iam::PolicyDetail{.PolicyName = in.PolicyName, .PolicyDocument = in.PolicyDocument});
        return {};
      });
  on<op::GetRolePolicy>(
      [this](const Call&, const iam::GetRolePolicyRequest& in) -> Result<iam::GetRolePolicyResponse> {
        TRY(role(in.RoleName));
        auto* p = inline_.find(kHome, fmt::format("{}:{}", *in.RoleName, *in.PolicyName));
        if (!p) return no_inline(*in.PolicyName);
        return iam::GetRolePolicyResponse{.RoleName = in.RoleName,
                                          .PolicyName = in.PolicyName,
                                          .PolicyDocument = percent_encode(p->PolicyDocument.value_or(""))};
      });
  on<op::DeleteRolePolicy>(
      [this](const Call&, const iam::DeleteRolePolicyRequest& in) -> Result<iam::DeleteRolePolicyOutput_> {
        TRY(role(in.RoleName));
        std::string key = fmt::format("{}:{}", *in.RoleName, *in.PolicyName);
        if (!inline_.find(kHome, key)) return no_inline(*in.PolicyName);
        inline_.erase(kHome, key);
        return {};
      });
  on<op::ListRolePolicies>(
      [this](const Call&, const iam::ListRolePoliciesRequest& in) -> Result<iam::ListRolePoliciesResponse> {
        TRY(role(in.RoleName));
        std::vector<std::string> all;
        for (auto& [key, p] : inline_.in(kHome))
          if (key.starts_with(*in.RoleName + ":")) all.push_back(p.PolicyName.value_or(""));
        iam::ListRolePoliciesResponse out;
        TRY(cut_list(all, in, out));
        out.PolicyNames = std::move(all);
        return out;
      });
}

void IamService::add_attachments() {
  on<op::AttachRolePolicy>(
      [this](const Call&, const iam::AttachRolePolicyRequest& in) -> Result<iam::AttachRolePolicyOutput_> {
        TRY_ASSIGN(auto* r, role(in.RoleName));
        if (!is_attachable(*in.PolicyArn))
          return aws_error("NoSuchEntity",
                           fmt::format("Policy {} does not exist or is not attachable.", *in.PolicyArn));
        std::string key = fmt::format("{}:{}", *r->RoleName, *in.PolicyArn);
        if (attachments_.find(kHome, key)) return {};
        size_t there = 0;
        for (auto& [k, a] : attachments_.in(kHome)) there += k.starts_with(*r->RoleName + ":");
        if (there >= kAttachedPerRole)
          return aws_error("LimitExceeded",
                           fmt::format("Cannot exceed quota for PoliciesPerRole: {}", kAttachedPerRole));
        std::string name = in.PolicyArn->substr(in.PolicyArn->rfind('/') + 1);
        attachments_.put(kHome, key, iam::AttachedPolicy{.PolicyName = name, .PolicyArn = in.PolicyArn});
        count_attachment(*in.PolicyArn, 1);
        return {};
      });
  on<op::DetachRolePolicy>(
      [this](const Call&, const iam::DetachRolePolicyRequest& in) -> Result<iam::DetachRolePolicyOutput_> {
        TRY(role(in.RoleName));
        std::string key = fmt::format("{}:{}", *in.RoleName, *in.PolicyArn);
        if (!attachments_.find(kHome, key))
          return aws_error("NoSuchEntity", fmt::format("Policy {} was not found.", *in.PolicyArn));
        attachments_.erase(kHome, key);
        count_attachment(*in.PolicyArn, -1);
        return {};
      });
  on<op::ListAttachedRolePolicies>([this](const Call&, const iam::ListAttachedRolePoliciesRequest& in)
                                       -> Result<iam::ListAttachedRolePoliciesResponse> {
    TRY(role(in.RoleName));
    std::vector<iam::AttachedPolicy> all;
    for (auto& [key, a] : attachments_.in(kHome))
      if (key.starts_with(*in.RoleName + ":")) all.push_back(a);
    iam::ListAttachedRolePoliciesResponse out;
    TRY(cut_list(all, in, out));
    out.AttachedPolicies = std::move(all);
    return out;
  });
}

}  // namespace relight::sandbox
