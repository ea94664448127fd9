// IAM: roles with their trust, inline and managed policies, and instance profiles; documents are checked for
// their grammar. Who may do what is authority.h's. Global: everything is us-east-1's.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/iam.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

class IamService final : public Service {
 public:
  explicit IamService(World& w);
  // The documents of a role's policies, inline and attached; under the world's lock.
  std::vector<std::string> policies_of(const std::string& role_name);

 private:
  void add_roles();
  void add_role_changes();
  void add_inline_policies();
  void add_attachments();
  void add_policies();
  void add_policy_deletion();
  void add_policy_versions();
  void add_policy_version_changes();
  void add_profiles();
  void add_profile_roles();
  void add_tags();

  static constexpr const char* kHome = "us-east-1";
  Result<Row<aws::iam::Role>*> role(const std::optional<std::string>& name);
  Result<Row<aws::iam::Policy>*> policy(const std::optional<std::string>& arn);
  Result<Row<aws::iam::InstanceProfile>*> profile(const std::optional<std::string>& name);
  // "AROA…", "ANPA…", "AIPA…": 17 characters after the prefix.
  std::string new_id(std::string_view prefix);
  std::string arn_of(std::string_view type, std::string_view path, std::string_view name) const;
  // A role or profile as it is answered: documents percent-encoded, a profile's roles as they are now.
  aws::iam::Role shown(const aws::iam::Role& r) const;
  aws::iam::InstanceProfile shown(aws::iam::InstanceProfile p);
  void make_default(Row<aws::iam::Policy>& p, const std::string& version);
  bool is_attachable(const std::string& arn);
  void count_attachment(const std::string& arn, int change);

  Table<Row<aws::iam::Role>> roles_;
  Table<Row<aws::iam::PolicyDetail>> inline_;         // "ROLE:POLICY"
  Table<Row<aws::iam::AttachedPolicy>> attachments_;  // "ROLE:ARN"
  Table<Row<aws::iam::Policy>> policies_;             // by ARN
  Table<Row<aws::iam::PolicyVersion>> versions_;      // "ARN:v1"
  Table<Row<aws::iam::InstanceProfile>> profiles_;
};

}  // namespace relight::sandbox
