// Amazon EventBridge: buses, rules, targets, schedules. See README.md.
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/events.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/events/pattern.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace rules {
namespace api = aws::events;
using Bus = Row<api::DescribeEventBusResponse>;
using Rule = Row<api::DescribeRuleResponse>;
using Targets = Row<api::ListTargetsByRuleResponse>;
using TagRow = Row<api::ListTagsForResourceResponse>;
// When a rate() began to count.
struct Since {
  Instant at;
  std::string save() const;
  static Result<Since> load(const std::string& text);
};
}  // namespace rules

class EventsService final : public Service {
 public:
  explicit EventsService(World& w);
  void start() override;

 private:
  using Region = const std::string&;
  void add_buses();
  void add_permissions();
  void add_rules();
  void add_rule_states();
  void add_rule_lists();
  void add_targets();
  void add_target_lists();
  void add_tags();
  void add_events();

  std::string arn_of(Region r, const std::string& rest) const;  // "event-bus/x", "rule/x"
  std::string rule_arn(Region r, const std::string& bus, const std::string& name) const;
  Result<std::string> bus_name(Region r, const std::optional<std::string>& name_or_arn);  // an existing bus
  rules::Bus shown_bus(Region r, const std::string& name);
  Result<rules::Rule*> find(Region r, const std::optional<std::string>& bus, const std::string& name,
                            std::string* key = nullptr);
  Result<rules::api::PutRuleResponse> put_rule(const Call& c, const rules::api::PutRuleRequest& in);
  Result<rules::api::PutTargetsResponse> put_targets(const Call& c, const rules::api::PutTargetsRequest& in);
  Result<> check_target(Region r, const rules::api::Target& t) const;
  Result<> set_state(const Call& c, const std::optional<std::string>& bus, const std::string& name,
                     const std::string& state);
  Result<> put_permission(const Call& c, const rules::api::PutPermissionRequest& in);
  Result<> put_tags(Region r, const std::string& arn, const std::vector<rules::api::Tag>& tags);
  rules::api::PutEventsResultEntry put_event(const Call& c, const rules::api::PutEventsRequestEntry& e);

  // ---- firing ----
  void schedule(Region r, const std::string& key);  // the rule's next time; what was scheduled before is void
  void fire(Region r, const std::string& key, const nlohmann::json& event);
  void not_delivered(Region r, const rules::Rule& rule, const rules::api::Target& t, const std::string& text,
                     const Error& e);
  void spread(Region r, const std::string& bus, const nlohmann::json& event);

  Table<rules::Bus> buses_;                      // by name; "default" only once it has a policy
  Table<rules::Rule> rules_;                     // "BUS|NAME"
  Table<rules::Targets> targets_;                // as rules_
  Table<rules::Since> since_;                    // as rules_
  Table<rules::TagRow> tags_;                    // by ARN
  std::map<std::string, uint64_t> generations_;  // "REGION|BUS|NAME": which timer counts
};

}  // namespace relight::sandbox
