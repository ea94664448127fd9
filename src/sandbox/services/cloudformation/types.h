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
};

// Gets the input built so far and completes it.
using Adapt = void (*)(Json& input, const Subject& s);

struct Action {
  std::string_view service{}, operation{};
  // Space-separated properties taken into the input: "A B=Member C=Outer.Inner"; "*": every property not in `skip`
  // (further words rename some of them).
  std::string_view take{};
  // Space-separated "Member=text": text with $id (physical id), $logical, $stack, $token; "Member=[$id]" makes a list.
  std::string_view with{};
  // Done only if one of these properties is present (create) or differs (update). Empty: always on create.
  std::string_view when{};
  Adapt adapt = nullptr;
  std::string_view each{};  // done once for every entry of this list property (a plain entry is taken as property `value`)
};

enum class Ready { kYes, kNotYet, kFailed };

struct ResourceType {
  std::string_view name{};
  std::vector<Action> create{};   // the first one's output holds the physical id
  std::string_view id{};        // JSON pointer into it, or "=Property" (the id is that property), or "$name" (generated)
  std::optional<Action> describe{};
  std::string_view root{};      // JSON pointer to the resource in describe's output
  Ready (*ready)(const Json& described, const Subject& s) = nullptr;
  std::vector<std::pair<std::string_view, std::string_view>> attributes{};  // GetAtt name -> pointer into described
  std::string_view replace{};   // properties whose change needs a new resource
  std::vector<Action> update{};
  std::vector<Action> remove{};
  std::string_view skip{};      // properties known, but not handed to create by "*"
  std::string_view named{};     // the property that names it; a name is generated when it is absent
};

const ResourceType* find_type(std::string_view name);
std::span<const ResourceType> all_types();

// The input of an action, in the shape of that operation (strings and numbers coerced, capitals matched).
Json build_input(const ResourceType& t, const Action& a, const Subject& s);

// Brings JSON into a shape: member names matched without regard to case, "80" to 80, true to "true", a document to
// its text. Error "ValidationError": an unsupported property, with its path.
Result<Json> coerce(const aws::Shape& shape, const Json& value, const std::string& path);

// Whether an action with this `when` applies to these properties, or (previous not null) to their change.
bool applies(const Action& a, const Json& props, const Json& previous);
bool listed(std::string_view words, const std::string& word);

}  // namespace relight::sandbox::cfn
