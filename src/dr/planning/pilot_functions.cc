// Lambda: every function is there and none of them runs, because a reserved concurrency of 0 refuses every
// call. What calls them is off besides. A failover gives each the concurrency that it has in the primary
// region.
#include <fmt/format.h>

#include <algorithm>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;
constexpr const char* kWithheldValue = "(withheld)";
constexpr const char* kCodeBucket = "FunctionCodeBucket";

// Base64 in the letters that a key may have everywhere: "-_" for "+/", no "=".
std::string key_word(std::string base64) {
  std::erase(base64, '=');
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  return base64;
}

// The package lies in a bucket of the recovery region under a key that its own hash is part of: other code is
// another key, and CloudFormation sees a change.
Json package(PilotDraft& d, const Captured& c) {
  auto hash = text_of(*c.properties, "CodeSha256");
  auto key = fmt::format("functions/{}/{}.zip", c.id(), hash.empty() ? "code" : key_word(hash));
  d.code({c.id(), key, hash});
  return {{"S3Bucket", ref_to(kCodeBucket)}, {"S3Key", key}};
}

void ask_for_bucket(PilotDraft& d) {
  std::string name = d.policy().stack;
  std::ranges::transform(name, name.begin(), [](unsigned char x) { return char(std::tolower(x)); });
  PilotParameter p{.name = kCodeBucket,
                   .description =
                       "The bucket of this region that holds the functions' packages; relight deploy "
                       "makes it and fills it"};
  if (!d.account().empty()) {
    p.fallback = fmt::format("{}-code-{}-{}", name, d.account(), d.policy().region);
    p.has_fallback = true;
  }
  d.parameter(std::move(p));
}

Json code(PilotDraft& d, const Captured& c) {
  if (text_of(*c.properties, "PackageType") != "Image") return package(d, c);
  auto image = text_of(*c.properties, "ImageUri");
  if (!image.empty()) return {{"ImageUri", image_of_pilot(d, image, c.key())}};
  auto name = d.logical("lambda/function", c.id()) + "Image";
  d.parameter(
      {.name = name, .description = "The image of the function " + c.id() + " in this region's registry"});
  return {{"ImageUri", ref_to(name)}};
}

Json variables(PilotDraft& d, const Captured& c) {
  Json out = Json::object();
  auto given = c.properties->value("Environment", Json::object()).value("Variables", Json::object());
  for (auto& [name, value] : given.items()) {
    auto text = value.is_string() ? value.get<std::string>() : "";
    if (text != kWithheldValue) {
      out[name] = d.text(text, c.key());
      continue;
    }
    auto parameter = d.logical("lambda/function", c.id()) + camel(name);
    d.parameter(
        {.name = parameter,
         .description = fmt::format("{} of the function {}: its value is not in the capture", name, c.id()),
         .secret = true});
    out[name] = ref_to(parameter);
  }
  return out;
}

Json tag_list(const Json& map) {
  Json list = Json::array();
  if (map.is_object())
    for (auto& [key, value] : map.items()) list.push_back({{"Key", key}, {"Value", value}});
  return tags_of(list);
}

Json function_network(PilotDraft& d, const Captured& c) {
  auto vpc = c.properties->value("VpcConfig", Json::object());
  auto subnets = vpc.value("SubnetIds", Json::array());
  if (subnets.empty()) return {};
  auto groups = vpc.value("SecurityGroupIds", Json::array());
  return {{"SubnetIds", d.refs("ec2/subnet", &subnets, c.key())},
          {"SecurityGroupIds", d.refs("ec2/security-group", &groups, c.key())}};
}

// Only what differs from what a new function has.
void settings(PilotDraft& d, const Captured& c, Json& p) {
  auto& from = *c.properties;
  auto member = [&](const char* whole, const char* part) {
    return from.contains(whole) && from[whole].is_object() ? text_of(from[whole], part) : "";
  };
  if (auto mode = member("TracingConfig", "Mode"); mode == "Active") p["TracingConfig"] = {{"Mode", mode}};
  if (auto on = member("SnapStart", "ApplyOn"); on == "PublishedVersions") p["SnapStart"] = {{"ApplyOn", on}};
  if (auto target = member("DeadLetterConfig", "TargetArn"); !target.empty())
    p["DeadLetterConfig"] = {{"TargetArn", arn_of(d, target, c.key())}};
  if (auto size = from.value("EphemeralStorage", Json::object()).value("Size", 512); size != 512)
    p["EphemeralStorage"] = {{"Size", size}};
  Json log = Json::object();
  take(log, from.value("LoggingConfig", Json::object()),
       "LogFormat ApplicationLogLevel SystemLogLevel LogGroup");
  if (text_of(log, "LogFormat") == "Text") log.erase("LogFormat");
  if (text_of(log, "LogGroup") == "/aws/lambda/" + c.id()) log.erase("LogGroup");
  if (!log.empty()) p["LoggingConfig"] = d.deep(log, c.key());
  for (auto& layer : from.value("Layers", Json::array())) {
    p["Layers"].push_back(d.text(text_of(layer, "Arn"), c.key()));
    d.say(c.key(), "layer " + text_of(layer, "Arn"),
          "the same version of it must be in " + d.policy().region + ": publish it there");
  }
  if (auto image = from.value("ImageConfigResponse", Json::object()).value("ImageConfig", Json::object());
      !image.empty())
    take(p["ImageConfig"], image, "EntryPoint Command WorkingDirectory");
  if (auto key = text_of(from, "KMSKeyArn"); !key.empty()) p["KmsKeyArn"] = key_of(d, key, c.key());
  if (!from.value("FileSystemConfigs", Json::array()).empty())
    d.say(c.key(), "FileSystemConfigs",
          "its file system is the primary's: this build does not translate file systems");
  for (auto* part : {"Aliases", "ProvisionedConcurrency"})
    if (!from.value(part, Json::array()).empty())
      d.say(c.key(), part, "versions and aliases are not translated by this build");
}

void function(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto id = d.logical("lambda/function", c.id());
  Json p{{"FunctionName", d.name(c.id())},
         {"Code", code(d, c)},
         {"Role", d.text(text_of(from, "Role"), c.key())},
         {"ReservedConcurrentExecutions", 0}};
  take(p, from, "Description Handler Runtime Timeout MemorySize Architectures");
  if (text_of(p, "Description").empty()) p.erase("Description");
  if (text_of(from, "PackageType") == "Image") p["PackageType"] = "Image";
  if (auto v = variables(d, c); !v.empty()) p["Environment"] = {{"Variables", v}};
  p["VpcConfig"] = function_network(d, c);
  p["Tags"] = tag_list(from.value("Tags", Json()));
  settings(d, c, p);
  Json asleep{{"kind", "function"}, {"name", ref_to(id)}, {"primary", c.id()}};
  take(asleep, from, "ReservedConcurrentExecutions=low");
  d.dormant(asleep);
  d.add({.id = id,
         .type = "AWS::Lambda::Function",
         .from = c.key(),
         .why = "off until a failover: no call of it is let in"},
        std::move(p));
}

// {"Service": "s3.amazonaws.com"}, {"AWS": "arn…"}, "*"
std::string principal_of(const Json& statement) {
  auto p = statement.value("Principal", Json());
  if (p.is_string()) return p.get<std::string>();
  for (auto* member : {"Service", "AWS"})
    if (auto text = text_of(p, member); !text.empty()) return text;
  return "";
}

void permission(PilotDraft& d, const Captured& c, const Json& statement) {
  auto sid = text_of(statement, "Sid"), action = text_of(statement, "Action"), who = principal_of(statement);
  auto on = text_of(statement, "Resource");
  auto name = on.substr(on.find(":function:") == on.npos ? 0 : on.find(":function:") + 10);
  if (text_of(statement, "Effect") != "Allow" || action.empty() || who.empty() || name.find(':') != name.npos)
    return d.say(c.key(), "the statement " + sid + " of its policy",
                 "only a permission on the function itself is translated by this build");
  Json p{{"FunctionName", ref_to(d.logical("lambda/function", c.id()))},
         {"Action", action},
         {"Principal", d.text(who, c.key())}};
  auto all = statement.value("Condition", Json::object());
  for (auto& [op, conditions] : all.items())
    for (auto& [key, value] : conditions.items()) {
      auto lower = key;
      std::ranges::transform(lower, lower.begin(), [](unsigned char x) { return char(std::tolower(x)); });
      auto text = value.is_string() ? value.get<std::string>() : "";
      if (lower == "aws:sourcearn") p["SourceArn"] = d.text(text, c.key());
      if (lower == "aws:sourceaccount") p["SourceAccount"] = text;
      if (lower == "aws:principalorgid") p["PrincipalOrgID"] = text;
      if (lower == "lambda:functionurlauthtype") p["FunctionUrlAuthType"] = text;
    }
  d.add({.id = d.logical("lambda/function", c.id()) + "Allows" + camel(sid) + digest(statement.dump()),
         .type = "AWS::Lambda::Permission",
         .from = c.key()},
        std::move(p));
}

void permissions(PilotDraft& d, const Captured& c) {
  auto text = text_of(*c.properties, "Policy");
  if (text.empty()) return;
  auto policy = Json::parse(text, nullptr, false);
  if (!policy.is_object()) return d.say(c.key(), "Policy", "it is not JSON");
  auto statements = policy.value("Statement", Json::array());
  for (auto& s : statements.is_array() ? statements : Json::array({statements})) permission(d, c, s);
}

void mapping(PilotDraft& d, const Captured& c) {
  auto& from = *c.properties;
  auto source = text_of(from, "EventSourceArn"), target = text_of(from, "FunctionArn");
  auto name = target.substr(target.find(":function:") == target.npos ? 0 : target.find(":function:") + 10);
  if (!d.has("lambda/function", name.substr(0, name.find(':'))))
    return d.say(c.key(), "everything", "its function was not captured");
  auto there = arn_of(d, source, c.key());
  if (!there.is_object() || there.contains("Fn::Sub"))
    return d.say(
        c.key(), "everything",
        "its source " + source + " has no counterpart in the pilot: make one there, and the mapping to it");
  if (name.find(':') != name.npos)
    d.say(c.key(), "FunctionArn",
          "the mapping calls the function itself: aliases are not translated by this build");
  auto id = d.logical("lambda/event-source-mapping", c.id());
  Json p{{"FunctionName", ref_to(d.logical("lambda/function", name.substr(0, name.find(':'))))},
         {"EventSourceArn", there},
         {"Enabled", false}};
  take(p, from,
       "BatchSize MaximumBatchingWindowInSeconds ParallelizationFactor StartingPosition "
       "MaximumRecordAgeInSeconds "
       "BisectBatchOnFunctionError MaximumRetryAttempts TumblingWindowInSeconds FunctionResponseTypes "
       "FilterCriteria "
       "ScalingConfig");
  if (auto to = text_of(from.value("DestinationConfig", Json::object()).value("OnFailure", Json::object()),
                        "Destination");
      !to.empty())
    p["DestinationConfig"] = {{"OnFailure", {{"Destination", arn_of(d, to, c.key())}}}};
  auto state = text_of(from, "State");
  if (state == "Enabled" || state == "Enabling" || state == "Updating")
    d.dormant({{"kind", "mapping"}, {"name", ref_to(id)}, {"primary", c.id()}});
  d.add({.id = id,
         .type = "AWS::Lambda::EventSourceMapping",
         .from = c.key(),
         .why = "disabled until a failover"},
        std::move(p));
}

}  // namespace

void translate_functions(PilotDraft& d) {
  auto functions = d.all("lambda/function");
  bool packages = std::ranges::any_of(
      functions, [](auto& c) { return text_of(*c.properties, "PackageType") != "Image"; });
  if (packages) ask_for_bucket(d);
  for (auto& c : functions) function(d, c);
  for (auto& c : functions) permissions(d, c);
  for (auto& c : d.all("lambda/event-source-mapping")) mapping(d, c);
}

}  // namespace relight::dr
