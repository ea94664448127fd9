// What S3's documents are called where its model does not say, from the response syntax of each operation in
// the "Amazon S3 API Reference".
#pragma once
#include <string_view>

#include "aws/http/message.h"
#include "aws/shape.h"

namespace relight::aws::codec {

// "ListObjectsV2" -> "ListBucketResult"; empty if nothing special is known.
std::string_view s3_root_name(std::string_view operation);
// A query key that names a subresource ("acl", "uploads", …) which the operation does not serve: the request
// means an operation that is not there. Empty if all are served.
std::string_view s3_unserved_subresource(const Operation& op, const http::Request& r);

}  // namespace relight::aws::codec
