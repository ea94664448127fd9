// What IAM calls the right to an operation.
#pragma once
#include <string>
#include <string_view>

namespace relight::aws {

// "s3", "ListObjectsV2" -> "s3:ListBucket"; "elbv2", "DescribeRules" -> "elasticloadbalancing:DescribeRules". The
// operation's own action alone: what it takes besides (iam:PassRole, …) is not told here.
std::string action_of(std::string_view service, std::string_view operation);

}  // namespace relight::aws
