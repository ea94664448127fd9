// CloudFormation's own drift detection of the pilot's stack, which check 60 reads.
#pragma once
#include "app/workshop.h"

namespace relight::app {

// Begins one, waits for it and prints what it found. A detection that could not be made is printed too and is
// no error: the stack stands as it was deployed. It reads every resource with the caller's rights ("Detect
// unmanaged configuration changes", AWS CloudFormation User Guide).
void detect_stack_drift(Workshop& w);

}  // namespace relight::app
