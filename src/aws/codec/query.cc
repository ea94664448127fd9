// The AWS query protocol: parameters in, XML out
// (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).
#include <fmt/format.h>

#include "aws/codec/protocols.h"
#include "aws/codec/query_params.h"
#include "aws/codec/xml_error.h"
#include "aws/codec/xml_value.h"

namespace relight::aws::codec::query {
namespace {

bool has_result(const Operation& op) { return !op.result_wrapper.empty(); }

// <ErrorResponse><Error>…</Error><RequestId/></ErrorResponse>; some answers have <Errors><Error> as EC2's do.
Error read_query_error(const ServiceModel& s, const Operation& op, const http::Response& r) {
  std::string code = fmt::format("HTTP{}", r.status), message = "the answer carries no error document";
  std::string id = request_id_of(r), members;
  pugi::xml_document doc;
  auto body = r.body.read();
  if (body && xml_parse(*body, XmlLimits{}, doc)) {
    auto root = doc.document_element();
    auto e = xml_child(root, "Error");
    if (!e) e = xml_child(xml_child(root, "Errors"), "Error");
    if (e) {
      code = xml_text(xml_child(e, "Code"));
      message = xml_text(xml_child(e, "Message"));
      if (const Shape* shape = find_error(s, &op, code)) members = xml_error_members(e, *shape);
    }
    for (auto name : {"RequestId", "RequestID"})
      if (auto n = xml_child(root, name)) id = xml_text(n);
  }
  Error out = service_error(s, op, r.status, code, message, id);
  out.members = std::move(members);
  return out;
}

}  // namespace

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,
                                     Rng& rng) {
  http::Request r;
  r.method = "POST";
  r.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  r.body = encode_params(ParamStyle::kQuery, op.name, s.api_version, *op.input, input, rng);
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  if (r.status >= 300) return fail(read_query_error(s, op, r));
  if (op.output->members.empty()) return {};
  TRY_ASSIGN(std::string body, r.body.read());
  pugi::xml_document doc;
  Result<> parsed = xml_parse(body, XmlLimits{}, doc);
  auto root = doc.document_element();
  auto result = has_result(op) && root ? xml_child(root, op.result_wrapper) : root;
  if (parsed && result) parsed = xml_read(result, *op.output, output);
  if (parsed) return {};
  return fail(service_error(s, op, r.status, parsed.error().code, parsed.error().message, request_id_of(r)));
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) { return route_params(s, r); }

Result<> decode_request(const ServiceModel&, const Operation& op, const http::Request& r, void* input) {
  TRY_ASSIGN(Params p, request_params(r));
  auto ok = decode_params(ParamStyle::kQuery, p, *op.input, input);
  if (ok) return {};
  Error e = std::move(ok).error();
  e.code = "MalformedInput";
  e.message = fmt::format("{}: {}", e.resource, e.message);
  return fail(std::move(e));
}

http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,
                               std::string_view request_id) {
  std::string x;
  x.append("<").append(op.name).append("Response xmlns=\"").append(s.xml_namespace).append("\">");
  if (has_result(op)) xml_structure(x, op.result_wrapper, "", *op.output, output);
  x += "<ResponseMetadata>";
  xml_text_element(x, "RequestId", request_id);
  x.append("</ResponseMetadata></").append(op.name).append("Response>");
  http::Response r;
  r.status = op.status;
  r.headers.set("Content-Type", "text/xml");
  r.headers.set("x-amzn-RequestId", std::string(request_id));
  r.body = std::move(x);
  return r;
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id) {
  http::Response r;
  r.status = error_status(s, op, e);
  const Shape* shape = find_error(s, op, e.code);
  std::string x = fmt::format("<ErrorResponse xmlns=\"{}\"><Error>", s.xml_namespace);
  xml_text_element(x, "Type", r.status < 500 ? "Sender" : "Receiver");
  xml_text_element(x, "Code", shape ? wire_code(*shape) : e.code);
  xml_text_element(x, "Message", e.message);
  if (shape) xml_write_error_members(x, *shape, e.members);
  x += "</Error>";
  xml_text_element(x, "RequestId", request_id);
  x += "</ErrorResponse>";
  r.headers.set("Content-Type", "text/xml");
  r.headers.set("x-amzn-RequestId", std::string(request_id));
  r.body = std::move(x);
  return r;
}

}  // namespace relight::aws::codec::query
