// Which key of KMS an instance or a snapshot is encrypted by, and whether it can be used: "Encrypting Amazon
// RDS resources" and "AWS KMS key management", RDS User Guide. A rehearsal: the files themselves are in the
// clear.
#include <fmt/format.h>

#include "aws/gen/kms.h"
#include "sandbox/gateway/authority.h"
#include "sandbox/services/rds/service.h"

namespace relight::sandbox {
namespace {
namespace kms = aws::kms;

// AWS says the same of a key that is not there, cannot be used or is not allowed.
std::unexpected<Error> not_accessible(const std::string& key) {
  return aws_error("KMSKeyNotAccessibleFault",
                   fmt::format("The specified KMS key [{}] does not exist, is not enabled or you do not have "
                               "permissions to access it.",
                               key));
}

}  // namespace

Result<std::string> RdsService::storage_key(const Call& c, const std::string& region,
                                            const std::optional<std::string>& wanted) {
  // "By default, the RDS AWS managed key (aws/rds) is used for encryption"
  std::string name = wanted.value_or("alias/aws/rds");
  auto seen = world_.call<kms::op::DescribeKey>(region, {.KeyId = name});
  if (!seen || seen->KeyMetadata->KeyState != "Enabled") return not_accessible(name);
  auto& key = *seen->KeyMetadata;
  // The policy of AWS's own key lets everybody use it by way of RDS who may use RDS. Of another one RDS makes
  // a grant in the name of whoever calls.
  if (key.KeyManager == "AWS" || !authority_ || c.principal.empty()) return *key.Arn;
  for (auto* action : {"kms:DescribeKey", "kms:CreateGrant"})
    if (!authority_->permit_action(c, model(), action, *key.Arn, {})) return not_accessible(*key.Arn);
  return *key.Arn;
}

}  // namespace relight::sandbox
