// How each service words it when a signature does not hold. Internal to src/aws/sign.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::sign {

enum class Refusal {
  kUnknownKey,       // no such access key
  kMismatch,         // signature, or host not signed
  kSkewed,           // clock more than 15 minutes off
  kExpired,          // presigned, and over
  kMalformed,        // the claim itself cannot be read
  kBadToken,         // session token wrong, missing or superfluous
  kUnsignedHeaders,  // S3: x-amz-* headers outside the signature
};

// Code, message and HTTP status as the service of that signing name gives them. `detail` adds to the message
// where AWS's own has such a part. Sources: "Common errors" of the services' API references, "Error
// responses" of the Amazon S3 API Reference, "Error codes for the Amazon EC2 API"; the exact sentences are
// unverified.
Error refusal(std::string_view service, Refusal why, std::string_view detail = {});

}  // namespace relight::sign
