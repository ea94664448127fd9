// How many tasks a policy asks for. Pure; capacities are not yet brought into a target's bounds.
#pragma once
#include <cstdint>

#include "aws/gen/applicationautoscaling.h"
#include "base/result.h"

namespace relight::sandbox::scaling {

// "PutScalingPolicy" (API Reference), for either kind. Error "ValidationException".
Result<> check_policy(const aws::applicationautoscaling::ScalingPolicy& p);

// Target tracking: in proportion to the metric, rounded up, so that never too much is taken away; `out` says
// which of the two alarms asks. At least one task more when it grows; at most as many as now when it shrinks.
int32_t track(int32_t now, double metric, double target, bool out);

// Step scaling: the step that holds the distance from the alarm's threshold; `now` when none does. "Step
// scaling policies" (Application Auto Scaling User Guide): percentages beyond 1 are rounded down, between 0
// and 1 up.
int32_t step(int32_t now, double metric, double threshold,
             const aws::applicationautoscaling::StepScalingPolicyConfiguration& c);

}  // namespace relight::sandbox::scaling
