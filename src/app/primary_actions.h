// What the pilot needs in the primary region: each looked at before it is done.
#pragma once
#include <string>

#include "app/change_set.h"
#include "app/workshop.h"
#include "dr/planning/pilot.h"

namespace relight::app {

// Whether it is done already; nullopt when that cannot be told without doing it (binlog retention, the objects
// of a bucket that has very many). `account`: the pilot's.
Result<std::optional<bool>> is_done(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot,
                                    const std::string& account);
// Does it; safe to repeat and to interrupt. Errors "Deploy.OtherReplication" when the bucket replicates
// elsewhere, "Deploy.NoRule" for earlier objects of a bucket that replicates nowhere, and those of
// image_copy.h and earlier_objects.h.
Result<> do_action(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot, const std::string& account);

}  // namespace relight::app
