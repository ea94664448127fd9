// Buses and who may put events on them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/events/page.h"
#include "sandbox/services/events/service.h"

namespace relight::sandbox {
using namespace rules;
namespace op = aws::events::op;

namespace {

using BusPolicyJson = nlohmann::ordered_json;
constexpr size_t kBusPolicyBytes = 10'240;

BusPolicyJson bus_policy(const std::string& text) {
  auto j = BusPolicyJson::parse(text, nullptr, false);
  if (!j.is_object()) j = {{"Version", "2012-10-17"}};
  if (!j.contains("Statement")) j["Statement"] = BusPolicyJson::array();
  if (!j["Statement"].is_array()) j["Statement"] = BusPolicyJson::array({j["Statement"]});
  return j;
}

void drop_statement(BusPolicyJson& policy, const std::string& id) {
  auto kept = BusPolicyJson::array();
  for (auto& s : policy["Statement"])
    if (s.value("Sid", "") != id) kept.push_back(s);
  policy["Statement"] = std::move(kept);
}

}  // namespace

Result<std::string> EventsService::bus_name(Region r, const std::optional<std::string>& given) {
  std::string name = given.value_or("default"), prefix = arn_of(r, "event-bus/");
  if (name.starts_with("arn:")) {
    if (!name.starts_with(prefix))
      return aws_error("ResourceNotFoundException", fmt::format("Event bus {} does not exist.", name));
    name = name.substr(prefix.size());
  }
  if (name == "default" || buses_.find(r, name)) return name;
  return aws_error("ResourceNotFoundException", fmt::format("Event bus {} does not exist.", name));
}

Bus EventsService::shown_bus(Region r, const std::string& name) {
  if (auto* b = buses_.find(r, name)) return *b;
  return Bus(api::DescribeEventBusResponse{.Name = name, .Arn = arn_of(r, "event-bus/" + name)});
}

void EventsService::add_buses() {
  on<op::CreateEventBus>(
      [this](const Call& c, const api::CreateEventBusRequest& in) -> Result<api::CreateEventBusResponse> {
        if (in.EventSourceName)
          return aws_error("NotImplemented", "partner event sources are not built in this sandbox", 501);
        if (in.Name->find('/') != in.Name->npos)
          return aws_error("ValidationException", "Event bus name must not contain '/'.", 400);
        if (*in.Name == "default" || buses_.find(c.region, *in.Name))
          return aws_error("ResourceAlreadyExistsException",
                           fmt::format("Event bus {} already exists.", *in.Name));
        std::string arn = arn_of(c.region, "event-bus/" + *in.Name);
        if (in.Tags) TRY(put_tags(c.region, arn, *in.Tags));
        buses_.put(c.region, *in.Name, Bus(api::DescribeEventBusResponse{.Name = in.Name, .Arn = arn}));
        return api::CreateEventBusResponse{arn};
      });
  on<op::DeleteEventBus>(
      [this](const Call& c, const api::DeleteEventBusRequest& in) -> Result<api::DeleteEventBusOutput_> {
        if (*in.Name == "default")
          return aws_error("ValidationException", "Cannot delete event bus default.", 400);
        for (auto& [key, rule] : rules_.in(c.region))
          if (key.starts_with(*in.Name + "|"))
            return aws_error("ValidationException", "Event bus can't be deleted since it has rules.", 400);
        buses_.erase(c.region, *in.Name);  // deleting what is not there succeeds
        tags_.erase(c.region, arn_of(c.region, "event-bus/" + *in.Name));
        return api::DeleteEventBusOutput_{};
      });
  on<op::DescribeEventBus>(
      [this](const Call& c, const api::DescribeEventBusRequest& in) -> Result<api::DescribeEventBusResponse> {
        TRY_ASSIGN(std::string name, bus_name(c.region, in.Name));
        return shown_bus(c.region, name);
      });
  on<op::ListEventBuses>(
      [this](const Call& c, const api::ListEventBusesRequest& in) -> Result<api::ListEventBusesResponse> {
        std::vector<api::EventBus> all;
        std::map<std::string, Bus> shown = buses_.in(c.region);
        shown["default"] = shown_bus(c.region, "default");
        for (auto& [name, b] : shown)
          if (name.starts_with(in.NamePrefix.value_or("")))
            all.push_back({.Name = b.Name, .Arn = b.Arn, .Policy = b.Policy});
        api::ListEventBusesResponse out;
        TRY_ASSIGN(out.NextToken, cut_events_page(all, in.NextToken, in.Limit));
        out.EventBuses = std::move(all);
        return out;
      });
}

Result<> EventsService::put_permission(const Call& c, const api::PutPermissionRequest& in) {
  TRY_ASSIGN(std::string name, bus_name(c.region, in.EventBusName));
  Bus bus = shown_bus(c.region, name);
  if (in.Policy) {
    if (!BusPolicyJson::parse(*in.Policy, nullptr, false).is_object())
      return aws_error("ValidationException", "Policy is not valid JSON.", 400);
    bus.Policy = in.Policy;
  } else {
    if (!in.Action || !in.Principal || !in.StatementId)
      return aws_error("ValidationException",
                       "Parameter(s) Action, Principal and StatementId must be specified.", 400);
    if (*in.Action != "events:PutEvents")
      return aws_error("ValidationException", "Provided value in parameter 'action' is not supported.", 400);
    auto policy = bus_policy(bus.Policy.value_or(""));
    drop_statement(policy, *in.StatementId);
    BusPolicyJson s{{"Sid", *in.StatementId}, {"Effect", "Allow"}};
    s["Principal"] = *in.Principal == "*"
                         ? BusPolicyJson("*")
                         : BusPolicyJson{{"AWS", fmt::format("arn:aws:iam::{}:root", *in.Principal)}};
    s["Action"] = *in.Action;
    s["Resource"] = *bus.Arn;
    if (in.Condition) s["Condition"] = {{*in.Condition->Type, {{*in.Condition->Key, *in.Condition->Value}}}};
    policy["Statement"].push_back(std::move(s));
    bus.Policy = policy.dump();
  }
  if (bus.Policy->size() > kBusPolicyBytes)
    return aws_error("PolicyLengthExceededException", "The policy is longer than 10 KB.", 400);
  buses_.put(c.region, name, bus);
  return {};
}

void EventsService::add_permissions() {
  on<op::PutPermission>(
      [this](const Call& c, const api::PutPermissionRequest& in) -> Result<api::PutPermissionOutput_> {
        TRY(put_permission(c, in));
        return api::PutPermissionOutput_{};
      });
  on<op::RemovePermission>(
      [this](const Call& c, const api::RemovePermissionRequest& in) -> Result<api::RemovePermissionOutput_> {
        TRY_ASSIGN(std::string name, bus_name(c.region, in.EventBusName));
        Bus bus = shown_bus(c.region, name);
        if (!bus.Policy) return aws_error("ResourceNotFoundException", "EventBus does not have a policy.");
        auto policy = bus_policy(*bus.Policy);
        auto before = policy["Statement"].size();
        if (in.RemoveAllPermissions.value_or(false)) policy["Statement"] = BusPolicyJson::array();
        drop_statement(policy, in.StatementId.value_or(""));
        if (policy["Statement"].size() == before)
          return aws_error("ResourceNotFoundException", "Statement with the provided id does not exist.");
        if (policy["Statement"].empty())
          bus.Policy.reset();
        else
          bus.Policy = policy.dump();
        buses_.put(c.region, name, bus);
        return api::RemovePermissionOutput_{};
      });
}

}  // namespace relight::sandbox
