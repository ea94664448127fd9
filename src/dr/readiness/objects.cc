// Check 49: S3 replicates what comes after the rule. What was there before is there only if somebody copied
// it.
#include <fmt/format.h>

#include "dr/readiness/families.h"

namespace relight::dr {

void check_objects_before(const Picture& p, Report& r) {
  Report::About bucket{p.topology.primary.bucket, p.config.primary.region};
  auto& o = p.live.objects_before;
  if (!r.seen(o, bucket, "whether all objects were copied")) return;
  auto seen = fmt::format("{} objects of {} compared by name with those of {}{}", o->compared,
                          p.topology.primary.bucket, p.topology.recovery.bucket,
                          o->whole ? "" : ", in alphabetical order; those behind them were not looked at");
  std::string missing;
  for (auto& name : o->examples) missing += (missing.empty() ? "" : ", ") + name;
  if (o->missing > 0)
    r.fail(bucket, fmt::format("{} objects are not in the recovery region", o->missing),
           seen + "; missing: " + missing, "relight deploy --touch-primary   # or S3 Batch Replication");
  else if (!o->whole)
    r.unknown(bucket, "whether all objects were copied is not known: there are more than were looked at",
              seen, "S3 Inventory of both buckets tells them all");
  else
    r.pass(bucket, "every object that is older than a quarter of an hour is in the recovery region", seen);
}

}  // namespace relight::dr
