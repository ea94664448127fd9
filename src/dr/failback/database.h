// A database of either region as RDS shows it, and its parameter group, which a fence may have closed.
#pragma once
#include <optional>
#include <string>

#include "aws/gen/rds.h"
#include "dr/engine/step.h"
#include "dr/steps/site.h"

namespace relight::dr {

// nullopt: there is none of that name.
Result<std::optional<aws::rds::DBInstance>> find_database(Site& s, const std::string& id,
                                                          const aws::CallOptions& where);
// read_only=1, which a fence put there, out of the group that `db` has; anything else stays. A default group
// cannot have been changed.
Result<> leave_open(Context& c, Site& s, const aws::rds::DBInstance& db);

}  // namespace relight::dr
