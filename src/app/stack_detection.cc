#include "app/stack_detection.h"

#include <fmt/format.h>

#include "aws/gen/cloudformation.h"

namespace relight::app {
namespace {
namespace cfn = aws::cloudformation;

using Detection = cfn::DescribeStackDriftDetectionStatusOutput;

Result<Detection> detected(Workshop& w, cfn::Client& client, const aws::CallOptions& where) {
  constexpr Millis kLook{500};
  TRY_ASSIGN(auto begun, client.DetectStackDrift({.StackName = w.config.recovery.stack}, where));
  for (;;) {
    TRY_ASSIGN(auto now, client.DescribeStackDriftDetectionStatus(
                             {.StackDriftDetectionId = begun.StackDriftDetectionId}, where));
    if (now.DetectionStatus != "DETECTION_IN_PROGRESS") return now;
    system_clock().sleep(kLook);
  }
}

// Paths alone: a value may be a secret.
Result<> tell_differences(Workshop& w, cfn::Client& client, const aws::CallOptions& where) {
  cfn::DescribeStackResourceDriftsInput in{.StackName = w.config.recovery.stack};
  in.StackResourceDriftStatusFilters = std::vector<std::string>{"MODIFIED", "DELETED"};
  do {
    TRY_ASSIGN(auto page, client.DescribeStackResourceDrifts(in, where));
    for (auto& d : page.StackResourceDrifts.value_or(std::vector<cfn::StackResourceDrift>{})) {
      std::string paths;
      for (auto& p : d.PropertyDifferences.value_or(std::vector<cfn::PropertyDifference>{}))
        paths += (paths.empty() ? ": " : ", ") + p.PropertyPath.value_or("");
      fmt::print("  {:<9} {} {}{}\n", d.StackResourceDriftStatus.value_or(""), d.ResourceType.value_or(""),
                 d.LogicalResourceId.value_or(""), paths);
    }
    in.NextToken = page.NextToken;
  } while (in.NextToken && !in.NextToken->empty());
  return {};
}

}  // namespace

void detect_stack_drift(Workshop& w) {
  cfn::Client client(w.aws->patient());
  aws::CallOptions where{w.config.recovery.region, Millis(30000)};
  auto& stack = w.config.recovery.stack;
  auto seen = detected(w, client, where);
  if (!seen) return fmt::print("note: its drift could not be looked for: {}\n", seen.error().text());
  if (seen->DetectionStatus != "DETECTION_COMPLETE")
    fmt::print("note: CloudFormation's look for drift of {} ended as {}: {}\n", stack,
               seen->DetectionStatus.value_or(""), seen->DetectionStatusReason.value_or(""));
  if (seen->StackDriftStatus != "DRIFTED") return;
  fmt::print("{} differs from what it was told, in {} resources:\n", stack,
             seen->DriftedStackResourceCount.value_or(0));
  if (auto r = tell_differences(w, client, where); !r) fmt::print("  {}\n", r.error().text());
}

}  // namespace relight::app
