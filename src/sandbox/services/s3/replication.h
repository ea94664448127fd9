// Which destinations a new version has, by the bucket's replication configuration. Pure.
// Follows "What does Amazon S3 replicate?" and "Replication configuration file elements" (S3 User Guide).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sandbox/planes/object/version.h"
#include "sandbox/services/s3/bucket.h"

namespace relight::sandbox::s3 {

// One entry a destination bucket: the rule of the highest priority that matches. Replicas are not copied on.
std::vector<object::Destination> destinations(const Bucket& b, const Buckets& all,
                                              const object::NewVersion& v);

bool is_under_kms(const object::Attributes& a);
// What a rule encrypts replicas of such objects by.
std::optional<std::string> replica_key(const model::ReplicationRule& r);

// "" if the ARN is not a bucket's.
std::string bucket_of_arn(const std::string& arn);

// Whether PutBucketReplication takes it; gives rules without an ID one. InvalidRequest, MalformedXML.
Result<> check_replication(const Bucket& b, const Buckets& all, model::ReplicationConfiguration& c, Rng& rng);

}  // namespace relight::sandbox::s3
