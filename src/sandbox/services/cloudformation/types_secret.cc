// Secrets Manager and Parameter Store.
#include <algorithm>

#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

// GenerateSecretString (AWS::SecretsManager::Secret): what is asked of GetRandomPassword.
Json password_wanted(const Subject& s) {
  Json wanted = s.props.value("GenerateSecretString", Json());
  // An update that leaves it as it was generates nothing.
  if (!wanted.is_object() || (s.previous.is_object() && s.previous.value("GenerateSecretString", Json()) == wanted)) return Json();
  wanted.erase("SecretStringTemplate");
  wanted.erase("GenerateStringKey");
  return wanted;
}

void generated_secret(Json& input, const Subject& s) {
  const Json wanted = s.props.value("GenerateSecretString", Json());
  if (wanted.is_null() || !s.described.is_object() || !s.described.contains("RandomPassword")) return;
  if (input.contains("SecretString")) {  // one or the other: refused as a property that does not belong here
    input["GenerateSecretString"] = wanted;
    return;
  }
  Json whole = Json::parse(wanted.value("SecretStringTemplate", ""), nullptr, false);
  std::string key = wanted.value("GenerateStringKey", "");
  if (whole.is_object() && !key.empty()) whole[key] = s.described["RandomPassword"];
  input["SecretString"] = whole.is_object() && !key.empty() ? Json(whole.dump()) : s.described["RandomPassword"];
}

void secret_tags_gone(Json& input, const Subject& s) {
  Json keys = Json::array();
  for (auto& old : s.previous.value("Tags", Json::array())) {
    bool stays = false;
    for (auto& now : s.props.value("Tags", Json::array())) stays = stays || now.value("Key", "") == old.value("Key", "");
    if (!stays) keys.push_back(old.value("Key", ""));
  }
  input = keys.empty() ? Json() : Json{{"SecretId", s.physical}, {"TagKeys", keys}};
}

// Of an update: the regions no longer named; of a removal: all.
void replicas_gone(Json& input, const Subject& s) {
  auto regions = [](const Json& props) {
    Json out = Json::array();
    if (props.is_object())
      for (auto& r : props.value("ReplicaRegions", Json::array())) out.push_back(r.value("Region", ""));
    return out;
  };
  Json gone = Json::array(), now = s.previous.is_object() ? regions(s.props) : Json::array();
  for (auto& r : regions(s.previous.is_object() ? s.previous : s.props))
    if (std::find(now.begin(), now.end(), r) == now.end()) gone.push_back(r);
  input = gone.empty() ? Json() : Json{{"SecretId", s.physical}, {"RemoveReplicaRegions", gone}};
}

// {"Key": "Value"} to a list of both.
void parameter_tags(Json& input, const Subject& s) {
  const Json tags = s.props.value("Tags", Json::object());
  for (auto& [k, v] : tags.items()) input["Tags"].push_back({{"Key", k}, {"Value", v}});
}

Action generating(Action a) {
  a.asks = "GetRandomPassword";
  a.ask = password_wanted;
  a.adapt = generated_secret;
  return a;
}

}  // namespace

Types secret_types() {
  return {
  {.name = "AWS::SecretsManager::Secret",
   .create = {generating({"secretsmanager", "CreateSecret", "Name Description KmsKeyId SecretString Tags ReplicaRegions=AddReplicaRegions"})},
   .id = "/ARN",
   .describe = Action{"secretsmanager", "DescribeSecret", "", "SecretId=$id"},
   .attributes = {{"Id", "/ARN"}},
   .replace = "Name",
   .update = {generating({"secretsmanager", "UpdateSecret", "Description KmsKeyId SecretString", "SecretId=$id", "Description KmsKeyId SecretString GenerateSecretString"}),
              about_gone({"secretsmanager", "UntagResource", "", "", "Tags", secret_tags_gone}),
              {"secretsmanager", "TagResource", "Tags", "SecretId=$id", "Tags", nullptr, "", Entries::kAll, "-"},
              about_gone({"secretsmanager", "RemoveRegionsFromReplication", "", "", "ReplicaRegions", replicas_gone}),
              {"secretsmanager", "ReplicateSecretToRegions", "ReplicaRegions=AddReplicaRegions", "SecretId=$id", "ReplicaRegions", nullptr, "", Entries::kAll, "-"}},
   // A stack's secret goes without a recovery window, so that the stack can be made again (observed; unverified).
   .remove = {{"secretsmanager", "RemoveRegionsFromReplication", "", "", "ReplicaRegions", replicas_gone},
              {"secretsmanager", "DeleteSecret", "", "SecretId=$id ForceDeleteWithoutRecovery=true"}},
   .skip = "GenerateSecretString",
   .named = "Name"},
  {.name = "AWS::SSM::Parameter",
   .create = {{"ssm", "PutParameter", "Name Type Value Description AllowedPattern DataType Policies Tier", "", "", parameter_tags}},
   .id = "=Name",
   .describe = Action{"ssm", "GetParameter", "", "Name=$id"}, .root = "/Parameter",
   .attributes = {{"Type", "/Type"}, {"Value", "/Value"}},
   .replace = "Name Type",
   .update = {{"ssm", "PutParameter", "Name Type Value Description AllowedPattern DataType Policies Tier", "Overwrite=true", "Value Description AllowedPattern DataType Tier"}},
   .remove = {{"ssm", "DeleteParameter", "", "Name=$id"}},
   .skip = "Tags",
   .named = "Name"}};
}

}  // namespace relight::sandbox::cfn
