// Moves a stack towards its target, level by level: every call of advance() looks at each resource and does what its
// state allows; what must be waited for is looked at again. Independent resources go side by side.
#pragma once
#include <functional>
#include <string>

#include "sandbox/services/cloudformation/evaluate.h"
#include "sandbox/services/cloudformation/stack.h"
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::cfn {

using Exports = std::function<std::optional<std::string>(const std::string& region, const std::string& name)>;

class Engine {
 public:
  Engine(World& w, Exports exports) : world_(w), exports_(std::move(exports)) {}

  // One look at everything; true while there is more to wait for. Changes the stack, its events, and AWS resources.
  bool advance(const std::string& region, Stack& s);
  // Starts an operation: sets op and status. target must have been checked.
  void begin(const std::string& region, Stack& s, const std::string& op);
  void stack_status(const std::string& region, Stack& s, const std::string& status, const std::string& reason = "");

  // The names and values a template may use. `tolerant` for change sets: unknown values become markers.
  Result<Scope> scope(const std::string& region, const Stack& s, const Json& tmpl, const Target& t, bool tolerant);
  // Effective parameters: defaults, allowed values, patterns, types checked.
  Result<Json> parameters(const Json& tmpl, const Json& given, const Json& previous);
  // Resource properties under the target: logical -> resolved; absent if its condition is false.
  Result<std::map<std::string, Json>> resolve(const std::string& region, const Stack& s, const Json& tmpl, const Target& t);

 private:
  struct Pass;
  void forward(Pass& p);
  void settle(Pass& p, const std::string& logical, const Json& definition);
  void create(Pass& p, const std::string& logical, const ResourceType& t, Json props, const Json& definition);
  void update(Pass& p, const std::string& logical, const ResourceType& t, Json props, const Json& definition);
  void poll(Pass& p, const std::string& logical);
  void outputs(Pass& p);
  void backward(Pass& p, std::map<std::string, Resource>& resources);
  void remove(Pass& p, const std::string& logical, Resource& r);
  void failed(Pass& p, const std::string& reason);
  void resource_status(Pass& p, const std::string& logical, Resource& r, const std::string& status, const std::string& reason = "");
  Result<Json> act(const std::string& region, const ResourceType& t, const Action& a, const Subject& s);
  Result<Json> call(const std::string& region, const Action& a, const Json& input);
  Result<Json> describe(const std::string& region, const ResourceType& t, const Subject& s);
  Subject subject(const Pass& p, const std::string& logical, const Resource& r);
  std::string generated_name(const std::string& stack, const std::string& logical, std::string_view type);

  World& world_;
  Exports exports_;
};

}  // namespace relight::sandbox::cfn
