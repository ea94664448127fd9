#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "dr/view/iac.h"
#include "dr/view/yaml.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

std::string comment(const PilotResource& r) {
  std::string from = r.from.kind.empty() ? "by policy" : "captured/" + file_name(r.from);
  return fmt::format("  # {}{}\n", from, r.why.empty() ? "" : " - " + r.why);
}

std::string resource(const PilotResource& r) {
  auto out = "\n" + comment(r) + "  " + r.id + ":\n" + yaml_member("Type", r.type, 4);
  if (!r.condition.empty()) out += yaml_member("Condition", r.condition, 4);
  if (!r.depends.empty()) out += yaml_member("DependsOn", r.depends, 4);
  // A first creation that rolls back must not leave behind what stands in the next one's way.
  if (r.retain)
    out += yaml_member("DeletionPolicy", "RetainExceptOnCreate", 4) +
           yaml_member("UpdateReplacePolicy", "Retain", 4);
  auto properties = Json::parse(r.properties);
  return properties.empty() ? out : out + yaml_member("Properties", properties, 4);
}

std::string parameter(const PilotParameter& p) {
  auto out = "  " + p.name + ":\n" + yaml_member("Type", p.type, 4);
  if (p.has_fallback) out += yaml_member("Default", p.fallback, 4);
  if (p.secret) out += yaml_member("NoEcho", true, 4);
  return out + yaml_member("Description", p.description, 4);
}

}  // namespace

std::string cloudformation(const Pilot& p) {
  auto out = fmt::format(
      "# Written by 'relight synth' from captured/; changes here are overwritten by the next one.\n"
      "AWSTemplateFormatVersion: '2010-09-09'\n"
      "Description: The pilot light of {} in {} - everything of {} stands, nothing runs but the replica.\n",
      p.application, p.region, p.primary);
  if (!p.parameters.empty()) out += "\nParameters:\n";
  for (auto& x : p.parameters) out += parameter(x);
  if (!p.conditions.empty()) out += "\nConditions:\n";
  for (auto& c : p.conditions) out += yaml_member(c.name, Json::parse(c.test), 2);
  out += "\nResources:\n";
  for (auto& r : p.resources) out += resource(r).substr(&r == &p.resources.front() ? 1 : 0);
  if (!p.outputs.empty()) out += "\nOutputs:\n";
  for (auto& o : p.outputs) out += yaml_member(o.name, Json{{"Value", Json::parse(o.value)}}, 2);
  return out;
}

}  // namespace relight::dr::view
