// The parameter group of a database, which a fence may have closed.
#pragma once
#include "aws/gen/rds.h"
#include "dr/engine/step.h"
#include "dr/steps/site.h"

namespace relight::dr {

// read_only=1, which a fence put there, out of the group that `db` has; anything else stays. A default group
// cannot have been changed.
Result<> leave_open(Context& c, Site& s, const aws::rds::DBInstance& db);

}  // namespace relight::dr
