// EventBridge: rules, schedules too, are there and disabled. And what an ARN of the primary's is in the
// pilot.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

std::string after_mark(const std::string& text, std::string_view mark) {
  auto at = text.find(mark);
  return at == text.npos ? "" : text.substr(at + mark.size());
}

Json ecs_target(PilotDraft& d, const Captured& c, const Json& from) {
  Json out = Json::object();
  take(out, from,
       "TaskCount LaunchType PlatformVersion Group PropagateTags EnableECSManagedTags EnableExecuteCommand");
  auto definition = text_of(from, "TaskDefinitionArn");
  auto colon = definition.rfind(':');
  auto family = definition.substr(0, colon > definition.rfind('/') ? colon : definition.npos);
  out["TaskDefinitionArn"] =
      d.ref("ecs/task-definition", d.has("ecs/task-definition", definition) ? definition : family, c.key());
  auto vpc = from.value("NetworkConfiguration", Json::object()).value("awsvpcConfiguration", Json::object());
  if (vpc.empty()) return out;
  auto& n = out["NetworkConfiguration"]["AwsVpcConfiguration"];
  take(n, vpc, "AssignPublicIp");
  if (vpc.contains("Subnets")) n["Subnets"] = d.refs("ec2/subnet", &vpc["Subnets"], c.key());
  if (vpc.contains("SecurityGroups"))
    n["SecurityGroups"] = d.refs("ec2/security-group", &vpc["SecurityGroups"], c.key());
  return out;
}

Json rule_target(PilotDraft& d, const Captured& c, const Json& from) {
  Json out{{"Id", text_of(from, "Id")}, {"Arn", arn_of(d, text_of(from, "Arn"), c.key())}};
  take(out, from, "InputPath InputTransformer RetryPolicy SqsParameters HttpParameters");
  if (auto input = text_of(from, "Input"); !input.empty()) out["Input"] = d.text(input, c.key());
  if (auto role = text_of(from, "RoleArn"); !role.empty()) out["RoleArn"] = d.text(role, c.key());
  if (auto dead = text_of(from.value("DeadLetterConfig", Json::object()), "Arn"); !dead.empty())
    out["DeadLetterConfig"] = {{"Arn", arn_of(d, dead, c.key())}};
  if (auto ecs = from.value("EcsParameters", Json::object()); !ecs.empty())
    out["EcsParameters"] = ecs_target(d, c, ecs);
  for (auto* other : {"KinesisParameters", "RunCommandParameters", "BatchParameters",
                      "RedshiftDataParameters", "SageMakerPipelineParameters", "AppSyncParameters"})
    if (from.contains(other)) d.say(c.key(), other, "targets of this kind are not translated by this build");
  return out;
}

void event_rule(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto id = d.logical("events/rule", c.id());
  auto bus = text_of(from, "EventBusName");
  Json p{{"Name", d.name(text_of(from, "Name"))}, {"State", "DISABLED"}};
  take(p, from, "Description ScheduleExpression");
  if (auto pattern = text_of(from, "EventPattern"); !pattern.empty())
    p["EventPattern"] = d.deep(Json::parse(pattern, nullptr, false), c.key());
  if (auto role = text_of(from, "RoleArn"); !role.empty()) p["RoleArn"] = d.text(role, c.key());
  if (!bus.empty() && bus != "default") {
    p["EventBusName"] = d.text(bus, c.key());
    d.say(c.key(), "the event bus " + bus,
          "it must exist in " + d.policy().region + ": buses are not captured");
  }
  for (auto& t : from.value("Targets", Json::array())) p["Targets"].push_back(rule_target(d, c, t));
  // Ref of a rule on a bus of its own is BUS|NAME (AWS::Events::Rule, "Return values").
  if (text_of(from, "State").starts_with("ENABLED")) {
    Json asleep{{"kind", "rule"}, {"name", p["Name"]}, {"primary", text_of(from, "Name")}};
    if (p.contains("EventBusName")) asleep["scope"] = p["EventBusName"];
    d.dormant(asleep);
  }
  d.add({.id = id, .type = "AWS::Events::Rule", .from = c.key(), .why = "disabled until a failover"},
        std::move(p));
}

}  // namespace

nlohmann::json arn_of(PilotDraft& d, const std::string& arn, const ResourceKey& from) {
  auto queue = arn.find(":sqs:") == arn.npos ? "" : arn.substr(arn.rfind(':') + 1);
  if (auto id = d.logical("sqs/queue", queue); !queue.empty() && !id.empty()) return attribute_of(id, "Arn");
  if (auto id = d.logical("sns/topic", arn); !id.empty()) return ref_to(id);
  auto function = after_mark(arn, ":function:");
  if (auto id = d.logical("lambda/function", function.substr(0, function.find(':')));
      !function.empty() && !id.empty()) {
    if (function.find(':') != function.npos)
      d.say(from, arn, "the pilot names the function itself: aliases are not translated by this build");
    return attribute_of(id, "Arn");
  }
  return d.text(arn, from);
}

void translate_rules(PilotDraft& d) {
  for (auto& c : d.all("events/rule")) event_rule(d, c);
}

}  // namespace relight::dr
