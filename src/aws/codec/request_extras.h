// What a request carries besides what its protocol encodes: the endpoint's host prefix and checksums.
#pragma once
#include <string>

#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

// "{AccountId}." with the labels filled from the input; "" if the operation has none. Error "ParamValidation"
// when a label has no value or one that is no host label.
Result<std::string> host_prefix(const Operation& op, const void* input);

// The checksum that the caller asked for by the operation's algorithm member (CRC32, CRC32C, SHA1, SHA256),
// else Content-MD5 where the operation requires one. Leaves alone what the caller has already set.
Result<> put_checksum(const Operation& op, const void* input, http::Request& r);

}  // namespace relight::aws::codec
