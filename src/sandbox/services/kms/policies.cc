// Key policies and the switch of rotation: kept, and shown again.
#include "sandbox/services/kms/service.h"

namespace relight::sandbox {
using namespace kms;
namespace op = aws::kms::op;

void KmsService::add_policies() {
  auto named_default = [](const std::string& name) -> Result<> {
    if (name == "default") return {};
    return not_found("No such policy exists");
  };
  on<op::PutKeyPolicy>(
      [this, named_default](const Call& c,
                            const api::PutKeyPolicyRequest& in) -> Result<api::PutKeyPolicyOutput_> {
        TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
        TRY(named_default(*in.PolicyName));
        if (in.Policy->find('{') == std::string::npos)
          return aws_error("MalformedPolicyDocumentException",
                           "The policy is no JSON document.");  // wording unverified
        k->policy = *in.Policy;
        save(c.region, *k);
        return {};
      });
  on<op::GetKeyPolicy>(
      [this, named_default](const Call& c,
                            const api::GetKeyPolicyRequest& in) -> Result<api::GetKeyPolicyResponse> {
        TRY_ASSIGN(auto* k, key(c.region, in.KeyId));
        TRY(named_default(*in.PolicyName));
        return api::GetKeyPolicyResponse{.Policy = k->policy};
      });
  on<op::ListKeyPolicies>(
      [this](const Call& c, const api::ListKeyPoliciesRequest& in) -> Result<api::ListKeyPoliciesResponse> {
        TRY(key(c.region, in.KeyId));
        return api::ListKeyPoliciesResponse{.PolicyNames = std::vector<std::string>{"default"},
                                            .Truncated = false};
      });
}

void KmsService::add_rotation() {
  auto rotate = [this](const Call& c, const std::optional<std::string>& id, bool on) -> Result<> {
    TRY_ASSIGN(auto* k, changeable(c.region, id));
    TRY(usable(*k));
    k->rotates = on;
    save(c.region, *k);
    return {};
  };
  on<op::EnableKeyRotation>(
      [rotate](const Call& c,
               const api::EnableKeyRotationRequest& in) -> Result<api::EnableKeyRotationOutput_> {
        TRY(rotate(c, in.KeyId, true));
        return {};
      });
  on<op::DisableKeyRotation>(
      [rotate](const Call& c,
               const api::DisableKeyRotationRequest& in) -> Result<api::DisableKeyRotationOutput_> {
        TRY(rotate(c, in.KeyId, false));
        return {};
      });
  on<op::GetKeyRotationStatus>(
      [this](const Call& c,
             const api::GetKeyRotationStatusRequest& in) -> Result<api::GetKeyRotationStatusResponse> {
        TRY_ASSIGN(auto* k, key(c.region, in.KeyId));
        return api::GetKeyRotationStatusResponse{.KeyRotationEnabled = k->rotates};
      });
}

}  // namespace relight::sandbox
