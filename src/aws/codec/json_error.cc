#include "aws/codec/json_error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "aws/codec/json_value.h"
#include "aws/codec/protocols.h"
#include "aws/codec/rest_bindings.h"

namespace relight::aws::codec {
namespace {

std::string bare_code(std::string_view code) {
  if (auto i = code.find(':'); i != code.npos) code = code.substr(0, i);
  if (auto i = code.rfind('#'); i != code.npos) code = code.substr(i + 1);
  return std::string(code);
}

std::string first_string(const nlohmann::json& j, std::initializer_list<const char*> keys) {
  if (!j.is_object()) return {};
  for (const char* key : keys)
    if (auto it = j.find(key); it != j.end() && it->is_string()) return it->get<std::string>();
  return {};
}

bool is_json_message(const Member& m) {
  return http::iequals(m.name, "message") && m.shape()->type == Type::kString;
}

std::string extra_members(const Shape* error, const nlohmann::json& body, const http::Response& r) {
  if (!error || !error->make || !body.is_object()) return {};
  auto value = error->make();
  if (!read_json(body, *error, value.get(), kWireForm, Members::kPayload)) return {};
  if (!unbind_response(*error, r, value.get())) return {};
  for (auto& m : error->members)
    if (is_json_message(m)) m.slot->reset(static_cast<char*>(value.get()) + m.offset);
  std::string json = to_json(*error, value.get());
  return json == "{}" ? std::string{} : json;
}

}  // namespace

Error read_json_error(const ServiceModel& s, const Operation& op, const http::Response& r) {
  auto text = r.body.read(0, 1 << 20);
  auto parsed = text ? parse_json(*text) : Result<nlohmann::json>(nlohmann::json::object());
  nlohmann::json body = parsed ? std::move(*parsed) : nlohmann::json::object();
  std::string type(r.headers.value("x-amzn-errortype"));
  if (type.empty()) type = first_string(body, {"__type", "code", "Code"});
  type = bare_code(type);
  std::string code = type;
  std::string_view compatible = r.headers.value("x-amzn-query-error");
  if (!compatible.empty()) code = std::string(compatible.substr(0, compatible.find(';')));
  Error e = service_error(s, op, r.status, code, first_string(body, {"message", "Message", "errorMessage"}),
                          request_id_of(r));
  e.members = extra_members(find_error(s, &op, type), body, r);
  return e;
}

std::shared_ptr<void> error_value(const Shape* shape, const Error& e) {
  if (!shape || !shape->make) return nullptr;
  auto value = shape->make();
  // Members that do not fit their shape are left out rather than the error itself.
  if (!e.members.empty() && !from_json(*shape, e.members, value.get())) value = shape->make();
  for (auto& m : shape->members)
    if (is_json_message(m)) *static_cast<std::string*>(m.emplace(value.get())) = e.message;
  return value;
}

void set_query_error(const ServiceModel& s, const Operation* op, const Error& e, http::Response& r) {
  if (!s.query_compatible) return;
  const Shape* shape = find_error(s, op, e.code);
  std::string code = shape ? std::string(wire_code(*shape)) : e.code;
  r.headers.set("x-amzn-query-error", code + (r.status < 500 ? ";Sender" : ";Receiver"));
}

std::string json_error_type(const ServiceModel& s, const Operation* op, const Error& e) {
  const Shape* shape = find_error(s, op, e.code);
  return shape ? std::string(shape->name) : e.code;
}

std::string json_error_body(const ServiceModel& s, const Operation* op, const Error& e, bool with_type) {
  std::string out = "{";
  if (with_type) {
    out += "\"__type\":";
    write_json_string(out, json_error_type(s, op, e));
    out += ',';
  }
  const Shape* shape = find_error(s, op, e.code);
  bool has_message = false;
  std::string members;
  if (auto value = error_value(shape, e)) {
    has_message = std::any_of(shape->members.begin(), shape->members.end(), is_json_message);
    write_json(members, *shape, value.get(), kWireForm, Members::kPayload);
    members = members.substr(1, members.size() - 2);
  }
  if (!has_message) {
    out += "\"message\":";
    write_json_string(out, e.message);
    if (!members.empty()) out += ',';
  }
  return out + members + "}";
}

}  // namespace relight::aws::codec
