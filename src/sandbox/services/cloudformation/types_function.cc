// Lambda.
#include "base/bytes.h"
#include "sandbox/planes/function/archive.h"
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

// Code.ZipFile is text here: index.py or index.js (AWS::Lambda::Function Code). Of other runtimes there is no such
// file; their text goes on as it is and is refused as no zip.
Json function_package(const Subject& s) {
  Json code = s.props.value("Code", Json::object());
  if (!code.contains("ZipFile")) return code;
  std::string text = as_text(code["ZipFile"]), runtime = s.props.value("Runtime", "");
  bool python = runtime.starts_with("python"), node = runtime.starts_with("nodejs");
  code["ZipFile"] = base64(python || node ? function::pack_one(python ? "index.py" : "index.js", text) : text);
  return code;
}

Json function_tags(const Json& props) {
  Json out = Json::object();
  if (props.is_object())
    for (auto& t : props.value("Tags", Json::array())) out[t.value("Key", "")] = as_text(t.value("Value", Json("")));
  return out;
}

void function_code(Json& input, const Subject& s) {
  input["Code"] = function_package(s);
  if (Json tags = function_tags(s.props); !tags.empty()) input["Tags"] = tags;
}

void function_code_update(Json& input, const Subject& s) {
  const Json code = function_package(s);
  for (auto& [k, v] : code.items()) input[k] = v;
}

std::string function_arn(const Subject& s) {
  return "arn:aws:lambda:" + s.region + ":" + s.account + ":function:" + s.physical;
}

void function_tag(Json& input, const Subject& s) {
  Json tags = function_tags(s.props);
  input = tags.empty() ? Json() : Json{{"Resource", function_arn(s)}, {"Tags", tags}};
}

void function_tags_gone(Json& input, const Subject& s) {
  Json keys = Json::array(), now = function_tags(s.props);
  const Json before = function_tags(s.previous);
  for (auto& [k, v] : before.items())
    if (!now.contains(k)) keys.push_back(k);
  input = keys.empty() ? Json() : Json{{"Resource", function_arn(s)}, {"TagKeys", keys}};
}

// What an update takes away has to be said to be empty.
void function_variables(Json& input, const Subject& s) {
  if (!s.props.contains("Environment") && s.previous.is_object() && s.previous.contains("Environment"))
    input["Environment"] = Json{{"Variables", Json::object()}};
}

// [{FunctionVersion, FunctionWeight}] to a map.
void alias_weights(Json& input, const Subject& s) {
  const Json routing = s.props.value("RoutingConfig", Json::object());
  input["RoutingConfig"] = Json{{"AdditionalVersionWeights", Json::object()}};
  for (auto& w : routing.value("AdditionalVersionWeights", Json::array()))
    input["RoutingConfig"]["AdditionalVersionWeights"][as_text(w.value("FunctionVersion", Json("")))] = w.value("FunctionWeight", Json(0));
}

Ready function_active(const Json& d, const Subject&) {
  std::string state = d.value("State", ""), update = d.value("LastUpdateStatus", "");
  if (state == "Failed" || update == "Failed") return Ready::kFailed;
  return state == "Active" && update != "InProgress" ? Ready::kYes : Ready::kNotYet;
}

Ready mapping_settled(const Json& d, const Subject&) {
  std::string state = d.value("State", "");
  return state == "Enabled" || state == "Disabled" ? Ready::kYes : Ready::kNotYet;
}

constexpr std::string_view kMappingChanges =
    "FunctionName BatchSize Enabled MaximumBatchingWindowInSeconds FunctionResponseTypes FilterCriteria DestinationConfig";
constexpr std::string_view kFunctionChanges =
    "Role Handler Description Timeout MemorySize VpcConfig Environment Runtime DeadLetterConfig KmsKeyArn TracingConfig Layers EphemeralStorage";

}  // namespace

Types function_types() {
  return {
  {.name = "AWS::Lambda::Function",
   .create = {{"lambda", "CreateFunction", "*", "", "", function_code}},
   .settings = {undone({"lambda", "PutFunctionConcurrency", "ReservedConcurrentExecutions", "FunctionName=$id", "ReservedConcurrentExecutions"},
                       "DeleteFunctionConcurrency")},
   .id = "/FunctionName",
   .describe = Action{"lambda", "GetFunction", "", "FunctionName=$id"}, .root = "/Configuration",
   .ready = function_active,
   .attributes = {{"Arn", "/FunctionArn"}},
   .replace = "FunctionName PackageType",
   .update = {{"lambda", "UpdateFunctionCode", "Architectures", "FunctionName=$id", "Code Architectures", function_code_update},
              about_gone({"lambda", "UpdateFunctionConfiguration", kFunctionChanges, "FunctionName=$id", kFunctionChanges, function_variables}),
              about_gone({"lambda", "UntagResource", "", "", "Tags", function_tags_gone}),
              {"lambda", "TagResource", "", "", "Tags", function_tag, "", Entries::kAll, "-"}},
   .remove = {{"lambda", "DeleteFunction", "", "FunctionName=$id"}},
   .skip = "ReservedConcurrentExecutions Tags Code",
   .named = "FunctionName"},
  {.name = "AWS::Lambda::Permission",
   .create = {{"lambda", "AddPermission", "*"}},
   .id = "=StatementId",
   .replace = "*",
   .remove = {{"lambda", "RemovePermission", "FunctionName", "StatementId=$id"}},
   .named = "StatementId"},
  {.name = "AWS::Lambda::Version",
   .create = {{"lambda", "PublishVersion", "FunctionName Description CodeSha256"}},
   .id = "/FunctionArn",
   .describe = Action{"lambda", "GetFunctionConfiguration", "", "FunctionName=$id"},
   .ready = function_active,
   .attributes = {{"Version", "/Version"}, {"FunctionArn", "/FunctionArn"}},
   .replace = "*",
   .remove = {{"lambda", "DeleteFunction", "", "FunctionName=$id"}}},
  {.name = "AWS::Lambda::Alias",
   .create = {{"lambda", "CreateAlias", "FunctionName FunctionVersion Name Description", "", "", alias_weights}},
   .id = "/AliasArn",
   .describe = Action{"lambda", "GetAlias", "FunctionName Name"},
   .attributes = {{"AliasArn", "/AliasArn"}},
   .replace = "FunctionName Name",
   .update = {about_gone({"lambda", "UpdateAlias", "FunctionName FunctionVersion Name Description", "", "FunctionVersion Description RoutingConfig", alias_weights})},
   .remove = {{"lambda", "DeleteAlias", "FunctionName Name"}},
   .skip = "RoutingConfig"},
  {.name = "AWS::Lambda::EventSourceMapping",
   .create = {{"lambda", "CreateEventSourceMapping", "*"}},
   .id = "/UUID",
   .describe = Action{"lambda", "GetEventSourceMapping", "", "UUID=$id"},
   .ready = mapping_settled,
   .attributes = {{"Id", "/UUID"}},
   .replace = "EventSourceArn StartingPosition",
   .update = {about_gone({"lambda", "UpdateEventSourceMapping", kMappingChanges, "UUID=$id", kMappingChanges})},
   .remove = {{"lambda", "DeleteEventSourceMapping", "", "UUID=$id"}}}};
}

}  // namespace relight::sandbox::cfn
