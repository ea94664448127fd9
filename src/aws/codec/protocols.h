// One set of the same functions for each protocol; codec.cc chooses among them. Contracts are those of
// codec.h but:
//   encode_request   fills Content-Type, target headers, method, path, query and body, and writes rng.uuid()
//   for
//                    every unset idempotency token member of the input. codec.cc adds the host prefix and
//                    Content-MD5 (Operation::checksum_required) afterwards.
//   decode_request   decodes only; codec.cc validates afterwards. A value of the wrong form is an Error whose
//   code
//                    is the one the services of this protocol give.
//   encode_*         set the protocol's request id header; encode_response uses Operation::status.
#pragma once
#include <string>
#include <string_view>

#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"
#include "base/rng.h"

namespace relight::aws::codec {

#define RELIGHT_PROTOCOL(ns)                                                                                \
  namespace ns {                                                                                            \
  Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,       \
                                       Rng& rng);                                                           \
  Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r,             \
                           void* output);                                                                   \
  Result<const Operation*> route(const ServiceModel& s, const http::Request& r);                            \
  Result<> decode_request(const ServiceModel& s, const Operation& op, const http::Request& r, void* input); \
  http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,            \
                                 std::string_view request_id);                                              \
  http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,                   \
                              std::string_view request_id);                                                 \
  }
RELIGHT_PROTOCOL(query)      // query.cc
RELIGHT_PROTOCOL(ec2)        // ec2.cc
RELIGHT_PROTOCOL(json)       // json_rpc.cc: JSON 1.0 and 1.1
RELIGHT_PROTOCOL(rest_json)  // rest_json.cc
RELIGHT_PROTOCOL(rest_xml)   // rest_xml.cc
RELIGHT_PROTOCOL(rpc_cbor)   // rpc_cbor.cc: Smithy RPC v2 CBOR
#undef RELIGHT_PROTOCOL

// What protocol_of answers for Smithy RPC v2 CBOR. Not in Protocol, which lists what models declare.
inline constexpr Protocol kRpcCbor{5};

// ---- shared by the protocols (errors.cc) ----
// The modelled error of op (or, without op, of any operation of s) that goes by this code on the wire, or by
// its shape's name; nullptr if none.
const Shape* find_error(const ServiceModel& s, const Operation* op, std::string_view code);
// Shape::error_code, else its name.
std::string_view wire_code(const Shape& error);
// e.http_status if it is an error status, else what the modelled error says, else 400 (500 for its server
// faults).
int error_status(const ServiceModel& s, const Operation* op, const Error& e);
// Whether trying again can help: 500 502 503 504, 429 and the throttling and transient codes that the SDKs'
// standard mode retries (AWS SDKs and Tools Reference Guide, "Retry behavior").
bool retryable(int status, std::string_view code);
// An Error from an answer: fills tried, code, message, status, request id, retryable.
Error service_error(const ServiceModel& s, const Operation& op, int status, std::string code,
                    std::string message, std::string request_id);
// What an answer carries in x-amzn-requestid, x-amz-request-id or x-amz-requestid; "" if none.
std::string request_id_of(const http::Response& r);

}  // namespace relight::aws::codec
