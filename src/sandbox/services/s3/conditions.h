// Conditional reads, byte ranges and the texts that S3 wraps values in. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::s3 {

struct ReadConditions {
  std::optional<std::string> if_match, if_none_match;
  std::optional<Instant> if_modified_since, if_unmodified_since;
};

// Whether the reader wants a version with this ETag and time. PreconditionFailed (412), NotModified (304).
// Precedence as GetObject's reference page gives it: If-Match over If-Unmodified-Since, If-None-Match over
// If-Modified-Since. A copy's source conditions answer 412 in both cases.
Result<> check_read(const ReadConditions& c, std::string_view etag, Instant modified, bool copy = false);

struct Range {
  uint64_t offset = 0, size = 0;
};
// "bytes=0-9", "bytes=5-", "bytes=-3". No value: not a range that S3 honours, so the whole object is meant.
// InvalidRange (416) when it lies outside.
Result<std::optional<Range>> parse_range(std::string_view header, uint64_t size);

std::string quoted(std::string_view etag);    // "\"…\""
std::string unquoted(std::string_view etag);  // without quotes and W/

}  // namespace relight::sandbox::s3
