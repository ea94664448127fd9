// The way back: what served before the failover serves again. The failover's own steps do the switchover,
// over the turned site; what only the way back has stands here, one effect a file.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "dr/steps/failover.h"

namespace relight::dr {

// `back` is turned (dr/model/turned.h): its recovery region is the old primary, to serve again, its primary
// the region that serves now. `there` is as configured. Both must outlive what is made.
std::map<std::string, std::unique_ptr<Step>> failback_steps(Site& back, Site& there);
// Of a failback that was begun and promoted nothing: the region that served serves again.
std::map<std::string, std::unique_ptr<Step>> undo_steps(Site& there);

// `there`: the old primary's tasks, functions, triggers and its bucket's replication off, as it returns. Fact
// objects_left: of its objects, how many never arrived in the recovery region. Error "Failback.NotQuiet".
std::unique_ptr<Step> make_quarantine(Site& there);
// The database of `site`'s recovery region under another name, so that its own is free for a replica: nothing
// is deleted, and the old one's writes that never arrived can still be read there. With `snapshot` one is
// taken first. Facts kept (the name), snapshot, backup_days. Error "Failback.NoDatabase".
std::unique_ptr<Step> make_keep(Site& site, bool snapshot);
// A replica of the primary region's database in its place, like the one that the step `kept` kept: class,
// networks, groups, key. Done when it replicates and has applied what it received. What an earlier fence put
// into the parameter group (read_only) is taken out first. Error "Failback.OtherSource".
std::unique_ptr<Step> make_rebuild(Site& site, std::string kept);
// The fence's denial out of the bucket's policy in `site`'s recovery region.
std::unique_ptr<Step> make_admit(Site& site);
// The objects of the primary region's bucket that the recovery region's has not, or has an older one of; and
// what was deleted there since. An object that only the recovery region's has stays: it may be a write that
// never arrived. One that is written faster than it can be copied is left to the `last` round, in which
// nobody writes. Facts copied, bytes, deleted, compared.
std::unique_ptr<Step> make_bring_objects(Site& site, bool last);
// Secrets of `back`'s recovery region: the value that the region which serves has now, under its own names.
std::unique_ptr<Step> make_return_secrets(Site& back, Site& there);
// Everything that the fenced database wrote is applied by the replica: no more and no less is promised, and
// here it is read. Facts position, applied. Error "Failback.NotEqual".
std::unique_ptr<Step> make_equal(Site& back);
// read_only off in the recovery region's database, which was fenced. Error "Failback.StillClosed".
std::unique_ptr<Step> make_reopen(Site& there);
// The recovery region's scalable targets as the pilot has them: none, suspended.
std::unique_ptr<Step> make_unscale(Site& there);
// The old primary's secrets replicated there again, over the ones that the failover made independent.
std::unique_ptr<Step> make_replicate_secrets(Site& there);

}  // namespace relight::dr
