// CBOR (RFC 8949) as Smithy's RPC v2 uses it.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

// Appends. Times are tag 1 (epoch seconds), blobs byte strings, absent members left out.
void write_cbor(std::string& out, const Shape& shape, const void* value);

// As JSON that read_json takes: byte strings in base64, tags dropped, undefined as null. Definite and
// indefinite lengths. Error "SerializationException" (400): malformed, trailing bytes, deeper than
// kMaxJsonDepth, keys that are no text.
Result<nlohmann::json> parse_cbor(std::string_view bytes);

}  // namespace relight::aws::codec
