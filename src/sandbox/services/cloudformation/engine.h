// Moves a stack towards its target, level by level: every call of advance() looks at each resource and does
// what its state allows; what must be waited for is looked at again. Independent resources go side by side.
// The template is parsed once an operation and kept.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sandbox/gateway/authority.h"
#include "sandbox/services/cloudformation/evaluate.h"
#include "sandbox/services/cloudformation/stack.h"
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::cfn {

// What the stacks of a region export to each other.
struct Exports {
  std::function<std::optional<std::string>(const std::string& region, const std::string& name)> value;
  // The name of the stack other than `stack_id` that exports it; empty: none.
  std::function<std::string(const std::string& region, const std::string& name, const std::string& stack_id)>
      owner;
  // The name of a stack other than `stack_id` that imports it; empty: none.
  std::function<std::string(const std::string& region, const std::string& name, const std::string& stack_id)>
      user;
};

struct Reading;  // drift.h

class Engine {
 public:
  Engine(World& w, Exports exports) : world_(w), exports_(std::move(exports)) {}

  // One look at everything; true while there is more to wait for. Changes the stack, its events, and AWS
  // resources; Stack::dirty tells whether there is anything to save.
  bool advance(const std::string& region, Stack& s);
  // Starts an operation: sets op and status. target must have been checked.
  void begin(const std::string& region, Stack& s, const std::string& op);
  void stack_status(const std::string& region, Stack& s, const std::string& status,
                    const std::string& reason = "");

  // Effective parameters: defaults, allowed values, patterns, types checked.
  Result<Json> parameters(const Json& tmpl, const Json& given, const Json& previous);
  // Resource properties under the target: logical -> resolved; absent if its condition is false. What is
  // known only after creation is a marker.
  Result<std::map<std::string, Json>> resolve(const std::string& region, const Stack& s, const Json& tmpl,
                                              const Target& t);
  // What stands of a resource, under its properties' names: those that can be read back. Read in `actor`'s
  // name. A resource that is gone: the error of whatever describes it (gone()).
  Result<Json> live(const std::string& region, const std::string& actor, const Stack& stack,
                    const std::string& logical, const Resource& r);
  // How often a template has been parsed for looks (a measure for tests).
  size_t parses() const { return parses_; }
  // From now on a stack's calls are made in the name of Stack::actor.
  void use(Authority& a) { authority_ = &a; }

 private:
  // A template read once: its JSON and what each resource waits for.
  struct Prepared {
    std::string body;
    Json tmpl;
    std::map<std::string, std::set<std::string>> needs;
  };
  struct Pass;
  Prepared& prepared(const Stack& s);
  Scope scope(const std::string& region, const Stack& s, const Json& tmpl, const Target& t, bool tolerant);

  // engine.cc: the stack
  bool forward(Pass& p);
  bool cleaning(Pass& p);
  void undoing(Pass& p);
  void outputs(Pass& p);
  Result<Json> output(Pass& p, const std::string& name, const Json& definition);
  Result<> exports_hold(Pass& p, const Json& outputs);
  void failed(Pass& p, const std::string& reason);
  void restore(const std::string& region, Stack& s);
  void cancel(Stack& s, bool rollback_of_create);

  // steps.cc: a resource on its way up
  void settle(Pass& p, const std::string& logical, const Json& definition);
  void create(Pass& p, const std::string& logical, const ResourceType& t, Json props);
  void update(Pass& p, const std::string& logical, const ResourceType& t, Json props);
  Result<> change(Pass& p, const ResourceType& t, Resource& r, Subject& s);
  void replace(Pass& p, const std::string& logical, const ResourceType& t, Json props);
  void poll(Pass& p, const std::string& logical);
  void resource_failed(Pass& p, const std::string& logical, const std::string& reason);
  void discard(Stack& s, const std::string& logical, const Resource& r, bool replaced);

  // removal.cc: a resource on its way down
  bool backward(Pass& p, std::map<std::string, Resource>& resources);
  void remove(Pass& p, const std::string& logical, Resource& r);
  bool delete_now(Pass& p, const std::string& logical, const ResourceType& t, Resource& r, bool snapshot);
  std::string policy(const Stack& s, const ResourceType& t, const Resource& r);

  // calls.cc: the sandbox's own API
  void resource_status(Stack& s, const std::string& logical, Resource& r, const std::string& status,
                       const std::string& reason = "");
  Result<Json> act(const std::string& region, const ResourceType& t, const Action& a, const Subject& s);
  Result<Json> call(const std::string& region, const Action& a, const Json& input);
  Result<Json> read(const std::string& region, const ResourceType& t, const Reading& r, const Subject& s);
  Result<Json> describe(const std::string& region, const ResourceType& t, const Subject& s);
  Subject subject(const Pass& p, const std::string& logical, const Resource& r);
  std::string generated_name(const std::string& stack, const std::string& logical, std::string_view type);
  int64_t now() const { return world_.clock.now().time_since_epoch().count(); }

  World& world_;
  Exports exports_;
  std::map<std::string, Prepared> prepared_;  // by stack id, while an operation is under way
  size_t parses_ = 0;
  Authority* authority_ = nullptr;
  std::string actor_;  // of the stack that is looked at
};

// One look.
struct Engine::Pass {
  std::string region;
  Stack& stack;
  const Json& tmpl;
  const std::map<std::string, std::set<std::string>>& needs;
  Scope scope;
  Evaluator values;
  bool failed = false;
  bool progress = false;  // something was deleted, or is being deleted
  Pass(std::string r, Stack& s, const Prepared& t, Scope sc)
      : region(std::move(r)), stack(s), tmpl(t.tmpl), needs(t.needs), scope(std::move(sc)), values(scope) {}
};

std::optional<Json> attribute_of(const ResourceType& t, const Resource& r, const std::string& region,
                                 const std::string& name);
const Json* at(const Json& v, std::string_view pointer);  // nullptr: nothing there
// No message and no answer shows the value of a NoEcho parameter.
std::string masked(const Stack& s, std::string text);
Json masked_json(const Stack& s, const Json& v);  // every text within
bool gone(const Error& e);                                // the error says that the thing is not there

}  // namespace relight::sandbox::cfn
