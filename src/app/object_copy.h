// One object from one bucket to another, of another region. For earlier_objects.cc alone.
#pragma once
#include <cstdint>
#include <string>

#include "app/earlier_objects.h"

namespace relight::app {

// Whether S3 is about to bring it ("Getting replication status information": PENDING), or it is gone.
Result<bool> comes_by_itself(aws::Caller& aws, const EarlierObjects& o, const std::string& key);
// Bytes that were copied; -1: nothing was, because it comes by itself or is gone. Of more than 5 GiB in parts
// ("CopyObject": at most 5 GB in a single atomic action).
Result<int64_t> copy_object(aws::Caller& aws, const EarlierObjects& o, const std::string& key);

}  // namespace relight::app
