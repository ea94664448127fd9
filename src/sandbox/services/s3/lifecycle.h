// What a bucket's lifecycle rules do to a version of an object at a moment ("Managing the lifecycle of
// objects", "Lifecycle configuration elements", S3 User Guide). Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/planes/object/version.h"
#include "sandbox/services/s3/bucket.h"

namespace relight::sandbox::s3 {

using LifecycleRules = std::vector<model::LifecycleRule>;

// The first midnight UTC after `days` whole days have passed since then. What AWS does with an object of
// exactly midnight is unverified: here it waits for the next one.
Instant midnight_after(Instant since, int days);

// Where a version stands among those of its key.
struct Standing {
  bool alone = false;                       // no other version of the key is left
  std::optional<Instant> noncurrent_since;  // when the version above it came; none: it is the current one
  int newer_noncurrent = 0;                 // versions between it and the current one
};

struct Fate {
  enum Kind { kStays, kDeleteMarker, kErased, kMoved } kind = kStays;
  std::string rule;           // the ID of the rule that decided
  std::string storage_class;  // of kMoved
};
// Erasing wins over moving, moving over a delete marker; what waits for replication, or could not be
// replicated, stays ("How S3 Lifecycle interacts with other bucket configurations"). Nothing below 128 KiB is
// moved unless its rule's filter speaks of sizes.
Fate fate_of(const Bucket& b, const object::Version& v, const Standing& s, Instant now);

// When a rule will abort the upload, and which one; the earliest.
struct Expiry {
  Instant at;
  std::string rule;
};
std::optional<Expiry> abort_of(const LifecycleRules& rules, const std::string& key, Instant initiated);
// When a rule will expire the current version v; the earliest. None for a delete marker.
std::optional<Expiry> expiry_of(const LifecycleRules& rules, const object::Version& v);
// The x-amz-expiration header, for a current version of a bucket with such a rule.
std::optional<std::string> expiration_header(const Bucket& b, const object::Version& v);

// Whether PutBucketLifecycleConfiguration takes them; gives what has no ID one. MalformedXML, InvalidRequest,
// InvalidArgument.
Result<> check_lifecycle(LifecycleRules& rules, Rng& rng);

}  // namespace relight::sandbox::s3
