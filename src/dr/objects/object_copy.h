// One object from one bucket to another, of another region, within S3: no byte passes here.
#pragma once
#include <cstdint>
#include <string>

#include "aws/client/client_base.h"

namespace relight::dr {

struct BucketPair {
  std::string from, from_region;
  std::string to, to_region;
  std::string prefix = {};  // only names that begin so; empty: all
};

// Whether S3 is about to bring it ("Getting replication status information": PENDING), or it is gone.
Result<bool> comes_by_itself(aws::Caller& aws, const BucketPair& o, const std::string& key);
// The current version with its metadata and tags. Not: older versions, access control lists, retention. One
// that is written or deleted meanwhile is looked at again, so that no older one stays on top of a newer.
// Bytes that were copied; -1: nothing was, because it comes by itself or is gone. Of more than 5 GiB in parts
// ("CopyObject": at most 5 GB in a single atomic action).
// Error "Objects.Changes" when it is written faster than it can be copied.
Result<int64_t> copy_object(aws::Caller& aws, const BucketPair& o, const std::string& key);

}  // namespace relight::dr
