#include "sandbox/services/cloudformation/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/codec/codec.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::cfn {

const aws::ServiceModel* model_of(std::string_view id);  // models.cc

struct Engine::Pass {
  std::string region;
  Stack& stack;
  Json tmpl;
  bool waiting = false, failed = false;
};

namespace {

constexpr size_t kEventLimit = 2000;

const Json* at(const Json& v, std::string_view pointer) {
  if (pointer.empty()) return &v;
  try {
    return &v.at(Json::json_pointer(std::string(pointer)));
  } catch (const Json::exception&) {
    return nullptr;
  }
}

std::string as_text(const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

bool gone(const Error& e) {
  return e.http_status == 404 || e.code.find("NotFound") != std::string::npos || e.code.starts_with("NoSuch") ||
         e.code.find("NotExist") != std::string::npos;
}

// "loadbalancer/app/name/id" out of an ELBv2 ARN, as the *FullName attributes want it.
std::string arn_suffix(const std::string& arn) {
  std::string s = arn.substr(arn.rfind(':') + 1);
  return s.starts_with("loadbalancer/") ? s.substr(13) : s;
}

std::optional<Json> attribute_of(const ResourceType& t, const Resource& r, const std::string& region, const std::string& name) {
  for (auto& [n, path] : t.attributes) {
    if (n != name) continue;
    if (path == "$id") return Json(r.physical);
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

}  // namespace

Result<Json> Engine::call(const std::string& region, const Action& a, const Json& input) {
  const aws::ServiceModel* m = model_of(a.service);
  const aws::Operation* op = m ? m->find(a.operation) : nullptr;
  if (!op) return aws_error("InternalFailure", fmt::format("{}:{} is not in the service model", a.service, a.operation), 500);
  TRY_ASSIGN(Json fitted, coerce(*op->input, input, ""));
  auto in = op->make_input(), out = op->make_output();
  TRY(aws::codec::from_json(*op->input, fitted.dump(), in.get()));
  TRY(world_.invoke(m->global ? "us-east-1" : region, *m, *op, in.get(), out.get()));
  return Json::parse(aws::codec::to_json(*op->output, out.get()), nullptr, false);
}

Result<Json> Engine::act(const std::string& region, const ResourceType& t, const Action& a, const Subject& s) {
  if (a.each.empty()) return call(region, a, build_input(t, a, s));
  Json last;
  for (auto& entry : s.props.value(std::string(a.each), Json::array())) {
    Subject one = s;
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
  if (type == "AWS::S3::Bucket" || type.starts_with("AWS::RDS"))
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

void Engine::stack_status(const std::string& region, Stack& s, const std::string& status, const std::string& reason) {
  s.status = status;
  s.reason = reason;
  Event e{world_.rng.uuid(), s.name, s.id, "AWS::CloudFormation::Stack", status, reason, world_.clock.now().time_since_epoch().count()};
  s.events.push_back(std::move(e));
  s.updated_ms = world_.clock.now().time_since_epoch().count();
  world_.event(region, "cloudformation", s.name, status);
}

void Engine::resource_status(Pass& p, const std::string& logical, Resource& r, const std::string& status, const std::string& reason) {
  r.status = status;
  r.reason = reason;
  r.updated_ms = world_.clock.now().time_since_epoch().count();
  p.stack.events.push_back(Event{fmt::format("{}-{}-{}", logical, status, world_.rng.hex(12)), logical, r.physical, r.type, status, reason, r.updated_ms});
  if (p.stack.events.size() > kEventLimit) p.stack.events.erase(p.stack.events.begin(), p.stack.events.begin() + 500);
}

void Engine::begin(const std::string& region, Stack& s, const std::string& op) {
  s.op = op;
  for (auto& [n, r] : s.resources) r.settled = false;
  stack_status(region, s, op == "create" ? "CREATE_IN_PROGRESS" : op == "update" ? "UPDATE_IN_PROGRESS" : op == "delete" ? "DELETE_IN_PROGRESS"
                          : op == "rollback" ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS", op == "create" || op == "update" ? "User Initiated" : s.reason);
}

bool Engine::advance(const std::string& region, Stack& s) {
  if (s.op.empty()) return false;
  Pass p{region, s, Json::object()};
  if (auto t = parse_template(s.target.body)) p.tmpl = std::move(*t);
  if (s.op == "delete" || s.op == "rollback") {
    backward(p, s.garbage);
    backward(p, s.resources);
    if (p.failed) {
      s.op.clear();
      return false;
    }
    if (!s.resources.empty() || !s.garbage.empty()) return true;
    stack_status(region, s, s.op == "delete" ? "DELETE_COMPLETE" : "ROLLBACK_COMPLETE");
    if (s.op == "delete") s.deleted_ms = s.updated_ms;
    s.op.clear();
    return false;
  }
  forward(p);
  return !s.op.empty();
}

void Engine::forward(Pass& p) {
  Stack& s = p.stack;
  if (s.status.ends_with("CLEANUP_IN_PROGRESS")) {
    backward(p, s.garbage);
    if (!s.garbage.empty() && !p.failed) return;
    s.garbage.clear();  // what could not be deleted stays behind, as AWS leaves it; its event says so
    stack_status(p.region, s, s.op == "update" ? "UPDATE_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE");
    s.op.clear();
    return;
  }
  bool all = true;
  for (auto& [logical, definition] : p.tmpl["Resources"].items()) {
    settle(p, logical, definition);
    if (p.failed) return;
    auto it = s.resources.find(logical);
    all = all && (it == s.resources.end() ? false : it->second.settled);
  }
  if (!all) return;
  // A resource whose condition is false was settled as a placeholder; what the target no longer names goes.
  for (auto it = s.resources.begin(); it != s.resources.end();) {
    bool wanted = p.tmpl["Resources"].contains(it->first) && !it->second.physical.empty();
    if (!wanted && !it->second.physical.empty()) s.garbage[it->first + "@" + it->second.physical] = it->second;
    it = wanted ? std::next(it) : s.resources.erase(it);
  }
  outputs(p);
  if (p.failed) return;
  if (s.op == "create") {
    stack_status(p.region, s, "CREATE_COMPLETE");
    s.op.clear();
  } else {
    stack_status(p.region, s, s.op == "update" ? "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" : "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
  }
}

void Engine::settle(Pass& p, const std::string& logical, const Json& definition) {
  Stack& s = p.stack;
  Resource& r = s.resources[logical];
  if (r.settled) return;
  if (r.status.ends_with("_IN_PROGRESS") && !r.physical.empty()) return poll(p, logical);
  auto sc = scope(p.region, s, p.tmpl, s.target, false);
  if (!sc) return failed(p, sc.error().message);
  Evaluator ev(*sc);
  if (definition.contains("Condition")) {
    auto yes = ev.condition(definition["Condition"].get<std::string>());
    if (!yes) return failed(p, yes.error().message);
    if (!*yes) {
      if (!r.physical.empty()) s.garbage[logical + "@" + r.physical] = r;
      r = Resource{};
      r.settled = true;
      return;
    }
  }
  auto needs = dependencies(p.tmpl, logical);
  for (auto& n : needs)
    if (auto it = s.resources.find(n); it == s.resources.end() || !it->second.settled) {
      p.waiting = true;
      return;
    }
  r.type = definition["Type"].get<std::string>();
  r.needs.assign(needs.begin(), needs.end());
  r.deletion_policy = definition.value("DeletionPolicy", "");
  r.replace_policy = definition.value("UpdateReplacePolicy", "");
  const ResourceType* t = find_type(r.type);
  if (!t) return failed(p, fmt::format("resource type {} is not supported in this sandbox", r.type));
  auto props = ev.value(definition.value("Properties", Json::object()));
  if (!props) {
    resource_status(p, logical, r, r.physical.empty() ? "CREATE_FAILED" : "UPDATE_FAILED", props.error().message);
    return failed(p, fmt::format("The following resource(s) failed: [{}].", logical));
  }
  if (r.physical.empty()) return create(p, logical, *t, std::move(*props), definition);
  update(p, logical, *t, std::move(*props), definition);
}

void Engine::create(Pass& p, const std::string& logical, const ResourceType& t, Json props, const Json&) {
  Resource& r = p.stack.resources[logical];
  std::string named(t.named);
  if (!named.empty() && !props.contains(named)) props[named] = generated_name(p.stack.name, logical, t.name);
  r.props = std::move(props);
  resource_status(p, logical, r, "CREATE_IN_PROGRESS");
  bool first = true;
  for (auto& a : t.create) {
    if (!applies(a, r.props, Json())) continue;
    auto out = act(p.region, t, a, subject(p, logical, r));
    if (!out) {
      resource_status(p, logical, r, "CREATE_FAILED", fmt::format("{} (Service: {}, Code: {})", out.error().message, a.service, out.error().code));
      return failed(p, fmt::format("The following resource(s) failed to create: [{}].", logical));
    }
    if (!first) continue;
    first = false;
    if (t.id.starts_with("=")) r.physical = as_text(r.props[std::string(t.id.substr(1))]);
    else if (auto* id = at(*out, t.id)) r.physical = as_text(*id);
    // Route 53 answers "/hostedzone/Z…"; CloudFormation's physical id is the bare one.
    if (r.physical.starts_with("/hostedzone/")) r.physical = r.physical.substr(12);
    p.stack.events.back().physical = r.physical;
  }
  poll(p, logical);
}

void Engine::update(Pass& p, const std::string& logical, const ResourceType& t, Json props, const Json&) {
  Resource& r = p.stack.resources[logical];
  std::string named(t.named);
  if (!named.empty() && !props.contains(named) && r.props.contains(named)) props[named] = r.props[named];
  if (props == r.props) {
    r.settled = true;
    return;
  }
  bool replace = false;
  Json merged = r.props;
  merged.update(props);
  for (auto& [k, v] : merged.items())
    if (props.value(k, Json()) != r.props.value(k, Json()) && (t.replace == "*" || listed(t.replace, k))) replace = true;
  if (replace) {
    p.stack.garbage[logical + "@" + r.physical] = r;
    if (r.props.value(named, Json()) == props.value(named, Json()) && p.tmpl["Resources"][logical].value("Properties", Json::object()).contains(named) == false)
      props.erase(named);  // a generated name is generated anew
    r.physical.clear();
    r.described = Json();
    return create(p, logical, t, std::move(props), Json());
  }
  Subject s = subject(p, logical, r);
  s.previous = std::exchange(r.props, props);
  s.props = r.props;
  resource_status(p, logical, r, "UPDATE_IN_PROGRESS");
  for (auto& a : t.update) {
    if (!applies(a, s.props, s.previous)) continue;
    if (auto out = act(p.region, t, a, s); !out) {
      r.props = s.previous;
      resource_status(p, logical, r, "UPDATE_FAILED", fmt::format("{} (Service: {}, Code: {})", out.error().message, a.service, out.error().code));
      return failed(p, fmt::format("The following resource(s) failed to update: [{}].", logical));
    }
  }
  poll(p, logical);
}

void Engine::poll(Pass& p, const std::string& logical) {
  Resource& r = p.stack.resources[logical];
  const ResourceType* t = find_type(r.type);
  bool creating = r.status.starts_with("CREATE");
  auto d = describe(p.region, *t, subject(p, logical, r));
  if (!d) {
    resource_status(p, logical, r, creating ? "CREATE_FAILED" : "UPDATE_FAILED", d.error().message);
    return failed(p, fmt::format("The following resource(s) failed: [{}].", logical));
  }
  r.described = std::move(*d);
  Ready ready = t->ready ? t->ready(r.described, subject(p, logical, r)) : Ready::kYes;
  if (ready == Ready::kNotYet) {
    p.waiting = true;
    return;
  }
  if (ready == Ready::kFailed) {
    resource_status(p, logical, r, creating ? "CREATE_FAILED" : "UPDATE_FAILED", "Resource did not stabilize");
    return failed(p, fmt::format("The following resource(s) failed: [{}].", logical));
  }
  r.settled = true;
  resource_status(p, logical, r, creating ? "CREATE_COMPLETE" : "UPDATE_COMPLETE");
}

void Engine::failed(Pass& p, const std::string& reason) {
  Stack& s = p.stack;
  p.failed = true;
  if (s.op == "create" && s.keep_on_failure) {
    stack_status(p.region, s, "CREATE_FAILED", reason);
    s.op.clear();
  } else if (s.op == "create") {
    s.reason = reason + " Rollback requested by user.";
    begin(p.region, s, "rollback");
  } else if (s.op == "update") {
    s.reason = reason;
    s.target = s.previous;
    begin(p.region, s, "update_rollback");
  } else {
    stack_status(p.region, s, "UPDATE_ROLLBACK_FAILED", reason);
    s.op.clear();
  }
}

void Engine::outputs(Pass& p) {
  auto sc = scope(p.region, p.stack, p.tmpl, p.stack.target, false);
  if (!sc) return failed(p, sc.error().message);
  Evaluator ev(*sc);
  Json out = Json::array();
  const Json wanted = p.tmpl.value("Outputs", Json::object());
  for (auto& [name, o] : wanted.items()) {
    if (o.contains("Condition")) {
      auto yes = ev.condition(o["Condition"].get<std::string>());
      if (!yes) return failed(p, yes.error().message);
      if (!*yes) continue;
    }
    auto v = ev.value(o.value("Value", Json("")));
    if (!v) return failed(p, fmt::format("Output {}: {}", name, v.error().message));
    Json one{{"OutputKey", name}, {"OutputValue", as_text(*v)}};
    if (o.contains("Description")) one["Description"] = o["Description"];
    if (o.contains("Export")) {
      auto x = ev.value(o["Export"].value("Name", Json("")));
      if (!x) return failed(p, x.error().message);
      one["ExportName"] = as_text(*x);
    }
    out.push_back(one);
  }
  p.stack.outputs = std::move(out);
}

void Engine::backward(Pass& p, std::map<std::string, Resource>& resources) {
  std::vector<std::string> names;
  for (auto& [n, r] : resources) names.push_back(n);
  for (auto& n : names) {
    auto needed = [&](const auto& other) {
      return other.first != n && std::find(other.second.needs.begin(), other.second.needs.end(), n) != other.second.needs.end();
    };
    if (std::any_of(resources.begin(), resources.end(), needed)) continue;
    Resource& r = resources[n];
    remove(p, n.substr(0, n.find('@')), r);
    if (r.status == "DELETE_COMPLETE" || r.status == "DELETE_SKIPPED") resources.erase(n);
    if (p.failed) return;
  }
}

void Engine::remove(Pass& p, const std::string& logical, Resource& r) {
  if (r.physical.empty()) {
    r.status = "DELETE_COMPLETE";
    return;
  }
  const ResourceType* t = find_type(r.type);
  bool replaced = p.stack.op != "delete" && p.stack.op != "rollback";
  if (!t || (replaced ? r.replace_policy : r.deletion_policy) == "Retain") return resource_status(p, logical, r, "DELETE_SKIPPED");
  Subject s = subject(p, logical, r);
  if (r.status != "DELETE_IN_PROGRESS") {
    resource_status(p, logical, r, "DELETE_IN_PROGRESS");
    for (auto& a : t->remove) {
      if (!applies(a, s.props, Json())) continue;
      auto out = act(p.region, *t, a, s);
      if (out || gone(out.error())) continue;
      resource_status(p, logical, r, "DELETE_FAILED", out.error().message);
      p.failed = true;
      return stack_status(p.region, p.stack, p.stack.op == "rollback" ? "ROLLBACK_FAILED" : "DELETE_FAILED",
                          fmt::format("The following resource(s) failed to delete: [{}].", logical));
    }
  }
  // Only what has an asynchronous deletion is waited for.
  if (t->ready) {
    auto d = describe(p.region, *t, s);
    if (d && (*d).value("status", "") != "INACTIVE") return;
    if (!d && !gone(d.error())) return;
  }
  resource_status(p, logical, r, "DELETE_COMPLETE");
}

Result<Scope> Engine::scope(const std::string& region, const Stack& s, const Json& tmpl, const Target& t, bool tolerant) {
  Scope sc;
  sc.tmpl = &tmpl;
  sc.tolerant = tolerant;
  for (auto& [k, v] : t.parameters.items()) {
    std::string type = tmpl.value("Parameters", Json::object()).value(k, Json::object()).value("Type", "String");
    if (type == "CommaDelimitedList" || type.starts_with("List<")) {
      Json list = Json::array();
      std::string text = as_text(v);
      for (size_t i = 0; i <= text.size();) {
        size_t comma = std::min(text.find(',', i), text.size());
        std::string part = text.substr(i, comma - i);
        part.erase(0, part.find_first_not_of(' ') == std::string::npos ? part.size() : part.find_first_not_of(' '));
        list.push_back(part);
        i = comma + 1;
      }
      sc.parameters[k] = list;
    } else {
      sc.parameters[k] = as_text(v);
    }
  }
  sc.pseudo = {{"AWS::Region", region}, {"AWS::AccountId", world_.account()}, {"AWS::StackName", s.name}, {"AWS::StackId", s.id},
               {"AWS::Partition", "aws"}, {"AWS::URLSuffix", "amazonaws.com"}};
  for (char z : {'a', 'b', 'c'}) sc.zones.push_back(region + z);
  sc.ref = [&s](const std::string& logical) -> std::optional<Json> {
    auto it = s.resources.find(logical);
    if (it == s.resources.end() || it->second.physical.empty()) return std::nullopt;
    return Json(it->second.physical);
  };
  sc.attribute = [&s, region](const std::string& logical, const std::string& name) -> std::optional<Json> {
    auto it = s.resources.find(logical);
    const ResourceType* t = it == s.resources.end() ? nullptr : find_type(it->second.type);
    if (!t || it->second.physical.empty()) return std::nullopt;
    return attribute_of(*t, it->second, region, name);
  };
  sc.import = [this, region](const std::string& name) { return exports_(region, name); };
  return sc;
}

}  // namespace relight::sandbox::cfn
