#include "app/stack_detection.h"

#include <fmt/format.h>

#include "app/stack_differences.h"
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
  auto lines = stack_differences(w);
  if (!lines)
    return fmt::print(
        "{} differs from what it was told, in {} resources; in which could not be looked up: {}\n", stack,
        seen->DriftedStackResourceCount.value_or(0), lines.error().text());
  if (lines->empty()) return;
  fmt::print("{} differs from what it was told, in {} resource{}:\n", stack, lines->size(),
             lines->size() == 1 ? "" : "s");
  for (auto& line : *lines) fmt::print("  {}\n", line);
}

}  // namespace relight::app
