#include "aws/modelgen/model.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace relight::modelgen {
namespace {

using Json = nlohmann::ordered_json;  // members keep the model's order

std::string text(const Json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : std::string{};
}
bool flag(const Json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_boolean() && it->get<bool>();
}
const Json& object(const Json& j, const char* key) {
  static const Json none = Json::object();
  auto it = j.find(key);
  return it != j.end() && it->is_object() ? *it : none;
}
// A string or a list of strings.
std::vector<std::string> texts(const Json& j, const char* key) {
  std::vector<std::string> out;
  auto it = j.find(key);
  if (it == j.end()) return out;
  if (it->is_string()) out.push_back(it->get<std::string>());
  if (it->is_array())
    for (auto& e : *it)
      if (e.is_string()) out.push_back(e.get<std::string>());
  return out;
}
void xml_namespace(const Json& j, std::string& uri, std::string& prefix) {
  auto it = j.find("xmlNamespace");
  if (it == j.end()) return;
  if (it->is_string()) uri = it->get<std::string>();
  if (it->is_object()) uri = text(*it, "uri"), prefix = text(*it, "prefix");
}

MemberDef member(std::string name, const Json& j) {
  MemberDef m;
  m.name = std::move(name);
  m.shape = text(j, "shape");
  m.wire = text(j, "locationName");
  m.query_name = text(j, "queryName");
  m.location = text(j, "location");
  m.time = text(j, "timestampFormat");
  xml_namespace(j, m.xml_namespace, m.xml_prefix);
  m.idempotency_token = flag(j, "idempotencyToken");
  m.xml_attribute = flag(j, "xmlAttribute");
  m.flattened = flag(j, "flattened");
  m.json_value = flag(j, "jsonvalue");
  m.host_label = flag(j, "hostLabel");
  m.streaming = flag(j, "streaming");
  m.event_payload = flag(j, "eventpayload");
  m.event_header = flag(j, "eventheader");
  return m;
}

void structure(const Json& j, ShapeDef& s) {
  for (auto& [name, m] : object(j, "members").items()) s.members.push_back(member(name, m));
  for (auto& r : texts(j, "required"))
    for (auto& m : s.members)
      if (m.name == r) m.required = true;
  auto& error = object(j, "error");
  s.exception = flag(j, "exception") || j.contains("error");
  s.error_code = text(error, "code");
  if (auto it = error.find("httpStatusCode"); it != error.end() && it->is_number()) s.error_status = *it;
  s.sender_fault = !flag(j, "fault") && (s.error_status == 0 || s.error_status < 500);
  s.payload = text(j, "payload");
  s.is_union = flag(j, "union");
  s.event_stream = flag(j, "eventstream");
  if (flag(j, "document")) s.type = "document";
}

ShapeDef shape(const std::string& name, const Json& j) {
  ShapeDef s;
  s.name = name;
  s.type = text(j, "type");
  s.enums = texts(j, "enum");
  if (auto it = j.find("min"); it != j.end() && it->is_number()) s.min = it->get<double>();
  if (auto it = j.find("max"); it != j.end() && it->is_number()) s.max = it->get<double>();
  s.pattern = text(j, "pattern");
  s.time = text(j, "timestampFormat");
  s.location_name = text(j, "locationName");
  xml_namespace(j, s.xml_namespace, s.xml_prefix);
  s.flattened = flag(j, "flattened");
  s.sensitive = flag(j, "sensitive");
  if (s.type == "structure") structure(j, s);
  if (s.type == "list") s.element = member("member", object(j, "member"));
  if (s.type == "map")
    s.key = member("key", object(j, "key")), s.element = member("value", object(j, "value"));
  if (s.type == "blob" && flag(j, "streaming")) s.type = "body";
  if (s.type == "character") s.type = "string";
  if (s.type == "short" || s.type == "byte") s.type = "integer";
  return s;
}

OperationDef operation(const std::string& name, const Json& j, Model& m) {
  OperationDef o;
  o.name = name;
  auto& h = object(j, "http");
  o.method = text(h, "method").empty() ? "POST" : text(h, "method");
  o.uri = text(h, "requestUri").empty() ? "/" : text(h, "requestUri");
  if (auto it = h.find("responseCode"); it != h.end() && it->is_number()) o.status = *it;
  auto& in = object(j, "input");
  o.input = text(in, "shape");
  o.output = text(object(j, "output"), "shape");
  o.result_wrapper = text(object(j, "output"), "resultWrapper");
  for (auto& e : j.value("errors", Json::array())) o.errors.push_back(text(e, "shape"));
  o.host_prefix = text(object(j, "endpoint"), "hostPrefix");
  o.auth = text(j, "authtype");
  auto& sum = object(j, "httpChecksum");
  o.checksum_member = text(sum, "requestAlgorithmMember");
  o.checksum_required = flag(j, "httpChecksumRequired") || flag(sum, "requestChecksumRequired");
  // The XML root of an input is said where the operation names its shape.
  if (auto it = m.shapes.find(o.input); it != m.shapes.end()) {
    if (!text(in, "locationName").empty()) it->second.location_name = text(in, "locationName");
    xml_namespace(in, it->second.xml_namespace, it->second.xml_prefix);
  }
  return o;
}

void metadata(const Json& j, Model& m) {
  m.service_id = text(j, "serviceId");
  m.endpoint_prefix = text(j, "endpointPrefix");
  m.signing_name = text(j, "signingName").empty() ? m.endpoint_prefix : text(j, "signingName");
  m.api_version = text(j, "apiVersion");
  m.target_prefix = text(j, "targetPrefix");
  m.json_version = text(j, "jsonVersion");
  xml_namespace(j, m.xml_namespace, m.protocol);  // a prefix never occurs here
  m.protocol = text(j, "protocol");
  m.query_compatible = j.contains("awsQueryCompatible");
}

void paginators(const Json& j, Model& m) {
  for (auto& [name, p] : object(j, "pagination").items()) {
    PaginatorDef d;
    d.operation = name;
    d.input_tokens = texts(p, "input_token");
    d.output_tokens = texts(p, "output_token");
    d.result_keys = texts(p, "result_key");
    d.more_results = text(p, "more_results");
    d.limit_key = text(p, "limit_key");
    m.paginators.push_back(std::move(d));
  }
}

void waiters(const Json& j, Model& m) {
  for (auto& [name, w] : object(j, "waiters").items()) {
    WaiterDef d;
    d.name = name;
    d.operation = text(w, "operation");
    d.delay_s = w.value("delay", 15);
    d.max_attempts = w.value("maxAttempts", 40);
    for (auto& a : w.value("acceptors", Json::array()))
      d.acceptors.push_back({text(a, "state"), text(a, "matcher"), text(a, "argument"),
                             a.contains("expected") ? a["expected"].dump() : std::string{}});
    m.waiters.push_back(std::move(d));
  }
}

Result<Json> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail("Modelgen.File", "cannot open " + path);
  Json j = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail("Modelgen.Json", path + " is not a JSON object");
  return j;
}

}  // namespace

Result<Model> read_model(const ModelFiles& files) {
  TRY_ASSIGN(Json j, read(files.model));
  if (!files.overlay.empty()) {
    TRY_ASSIGN(Json patch, read(files.overlay));
    j.merge_patch(patch);
  }
  Model m;
  metadata(object(j, "metadata"), m);
  for (auto& [name, s] : object(j, "shapes").items()) m.shapes.emplace(name, shape(name, s));
  for (auto& [name, o] : object(j, "operations").items()) m.operations.push_back(operation(name, o, m));
  if (m.protocol.empty() || m.operations.empty())
    return fail("Modelgen.Model", files.model + " names no protocol or no operations");
  if (!files.paginators.empty()) {
    TRY_ASSIGN(Json p, read(files.paginators));
    paginators(p, m);
  }
  if (!files.waiters.empty()) {
    TRY_ASSIGN(Json w, read(files.waiters));
    waiters(w, m);
  }
  return m;
}

}  // namespace relight::modelgen
