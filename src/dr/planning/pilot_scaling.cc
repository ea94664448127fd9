// Application Auto Scaling: bounds of zero and everything suspended, so that nothing starts a task before a
// failover asks for some. The primary's bounds are recorded for that.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

const ResourceKey* service_of(const Captured& c) {
  for (auto& used : c.resource->uses)
    if (used.kind == "ecs/service") return &used;
  return nullptr;
}

// "app/NAME/ID/targetgroup/NAME/ID" of ALBRequestCountPerTarget.
Json label(PilotDraft& d, const std::string& text, const ResourceKey& from) {
  auto at = text.find("/targetgroup/");
  auto part = [&](std::string_view kind, const std::string& ending, const char* attribute) -> std::string {
    for (auto& c : d.all(kind))
      if (c.id().ends_with(ending)) return "${" + d.logical(kind, c.id()) + attribute + "}";
    return "";
  };
  if (at != text.npos) {
    auto balancer =
        part("elbv2/load-balancer", "loadbalancer/" + text.substr(0, at), ".LoadBalancerFullName");
    auto targets = part("elbv2/target-group", text.substr(at + 1), ".TargetGroupFullName");
    if (!balancer.empty() && !targets.empty()) return {{"Fn::Sub", balancer + "/" + targets}};
  }
  return d.text(text, from);
}

Json tracking(PilotDraft& d, const Captured& c, const Json& from) {
  Json out = Json::object();
  take(out, from,
       "TargetValue ScaleInCooldown ScaleOutCooldown DisableScaleIn CustomizedMetricSpecification");
  if (out.contains("CustomizedMetricSpecification"))
    out["CustomizedMetricSpecification"] = d.deep(out["CustomizedMetricSpecification"], c.key());
  if (auto p = from.value("PredefinedMetricSpecification", Json::object()); !p.empty()) {
    Json spec = Json::object();
    take(spec, p, "PredefinedMetricType");
    if (auto l = text_of(p, "ResourceLabel"); !l.empty()) spec["ResourceLabel"] = label(d, l, c.key());
    out["PredefinedMetricSpecification"] = spec;
  }
  return out;
}

void scaling_policy(PilotDraft& d, const Captured& c, const std::string& target, const Json& from) {
  auto name = text_of(from, "PolicyName");
  Json p{{"PolicyName", d.name(name)},
         {"PolicyType", text_of(from, "PolicyType")},
         {"ScalingTargetId", ref_to(target)}};
  if (auto t = from.value("TargetTrackingScalingPolicyConfiguration", Json::object()); !t.empty())
    p["TargetTrackingScalingPolicyConfiguration"] = tracking(d, c, t);
  if (auto s = from.value("StepScalingPolicyConfiguration", Json::object()); !s.empty()) {
    take(p["StepScalingPolicyConfiguration"], s,
         "AdjustmentType Cooldown MetricAggregationType MinAdjustmentMagnitude StepAdjustments");
    d.say(c.key(), "the alarm of " + name,
          "an alarm calls a step policy by its ARN: name the pilot's in its alarm");
  }
  d.add({.id = target + camel(name) + digest(name),
         .type = "AWS::ApplicationAutoScaling::ScalingPolicy",
         .from = c.key()},
        std::move(p));
}

Json scheduled(const Captured& c) {
  Json out = Json::array();
  for (auto& a : c.properties->value("ScheduledActions", Json::array())) {
    Json o = Json::object();
    take(o, a, "ScheduledActionName Schedule Timezone StartTime EndTime ScalableTargetAction");
    out.push_back(std::move(o));
  }
  return out.empty() ? Json() : out;
}

void scalable_target(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto* service = service_of(c);
  auto* of = service ? d.find("ecs/service", service->id) : nullptr;
  auto cluster = of ? d.logical("ecs/cluster", text_of(*of, "clusterArn")) : "";
  if (cluster.empty()) return d.say(c.key(), "everything", "its service or its cluster was not captured");
  auto id = d.logical("ecs/service", service->id) + "Scaling";
  Json resource{
      {"Fn::Sub", "service/${" + cluster + "}/${" + d.logical("ecs/service", service->id) + ".Name}"}};
  auto dimension = text_of(from, "ScalableDimension");
  Json off{{"DynamicScalingInSuspended", true},
           {"DynamicScalingOutSuspended", true},
           {"ScheduledScalingSuspended", true}};
  Json p{{"ServiceNamespace", text_of(from, "ServiceNamespace")},
         {"ResourceId", resource},
         {"ScalableDimension", dimension},
         {"MinCapacity", 0},
         {"MaxCapacity", 0},
         {"SuspendedState", off},
         {"ScheduledActions", scheduled(c)}};
  Json asleep{{"kind", "scaling"}, {"name", resource}, {"primary", c.id()}, {"scope", dimension}};
  take(asleep, from, "MinCapacity=low MaxCapacity=high");
  d.dormant(asleep);
  d.add({.id = id,
         .type = "AWS::ApplicationAutoScaling::ScalableTarget",
         .from = c.key(),
         .why = fmt::format("{} to {} tasks in {}, suspended here until a failover",
                            from.value("MinCapacity", 0), from.value("MaxCapacity", 0), d.places().primary)},
        std::move(p));
  for (auto& policy : from.value("Policies", Json::array())) scaling_policy(d, c, id, policy);
}

}  // namespace

void translate_scaling(PilotDraft& d) {
  for (auto& c : d.all("applicationautoscaling/scalable-target")) scalable_target(d, c);
}

}  // namespace relight::dr
