#include "sandbox/services/iam/service.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace relight::sandbox {
namespace iam = aws::iam;

IamService::IamService(World& w)
    : Service(w, iam::model()),
      roles_(w, "iam/roles"),
      inline_(w, "iam/inline-policies"),
      attachments_(w, "iam/attachments"),
      policies_(w, "iam/policies"),
      versions_(w, "iam/policy-versions"),
      profiles_(w, "iam/instance-profiles") {
  add_roles();
  add_role_changes();
  add_inline_policies();
  add_attachments();
  add_policies();
  add_policy_deletion();
  add_policy_versions();
  add_policy_version_changes();
  add_profiles();
  add_profile_roles();
  add_tags();
}

std::string IamService::new_id(std::string_view prefix) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out(prefix);
  while (out.size() < 21) out += kAlphabet[world_.rng.below(kAlphabet.size())];
  return out;
}

std::string IamService::arn_of(std::string_view type, std::string_view path, std::string_view name) const {
  return fmt::format("arn:aws:iam::{}:{}{}{}", world_.account(), type, path, name);
}

Result<Row<iam::Role>*> IamService::role(const std::optional<std::string>& name) {
  if (auto* r = roles_.find(kHome, name.value_or(""))) return r;
  return aws_error("NoSuchEntity", fmt::format("The role with name {} cannot be found.", name.value_or("")));
}
Result<Row<iam::Policy>*> IamService::policy(const std::optional<std::string>& arn) {
  if (auto* p = policies_.find(kHome, arn.value_or(""))) return p;
  return aws_error("NoSuchEntity", fmt::format("Policy {} was not found.", arn.value_or("")));
}
Result<Row<iam::InstanceProfile>*> IamService::profile(const std::optional<std::string>& name) {
  if (auto* p = profiles_.find(kHome, name.value_or(""))) return p;
  return aws_error("NoSuchEntity", fmt::format("Instance Profile {} cannot be found.", name.value_or("")));
}

iam::Role IamService::shown(const iam::Role& r) const {
  iam::Role out = r;
  if (out.AssumeRolePolicyDocument)
    out.AssumeRolePolicyDocument = percent_encode(*out.AssumeRolePolicyDocument);
  return out;
}

iam::InstanceProfile IamService::shown(iam::InstanceProfile p) {
  std::vector<iam::Role> now;
  for (auto& r : p.Roles.value_or(std::vector<iam::Role>{}))
    if (auto* row = roles_.find(kHome, r.RoleName.value_or(""))) now.push_back(shown(*row));
  p.Roles = std::move(now);
  return p;
}

}  // namespace relight::sandbox
