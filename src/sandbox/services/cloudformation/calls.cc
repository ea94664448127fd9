// The engine's calls of the sandbox's own API.
#include <fmt/format.h>

#include <algorithm>

#include "aws/codec/codec.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/engine.h"
#include "sandbox/services/cloudformation/references.h"

namespace relight::sandbox::cfn {

namespace {

constexpr size_t kEventLimit = 2000;

// "loadbalancer/app/name/id" out of an ELBv2 ARN, as the *FullName attributes want it.
std::string arn_suffix(const std::string& arn) {
  std::string s = arn.substr(arn.rfind(':') + 1);
  return s.starts_with("loadbalancer/") ? s.substr(13) : s;
}

}  // namespace

// No message shows the value of a NoEcho parameter.
std::string masked(const Stack& s, std::string reason) {
  for (auto& name : s.secrets) {
    std::string value = s.target.parameters.is_object() && s.target.parameters.contains(name) ? as_text(s.target.parameters[name]) : "";
    if (value.empty()) continue;
    for (size_t i = 0; (i = reason.find(value, i)) != std::string::npos; i += 4) reason.replace(i, value.size(), "****");
  }
  return reason;
}

Json masked_json(const Stack& s, const Json& v) {
  if (v.is_string()) return masked(s, v.get<std::string>());
  Json out = v;
  if (v.is_structured())
    for (auto& e : out) e = masked_json(s, e);
  return out;
}

const Json* at(const Json& v, std::string_view pointer) {
  if (pointer.empty()) return &v;
  try {
    return &v.at(Json::json_pointer(std::string(pointer)));
  } catch (const Json::exception&) {
    return nullptr;
  }
}

bool gone(const Error& e) {
  return e.http_status == 404 || e.code.find("NotFound") != std::string::npos || e.code == "WAFNonexistentItemException" ||
         e.code.starts_with("NoSuch") ||
         e.code.find("NotExist") != std::string::npos;
}

std::optional<Json> attribute_of(const ResourceType& t, const Resource& r, const std::string& region, const std::string& name) {
  for (auto& [n, path] : t.attributes) {
    if (n != name) continue;
    if (path == "$id") return Json(r.physical);
    if (path == "$name") return Json(r.physical.substr(r.physical.find_last_of("/:") + 1));
    if (path == "$arn-suffix") return Json(arn_suffix(r.physical));
    if (path.starts_with("=")) {
      std::string v(path.substr(1));
      for (auto& [k, x] : {std::pair<std::string, std::string>{"$id", r.physical}, {"$region", region}})
        for (size_t i; (i = v.find(k)) != std::string::npos;) v.replace(i, k.size(), x);
      return Json(v);
    }
    if (auto* v = at(r.described, path)) return v->is_number() ? Json(v->dump()) : *v;
  }
  return std::nullopt;
}

Result<Json> Engine::call(const std::string& region, const Action& a, const Json& input) {
  const aws::ServiceModel* m = model_of(a.service);
  const aws::Operation* op = m ? m->find(a.operation) : nullptr;
  if (!op) return aws_error("InternalFailure", fmt::format("{}:{} is not in the service model", a.service, a.operation), 500);
  TRY_ASSIGN(Json resolved, resolve_references(world_, region, input));
  TRY_ASSIGN(Json fitted, coerce(*op->input, resolved, ""));
  auto in = op->make_input(), out = op->make_output();
  TRY(aws::codec::from_json(*op->input, fitted.dump(), in.get()));
  if (authority_ && !actor_.empty()) TRY(authority_->permit(Call{region, "cloudformation", actor_, nullptr}, *m, *op, in.get()));
  TRY(world_.invoke(m->global ? "us-east-1" : region, *m, *op, in.get(), out.get()));
  return Json::parse(aws::codec::to_json(*op->output, out.get()), nullptr, false);
}

Result<Json> Engine::act(const std::string& region, const ResourceType& t, const Action& a, const Subject& s) {
  if (a.each.empty()) {
    Subject told = s;
    if (Json question = a.ask ? a.ask(s) : Json(); !question.is_null()) {
      TRY_ASSIGN(told.described, call(region, {a.asks_service.empty() ? a.service : a.asks_service, a.asks}, question));
    }
    Json input = build_input(t, a, told);
    return input.is_null() ? Result<Json>(Json()) : call(region, a, input);
  }
  Json last;
  for (auto& entry : entries(a, s)) {
    Subject one = s;
    one.whole = s.props;
    one.props = entry.is_object() ? entry : Json{{"value", entry}};
    TRY_ASSIGN(last, call(region, a, build_input(t, a, one)));
  }
  return last;
}

Result<Json> Engine::describe(const std::string& region, const ResourceType& t, const Subject& s) {
  if (!t.describe) return Json();
  TRY_ASSIGN(Json out, call(region, *t.describe, build_input(t, *t.describe, s)));
  if (auto* root = at(out, t.root)) return *root;
  return aws_error("NotFound", fmt::format("{} {} is not there", t.name, s.physical), 404);
}

Subject Engine::subject(const Pass& p, const std::string& logical, const Resource& r) {
  return Subject{logical, r.physical, p.stack.name, p.region, world_.account(), world_.rng.hex(12), r.props, Json(), r.described};
}

std::string Engine::generated_name(const std::string& stack, const std::string& logical, std::string_view type) {
  std::string random = world_.rng.hex(12);
  size_t limit = type.find("LoadBalancing") != std::string_view::npos ? 32 : 63;
  std::string head = stack + "-" + logical;
  if (head.size() > limit - 13) head.resize(limit - 13);
  std::string name = head + "-" + random;
  if (type == "AWS::S3::Bucket" || type.starts_with("AWS::RDS") || type.starts_with("AWS::ECR"))
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

void Engine::resource_status(Stack& s, const std::string& logical, Resource& r, const std::string& status, const std::string& reason) {
  r.status = status;
  r.reason = masked(s, reason);
  r.updated_ms = now();
  if (status == "CREATE_COMPLETE") r.complete = true;
  s.dirty = true;
  s.events.push_back(Event{fmt::format("{}-{}-{}", logical, status, world_.rng.hex(12)), logical, r.physical, r.type, status, r.reason, r.updated_ms});
  if (s.events.size() > kEventLimit) s.events.erase(s.events.begin(), s.events.begin() + 500);
}

}  // namespace relight::sandbox::cfn
