// What the pilot needs in the primary region: each looked at before it is done.
#pragma once
#include <string>

#include "app/change_set.h"
#include "app/workshop.h"
#include "dr/planning/pilot.h"

namespace relight::app {

// Whether it is done already; nullopt when that cannot be told without doing it (binlog retention).
Result<std::optional<bool>> is_done(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot);
// Does it; safe to repeat. `account`: the pilot's. Error "Deploy.OtherReplication" when the bucket replicates
// elsewhere.
Result<> do_action(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot, const std::string& account);

}  // namespace relight::app
