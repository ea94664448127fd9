// A stack as it is kept: its resources, its events, and the operation under way.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sandbox/services/cloudformation/template.h"

namespace relight::sandbox::cfn {

struct Resource {
  std::string type, physical, status, reason, deletion_policy, replace_policy;
  Json props, described;
  std::vector<std::string> needs;  // logical names, for the order of deletion
  bool settled = false;            // done (or tried in vain, for a deletion) in the operation under way
  bool stale = false;     // was in progress when a rollback began: to be looked at again once it is still
  bool fresh = false;     // made by the operation under way, so a rollback of it is its end
  bool replaced = false;  // in Stack::garbage because another one stands in its place
  bool complete = false;  // has once reached CREATE_COMPLETE
  int64_t updated_ms = 0;
};

struct Event {
  std::string id, logical, physical, type, status, reason;
  int64_t at_ms = 0;
};

struct Target {
  std::string body;  // template text
  Json parameters;   // name -> value
};

struct Stack {
  std::string name, id, status, reason, description, role;
  std::string
      actor;       // ARN in whose name the operation under way calls: the role's session, else the caller's
  std::string op;  // "" create update delete rollback update_rollback
  Target target, previous;
  Json drift;  // of the last detection: id, detection, status, at (ms), resources; null: there was none
  Json tags = Json::array(), outputs = Json::array();
  std::map<std::string, Resource> resources;
  // Replaced or removed, deleted at the end of an update; the key is "LogicalName@number".
  std::map<std::string, Resource> garbage;
  int64_t garbage_count = 0;
  std::vector<Event> events;       // newest last, at most 2,000
  std::set<std::string> imports;   // export names that Fn::ImportValue has read
  std::set<std::string> secrets;   // parameters with NoEcho
  std::set<std::string> retained;  // logical names that the deletion under way leaves behind
  bool keep_on_failure = false, delete_on_failure = false, protected_ = false;
  int64_t created_ms = 0, updated_ms = 0, deleted_ms = 0;
  bool dirty = false;  // changed since it was saved; not kept itself

  std::string save() const;
  static Result<Stack> load(const std::string& json);
};

struct ChangeSet {
  std::string name, id, stack, stack_id, type, status, execution_status, reason, description;
  Target target;
  Json changes = Json::array(), tags = Json::array();
  bool nothing = false;  // executing it would change neither a resource nor an output
  int64_t created_ms = 0;
  std::string save() const;
  static Result<ChangeSet> load(const std::string& json);
};

// "IN_SYNC", "DRIFTED", "NOT_CHECKED"; of a resource (logical not empty) also "MODIFIED", "DELETED".
std::string drift_status(const Stack& s, const std::string& logical = "");

}  // namespace relight::sandbox::cfn
