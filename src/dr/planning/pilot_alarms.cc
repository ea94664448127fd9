// Alarms that watch captured resources: their counterparts watch the pilot's. Their actions stay off: what
// does not run yet would ring all day.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// A service's name is a common word: it means the service only where CloudWatch says so.
Json value(PilotDraft& d, const std::string& name, const std::string& text, const ResourceKey& from) {
  if (name == "ServiceName")
    for (auto& s : d.all("ecs/service"))
      if (text_of(*s.properties, "serviceName") == text)
        return attribute_of(d.logical("ecs/service", s.id()), "Name");
  return d.text(text, from);
}

Json dimensions(PilotDraft& d, const Json& list, const ResourceKey& from) {
  Json out = Json::array();
  for (auto& e : list)
    out.push_back(
        {{"Name", text_of(e, "Name")}, {"Value", value(d, text_of(e, "Name"), text_of(e, "Value"), from)}});
  return out;
}

void alarm(PilotDraft& d, const PilotDraft::Captured& c) {
  auto& from = *c.properties;
  if (!from.value("Metrics", Json::array()).empty())
    return d.say(c.key(), "everything", "alarms on metric math are not translated by this build");
  Json p{{"ActionsEnabled", false}};
  take(p, from,
       "AlarmDescription Namespace MetricName Statistic ExtendedStatistic Period EvaluationPeriods "
       "DatapointsToAlarm "
       "Threshold ComparisonOperator TreatMissingData Unit");
  p["Dimensions"] = dimensions(d, from.value("Dimensions", Json::array()), c.key());
  for (auto actions : {"AlarmActions", "OKActions", "InsufficientDataActions"})
    if (auto list = from.value(actions, Json::array()); !list.empty()) p[actions] = d.deep(list, c.key());
  d.say(
      c.key(), "its actions",
      "they are off while the pilot is unlit: enable them after a failover (cloudwatch:EnableAlarmActions)");
  d.add({.id = "Alarm" + logical_word(d.places(), d.account(), c.id()) + digest(c.id()),
         .type = "AWS::CloudWatch::Alarm",
         .from = c.key(),
         .why = "its actions stay off until a failover"},
        std::move(p));
}

}  // namespace

// Nobody is told by an alarm of the pilot's own unless it notifies whom the primary's do.
Json own_alarm_actions(PilotDraft& d) {
  std::set<std::string> topics;
  for (auto& c : d.all("cloudwatch/alarm"))
    for (auto& action : c.properties->value("AlarmActions", Json::array()))
      if (action.is_string() && d.has("sns/topic", action.get<std::string>()))
        topics.insert(d.logical("sns/topic", action.get<std::string>()));
  Json out = Json::array();
  for (auto& id : topics) out.push_back(ref_to(id));
  if (!d.policy().notify.empty()) out.push_back(d.policy().notify);
  if (!out.empty()) return out;
  d.say({}, "whom the pilot's own alarms tell",
        "no captured alarm notifies a topic: name one of the recovery region as pilot.notify in "
        "relight.yaml");
  return {};
}

void translate_alarms(PilotDraft& d) {
  for (auto& c : d.all("cloudwatch/alarm")) alarm(d, c);
}

}  // namespace relight::dr
