// Simple values as text: what headers, URI labels, query parameters and XML elements hold.
#pragma once
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

// The wire name of a list's element where the model gives none.
constexpr std::string_view kDefaultElement = "member";

// Whether the shape is no structure, list or map.
bool is_simple(const Shape& shape);

// `time` is the member's own format and wins over the shape's; `fallback` is the protocol's where neither
// says one. Blobs are base64. ISO 8601 times carry milliseconds only when there are any.
std::string simple_text(const Shape& shape, const void* value, TimeFormat time, TimeFormat fallback);

// The reverse; `value` has the shape's type. Error code "SerializationException", message names the text's
// fault (text longer than 100 bytes is not repeated).
Result<> parse_simple(const Shape& shape, std::string_view text, TimeFormat time, TimeFormat fallback,
                      void* value);

}  // namespace relight::aws::codec
