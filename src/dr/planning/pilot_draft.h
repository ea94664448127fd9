// A Pilot in the making: what the translators of the families share.
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dr/model/addresses.h"
#include "dr/planning/pilot.h"
#include "dr/planning/pilot_names.h"

namespace relight::dr {

// Blocks of the primary's VPC become blocks of the pilot's.
struct AddressMove {
  Addresses from, to;
};

class PilotDraft {
 public:
  using Json = nlohmann::json;
  struct Captured {
    const Resource* resource;
    const Json* properties;
    const std::string& id() const { return resource->key.id; }
    const ResourceKey& key() const { return resource->key; }
  };

  PilotDraft(const Inventory& inventory, const PilotPolicy& policy);
  // Parses every resource and gives those that have a counterpart their logical ids. Before anything else.
  Result<> open();

  const PilotPolicy& policy() const { return policy_; }
  const NamePlaces& places() const { return places_; }
  const std::string& account() const { return pilot_.account; }
  std::string name(std::string_view captured) const { return in_stack(places_, captured); }

  std::vector<Captured> all(std::string_view kind) const;
  const Json* find(std::string_view kind, const std::string& id) const;  // its properties, or nullptr
  bool has(std::string_view kind, const std::string& id) const { return find(kind, id) != nullptr; }
  bool names(std::string_view kind, const std::string& id) const;  // some task definition's environment does
  std::string logical(std::string_view kind, const std::string& id) const;  // empty: has no counterpart
  void adopt(const ResourceKey& key);                                       // it gets a counterpart after all
  void abandon(const ResourceKey& key);                                     // it gets none

  // A reference to a captured resource's counterpart. What was not captured stays as it is, and is said.
  Json ref(std::string_view kind, const std::string& id, const ResourceKey& from);
  Json refs(std::string_view kind, const Json* list, const ResourceKey& from, const char* member = nullptr);
  // Text in which names of captured resources, their ARNs and the primary's region become the recovery's: a
  // plain text, {"Ref"}, {"Fn::GetAtt"} or {"Fn::Sub"}.
  Json text(const std::string& value, const ResourceKey& from);
  Json deep(const Json& value, const ResourceKey& from);  // every text in it
  bool translates(const std::string& value) const { return substituted(value) != value; }
  // "needle" in a text means this, in the words of Fn::Sub: "${Database.Endpoint.Address}".
  void means(const std::string& needle, const std::string& substitute);
  void means_whole(const std::string& value, const std::string& substitute);  // only the whole value does

  void add(PilotResource r, Json properties);
  // Every resource that is added from here on has its blocks moved.
  void move_to(std::optional<AddressMove> m) { move_ = m; }
  void say(const ResourceKey& from, std::string what, std::string why);
  void parameter(PilotParameter p);
  void condition(std::string name, const Json& test);
  void output(std::string name, const Json& value);
  void action(PrimaryAction a) { pilot_.actions.push_back(std::move(a)); }
  void code(CodePackage p) { pilot_.packages.push_back(std::move(p)); }
  // An entry of dr/model/dormant.h as JSON; its texts may be references.
  void dormant(Json entry) { dormant_.push_back(std::move(entry)); }
  // The stack's own, once for all gateways.
  void dormant_network(const std::string& parameter);
  // Refused, unless the policy accepts what is unknown; then it is said.
  void unknown_parts(const Resource& r);
  void wrong(Error e);  // the first one is what plan_pilot answers

  // Checks collisions and circles, sorts.
  Result<Pilot> close();

 private:
  std::string substituted(const std::string& value) const;
  void move_addresses(Json& value, const PilotResource& r);
  Result<> check_references() const;
  Result<> check_names() const;
  void write_dormant();

  const Inventory& inventory_;
  const PilotPolicy& policy_;
  NamePlaces places_;
  Pilot pilot_;
  std::map<ResourceKey, Json> parsed_;
  std::map<ResourceKey, std::string> logical_;
  std::set<ResourceKey> named_;  // by task definitions
  std::unordered_map<std::string, std::string> meanings_, whole_;
  std::vector<Json> dormant_;
  std::vector<std::string> unknown_;
  std::optional<AddressMove> move_;
  std::optional<Error> error_;
};

// {"Ref": id}, {"Fn::GetAtt": [id, attribute]}
nlohmann::json ref_to(const std::string& id);
nlohmann::json attribute_of(const std::string& id, const std::string& attribute);
// The element's member names with a capital first letter, as CloudFormation has them; maps whose keys are the
// user's own (labels, options, …) are left alone, and so is what is empty: it is dropped.
nlohmann::json pascal(const nlohmann::json& value);
// JSON text for Fn::Sub: the references in it as "${…}", a plain "${" escaped.
std::string sub_text(const nlohmann::json& value);
// A member's text, or empty.
std::string text_of(const nlohmann::json& object, const char* member);
// {"Key","Value"} pairs without AWS's own, whose keys may be "key" or "Key"; null when there are none.
nlohmann::json tags_of(const nlohmann::json& list);
// Copies members of `from` that are there, "A B=C": A as it is, B as C.
void take(nlohmann::json& to, const nlohmann::json& from, std::string_view members);

// What stands for an ARN: a reference to a captured queue, topic or function, else a text.
nlohmann::json arn_of(PilotDraft& d, const std::string& arn, const ResourceKey& from);
// What stands for a key of KMS: the pilot's own, or a parameter that asks for one.
nlohmann::json key_of(PilotDraft& d, const std::string& key, const ResourceKey& from);
// The pilot's own alone; null when there is none.
nlohmann::json made_key(const PilotDraft& d, const std::string& key);
// The primary's own, as ARN; "*" where what it is called by does not tell.
std::string captured_key_arn(const PilotDraft& d, const std::string& key);
// An image of the primary's own registry by its digest in the recovery region's, which deploy copies it to;
// where the digest is not known, and of every other registry, by its name as it is, and it is said.
nlohmann::json image_of_pilot(PilotDraft& d, const std::string& image, const ResourceKey& from);
nlohmann::json log_group_name(PilotDraft& d, const std::string& name, const ResourceKey& from);

// From the primary's VPC to the policy's cidr; none where the policy names none. Error "Synth.Addresses".
Result<std::optional<AddressMove>> address_move(const PilotDraft& d);
// The topics that the pilot's own alarms notify: those that the captured alarms do, and the policy's; null
// when there are none.
nlohmann::json own_alarm_actions(PilotDraft& d);

// Teaches a draft what the captured resources are called in texts.
void learn_names(PilotDraft& d);

// One a family, each in pilot_<family>.cc; in this order.
void translate_network(PilotDraft& d);
void translate_routes(PilotDraft& d);
void translate_groups(PilotDraft& d);
void translate_endpoints(PilotDraft& d);
void translate_roles(PilotDraft& d);
void translate_buckets(PilotDraft& d);
void translate_databases(PilotDraft& d);
void translate_balancers(PilotDraft& d);
void translate_firewall(PilotDraft& d);
void translate_images(PilotDraft& d);
void translate_containers(PilotDraft& d);
void translate_alarms(PilotDraft& d);
void translate_secrets(PilotDraft& d);
void translate_keys(PilotDraft& d);
void translate_logs(PilotDraft& d);
void translate_messages(PilotDraft& d);
void translate_functions(PilotDraft& d);
void translate_rules(PilotDraft& d);
void translate_notifications(PilotDraft& d);
void translate_scaling(PilotDraft& d);
void translate_parameters(PilotDraft& d);
// `balancer`: the id of the captured one that serves the domain, or empty.
void translate_entry(PilotDraft& d, const std::string& balancer);

}  // namespace relight::dr
