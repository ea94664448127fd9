// What was found in the two regions: the names that the steps act on.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dr/model/config.h"
#include "dr/model/dormant.h"

namespace relight::dr {

struct Topology {
  Resources primary, recovery;
  std::string flag_bucket, flag_key;
  std::optional<std::vector<Dormant>> dormant = {};  // sorted; nullopt: not seen
  std::vector<Dormant> asleep(Dormant::Kind kind) const;
  bool operator==(const Topology&) const = default;
};

// Kept beside the journal, so that a recovery needs nothing that only the lost region knows.
std::string to_json(const Topology& t);
Result<Topology> topology_from_json(std::string_view json);
// Fills what is empty in `t` from `older`.
void fill_gaps(Topology& t, const Topology& older);

}  // namespace relight::dr
