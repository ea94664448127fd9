#include "sandbox/services/cloudformation/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::cfn {
namespace {

std::string first_status(const std::string& op) {
  return op == "create"   ? "CREATE_IN_PROGRESS"
         : op == "update" ? "UPDATE_IN_PROGRESS"
         : op == "delete" ? "DELETE_IN_PROGRESS"
         : op == "rollback" ? "ROLLBACK_IN_PROGRESS"
                            : "UPDATE_ROLLBACK_IN_PROGRESS";
}

Json list_of(const std::string& text) {
  Json list = Json::array();
  for (size_t i = 0; i <= text.size();) {
    size_t comma = std::min(text.find(',', i), text.size());
    std::string part = text.substr(i, comma - i);
    size_t first = part.find_first_not_of(' ');
    list.push_back(first == std::string::npos ? "" : part.substr(first, part.find_last_not_of(' ') - first + 1));
    i = comma + 1;
  }
  return list;
}

std::string names_of(const std::map<std::string, Resource>& resources, std::string_view status) {
  std::string names;
  for (auto& [key, r] : resources)
    if (r.status == status) names += (names.empty() ? "" : ", ") + key.substr(0, key.find('@'));
  return names;
}

}  // namespace

void Engine::stack_status(const std::string& region, Stack& s, const std::string& status, const std::string& reason) {
  s.status = status;
  s.reason = reason;
  s.events.push_back(Event{world_.rng.uuid(), s.name, s.id, "AWS::CloudFormation::Stack", status, reason, now()});
  s.updated_ms = now();
  s.dirty = true;
  world_.event(region, "cloudformation", s.name, status);
}

void Engine::begin(const std::string& region, Stack& s, const std::string& op) {
  bool by_user = op == "create" || op == "update" || op == "delete";
  s.op = op;
  if (op != "delete") s.retained.clear();
  for (auto* all : {&s.resources, &s.garbage})
    for (auto& [n, r] : *all) {
      r.settled = false;
      if (by_user) r.fresh = false;
    }
  stack_status(region, s, first_status(op), by_user ? "User Initiated" : s.reason);
}

Engine::Prepared& Engine::prepared(const Stack& s) {
  Prepared& p = prepared_[s.id];
  if (!p.tmpl.is_null() && p.body == s.target.body) return p;
  p = Prepared{s.target.body, Json::object(), {}};
  ++parses_;
  if (auto t = parse_template(s.target.body)) p.tmpl = std::move(*t);
  const Json& tmpl = p.tmpl;
  if (tmpl.contains("Resources"))
    for (auto& [n, r] : tmpl["Resources"].items()) p.needs[n] = dependencies(tmpl, n);
  return p;
}

bool Engine::advance(const std::string& region, Stack& s) {
  if (s.op.empty()) return false;
  actor_ = s.actor;
  Prepared& t = prepared(s);
  Pass p(region, s, t, scope(region, s, t.tmpl, s.target, false));
  p.scope.import = [this, &region, &s](const std::string& name) {
    s.dirty = s.imports.insert(name).second || s.dirty;
    return exports_.value(region, name);
  };
  if (s.op == "delete" || s.op == "rollback") undoing(p);
  else if (s.status.ends_with("CLEANUP_IN_PROGRESS")) cleaning(p);
  else forward(p);
  if (s.op.empty()) prepared_.erase(s.id);
  return !s.op.empty();
}

// Everything goes. What cannot go stays, with all that it needs; the rest still goes, and then the stack has failed.
void Engine::undoing(Pass& p) {
  Stack& s = p.stack;
  bool more = backward(p, s.garbage);
  more = backward(p, s.resources) || more;
  if (more) return;
  std::string failures = names_of(s.resources, "DELETE_FAILED"), old = names_of(s.garbage, "DELETE_FAILED");
  if (!old.empty()) failures += (failures.empty() ? "" : ", ") + old;
  bool deletes = s.op == "delete";
  if (!failures.empty()) {
    stack_status(p.region, s, deletes ? "DELETE_FAILED" : "ROLLBACK_FAILED",
                 fmt::format("The following resource(s) failed to delete: [{}]. ", failures));
  } else {
    stack_status(p.region, s, deletes ? "DELETE_COMPLETE" : "ROLLBACK_COMPLETE");
    s.outputs = Json::array();
    if (deletes) s.imports.clear();
    if (deletes) s.deleted_ms = s.updated_ms;
  }
  s.op.clear();
}

// What was replaced or removed is deleted; what cannot be deleted stays behind, as AWS leaves it, and its event says so.
bool Engine::cleaning(Pass& p) {
  Stack& s = p.stack;
  if (backward(p, s.garbage)) return true;
  s.garbage.clear();
  stack_status(p.region, s, s.op == "update" ? "UPDATE_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE", s.op == "update" ? "" : s.reason);
  s.op.clear();
  return false;
}

bool Engine::forward(Pass& p) {
  Stack& s = p.stack;
  if (!p.tmpl.contains("Resources")) {
    failed(p, "the stack's template cannot be read");
    return false;
  }
  bool all = true;
  for (auto& [logical, definition] : p.tmpl["Resources"].items()) {
    settle(p, logical, definition);
    if (p.failed) return true;
    auto it = s.resources.find(logical);
    all = all && it != s.resources.end() && it->second.settled;
  }
  if (!all) return true;
  outputs(p);
  if (p.failed) return true;
  // A resource whose condition is false was settled as a placeholder; what the target no longer names goes.
  for (auto it = s.resources.begin(); it != s.resources.end();) {
    bool wanted = p.tmpl["Resources"].contains(it->first) && !it->second.physical.empty();
    if (!wanted && !it->second.physical.empty()) discard(s, it->first, it->second, false);
    it = wanted ? std::next(it) : s.resources.erase(it);
  }
  if (s.op == "create") {
    stack_status(p.region, s, "CREATE_COMPLETE");
    s.op.clear();
    return false;
  }
  bool update = s.op == "update";
  stack_status(p.region, s, update ? "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" : "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
               update ? "" : s.reason);
  return true;
}

// What is still in progress when another resource fails is cancelled: looked at again once it is still.
void Engine::cancel(Stack& s, bool creates) {
  for (auto& [logical, r] : s.resources) {
    if (!r.status.ends_with("_IN_PROGRESS") || r.physical.empty()) continue;
    bool made = r.status.starts_with("CREATE");
    r.stale = true;
    resource_status(s, logical, r, made ? "CREATE_FAILED" : "UPDATE_FAILED",
                    creates ? "Resource creation cancelled" : "Resource update cancelled");
  }
}

// Before an update is taken back: what it replaced stands again, and what stands in its place is to go.
void Engine::restore(const std::string& region, Stack& s) {
  for (auto it = s.garbage.begin(); it != s.garbage.end();) {
    if (!it->second.replaced) {
      ++it;
      continue;
    }
    std::string logical = it->first.substr(0, it->first.find('@'));
    Resource old = std::move(it->second), made = std::move(s.resources[logical]);
    it = s.garbage.erase(it);
    old.replaced = old.settled = false;
    Resource& now_standing = s.resources[logical] = std::move(old);
    resource_status(s, logical, now_standing, "UPDATE_COMPLETE");
    if (!made.physical.empty()) discard(s, logical, made, false);
  }
  world_.event(region, "cloudformation", s.name, "update is taken back");
}

void Engine::failed(Pass& p, const std::string& reason) {
  Stack& s = p.stack;
  p.failed = true;
  bool creates = s.op == "create";
  if (s.op == "update_rollback") {
    stack_status(p.region, s, "UPDATE_ROLLBACK_FAILED", reason);
    s.op.clear();
    return;
  }
  cancel(s, creates);
  if (s.keep_on_failure) {
    stack_status(p.region, s, creates ? "CREATE_FAILED" : "UPDATE_FAILED", reason);
    s.op.clear();
  } else if (creates) {
    s.reason = reason + (s.delete_on_failure ? " Delete requested by user." : " Rollback requested by user.");
    std::string why = s.reason;
    begin(p.region, s, s.delete_on_failure ? "delete" : "rollback");
    s.events.back().reason = s.reason = why;
  } else {
    s.reason = reason;
    s.target = s.previous;
    restore(p.region, s);
    begin(p.region, s, "update_rollback");
  }
}

Result<Json> Engine::output(Pass& p, const std::string& name, const Json& o) {
  if (o.contains("Condition")) {
    TRY_ASSIGN(bool yes, p.values.condition(as_text(o["Condition"])));
    if (!yes) return Json();
  }
  auto v = p.values.value(o.value("Value", Json("")));
  if (!v) return aws_error("ValidationError", fmt::format("Output {}: {}", name, v.error().message), 400);
  if (v->is_structured())
    return aws_error("ValidationError", fmt::format("Template format error: The Value field of every Outputs member must evaluate to a String and not a {}.", v->is_array() ? "List" : "Map"), 400);
  Json one{{"OutputKey", name}, {"OutputValue", as_text(*v)}};
  if (o.contains("Description")) one["Description"] = o["Description"];
  if (o.contains("Export")) {
    TRY_ASSIGN(Json x, p.values.value(o["Export"].value("Name", Json(""))));
    one["ExportName"] = as_text(x);
  }
  return one;
}

// An export is one stack's alone, and what another stack imports neither changes nor goes. CloudFormation User Guide,
// "Get exported outputs from a deployed CloudFormation stack".
Result<> Engine::exports_hold(Pass& p, const Json& outputs) {
  auto exported = [&](const std::string& name) {
    for (auto& o : outputs)
      if (o.value("ExportName", "") == name) return std::optional(o.value("OutputValue", ""));
    return std::optional<std::string>();
  };
  for (auto& o : outputs) {
    std::string name = o.value("ExportName", "");
    if (name.empty()) continue;
    if (auto owner = exports_.owner(p.region, name, p.stack.id); !owner.empty())
      return aws_error("ValidationError", fmt::format("Export with name {} is already exported by stack {}.", name, owner), 400);
  }
  for (auto& o : p.stack.outputs) {
    std::string name = o.value("ExportName", ""), user = name.empty() ? "" : exports_.user(p.region, name, p.stack.id);
    if (user.empty()) continue;
    auto value = exported(name);
    if (!value) return aws_error("ValidationError", fmt::format("Export {} cannot be deleted as it is in use by {}", name, user), 400);
    if (*value != o.value("OutputValue", ""))
      return aws_error("ValidationError", fmt::format("Export {} cannot be updated as it is in use by {}", name, user), 400);
  }
  return {};
}

void Engine::outputs(Pass& p) {
  Json out = Json::array();
  const Json wanted = p.tmpl.value("Outputs", Json::object());
  for (auto& [name, o] : wanted.items()) {
    auto one = output(p, name, o);
    if (!one) return failed(p, one.error().message);
    if (!one->is_null()) out.push_back(std::move(*one));
  }
  if (auto ok = exports_hold(p, out); !ok) return failed(p, ok.error().message);
  p.stack.outputs = std::move(out);
  p.stack.dirty = true;
}

Scope Engine::scope(const std::string& region, const Stack& s, const Json& tmpl, const Target& t, bool tolerant) {
  Scope sc;
  sc.tmpl = &tmpl;
  sc.tolerant = tolerant;
  const Json defined = tmpl.value("Parameters", Json::object());
  for (auto& [k, v] : t.parameters.items()) {
    std::string type = defined.value(k, Json::object()).value("Type", "String");
    bool list = type == "CommaDelimitedList" || type.starts_with("List<");
    sc.parameters[k] = list ? list_of(as_text(v)) : Json(as_text(v));
  }
  sc.pseudo = {{"AWS::Region", region}, {"AWS::AccountId", world_.account()}, {"AWS::StackName", s.name}, {"AWS::StackId", s.id},
               {"AWS::Partition", "aws"}, {"AWS::URLSuffix", "amazonaws.com"}};
  sc.region = region;
  for (char z : {'a', 'b', 'c'}) sc.zones.push_back(region + z);
  sc.ref = [&s](const std::string& logical) -> std::optional<Json> {
    auto it = s.resources.find(logical);
    if (it == s.resources.end() || it->second.physical.empty()) return std::nullopt;
    return Json(it->second.physical);
  };
  sc.attribute = [&s, region](const std::string& logical, const std::string& name) -> std::optional<Json> {
    auto it = s.resources.find(logical);
    const ResourceType* type = it == s.resources.end() ? nullptr : find_type(it->second.type);
    if (!type || it->second.physical.empty()) return std::nullopt;
    return attribute_of(*type, it->second, region, name);
  };
  sc.import = [this, region](const std::string& name) { return exports_.value(region, name); };
  return sc;
}

}  // namespace relight::sandbox::cfn
