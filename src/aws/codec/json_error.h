// Errors of the two JSON protocols, both directions.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

// The Error that an answer of status >= 300 means. The code is in x-amzn-query-error, x-amzn-ErrorType, or
// the body's __type or code, in that order; "namespace#Code:uri" is cut to Code (Smithy, "AWS JSON 1.1
// protocol", operation error serialization).
Error read_json_error(const ServiceModel& s, const Operation& op, const http::Response& r);

// {"__type":…,"message":…,…} with the modelled error's members. with_type: AWS JSON says __type, REST JSON a
// header.
std::string json_error_body(const ServiceModel& s, const Operation* op, const Error& e, bool with_type);

// The modelled error's own value: e.members and, in its message member, e.message. Null if shape is null.
std::shared_ptr<void> error_value(const Shape* shape, const Error& e);

// x-amzn-query-error: "Code;Sender", where the service is query compatible.
void set_query_error(const ServiceModel& s, const Operation* op, const Error& e, http::Response& r);

// The name of the error's shape when it is modelled, else its code.
std::string json_error_type(const ServiceModel& s, const Operation* op, const Error& e);

}  // namespace relight::aws::codec
