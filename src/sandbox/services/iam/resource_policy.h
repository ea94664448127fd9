// Resource policies as they concern AWS's own services: whether a queue, topic or function lets one of them
// act for a resource
// ("IAM JSON policy elements: Principal", service principals). Pure.
#pragma once
#include <string>
#include <string_view>

#include "sandbox/services/iam/permission.h"

namespace relight::sandbox {

// `service` as a principal: "s3.amazonaws.com". Statements for everybody count too; those that name accounts,
// roles or other services do not. An empty or malformed policy lets nobody.
bool lets_service(const std::string& policy, std::string_view service, const Ask& ask);

}  // namespace relight::sandbox
