// A resource on its way up: created, updated in place, or replaced.
#include <fmt/format.h>

#include <utility>

#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/engine.h"

namespace relight::sandbox::cfn {
namespace {

std::string from_service(const Error& e, const Action& a) {
  return fmt::format("{} (Service: {}, Code: {})", e.message, a.service, e.code);
}

}  // namespace

void Engine::resource_failed(Pass& p, const std::string& logical, const std::string& reason) {
  Resource& r = p.stack.resources[logical];
  bool creating = !r.status.starts_with("UPDATE") && (r.fresh || r.physical.empty());
  resource_status(p.stack, logical, r, creating ? "CREATE_FAILED" : "UPDATE_FAILED", reason);
  failed(p, fmt::format("The following resource(s) failed to {}: [{}].", creating ? "create" : "update", logical));
}

void Engine::discard(Stack& s, const std::string& logical, const Resource& r, bool replaced) {
  Resource& old = s.garbage[fmt::format("{}@{}", logical, ++s.garbage_count)] = r;
  old.replaced = replaced;
  old.settled = false;
  s.dirty = true;
}

void Engine::settle(Pass& p, const std::string& logical, const Json& definition) {
  Stack& s = p.stack;
  Resource& r = s.resources[logical];
  if (r.settled) return;
  if (!r.physical.empty() && (r.stale || r.status.ends_with("_IN_PROGRESS"))) return poll(p, logical);
  if (definition.contains("Condition")) {
    auto yes = p.values.condition(as_text(definition["Condition"]));
    if (!yes) return failed(p, yes.error().message);
    if (!*yes) {
      if (!r.physical.empty()) discard(s, logical, r, false);
      r = Resource{};
      r.settled = s.dirty = true;
      return;
    }
  }
  auto needs = p.needs.find(logical);
  for (auto& n : needs->second)
    if (auto it = s.resources.find(n); it == s.resources.end() || !it->second.settled) return;
  r.type = definition["Type"].get<std::string>();
  r.needs.assign(needs->second.begin(), needs->second.end());
  if (r.physical.empty()) r.deletion_policy = r.replace_policy = "";
  std::string before = r.deletion_policy + "|" + r.replace_policy;
  // A replaced resource goes by the policy it stood under; the template at hand says the policies from now on.
  r.deletion_policy = definition.value("DeletionPolicy", "");
  r.replace_policy = definition.value("UpdateReplacePolicy", "");
  s.dirty = s.dirty || before != r.deletion_policy + "|" + r.replace_policy;
  const ResourceType* t = find_type(r.type);
  if (!t) return resource_failed(p, logical, fmt::format("resource type {} is not supported in this sandbox", r.type));
  auto props = p.values.value(definition.value("Properties", Json::object()));
  if (!props) return resource_failed(p, logical, props.error().message);
  if (auto ok = check_properties(*t, logical, *props); !ok) return resource_failed(p, logical, ok.error().message);
  if (r.physical.empty()) return create(p, logical, *t, std::move(*props));
  update(p, logical, *t, std::move(*props));
}

// "A|/B": properties, and what the output has at a pointer, joined by bars.
static std::string id_of(std::string_view names, Json& props, const Json& out) {
  size_t bar = names.find('|');
  std::string name(names.substr(0, bar));
  const Json* told = name.starts_with('/') ? at(out, name) : nullptr;
  std::string first = told ? as_text(*told) : as_text(props[name]);
  return bar == names.npos ? first : first + "|" + id_of(names.substr(bar + 1), props, out);
}

void Engine::create(Pass& p, const std::string& logical, const ResourceType& t, Json props) {
  Resource& r = p.stack.resources[logical];
  std::string named(t.named);
  if (!named.empty() && !props.contains(named)) props[named] = generated_name(p.stack.name, logical, t.name);
  r.props = std::move(props);
  r.fresh = true;
  r.complete = false;
  resource_status(p.stack, logical, r, "CREATE_IN_PROGRESS");
  bool first = true;
  for (auto* actions : {&t.create, &t.settings})
    for (auto& a : *actions) {
      if (!applies(a, r.props, Json())) continue;
      auto out = act(p.region, t, a, subject(p, logical, r));
      if (!out) return resource_failed(p, logical, from_service(out.error(), a));
      if (!std::exchange(first, false)) continue;
      if (t.id.starts_with("=")) r.physical = id_of(t.id.substr(1), r.props, *out);
      else if (auto* id = at(*out, t.id)) r.physical = as_text(*id);
      // Route 53 answers "/hostedzone/Z…"; CloudFormation's physical id is the bare one.
      if (r.physical.starts_with("/hostedzone/")) r.physical = r.physical.substr(12);
      resource_status(p.stack, logical, r, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    }
  poll(p, logical);
}

void Engine::update(Pass& p, const std::string& logical, const ResourceType& t, Json props) {
  Resource& r = p.stack.resources[logical];
  std::string named(t.named);
  bool generated = !named.empty() && !props.contains(named) && r.props.contains(named);
  if (generated) props[named] = r.props[named];
  if (props == r.props) {
    r.settled = p.stack.dirty = true;
    return;
  }
  for (auto& k : differing(r.props, props))
    if (replaces(t, k)) {
      if (generated) props.erase(named);  // a generated name is generated anew
      return replace(p, logical, t, std::move(props));
    }
  Subject s = subject(p, logical, r);
  s.previous = std::exchange(r.props, std::move(props));
  s.props = r.props;
  resource_status(p.stack, logical, r, "UPDATE_IN_PROGRESS");
  // The new properties stay noted even then: some may have been applied, and a rollback applies the old ones again.
  if (auto done = change(p, t, r, s); !done) return resource_failed(p, logical, done.error().message);
  poll(p, logical);
}

// In place. A change that no action carries out is refused, not forgotten.
Result<> Engine::change(Pass& p, const ResourceType& t, Resource& r, Subject& s) {
  for (auto& k : differing(s.previous, s.props)) {
    if (changes(t, k)) continue;
    r.props = s.previous;  // nothing was done
    return aws_error("NotImplemented", fmt::format("changing {} of an {} in place is not built in this sandbox", k, t.name), 501);
  }
  for (auto* actions : {&t.update, &t.settings})
    for (auto& a : *actions) {
      if (!applies(a, s.props, s.previous)) continue;
      Action todo = a;
      if (a.vanishes || present(a, s.props)) {
      } else if (!a.undo.empty()) {
        if (a.undo == "-") continue;
        todo.operation = a.undo;
        todo.take = "";
        todo.adapt = nullptr;
      } else {
        return aws_error("NotImplemented", fmt::format("removing {} from an {} is not built in this sandbox", a.when, t.name), 501);
      }
      auto out = act(p.region, t, todo, s);
      if (!out) return aws_error(out.error().code, from_service(out.error(), todo), out.error().http_status);
      if (!a.id.empty())
        if (auto* id = at(*out, a.id)) r.physical = s.physical = as_text(*id);
    }
  return {};
}

// The new one is made first; the old one goes when the whole update has succeeded ("Update behaviors of stack
// resources": Replacement).
void Engine::replace(Pass& p, const std::string& logical, const ResourceType& t, Json props) {
  Resource& r = p.stack.resources[logical];
  std::string named(t.named);
  if (!named.empty() && !t.renewable && props.contains(named) && props[named] == r.props.value(named, Json())) {
    r.status = "UPDATE_IN_PROGRESS";
    return resource_failed(p, logical, fmt::format("CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                                                   "Rename {} and update the stack again.", as_text(props[named])));
  }
  resource_status(p.stack, logical, r, "UPDATE_IN_PROGRESS",
                  "Requested update requires the creation of a new physical resource; hence creating one.");
  discard(p.stack, logical, r, true);
  r.physical.clear();
  r.described = Json();
  create(p, logical, t, std::move(props));
}

void Engine::poll(Pass& p, const std::string& logical) {
  Stack& s = p.stack;
  Resource& r = s.resources[logical];
  const ResourceType* t = find_type(r.type);
  bool creating = r.status.starts_with("CREATE"), stale = r.stale;
  auto d = describe(p.region, *t, subject(p, logical, r));
  Ready ready = !d ? Ready::kFailed : t->ready ? t->ready(*d, subject(p, logical, r)) : Ready::kYes;
  if (d && *d != r.described) {
    r.described = std::move(*d);
    s.dirty = true;
  }
  if (ready == Ready::kNotYet) return;
  if (stale) {  // an older operation's work has ended, well or not; now the one at hand looks at it
    r.stale = false;
    r.status = "UPDATE_COMPLETE";
    s.dirty = true;
    return;
  }
  if (ready == Ready::kFailed) return resource_failed(p, logical, d ? "Resource did not stabilize" : d.error().message);
  r.settled = true;
  resource_status(s, logical, r, creating ? "CREATE_COMPLETE" : "UPDATE_COMPLETE");
}

}  // namespace relight::sandbox::cfn
