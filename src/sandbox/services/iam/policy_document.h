// Policy documents, checked for their grammar ("Grammar of the IAM JSON policy language", IAM User Guide).
// Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::sandbox {

enum class PolicyKind { kIdentity, kTrust };

// Error "MalformedPolicyDocument" with the first fault; "LimitExceeded" when longer than `limit` without
// whitespace.
Result<> check_policy(std::string_view document, PolicyKind kind, size_t limit);
// Whether a role's trust policy lets this principal (an ARN of `account`) call sts:AssumeRole. Conditions are
// taken as not met: what cannot be judged here does not allow.
bool trusts(std::string_view trust_policy, std::string_view principal_arn, std::string_view account);

}  // namespace relight::sandbox
