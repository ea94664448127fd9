// The five AWS protocols, both directions, over descriptors (aws/shape.h). Client side: encode_request,
// decode_response. Server side: route, decode_request (validates), encode_response, encode_error.
// All functions are pure and thread-safe. `void*` is always the struct that the Operation's Shape describes.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"
#include "base/rng.h"

namespace relight::aws::codec {

// Everything but host, scheme and signature. Idempotency tokens that are unset get a UUID from rng. Also sets
// Content-Type, X-Amz-Target, Content-MD5 or checksum where required. host_prefix is put into Request::host
// ("prefix.") for the caller to prepend.
Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input, Rng& rng);

// Status >= 300 becomes an Error with AWS's code, message, request id, http_status, retryable and modelled
// members.
Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output);

// Which operation a request names: Action parameter (query, ec2), X-Amz-Target (json), method and path
// (rest). S3: path-style only here (the gateway has already folded virtual hosts into the path). Error
// "UnknownOperationException"/"InvalidAction" as the service's protocol says it.
Result<const Operation*> route(const ServiceModel& s, const http::Request& r);

// Decodes and validates: unknown query parameters are ignored as AWS does; wrong types, missing required
// members, enums, ranges, lengths and patterns give the service's own validation error.
Result<> decode_request(const ServiceModel& s, const Operation& op, const http::Request& r, void* input);

Result<> validate(const ServiceModel& s, const Shape& shape, const void* value);

// The protocol that a request speaks: the model's, except that CloudWatch answers query and AWS JSON 1.0
// alike (recent SDKs moved). What is answered must speak the same: pass it to encode_response and
// encode_error.
Protocol protocol_of(const ServiceModel& s, const http::Request& r);

http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,
                               std::string_view request_id, std::optional<Protocol> as = std::nullopt);
// op may be null (the operation is not known). Status from e.http_status, else from the modelled error, else
// 400.
http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id, std::optional<Protocol> as = std::nullopt);

// JSON by the model's own member names (as `aws … --cli-input-json`): blobs in base64, times ISO 8601.
// from_json is strict: an unknown member or wrong type is an Error naming its path.
std::string to_json(const Shape& shape, const void* value);
Result<> from_json(const Shape& shape, std::string_view json, void* value);

}  // namespace relight::aws::codec
