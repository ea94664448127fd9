// Rules made, changed, switched on and off, deleted, listed.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/events/page.h"
#include "sandbox/services/events/service.h"
#include "sandbox/world/timetable.h"

namespace relight::sandbox {
using namespace rules;
namespace op = aws::events::op;

namespace {

constexpr size_t kRulesPerBus = 300;  // "Amazon EventBridge quotas"

api::Rule listed(const Rule& r) {
  return {.Name = r.Name,
          .Arn = r.Arn,
          .EventPattern = r.EventPattern,
          .State = r.State,
          .Description = r.Description,
          .ScheduleExpression = r.ScheduleExpression,
          .RoleArn = r.RoleArn,
          .EventBusName = r.EventBusName};
}

}  // namespace

// PutRule replaces a rule whole; only its tags and targets stay (PutRule, API Reference).
Result<api::PutRuleResponse> EventsService::put_rule(const Call& c, const api::PutRuleRequest& in) {
  TRY_ASSIGN(std::string bus, bus_name(c.region, in.EventBusName));
  std::string pattern = in.EventPattern.value_or(""), times = in.ScheduleExpression.value_or("");
  if (pattern.empty() && times.empty())
    return aws_error("ValidationException",
                     "Parameter(s) EventPattern or ScheduleExpression must be specified.", 400);
  if (!pattern.empty()) TRY(EventPattern::parse(pattern));
  if (!times.empty()) {
    if (bus != "default")
      return aws_error("ValidationException",
                       "ScheduleExpression is supported only on the default event bus.", 400);
    if (!Timetable::parse(times))
      return aws_error("ValidationException", "Parameter ScheduleExpression is not valid.", 400);
  }
  std::string key = bus + "|" + *in.Name;
  auto* there = rules_.find(c.region, key);
  size_t n = 0;
  for (auto& [k, r] : rules_.in(c.region)) n += k.starts_with(bus + "|");
  if (!there && n >= kRulesPerBus)
    return aws_error("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
  Rule r;
  r.Name = in.Name;
  r.Arn = rule_arn(c.region, bus, *in.Name);
  if (!pattern.empty()) r.EventPattern = pattern;
  if (!times.empty()) r.ScheduleExpression = times;
  r.State = in.State.value_or("ENABLED");
  r.Description = in.Description;
  r.RoleArn = in.RoleArn;
  r.EventBusName = bus;
  r.CreatedBy = world_.account();
  // Tags of a rule that exists are left alone (PutRule: "If you are updating an existing rule, any tags you
  // specify are ignored").
  if (in.Tags && !there) TRY(put_tags(c.region, *r.Arn, *in.Tags));
  bool same_times = there && there->ScheduleExpression == r.ScheduleExpression;
  auto arn = r.Arn;
  rules_.put(c.region, key, std::move(r));
  if (!same_times) since_.put(c.region, key, {world_.clock.now()});
  schedule(c.region, key);
  return api::PutRuleResponse{arn};
}

void EventsService::add_rules() {
  on<op::PutRule>([this](const Call& c, const api::PutRuleRequest& in) { return put_rule(c, in); });
  on<op::DescribeRule>(
      [this](const Call& c, const api::DescribeRuleRequest& in) -> Result<api::DescribeRuleResponse> {
        TRY_ASSIGN(auto* r, find(c.region, in.EventBusName, *in.Name));
        return *r;
      });
  on<op::DeleteRule>(
      [this](const Call& c, const api::DeleteRuleRequest& in) -> Result<api::DeleteRuleOutput_> {
        std::string key;
        auto r = find(c.region, in.EventBusName, *in.Name, &key);
        if (!r)
          return key.empty() ? Result<api::DeleteRuleOutput_>(std::unexpected(r.error()))
                             : api::DeleteRuleOutput_{};
        auto* t = targets_.find(c.region, key);
        if (t && t->Targets && !t->Targets->empty())
          return aws_error("ValidationException", "Rule can't be deleted since it has targets.", 400);
        tags_.erase(c.region, std::string(*(*r)->Arn));
        targets_.erase(c.region, key);
        since_.erase(c.region, key);
        rules_.erase(c.region, key);
        ++generations_[c.region + "|" + key];
        return api::DeleteRuleOutput_{};
      });
}

Result<> EventsService::set_state(const Call& c, const std::optional<std::string>& bus,
                                  const std::string& name, const std::string& state) {
  std::string key;
  TRY_ASSIGN(auto* r, find(c.region, bus, name, &key));
  if (r->State == state) return {};
  r->State = state;
  rules_.save(c.region, key, *r);
  since_.put(c.region, key, {world_.clock.now()});  // a rate begins anew
  world_.event(c.region, "events", *r->Arn, state == "ENABLED" ? "enabled" : "disabled");
  schedule(c.region, key);
  return {};
}

void EventsService::add_rule_states() {
  on<op::EnableRule>(
      [this](const Call& c, const api::EnableRuleRequest& in) -> Result<api::EnableRuleOutput_> {
        TRY(set_state(c, in.EventBusName, *in.Name, "ENABLED"));
        return api::EnableRuleOutput_{};
      });
  on<op::DisableRule>(
      [this](const Call& c, const api::DisableRuleRequest& in) -> Result<api::DisableRuleOutput_> {
        TRY(set_state(c, in.EventBusName, *in.Name, "DISABLED"));
        return api::DisableRuleOutput_{};
      });
}

void EventsService::add_rule_lists() {
  on<op::ListRules>([this](const Call& c, const api::ListRulesRequest& in) -> Result<api::ListRulesResponse> {
    TRY_ASSIGN(std::string bus, bus_name(c.region, in.EventBusName));
    std::vector<api::Rule> all;
    for (auto& [key, r] : rules_.in(c.region))
      if (key.starts_with(bus + "|" + in.NamePrefix.value_or(""))) all.push_back(listed(r));
    api::ListRulesResponse out;
    TRY_ASSIGN(out.NextToken, cut_events_page(all, in.NextToken, in.Limit));
    out.Rules = std::move(all);
    return out;
  });
  on<op::ListRuleNamesByTarget>(
      [this](const Call& c,
             const api::ListRuleNamesByTargetRequest& in) -> Result<api::ListRuleNamesByTargetResponse> {
        TRY_ASSIGN(std::string bus, bus_name(c.region, in.EventBusName));
        std::vector<std::string> all;
        for (auto& [key, t] : targets_.in(c.region)) {
          if (!key.starts_with(bus + "|") || !t.Targets) continue;
          for (auto& one : *t.Targets)
            if (one.Arn == in.TargetArn) {
              all.push_back(key.substr(bus.size() + 1));
              break;
            }
        }
        api::ListRuleNamesByTargetResponse out;
        TRY_ASSIGN(out.NextToken, cut_events_page(all, in.NextToken, in.Limit));
        out.RuleNames = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
