// What the two REST protocols share: members that live outside the body (URI labels, query strings, headers,
// header maps, the status code), payload members that are not a document, and routing by method, path and
// query. Follows "HTTP binding traits" of the Smithy specification
// (https://smithy.io/2.0/spec/http-bindings.html).
#pragma once
#include <string>
#include <string_view>

#include "aws/codec/text_value.h"
#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

// Method, path, query and headers of a request. Error "ParamValidation" when a label has no value.
Result<> bind_request(const ServiceModel& s, const Operation& op, const void* input, http::Request& r);
// The reverse, on the server. The route is taken to match. Error "SerializationException" (400) for text that
// is no number, boolean or time.
Result<> unbind_request(const Operation& op, const http::Request& r, void* input);

// Headers, header maps and the status code (status stays when no member holds it).
void bind_response(const Shape& output, const void* value, http::Response& r);
Result<> unbind_response(const Shape& output, const http::Response& r, void* value);

// The member that is the whole body; null if the body is a document of all unbound members.
const Member* payload_member(const Shape& structure);
// A payload of bytes (string, enum, blob, streaming body), not a document.
bool is_raw_payload(const Member& m);
// Body and, if none is set, Content-Type; nothing when the member is absent.
void put_raw_payload(const Member& m, const void* structure, http::Body& body, http::Headers& headers);
Result<> take_raw_payload(const Member& m, const http::Body& body, void* structure);
// Some member is bound to the body.
bool has_body_members(const Shape& structure);

// The operation whose method, path template and literal query keys fit best; among equals the one with the
// most required query and header members present (S3's UploadPart over PutObject). Null if none fits.
const Operation* route_rest(const ServiceModel& s, const http::Request& r);

}  // namespace relight::aws::codec
