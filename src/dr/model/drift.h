// What differs between two captures of the same application: as it was written down, and as it is now.
#pragma once
#include <string>
#include <vector>

#include "dr/model/inventory.h"

namespace relight::dr {

struct Difference {
  enum class Kind { kAppeared, kGone, kChanged } kind = Kind::kChanged;
  ResourceKey key;
  // JSON pointer (RFC 6901) into the resource's properties; empty: the resource itself. Of a list's element:
  // where it stood in the capture, or, if it appeared, where it stands now.
  std::string pointer;
  std::string before, after;  // JSON texts; empty where there is nothing. Secrets are withheld in both.
  bool operator==(const Difference&) const = default;
};

// Something that could not be compared, because one of the two could not see it.
struct Blind {
  ResourceKey key;
  std::string part, why;
  bool operator==(const Blind&) const = default;
  auto operator<=>(const Blind&) const = default;
};

struct Drift {
  std::vector<Difference> differences;  // by resource, then in the order of the properties
  std::vector<Blind> unknown;           // sorted
};

// Lists without an order of their own are compared by what their elements are called. A resource that is
// missing on a side that could not see everything is unknown, neither gone nor new.
Drift drift_between(const Inventory& captured, const Inventory& now);

// Lines for a reader: "~ ecs/service … /desiredCount: 2 -> 3"; long values are cut.
std::string text(const Drift& d);
// {"differences": [{"kind", "id", "what", "pointer", "before", "after"}], "unknown": [{"kind", "id", "part",
// "why"}]}
std::string to_json(const Drift& d);

}  // namespace relight::dr
