// The recovery region beside its stack, and the stack beside what synth would write now.
#pragma once
#include <string>

#include "app/workshop.h"
#include "dr/model/drift.h"

namespace relight::app {

struct RecoveryDrift {
  std::string nothing;    // why there is nothing to compare; empty: there is
  dr::Drift of_stack;     // what stands, beside the template that the stack was given last
  dr::Drift of_template;  // that template, beside what synth would write now
};

// `folder`: where capture and synth write. Errors of the services, of synth, "Drift.Template".
Result<RecoveryDrift> look_for_recovery_drift(Workshop& w, const std::string& folder);

}  // namespace relight::app
