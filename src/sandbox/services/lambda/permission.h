// Resource policies of functions: what AddPermission writes and what service principals need. Pure.
#pragma once
#include <string>

#include "aws/gen/lambda.h"
#include "base/result.h"

namespace relight::sandbox::functions {

// The statement that AddPermission adds, as JSON.
std::string statement_of(const aws::lambda::AddPermissionRequest& in, const std::string& function_arn);
// The policy with it. Error "ResourceConflictException": its id is taken.
Result<std::string> with_statement(const std::string& policy, const std::string& statement);
// The policy without it; "" when none is left. Error "ResourceNotFoundException".
Result<std::string> without_statement(const std::string& policy, const std::string& id);
// Whether the policy lets a service ("s3.amazonaws.com") invoke the function for `source_arn`.
bool allows(const std::string& policy, const std::string& service, const std::string& source_arn,
            const std::string& account);

}  // namespace relight::sandbox::functions
