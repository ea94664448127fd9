// Resource types as a table: which of our own API's operations create, describe, change and delete one, and how its
// properties become their input. AWS CloudFormation "Resource and property types reference". Anything a property
// needs beyond a rename is a small Adapt function in types_adapt.cc.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "aws/shape.h"
#include "sandbox/services/cloudformation/template.h"

namespace relight::sandbox::cfn {

struct Subject {
  std::string logical, physical, stack, region, account;
  std::string token{};  // random: for caller references, which must be new each time
  Json props;      // resolved
  Json previous;   // before an update, else null
  Json described;  // what `describe` found last, else null
  Json whole{};    // of an entry of Action::each: all properties of its resource
};

// Gets the input built so far and completes it.
using Adapt = void (*)(Json& input, const Subject& s);

// Which entries of `each` an update acts on.
enum class Entries { kAll, kAdded, kGone };

struct Action {
  std::string_view service{}, operation{};
  // Space-separated properties taken into the input: "A B=Member C=Outer.Inner"; "*": every property not in `skip`
  // (further words rename some of them).
  std::string_view take{};
  // Space-separated "Member=text": text with $id (physical id), $logical, $stack, $token; "Member=[$id]" makes a list.
  std::string_view with{};
  // Done only if one of these properties is present (create) or differs (update). Empty: always on create.
  std::string_view when{};
  Adapt adapt = nullptr;  // may set the input to null: then there is nothing to call
  std::string_view each{};  // done once for every entry of this list property (a plain entry is taken as property `value`)
  Entries entries = Entries::kAll;
  // The operation that takes it back when an update has removed the properties of `when`; "-": nothing to do.
  std::string_view undo{};
  bool vanishes = false;  // of an update: about what is no longer there, so done although `when` may be gone
  std::string_view id{};  // JSON pointer into the output of an update: the new physical id
  // Another operation of the service (or of `asks_service`), called first unless `ask` has nothing to ask it; its output
  // is what adapt finds in Subject::described.
  std::string_view asks{};
  Json (*ask)(const Subject& s) = nullptr;
  std::string_view asks_service{};
};

// Words for the table.
inline Action undone(Action a, std::string_view by) { return a.undo = by, a; }
inline Action about_gone(Action a) { return a.vanishes = true, a; }
inline Action renewing(Action a, std::string_view id) { return a.id = id, a; }

enum class Ready { kYes, kNotYet, kFailed };

struct ResourceType {
  std::string_view name{};
  std::vector<Action> create{};   // the first one's output holds the physical id
  std::vector<Action> settings{};  // after create, and again whenever an update changes their properties
  // JSON pointer into it, or "=Property" (the id is that property; "=A|/Pointer|B" joins several, of the output too)
  std::string_view id{};
  std::optional<Action> describe{};
  std::string_view root{};      // JSON pointer to the resource in describe's output
  Ready (*ready)(const Json& described, const Subject& s) = nullptr;
  std::vector<std::pair<std::string_view, std::string_view>> attributes{};  // GetAtt name -> pointer into described
  std::string_view replace{};   // properties whose change needs a new resource; "*": every property
  std::vector<Action> update{};  // of an update alone, before `settings`
  std::vector<Action> remove{};
  std::vector<Action> snapshot{};   // instead of `remove` under the policy Snapshot; empty: the type has no snapshots
  bool snapshots_by_default = false;
  std::string_view no_policy_if{};  // JSON pointer into described: if there is something, DeletionPolicy is ignored
  std::string_view skip{};      // properties known, but not handed to create by "*"
  std::string_view named{};     // the property that names it; a name is generated when it is absent
  bool renewable = false;       // a new one may bear the old one's name (a task definition's next revision)
};

using Types = std::vector<ResourceType>;
Types network_types();
Types gateway_types();
Types group_types();
Types balancer_types();
Types container_types();
Types role_types();
Types database_types();
Types bucket_types();
Types name_types();
Types alarm_types();
Types secret_types();
Types function_types();
Types scaling_types();
Types log_types();
Types key_types();
Types certificate_types();
Types registry_types();
Types firewall_types();
Types queue_types();
Types topic_types();
Types rule_types();

const ResourceType* find_type(std::string_view name);
std::span<const ResourceType> all_types();
const aws::ServiceModel* model_of(std::string_view id);  // models.cc

// The input of an action, before coerce; null: nothing to call.
Json build_input(const ResourceType& t, const Action& a, const Subject& s);
// The entries of Action::each that are to be acted on.
Json entries(const Action& a, const Subject& s);

// Brings JSON into a shape: member names matched without regard to case, "80" to 80, true to "true", a document to
// its text. Error "ValidationError": an unsupported property, with its path.
Result<Json> coerce(const aws::Shape& shape, const Json& value, const std::string& path);
const aws::Member* member_of(const aws::Shape& s, const std::string& name);  // without regard to case

// Properties that the type does not have, or that only AWS sets. Error "ValidationError" in CloudFormation's words.
Result<> check_properties(const ResourceType& t, const std::string& logical, const Json& props);

// Whether an action with this `when` applies to these properties, or (previous not null) to their change.
bool applies(const Action& a, const Json& props, const Json& previous);
bool present(const Action& a, const Json& props);  // whether any property of `when` is there
bool listed(std::string_view words, const std::string& word);
std::vector<std::string> differing(const Json& a, const Json& b);
bool replaces(const ResourceType& t, const std::string& property);  // its change needs a new resource
bool changes(const ResourceType& t, const std::string& property);   // its change is carried out in place

}  // namespace relight::sandbox::cfn
