// The pieces of capture, synth and deploy that `relight sync` puts together: each says what it changed, and
// does nothing where nothing differs.
#pragma once
#include <optional>
#include <string>

#include "app/change_set.h"
#include "app/workshop.h"
#include "dr/model/inventory.h"
#include "dr/planning/pilot.h"

namespace relight::app {

// Writes what was captured, and commits it unless told not to.
Result<> write_captured(const dr::Config& c, const dr::Inventory& i, const CaptureOptions& o);
// The same of what synth makes of it. Error "Synth.Uncommitted".
Result<> write_pilot(const dr::Config& c, const dr::Pilot& p, const SynthOptions& o);

// The template that the recovery region's stack was deployed from; nullopt: there is no such stack.
Result<std::optional<std::string>> deployed_template(Workshop& w);

// Brings the stack to the template `text`, which stands in `file`, as the options say: shown, asked, done.
// `changed` (may be null): how many resources did. Errors "Config.NoParameter", "Deploy.Replaces", those of
// StackChange.
Result<int> change_stack(Workshop& w, const dr::Pilot& pilot, StackChange& stack, const std::string& text,
                         const std::string& file, const DeployOptions& o, size_t* changed = nullptr);

}  // namespace relight::app
