// AWS JSON 1.0 and 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html), and what services
// that used to speak query say to clients that still think in its error codes (awsQueryCompatible).
#include "aws/codec/json_error.h"
#include "aws/codec/json_value.h"
#include "aws/codec/protocols.h"

namespace relight::aws::codec::json {
namespace {

std::string content_type(const ServiceModel& s) {
  return "application/x-amz-json-" + std::string(s.json_version.empty() ? "1.1" : s.json_version);
}

http::Response answer(const ServiceModel& s, int status, std::string body, std::string_view request_id) {
  http::Response r;
  r.status = status;
  r.headers.set("x-amzn-RequestId", std::string(request_id));
  r.headers.set("Content-Type", content_type(s));
  r.body = http::Body(std::move(body));
  return r;
}

// Where the model speaks query, its locationNames are query's: in JSON members go by their own names (SQS: "Attributes",
// not "Attribute"; Amazon SQS API Reference, CreateQueue's JSON example).
const JsonForm& form_of(const ServiceModel& s) {
  return s.protocol == Protocol::kQuery ? kOwnNamesForm : kWireForm;
}

// The input as JSON, with fresh idempotency tokens where they are unset.
std::string input_json(const ServiceModel& s, const Operation& op, const void* input, Rng& rng) {
  std::string out;
  write_json(out, *op.input, input, form_of(s));
  for (auto& m : op.input->members) {
    if (!m.idempotency_token || m.get(input)) continue;
    out.pop_back();
    if (out.size() > 1) out += ',';
    out += '"' + std::string(m.wire) + "\":\"" + rng.uuid() + "\"}";
  }
  return out;
}

}  // namespace

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,
                                     Rng& rng) {
  http::Request r;
  r.method = "POST";
  r.headers.set("X-Amz-Target", std::string(s.target_prefix) + "." + std::string(op.name));
  r.headers.set("Content-Type", content_type(s));
  if (s.query_compatible) r.headers.set("x-amzn-query-mode", "true");
  r.body = http::Body(input_json(s, op, input, rng));
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  if (r.status >= 300) return fail(read_json_error(s, op, r));
  TRY_ASSIGN(std::string text, r.body.read());
  return read_json_text(text, *op.output, output, form_of(s));
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) {
  std::string_view target = r.headers.value("x-amz-target");
  const Operation* op = nullptr;
  if (target.starts_with(s.target_prefix) && target.size() > s.target_prefix.size() &&
      target[s.target_prefix.size()] == '.')
    op = s.find(target.substr(s.target_prefix.size() + 1));
  if (op) return op;
  Error e;
  e.code = "UnknownOperationException";
  e.message =
      target.empty() ? "The header X-Amz-Target is missing" : "Unknown operation: " + std::string(target);
  e.http_status = 400;
  return fail(std::move(e));
}

Result<> decode_request(const ServiceModel& s, const Operation& op, const http::Request& r, void* input) {
  TRY_ASSIGN(std::string text, r.body.read());
  return read_json_text(text, *op.input, input, form_of(s));
}

http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,
                               std::string_view request_id) {
  std::string body;
  write_json(body, *op.output, output, form_of(s));
  return answer(s, 200, std::move(body), request_id);
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id) {
  http::Response r =
      answer(s, error_status(s, op, e), json_error_body(s, op, e, /*with_type=*/true), request_id);
  set_query_error(s, op, e, r);
  return r;
}

}  // namespace relight::aws::codec::json
