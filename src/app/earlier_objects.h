// The objects of a bucket that were there before its replication rule, brought to the bucket that the rule
// leads to. S3 replicates only what comes after the rule ("What does Amazon S3 replicate?", S3 User Guide);
// AWS's own way is S3 Batch Replication, which copies old versions too and wants a manifest, a role and a job.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "dr/objects/object_copy.h"

namespace relight::app {

// Whether every object of the one is in the other, by name; what is on its way by the rule counts as there.
// nullopt: there are more than the 100,000 names that are looked at.
Result<std::optional<bool>> all_objects_there(aws::Caller& aws, const dr::BucketPair& o);

struct CopiedObjects {
  int64_t copied = 0, bytes = 0;
  int64_t failed = 0;
};

// Copies what is missing there: the current version of each object with its metadata and tags, eight at a
// time, within S3 (no byte passes here). Not: older versions, delete markers, access control lists, retention.
// An object that is written or deleted in the first bucket meanwhile is looked at again, so that no older one
// stays on top of a newer. Safe to interrupt: both sides are listed again. `tell`: a line of progress.
// Error "Deploy.Objects" when some could not be copied, with the first ones' names and why; the others are.
Result<CopiedObjects> copy_earlier_objects(aws::Caller& aws, const dr::BucketPair& o,
                                           const std::function<void(const std::string&)>& tell);

}  // namespace relight::app
