// Log groups: a task whose group is missing does not start, and what nobody told to forget is kept for ever.
#include <map>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

struct PilotLogGroup {
  ResourceKey from;
  bool tasks = false;
  Json properties = Json::object();
};

// Those that tasks name and do not make themselves.
void of_tasks(const PilotDraft& d, std::map<std::string, PilotLogGroup>& groups) {
  for (auto& c : d.all("ecs/task-definition"))
    for (auto& k : c.properties->value("containerDefinitions", Json::array())) {
      auto log = k.value("logConfiguration", Json::object());
      auto options = log.value("options", Json::object());
      auto name = text_of(options, "awslogs-group");
      if (text_of(log, "logDriver") == "awslogs" && !name.empty() &&
          text_of(options, "awslogs-create-group") != "true")
        groups.try_emplace(name, PilotLogGroup{c.key(), true});
    }
}

// Lambda makes a function's group when it first has something to say: in the primary it may not be there yet, and in
// the recovery region it would come outside the stack, in whose way it then stands.
void of_functions(const PilotDraft& d, std::map<std::string, PilotLogGroup>& groups) {
  for (auto& c : d.all("lambda/function")) {
    auto name = text_of(c.properties->value("LoggingConfig", Json::object()), "LogGroup");
    groups.try_emplace(name.empty() ? "/aws/lambda/" + c.id() : name, PilotLogGroup{c.key()});
  }
}

}  // namespace

void translate_logs(PilotDraft& d) {
  std::map<std::string, PilotLogGroup> groups;
  of_tasks(d, groups);
  of_functions(d, groups);
  for (auto& c : d.all("logs/log-group")) {
    auto& g = groups[c.id()];
    g.from = c.key();
    take(g.properties, *c.properties, "retentionInDays=RetentionInDays logGroupClass=LogGroupClass");
    if (text_of(g.properties, "LogGroupClass") == "STANDARD") g.properties.erase("LogGroupClass");
    if (auto key = text_of(*c.properties, "kmsKeyId"); !key.empty())
      g.properties["KmsKeyId"] = key_of(d, key, c.key());
  }
  for (auto& [name, g] : groups) {
    auto p = g.properties;
    p["LogGroupName"] = log_group_name(d, name, g.from);
    d.add({.id = "Log" + camel(name) + digest(name),
           .type = "AWS::Logs::LogGroup",
           .from = g.from,
           .why = g.tasks ? "tasks do not start without it" : ""},
          std::move(p));
  }
}

// A function's group has the function's name, and that may be another one here.
nlohmann::json log_group_name(PilotDraft& d, const std::string& name, const ResourceKey& from) {
  constexpr std::string_view kLambda = "/aws/lambda/";
  if (name.starts_with(kLambda) && d.has("lambda/function", name.substr(kLambda.size())))
    return std::string(kLambda) + d.name(name.substr(kLambda.size()));
  return d.text(name, from);
}

}  // namespace relight::dr
