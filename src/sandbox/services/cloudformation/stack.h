// A stack as it is kept: its resources, its events, and the operation under way.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sandbox/services/cloudformation/template.h"

namespace relight::sandbox::cfn {

struct Resource {
  std::string type, physical, status, reason, deletion_policy, replace_policy;
  Json props, described, old_props;
  std::vector<std::string> needs;  // logical names, for the order of deletion
  bool settled = false;            // done in the operation under way
  int64_t updated_ms = 0;
};

struct Event {
  std::string id, logical, physical, type, status, reason;
  int64_t at_ms = 0;
};

struct Target {
  std::string body;          // template text
  Json parameters;           // name -> value
};

struct Stack {
  std::string name, id, status, reason, description, role, op;  // op: "" create update delete rollback update_rollback
  Target target, previous;
  Json tags = Json::array(), outputs = Json::array(), capabilities = Json::array();
  std::map<std::string, Resource> resources;
  std::map<std::string, Resource> garbage;  // replaced or removed, deleted at the end of an update
  std::vector<Event> events;                // newest last, at most 2,000
  bool keep_on_failure = false, protected_ = false;
  int64_t created_ms = 0, updated_ms = 0, deleted_ms = 0;

  std::string save() const;
  static Result<Stack> load(const std::string& json);
};

struct ChangeSet {
  std::string name, id, stack, stack_id, type, status, execution_status, reason, description;
  Target target;
  Json changes = Json::array(), tags = Json::array(), capabilities = Json::array();
  int64_t created_ms = 0;
  std::string save() const;
  static Result<ChangeSet> load(const std::string& json);
};

}  // namespace relight::sandbox::cfn
