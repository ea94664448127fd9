// What stops an old primary from writing: each a measure of its own, taken side by side, best effort.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dr/engine/step.h"
#include "dr/steps/site.h"

namespace relight::dr {

class Measure {
 public:
  virtual ~Measure() = default;
  virtual std::string name() const = 0;  // of its fact: done, asked, or the code of what went wrong
  // One round: true when it is seen to be so, false when it was asked for. Safe to repeat.
  virtual Result<bool> advance(Context& c, const aws::CallOptions& where) = 0;
  // It alone proves that nothing of the old epoch is written any more.
  virtual bool proves() const { return false; }
  // Asked is enough once another measure proves the fence.
  virtual bool may_lag() const { return false; }
  virtual Facts facts() const { return {}; }
  // How long what was asked may take by itself; 0: no longer than any answer.
  virtual Millis takes() const { return Millis(0); }
};

// The epoch row, which the application share-locks in every write, then the other sessions of its user ended,
// then read_only through the instance's parameter group. Fact primary_position: where its history ends.
std::unique_ptr<Measure> make_close_database(Site& site);
// desiredCount 0. It takes as long as the longest stopTimeout of the task definition's containers: 30 s where
// none is said, 120 s (the most that Fargate allows) where the definition cannot be read. Facts tasks_left,
// stop_timeout.
std::unique_ptr<Measure> make_stop_tasks(Site& site);
// A policy that denies writes to the old uploads bucket; then, when its last objects have arrived in the
// recovery region (or at `deadline`), replication to there ends, so that nothing late overwrites newer
// objects. Fact objects_left: keys that had not arrived.
std::unique_ptr<Measure> make_close_bucket(Site& site, Millis deadline);

// The statements' Sids that this policy holds.
inline constexpr const char* kFenceSid = "RelightFence";
inline constexpr const char* kFenceDeleteSid = "RelightFenceDelete";

// Functions to concurrency 0, event source mappings and rules off, autoscaling suspended, and such notifications
// taken away as name a bucket to be stopped: what the pilot's stack records of them. Facts writers_stopped, writers_left. It proves nothing: what was running runs to its
// end.
std::unique_ptr<Measure> make_stop_writers(Site& site);

// make_strict_fence, of measures of the caller's choice.
std::unique_ptr<Step> make_strict_fence_of(Site& site, std::vector<std::unique_ptr<Measure>> measures);

}  // namespace relight::dr
