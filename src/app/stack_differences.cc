#include "app/stack_differences.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/cloudformation.h"

namespace relight::app {
namespace {
namespace cfn = aws::cloudformation;
using Differences = std::vector<cfn::PropertyDifference>;

// A key that the template names by its alias and the service by its ARN is reported, though the user guide
// says that KMSKeyId is left out ("Detect unmanaged configuration changes to stacks and resources",
// considerations; https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1307).
bool is_an_alias(const cfn::PropertyDifference& p) {
  return p.PropertyPath.value_or("").ends_with("/KmsKeyId") &&
         p.ExpectedValue.value_or("").find("alias/") != std::string::npos &&
         p.ActualValue.value_or("").find(":key/") != std::string::npos;
}

std::string line_of(const cfn::StackResourceDrift& d, const Differences& all) {
  std::string paths;
  for (auto& p : all) paths += (paths.empty() ? ": " : ", ") + p.PropertyPath.value_or("");
  return fmt::format("{} {} {}{}", d.StackResourceDriftStatus.value_or(""), d.ResourceType.value_or(""),
                     d.LogicalResourceId.value_or(""), paths);
}

}  // namespace

Result<std::vector<std::string>> stack_differences(Workshop& w) {
  cfn::Client client(w.aws->patient());
  cfn::DescribeStackResourceDriftsInput in{.StackName = w.config.recovery.stack};
  in.StackResourceDriftStatusFilters = std::vector<std::string>{"MODIFIED", "DELETED"};
  std::vector<std::string> out;
  do {
    TRY_ASSIGN(auto page, client.DescribeStackResourceDrifts(in, {w.config.recovery.region, Millis(30000)}));
    for (auto& d : page.StackResourceDrifts.value_or(std::vector<cfn::StackResourceDrift>{})) {
      auto all = d.PropertyDifferences.value_or(Differences{});
      if (std::erase_if(all, is_an_alias) > 0 && all.empty()) continue;
      out.push_back(line_of(d, all));
    }
    in.NextToken = page.NextToken;
  } while (in.NextToken && !in.NextToken->empty());
  return out;
}

}  // namespace relight::app
