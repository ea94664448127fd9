// What a request needs permission for: actions and the resources they act on, by the Service Authorization
// Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/). Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"
#include "sandbox/services/iam/permission.h"

namespace relight::sandbox {

struct Where {
  std::string region, account;
};

// All of them must be allowed. Empty: anybody with a valid signature may (sts:GetCallerIdentity). An
// operation that the table does not know needs its own name on "*", so a policy narrowed to resources does
// not allow it: stricter than AWS. `input` is the operation's structure.
std::vector<Ask> needs_of(const aws::ServiceModel& service, const aws::Operation& op, const void* input,
                          const Where& where);
// The part of an action before its colon: "elasticloadbalancing" for elbv2.
std::string_view action_prefix(std::string_view service_id);

}  // namespace relight::sandbox
