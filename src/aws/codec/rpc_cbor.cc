// Smithy RPC v2 CBOR (https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html), which the newest
// AWS SDKs send to CloudWatch. Chosen by the request (protocol_of); no model here declares it.
#include <nlohmann/json.hpp>

#include "aws/codec/cbor.h"
#include "aws/codec/json_error.h"
#include "aws/codec/json_value.h"
#include "aws/codec/protocols.h"

namespace relight::aws::codec::rpc_cbor {
namespace {

constexpr JsonForm kForm{.own_times = false};  // times are always epoch seconds here

http::Response answer(int status, std::string body, std::string_view request_id) {
  http::Response r;
  r.status = status;
  r.headers.set("smithy-protocol", "rpc-v2-cbor");
  r.headers.set("x-amzn-RequestId", std::string(request_id));
  r.headers.set("Content-Type", "application/cbor");
  r.body = http::Body(std::move(body));
  return r;
}

}  // namespace

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input, Rng&) {
  http::Request r;
  r.method = "POST";
  r.path = "/service/" + std::string(s.target_prefix) + "/operation/" + std::string(op.name);
  r.headers.set("smithy-protocol", "rpc-v2-cbor");
  r.headers.set("Accept", "application/cbor");
  r.headers.set("Content-Type", "application/cbor");
  std::string body;
  write_cbor(body, *op.input, input);
  r.body = http::Body(std::move(body));
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  TRY_ASSIGN(std::string bytes, r.body.read());
  auto json = bytes.empty() ? Result<nlohmann::json>(nlohmann::json::object()) : parse_cbor(bytes);
  if (r.status >= 300) {
    http::Response as_json = r;
    as_json.body =
        http::Body(json ? json->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) : "{}");
    return fail(read_json_error(s, op, as_json));
  }
  if (!json) return std::unexpected(json.error());
  return read_json(*json, *op.output, output, kForm);
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) {
  std::string prefix = "/service/" + std::string(s.target_prefix) + "/operation/";
  const Operation* op =
      r.path.starts_with(prefix) ? s.find(std::string_view(r.path).substr(prefix.size())) : nullptr;
  if (op) return op;
  Error e;
  e.code = "UnknownOperationException";
  e.message = "Unknown operation: " + r.path;
  e.http_status = 404;
  return fail(std::move(e));
}

Result<> decode_request(const ServiceModel&, const Operation& op, const http::Request& r, void* input) {
  TRY_ASSIGN(std::string bytes, r.body.read());
  if (bytes.empty()) return {};
  TRY_ASSIGN(nlohmann::json json, parse_cbor(bytes));
  return read_json(json, *op.input, input, kForm);
}

http::Response encode_response(const ServiceModel&, const Operation& op, const void* output,
                               std::string_view request_id) {
  std::string body;
  write_cbor(body, *op.output, output);
  return answer(200, std::move(body), request_id);
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id) {
  auto json = nlohmann::json::parse(json_error_body(s, op, e, /*with_type=*/true), nullptr, false);
  std::string body;
  nlohmann::json::to_cbor(json.is_object() ? json : nlohmann::json::object(), body);
  http::Response r = answer(error_status(s, op, e), std::move(body), request_id);
  set_query_error(s, op, e, r);
  return r;
}

}  // namespace relight::aws::codec::rpc_cbor
