#include "sandbox/services/cloudformation/stack.h"

namespace relight::sandbox::cfn {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Resource, type, physical, status, reason, deletion_policy,
                                                replace_policy, props, described, needs, settled, stale,
                                                fresh, replaced, complete, updated_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Event, id, logical, physical, type, status, reason, at_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Target, body, parameters)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Stack, name, id, status, reason, description, role, actor, op,
                                                target, previous, drift, tags, outputs, resources, garbage,
                                                garbage_count, events, imports, secrets, retained,
                                                keep_on_failure, delete_on_failure, protected_, created_ms,
                                                updated_ms, deleted_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ChangeSet, name, id, stack, stack_id, type, status,
                                                execution_status, reason, description, target, changes, tags,
                                                nothing, created_ms)

namespace {
template <class T>
Result<T> parse(const std::string& text) {
  try {
    return Json::parse(text).get<T>();
  } catch (const Json::exception& e) {
    return fail("Store.Malformed", e.what());
  }
}
}  // namespace

std::string Stack::save() const { return Json(*this).dump(-1, ' ', false, Json::error_handler_t::replace); }
Result<Stack> Stack::load(const std::string& json) { return parse<Stack>(json); }
std::string ChangeSet::save() const {
  return Json(*this).dump(-1, ' ', false, Json::error_handler_t::replace);
}
Result<ChangeSet> ChangeSet::load(const std::string& json) { return parse<ChangeSet>(json); }

}  // namespace relight::sandbox::cfn
