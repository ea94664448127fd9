// EC2's query protocol: query's elder sibling
// (https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html).
#include <fmt/format.h>

#include "aws/codec/protocols.h"
#include "aws/codec/query_params.h"
#include "aws/codec/xml_value.h"

namespace relight::aws::codec::ec2 {
namespace {

// <Response><Errors><Error><Code/><Message/></Error></Errors><RequestID/></Response>
Error read_ec2_error(const ServiceModel& s, const Operation& op, const http::Response& r) {
  std::string code = fmt::format("HTTP{}", r.status), message = "the answer carries no error document";
  std::string id = request_id_of(r);
  pugi::xml_document doc;
  auto body = r.body.read();
  if (body && xml_parse(*body, XmlLimits{}, doc)) {
    auto root = doc.document_element();
    if (auto e = xml_child(xml_child(root, "Errors"), "Error")) {
      code = xml_text(xml_child(e, "Code"));
      message = xml_text(xml_child(e, "Message"));
    }
    for (auto name : {"RequestID", "RequestId", "requestId"})
      if (auto n = xml_child(root, name)) id = xml_text(n);
  }
  return service_error(s, op, r.status, code, message, id);
}

}  // namespace

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,
                                     Rng& rng) {
  http::Request r;
  r.method = "POST";
  r.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  r.body = encode_params(ParamStyle::kEc2, op.name, s.api_version, *op.input, input, rng);
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  if (r.status >= 300) return fail(read_ec2_error(s, op, r));
  if (op.output->members.empty()) return {};
  TRY_ASSIGN(std::string body, r.body.read());
  pugi::xml_document doc;
  Result<> parsed = xml_parse(body, XmlLimits{}, doc);
  if (parsed) parsed = xml_read(doc.document_element(), *op.output, output);
  if (parsed) return {};
  return fail(service_error(s, op, r.status, parsed.error().code, parsed.error().message, request_id_of(r)));
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) {
  auto op = route_params(s, r);
  if (op || op.error().code != "InvalidAction") return op;
  Error e = std::move(op).error();
  e.message = "The action is not valid for this web service: " + e.message;
  return fail(std::move(e));
}

Result<> decode_request(const ServiceModel&, const Operation& op, const http::Request& r, void* input) {
  TRY_ASSIGN(Params p, request_params(r));
  auto ok = decode_params(ParamStyle::kEc2, p, *op.input, input);
  if (ok) return {};
  Error e = std::move(ok).error();
  e.code = "InvalidParameterValue";
  e.message = fmt::format("Invalid value for parameter {}: {}", e.resource, e.message);
  return fail(std::move(e));
}

// Operations without output answer <return>true</return>.
http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,
                               std::string_view request_id) {
  std::string x = fmt::format("{}<{}Response xmlns=\"{}\">", kXmlHead, op.name, s.xml_namespace);
  xml_text_element(x, "requestId", request_id);
  if (op.output->members.empty()) xml_text_element(x, "return", "true");
  xml_members(x, *op.output, output);
  x += fmt::format("</{}Response>", op.name);
  http::Response r;
  r.status = op.status;
  r.headers.set("Content-Type", "text/xml;charset=UTF-8");
  r.headers.set("x-amzn-requestid", std::string(request_id));
  r.body = std::move(x);
  return r;
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id) {
  std::string x = fmt::format("{}<Response><Errors><Error>", kXmlHead);
  xml_text_element(x, "Code", e.code);
  xml_text_element(x, "Message", e.message);
  x += "</Error></Errors>";
  xml_text_element(x, "RequestID", request_id);
  x += "</Response>";
  http::Response r;
  r.status = error_status(s, op, e);
  r.headers.set("Content-Type", "text/xml;charset=UTF-8");
  r.headers.set("x-amzn-requestid", std::string(request_id));
  r.body = std::move(x);
  return r;
}

}  // namespace relight::aws::codec::ec2
