// Identity policies judged for one request: "Policy evaluation logic" and "IAM JSON policy elements" (IAM
// User Guide, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
// What is not understood allows nothing, and denies where it stands in a Deny. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace relight::sandbox {

struct Ask {
  std::string action;    // "rds:DescribeDBInstances"
  std::string resource;  // an ARN, whose parts may be "*"; "*" when the action takes no resource type
  // Condition keys and their values: "aws:RequestedRegion", …; names are compared without regard to case.
  std::map<std::string, std::string> keys;
};

enum class Answer { kAllowed, kNotAllowed, kDenied };  // the last: a Deny said so

Answer judge(const std::vector<std::string>& documents, const Ask& ask);

}  // namespace relight::sandbox
