// "AWS partitions", https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: nothing is copied
// and no role is taken across their borders.
#pragma once
#include <string>
#include <string_view>

namespace relight::aws {

// "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b".
inline std::string partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  if (region.starts_with("us-isob-")) return "aws-iso-b";
  if (region.starts_with("us-iso-")) return "aws-iso";
  return "aws";
}

}  // namespace relight::aws
