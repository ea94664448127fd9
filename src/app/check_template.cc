// The template of the stack that stands, as it was deployed; YAML or JSON, which is YAML too.
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

#include "app/check_picture.h"
#include "app/stack_differences.h"

namespace relight::app {
namespace {
using Policies = std::map<std::string, dr::StackPolicy>;

std::string word(const YAML::Node& resource, const char* name) {
  auto n = resource[name];
  return n && n.IsScalar() ? n.as<std::string>() : "";
}

bool versioned(const YAML::Node& resource) {
  auto properties = resource["Properties"];
  auto versioning = properties && properties.IsMap() ? properties["VersioningConfiguration"] : YAML::Node();
  return word(resource, "Type") == "AWS::S3::Bucket" && versioning && versioning.IsMap() &&
         word(versioning, "Status") == "Enabled";
}

}  // namespace

dr::Known<Policies> stack_policies(const dr::Walk& region, const std::string& stack) {
  using Out = dr::Known<Policies>;
  if (stack.empty()) return Out::not_seen("relight.yaml names no stack of the recovery region");
  auto seen = dr::ask(region, "cloudformation", "GetTemplate",
                      nlohmann::json{{"StackName", stack}, {"TemplateStage", "Original"}}.dump());
  if (!seen) return Out::not_seen(seen.error().text());
  try {
    auto resources = YAML::Load(seen->value("TemplateBody", ""))["Resources"];
    if (!resources || !resources.IsMap()) return Out::not_seen("the stack's template has no Resources");
    Policies out;
    for (auto r : resources)
      if (r.second.IsMap())
        out[r.first.as<std::string>()] = {word(r.second, "Type"), word(r.second, "DeletionPolicy"),
                                          word(r.second, "UpdateReplacePolicy"), versioned(r.second)};
    return Out::of(std::move(out));
  } catch (const YAML::Exception& e) {
    return Out::not_seen(std::string("the stack's template is not YAML: ") + e.what());
  }
}

dr::Known<dr::StackDriftNow> stack_drift(Workshop& w, const dr::Walk& region, const std::string& stack) {
  using Out = dr::Known<dr::StackDriftNow>;
  if (stack.empty()) return Out::not_seen("relight.yaml names no stack of the recovery region");
  auto seen =
      dr::ask(region, "cloudformation", "DescribeStacks", nlohmann::json{{"StackName", stack}}.dump());
  if (!seen) return Out::not_seen(seen.error().text());
  auto drift = seen->value("/Stacks/0/DriftInformation"_json_pointer, nlohmann::json::object());
  dr::StackDriftNow now;
  now.status = drift.value("StackDriftStatus", "");
  if (now.status.empty()) return Out::not_seen("CloudFormation says nothing of the stack's drift");
  if (auto at = parse_iso8601(drift.value("LastCheckTimestamp", ""))) now.checked_at = *at;
  if (now.status == "DRIFTED") {
    auto changed = stack_differences(w);
    now.changed = changed ? dr::Known<std::vector<std::string>>::of(*changed)
                          : dr::Known<std::vector<std::string>>::not_seen(changed.error().text());
  }
  auto out = Out::of(now);
  out.at = now.checked_at;
  return out;
}

}  // namespace relight::app
