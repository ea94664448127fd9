// Lets a script of another language judge the codecs: one JSON request a line on stdin, one JSON answer a
// line on stdout.
// {"service","operation","verb":encode_request|decode_request|encode_response|decode_response|encode_error,
// "value": JSON by the model's names, "http":
// {method,path,query,host,status,headers:[[name,value]…],body:base64}}. Answers have "value" or "http", and
// "error" {code,message} besides what was decoded before it.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "aws/gen/models.h"
#include "base/bytes.h"

namespace {

using nlohmann::json;
using namespace relight;
namespace codec = relight::aws::codec;

const aws::ServiceModel* service(const std::string& id) {
  static const auto all = aws::models();
  auto it = std::ranges::find(all, id, &aws::ServiceModel::id);
  return it == all.end() ? nullptr : *it;
}

json headers(const http::Headers& h) {
  json out = json::array();
  for (auto& [name, value] : h) out.push_back({name, value});
  return out;
}
template <class Message>
void take(const json& j, Message& m) {
  for (auto& h : j.value("headers", json::array()))
    m.headers.add(h[0].get<std::string>(), h[1].get<std::string>());
  m.body = http::Body(unbase64(j.value("body", "")).value_or(""));
}
json put(const http::Request& r) {
  return {{"method", r.method},
          {"path", r.path},
          {"query", r.query},
          {"host", r.host},
          {"headers", headers(r.headers)},
          {"body", base64(r.body.read().value_or(""))}};
}
json put(const http::Response& r) {
  return {
      {"status", r.status}, {"headers", headers(r.headers)}, {"body", base64(r.body.read().value_or(""))}};
}
json put(const Error& e) {
  return {{"code", e.code}, {"message", e.message}, {"members", e.members}, {"status", e.http_status}};
}

void decode(const aws::ServiceModel& s, const aws::Operation& op, const json& in, bool request, json& out) {
  auto value = request ? op.make_input() : op.make_output();
  Result<> done;
  if (request) {
    http::Request r;
    r.method = in.value("method", "POST"), r.path = in.value("path", "/"), r.query = in.value("query", "");
    take(in, r);
    auto routed = codec::route(s, r);
    out["routed"] = routed ? std::string((*routed)->name) : routed.error().code;
    done = codec::decode_request(s, op, r, value.get());
  } else {
    http::Response r;
    r.status = in.value("status", 200);
    take(in, r);
    done = codec::decode_response(s, op, r, value.get());
  }
  out["value"] = json::parse(codec::to_json(request ? *op.input : *op.output, value.get()));
  if (!done) out["error"] = put(done.error());
}

json answer(const json& q) {
  auto* s = service(q.value("service", ""));
  auto* op = s ? s->find(q.value("operation", "")) : nullptr;
  if (!op) return {{"error", {{"code", "Oracle.Unknown"}}}};
  std::string verb = q.value("verb", "");
  json out = json::object();
  SeededRng rng(7);
  if (verb == "decode_request" || verb == "decode_response") {
    decode(*s, *op, q["http"], verb == "decode_request", out);
    return out;
  }
  if (verb == "encode_error") {
    Error e;
    e.code = q["value"].value("code", ""), e.message = q["value"].value("message", "");
    e.members = q["value"].value("members", "");
    return {{"http", put(codec::encode_error(*s, op, e, "req-1"))}};
  }
  bool request = verb == "encode_request";
  auto value = request ? op->make_input() : op->make_output();
  if (auto r = codec::from_json(request ? *op->input : *op->output, q["value"].dump(), value.get()); !r)
    return {{"error", put(r.error())}};
  if (!request) return {{"http", put(codec::encode_response(*s, *op, value.get(), "req-1"))}};
  auto r = codec::encode_request(*s, *op, value.get(), rng);
  return r ? json{{"http", put(*r)}} : json{{"error", put(r.error())}};
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    json q = json::parse(line, nullptr, false);
    std::cout
        << (q.is_object() ? answer(q) : json::object()).dump(-1, ' ', false, json::error_handler_t::replace)
        << "\n";
  }
}
