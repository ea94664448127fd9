// Which protocol, and what all of them have in common around their bodies.
#include "aws/codec/codec.h"

#include <iterator>

#include "aws/codec/protocols.h"
#include "aws/codec/request_extras.h"

namespace relight::aws::codec {
namespace {

struct Functions {
  decltype(&query::encode_request) encode_request;
  decltype(&query::decode_response) decode_response;
  decltype(&query::route) route;
  decltype(&query::decode_request) decode_request;
  decltype(&query::encode_response) encode_response;
  decltype(&query::encode_error) encode_error;
};

#define RELIGHT_FUNCTIONS(p) \
  { p::encode_request, p::decode_response, p::route, p::decode_request, p::encode_response, p::encode_error }
const Functions& functions(Protocol p) {
  // in the order of Protocol, then kRpcCbor
  static constexpr Functions all[] = {RELIGHT_FUNCTIONS(query),    RELIGHT_FUNCTIONS(ec2),
                                      RELIGHT_FUNCTIONS(json),     RELIGHT_FUNCTIONS(rest_json),
                                      RELIGHT_FUNCTIONS(rest_xml), RELIGHT_FUNCTIONS(rpc_cbor)};
  static_assert(std::size(all) == static_cast<size_t>(kRpcCbor) + 1);
  return all[static_cast<size_t>(p)];
}
#undef RELIGHT_FUNCTIONS

}  // namespace

Protocol protocol_of(const ServiceModel& s, const http::Request& r) {
  if (s.protocol == Protocol::kQuery && !s.target_prefix.empty()) {
    if (r.headers.has("x-amz-target")) return Protocol::kJson;
    if (r.headers.value("smithy-protocol") == "rpc-v2-cbor") return kRpcCbor;
  }
  return s.protocol;
}

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,
                                     Rng& rng) {
  TRY_ASSIGN(http::Request r, functions(s.protocol).encode_request(s, op, input, rng));
  TRY_ASSIGN(r.host, host_prefix(op, input));
  TRY(put_checksum(op, input, r));
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  return functions(s.protocol).decode_response(s, op, r, output);
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) {
  return functions(protocol_of(s, r)).route(s, r);
}

Result<> decode_request(const ServiceModel& s, const Operation& op, const http::Request& r, void* input) {
  TRY(functions(protocol_of(s, r)).decode_request(s, op, r, input));
  return validate(s, *op.input, input);
}

http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,
                               std::string_view request_id, std::optional<Protocol> as) {
  return functions(as.value_or(s.protocol)).encode_response(s, op, output, request_id);
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id, std::optional<Protocol> as) {
  return functions(as.value_or(s.protocol)).encode_error(s, op, e, request_id);
}

}  // namespace relight::aws::codec
