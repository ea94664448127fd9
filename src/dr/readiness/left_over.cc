// Check 64: what a drill makes bears the tag relight:drill, and is taken away by its end.
#include <fmt/format.h>

#include "dr/readiness/families.h"

namespace relight::dr {

void check_left_over(const Picture& p, Report& r) {
  Report::About whole{"", p.config.recovery.region};
  auto& found = p.live.left_over;
  if (!r.seen(found, whole, "what drills have left")) return;
  for (auto& l : *found)
    r.warn({l.id, p.config.recovery.region}, "a drill has left it behind, and it costs",
           fmt::format("{} with the tag relight:drill = {}", l.what, l.drill),
           "look whether that drill still runs; else delete it");
  if (r.silent())
    r.pass(whole, "no drill left anything behind",
           "databases, their snapshots and what EC2 has, by the tag relight:drill; budgets are not looked at");
}

}  // namespace relight::dr
