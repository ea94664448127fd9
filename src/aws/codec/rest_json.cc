// AWS REST JSON 1 (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html).
#include "aws/codec/json_error.h"
#include "aws/codec/json_value.h"
#include "aws/codec/protocols.h"
#include "aws/codec/rest_bindings.h"

namespace relight::aws::codec::rest_json {
namespace {

// The body of a message: raw payload, one member's document, or a document of all unbound members.
void put_body(const Shape& shape, const void* value, http::Body& body, http::Headers& headers) {
  const Member* payload = payload_member(shape);
  if (payload && is_raw_payload(*payload)) return put_raw_payload(*payload, value, body, headers);
  std::string text;
  if (payload) {
    const void* p = payload->get(value);
    if (p) write_json(text, *payload->shape(), p, kWireForm);
    if (!p && payload->shape()->type == Type::kStructure) text = "{}";
  } else if (has_body_members(shape)) {
    write_json(text, shape, value, kWireForm, Members::kPayload);
  } else {
    return;
  }
  headers.set("Content-Type", "application/json");
  body = http::Body(std::move(text));
}

Result<> take_body(const Shape& shape, const http::Body& body, void* value) {
  const Member* payload = payload_member(shape);
  if (payload && is_raw_payload(*payload)) return take_raw_payload(*payload, body, value);
  if (!payload && !has_body_members(shape)) return {};
  TRY_ASSIGN(std::string text, body.read());
  if (text.empty()) return {};
  if (payload) return read_json_text(text, *payload->shape(), payload->emplace(value), kWireForm);
  return read_json_text(text, shape, value, kWireForm, Members::kPayload);
}

// Bodies get their tokens here; those in headers and queries are bind_request's.
void put_tokens(const Operation& op, const void* input, http::Request& r, Rng& rng) {
  for (auto& m : op.input->members) {
    if (!m.idempotency_token || m.location != Location::kPayload || m.get(input) || !r.body.memory())
      continue;
    std::string text = *r.body.memory();
    if (text.empty() || text.back() != '}') continue;
    text.pop_back();
    if (text.size() > 1) text += ',';
    r.body = http::Body(text + '"' + std::string(m.wire) + "\":\"" + rng.uuid() + "\"}");
  }
}

}  // namespace

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,
                                     Rng& rng) {
  http::Request r;
  TRY(bind_request(s, op, input, r));
  put_body(*op.input, input, r.body, r.headers);
  put_tokens(op, input, r, rng);
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  // Lambda's Invoke answers 200 with a function's error; only the status says that the call itself failed.
  if (r.status >= 300 && r.status != op.status) return fail(read_json_error(s, op, r));
  TRY(unbind_response(*op.output, r, output));
  return take_body(*op.output, r.body, output);
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) {
  if (const Operation* op = route_rest(s, r)) return op;
  Error e;
  e.code = "UnknownOperationException";
  e.message = "Unable to determine service/operation name to be authorized: " + r.method + " " + r.path;
  e.http_status = 404;
  return fail(std::move(e));
}

Result<> decode_request(const ServiceModel&, const Operation& op, const http::Request& r, void* input) {
  TRY(unbind_request(op, r, input));
  return take_body(*op.input, r.body, input);
}

http::Response encode_response(const ServiceModel&, const Operation& op, const void* output,
                               std::string_view request_id) {
  http::Response r;
  r.status = op.status;
  r.headers.set("x-amzn-RequestId", std::string(request_id));
  bind_response(*op.output, output, r);
  put_body(*op.output, output, r.body, r.headers);
  return r;
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id) {
  http::Response r;
  const Shape* shape = find_error(s, op, e.code);
  if (auto value = error_value(shape, e)) bind_response(*shape, value.get(), r);
  r.status = error_status(s, op, e);
  r.headers.set("x-amzn-RequestId", std::string(request_id));
  r.headers.set("x-amzn-ErrorType", json_error_type(s, op, e));
  r.headers.set("Content-Type", "application/json");
  r.body = http::Body(json_error_body(s, op, e, /*with_type=*/false));
  return r;
}

}  // namespace relight::aws::codec::rest_json
