// Check 57: whose STS is asked on the day. "AWS STS Regional endpoints" (AWS SDKs and Tools Reference Guide):
// `legacy` means the global endpoint, which is served within regions that are enabled by default and by
// us-east-1 for the others; a task's own role comes from ECS ("Task IAM role", Amazon ECS Developer Guide), a
// function's from Lambda: neither asks STS.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"

namespace relight::dr {
namespace {

struct Told {
  std::string name, value;
};

std::vector<Told> told(const Item& i) {
  std::vector<Told> out;
  for (auto& c : list_at(*i.properties, "/containerDefinitions"))
    for (auto& v : list_at(c, "/environment")) out.push_back({text_at(v, "/name"), text_at(v, "/value")});
  auto& variables = at_or_null(*i.properties, "/Environment/Variables");
  if (variables.is_object())
    for (auto& [name, value] : variables.items())
      if (value.is_string()) out.push_back({name, value.get<std::string>()});
  return out;
}

bool judge_sts(const Picture& p, const Item& i, Report& r) {
  auto mend = "set AWS_STS_REGIONAL_ENDPOINTS=regional in the primary's, then relight capture && relight synth "
              "&& relight deploy";
  auto there = "sts." + p.config.recovery.region + ".";
  bool said = false;
  for (auto& [name, value] : told(i)) {
    bool names_one = value.find("//sts.") != value.npos || value.starts_with("sts.");
    if (names_one && value.find(there) == value.npos && value.find("sts.amazonaws.com") == value.npos)
      r.fail(i, "it is told to ask another region's STS", "variable " + name, mend);
    else if (names_one && value.find(there) == value.npos)
      r.warn(i, "it is told to ask the global STS", "variable " + name + ": sts.amazonaws.com", mend);
    else if (name == "AWS_STS_REGIONAL_ENDPOINTS" && value == "legacy")
      r.warn(i, "it is told to ask the global STS", name + "=legacy", mend);
    else
      continue;
    said = true;
  }
  return said;
}

}  // namespace

void check_regional_sts(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  size_t looked = 0;
  bool all_seen = true, said = false;
  for (auto* kind : {"ecs/task-definition", "lambda/function"})
    for (auto& i : p.recovery.all(kind)) {
      if (!r.seen(i, "")) {
        all_seen = false;
        continue;
      }
      ++looked;
      said = judge_sts(p, i, r) || said;
    }
  if (all_seen && !said)
    r.pass({"", p.config.recovery.region}, "nothing there is told to ask another region's STS",
           fmt::format("variables of {} task definitions and functions; their own roles' credentials come from "
                       "ECS and Lambda, not from STS; relight itself asks the recovery region's",
                       looked));
}

}  // namespace relight::dr
