// The rest-xml protocol (https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html) with S3's and Route
// 53's ways.
#include <fmt/format.h>

#include <algorithm>

#include "aws/codec/protocols.h"
#include "aws/codec/rest_bindings.h"
#include "aws/codec/s3_names.h"
#include "aws/codec/xml_error.h"
#include "aws/codec/xml_value.h"

namespace relight::aws::codec::rest_xml {
namespace {

constexpr XmlLimits kRequest{.bytes = 8u << 20, .depth = 32};  // S3's largest: 10,000 parts, about 2 MiB
constexpr std::string_view kS3 = "http://s3.amazonaws.com/doc/2006-03-01/";
constexpr std::string_view kRoute53 = "https://route53.amazonaws.com/doc/2013-04-01/";

bool is_s3(const ServiceModel& s) { return s.id == "s3" || s.service_id == "S3"; }
bool is_route53(const ServiceModel& s) { return s.id == "route53" || s.service_id == "Route 53"; }

std::string_view xmlns(const ServiceModel& s) {
  if (!s.xml_namespace.empty()) return s.xml_namespace;
  return is_s3(s) ? kS3 : is_route53(s) ? kRoute53 : std::string_view{};
}

std::string_view payload_root(const Member& m) {
  return m.wire != m.name || m.shape()->location_name.empty() ? m.wire : m.shape()->location_name;
}

// ---- client: the answer ----
// A HEAD's answer and a 304 have no body; the names are those that AWS's SDKs give.
std::string_view bodiless_code(int status) {
  switch (status) {
    case 301:
      return "PermanentRedirect";
    case 304:
      return "NotModified";
    case 400:
      return "BadRequest";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 412:
      return "PreconditionFailed";
    case 416:
      return "InvalidRange";
    case 503:
      return "ServiceUnavailable";
    default:
      return "";
  }
}

struct ErrorText {
  std::string code, message, id, resource, members;
};

// <Error> (S3), <ErrorResponse><Error> (Route 53), or Route 53's <InvalidChangeBatch><Messages><Message>.
void read_error_document(const ServiceModel& s, const Operation& op, const pugi::xml_node& root,
                         ErrorText& t) {
  for (auto name : {"RequestId", "RequestID"})
    if (auto n = xml_child(root, name)) t.id = xml_text(n);
  auto e = xml_local_name(root) == "Error" ? root : xml_child(root, "Error");
  if (!e) e = xml_child(xml_child(root, "Errors"), "Error");
  if (e) {
    t.code = xml_text(xml_child(e, "Code"));
    t.message = xml_text(xml_child(e, "Message"));
    t.resource = xml_text(xml_child(e, "Resource"));
  } else if (xml_local_name(root) != "html") {
    t.code = xml_local_name(root);
    t.message.clear();
    e = root;
    for (auto m : xml_child(root, "Messages").children("Message"))
      t.message += (t.message.empty() ? "" : "; ") + xml_text(m);
    if (auto m = xml_child(root, "Message"); m && t.message.empty()) t.message = xml_text(m);
  }
  if (const Shape* shape = e ? find_error(s, &op, t.code) : nullptr) t.members = xml_error_members(e, *shape);
}

Error read_rest_xml_error(const ServiceModel& s, const Operation& op, const http::Response& r) {
  ErrorText t;
  t.code = bodiless_code(r.status);
  if (t.code.empty()) t.code = fmt::format("HTTP{}", r.status);
  t.message = "the answer carries no error document";
  t.id = request_id_of(r);
  pugi::xml_document doc;
  auto body = r.body.read();
  if (body && !body->empty() && xml_parse(*body, XmlLimits{}, doc))
    read_error_document(s, op, doc.document_element(), t);
  // An error inside a 200 (CopyObject, CompleteMultipartUpload): S3 asks to take it as a 500.
  int status = r.status < 300 ? 500 : r.status;
  Error e = service_error(s, op, status, t.code, t.message, t.id);
  if (!t.resource.empty()) e.resource = t.resource;
  e.members = std::move(t.members);
  return e;
}

Result<> read_document(const Operation& op, const pugi::xml_node& root, void* output) {
  const Member* p = payload_member(*op.output);
  if (p) return xml_read(root, *p->shape(), p->emplace(output));
  if (op.name == "GetBucketLocation") {  // the root element itself is the member; empty means us-east-1
    std::string text = xml_text(root);
    for (auto& m : op.output->members)
      if (!text.empty() && m.name == "LocationConstraint")
        *static_cast<std::string*>(m.emplace(output)) = text;
    return {};
  }
  return xml_read(root, *op.output, output);
}

Result<> read_body(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  const Member* p = payload_member(*op.output);
  if (p && is_raw_payload(*p)) return take_raw_payload(*p, r.body, output);
  if (!has_body_members(*op.output) && !(is_s3(s) && !r.body.empty())) return {};
  if (p && p->shape()->event_stream) return {};  // event streams are not decoded
  TRY_ASSIGN(std::string body, r.body.read());
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return {};
  pugi::xml_document doc;
  TRY(xml_parse(body, XmlLimits{}, doc));
  auto root = doc.document_element();
  if (is_s3(s) && xml_local_name(root) == "Error") return fail(read_rest_xml_error(s, op, r));
  return has_body_members(*op.output) ? read_document(op, root, output) : Result<>{};
}

// ---- server: the request ----
Error bad_value(const ServiceModel& s, Error e, bool in_document) {
  if (in_document && is_s3(s)) {
    e.code = "MalformedXML";
    e.message =
        "The XML you provided was not well-formed or did not validate against our published schema: " +
        e.message;
  } else {
    e.code = is_s3(s) ? "InvalidArgument" : "InvalidInput";
    if (in_document) e.message = "Invalid XML ; " + e.message;
  }
  e.http_status = 400;
  return e;
}

Result<> read_request_document(const ServiceModel& s, const Operation& op, const http::Request& r,
                               void* input) {
  const Member* p = payload_member(*op.input);
  if (r.body.size() > kRequest.bytes) return fail("MalformedXML", "the document is too large");
  TRY_ASSIGN(std::string body, r.body.read());
  if (body.empty()) return {};
  pugi::xml_document doc;
  TRY(xml_parse(body, kRequest, doc));
  auto root = doc.document_element();
  std::string_view wanted = p ? payload_root(*p) : op.input->location_name;
  if (!wanted.empty() && xml_local_name(root) != wanted)
    return fail("MalformedXML",
                fmt::format("the root element is <{}>, not <{}>", xml_local_name(root), wanted));
  bool strict = is_s3(s) || is_route53(s);
  if (p) return xml_read(root, *p->shape(), p->emplace(input), strict);
  return xml_read(root, *op.input, input, strict);
}

void set_request_id(const ServiceModel& s, http::Response& r, std::string_view id) {
  r.headers.set(is_s3(s) ? "x-amz-request-id" : "x-amzn-RequestId", std::string(id));
}

// ---- server: the answer's document; empty if the answer has none ----
std::string document_of(const ServiceModel& s, const Operation& op, const void* output) {
  std::string x(kXmlHead);
  const Member* p = payload_member(*op.output);
  if (p) {
    const void* v = p->get(output);
    if (!v || p->shape()->event_stream) return {};
    xml_structure(x, payload_root(*p), xmlns(s), *p->shape(), v);
    return x;
  }
  if (!has_body_members(*op.output) && !is_route53(s)) return {};
  if (op.name == "GetBucketLocation") {
    x += fmt::format("<LocationConstraint xmlns=\"{}\"", xmlns(s));
    const void* v = op.output->members.empty() ? nullptr : op.output->members[0].get(output);
    if (!v) return x + "/>";
    x += '>';
    xml_escape(x, *static_cast<const std::string*>(v));
    return x + "</LocationConstraint>";
  }
  std::string root(is_s3(s) ? s3_root_name(op.name) : op.output->location_name);
  if (root.empty()) root = fmt::format("{}{}", op.name, is_s3(s) ? "Result" : "Response");
  xml_structure(x, root, xmlns(s), *op.output, output);
  return x;
}

}  // namespace

Result<http::Request> encode_request(const ServiceModel& s, const Operation& op, const void* input,
                                     Rng& rng) {
  http::Request r;
  TRY(bind_request(s, op, input, r));
  for (auto& m : op.input->members) {
    if (!m.idempotency_token || m.get(input)) continue;
    if (m.location == Location::kHeader) r.headers.set(m.wire, rng.uuid());
    if (m.location == Location::kQuery)
      r.query += fmt::format("{}{}={}", r.query.empty() ? "" : "&", m.wire, rng.uuid());
  }
  const Member* p = payload_member(*op.input);
  if (p && is_raw_payload(*p)) {
    put_raw_payload(*p, input, r.body, r.headers);
    return r;
  }
  std::string x(kXmlHead);
  if (p) {
    const void* v = p->get(input);
    if (!v) return r;
    std::string_view ns = p->xml_namespace.empty() ? p->shape()->xml_namespace : p->xml_namespace;
    xml_structure(x, payload_root(*p), ns.empty() ? xmlns(s) : ns, *p->shape(), v);
  } else if (has_body_members(*op.input)) {
    std::string root(op.input->location_name);
    if (root.empty()) root = fmt::format("{}Request", op.name);
    xml_structure(x, root, op.input->xml_namespace.empty() ? xmlns(s) : op.input->xml_namespace, *op.input,
                  input);
  } else {
    return r;
  }
  r.headers.set("Content-Type", "application/xml");
  r.body = std::move(x);
  return r;
}

Result<> decode_response(const ServiceModel& s, const Operation& op, const http::Response& r, void* output) {
  if (r.status >= 300) return fail(read_rest_xml_error(s, op, r));
  Result<> ok = unbind_response(*op.output, r, output);
  if (ok) ok = read_body(s, op, r, output);
  if (ok || ok.error().http_status >= 500) return ok;
  return fail(service_error(s, op, r.status, ok.error().code, ok.error().message, request_id_of(r)));
}

Result<const Operation*> route(const ServiceModel& s, const http::Request& r) {
  const Operation* op = route_rest(s, r);
  std::string_view foreign = op && is_s3(s) ? s3_unserved_subresource(*op, r) : std::string_view{};
  if (op && foreign.empty()) return op;
  Error e;
  e.code = is_s3(s) ? (op ? "NotImplemented" : "MethodNotAllowed") : "UnknownOperationException";
  e.http_status = is_s3(s) ? (op ? 501 : 405) : 404;
  e.message = foreign.empty()
                  ? fmt::format("No operation answers {} {}", r.method, r.path)
                  : fmt::format("No operation answers {} with the subresource '{}'", r.method, foreign);
  return fail(std::move(e));
}

Result<> decode_request(const ServiceModel& s, const Operation& op, const http::Request& r, void* input) {
  if (auto ok = unbind_request(op, r, input); !ok) return fail(bad_value(s, ok.error(), false));
  const Member* p = payload_member(*op.input);
  if (p && is_raw_payload(*p)) return take_raw_payload(*p, r.body, input);
  if (!p && !has_body_members(*op.input)) return {};
  if (auto ok = read_request_document(s, op, r, input); !ok) return fail(bad_value(s, ok.error(), true));
  return {};
}

http::Response encode_response(const ServiceModel& s, const Operation& op, const void* output,
                               std::string_view request_id) {
  http::Response r;
  r.status = op.status;
  bind_response(*op.output, output, r);
  if (is_s3(s) && r.headers.has("Content-Range")) r.status = 206;  // GetObject of a range; no member says so
  set_request_id(s, r, request_id);
  const Member* p = payload_member(*op.output);
  if (p && is_raw_payload(*p)) {
    put_raw_payload(*p, output, r.body, r.headers);
    return r;
  }
  std::string x = document_of(s, op, output);
  if (x.empty()) return r;
  if (!r.headers.has("Content-Type"))
    r.headers.set("Content-Type", is_s3(s) ? "application/xml" : "text/xml");
  r.body = std::move(x);
  return r;
}

http::Response encode_error(const ServiceModel& s, const Operation* op, const Error& e,
                            std::string_view request_id) {
  http::Response r;
  r.status = e.http_status >= 300 ? e.http_status : error_status(s, op, e);
  set_request_id(s, r, request_id);
  if ((op && op->method == "HEAD") || r.status == 304) return r;
  const Shape* shape = find_error(s, op, e.code);
  std::string x(kXmlHead);
  std::string_view code = shape ? wire_code(*shape) : std::string_view(e.code);
  if (!is_s3(s)) {
    x += fmt::format("<ErrorResponse xmlns=\"{}\"><Error>", xmlns(s));
    xml_text_element(x, "Type", r.status < 500 ? "Sender" : "Receiver");
  } else {
    x += "<Error>";
  }
  xml_text_element(x, "Code", code);
  xml_text_element(x, "Message", e.message);
  if (shape) xml_write_error_members(x, *shape, e.members);
  if (is_s3(s)) {
    if (!e.resource.empty()) xml_text_element(x, "Resource", e.resource);
    xml_text_element(x, "RequestId", request_id);
    x += "</Error>";
  } else {
    x += "</Error>";
    xml_text_element(x, "RequestId", request_id);
    x += "</ErrorResponse>";
  }
  r.headers.set("Content-Type", is_s3(s) ? "application/xml" : "text/xml");
  r.body = std::move(x);
  return r;
}

}  // namespace relight::aws::codec::rest_xml
