// KMS.
#include <algorithm>

#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

void key_tags(Json& input, const Subject& s) {
  Json tags = Json::array();
  for (auto& t : s.props.value("Tags", Json::array()))
    tags.push_back(Json{{"TagKey", t.value("Key", "")}, {"TagValue", as_text(t.value("Value", Json("")))}});
  if (!tags.empty()) input["Tags"] = tags;
}

void key_made(Json& input, const Subject& s) {
  if (s.props.contains("KeyPolicy")) input["Policy"] = s.props["KeyPolicy"].is_string() ? s.props["KeyPolicy"] : Json(s.props["KeyPolicy"].dump());
  key_tags(input, s);
}

void key_policy(Json& input, const Subject& s) {
  key_made(input, s);
  input.erase("Tags");
}

void key_tags_more(Json& input, const Subject& s) {
  key_tags(input, s);
  if (!input.contains("Tags")) input = Json();
}

void key_tags_gone(Json& input, const Subject& s) {
  Json gone = Json::array();
  const Json now = s.props.value("Tags", Json::array());
  for (auto& old : s.previous.value("Tags", Json::array()))
    if (std::none_of(now.begin(), now.end(), [&](auto& t) { return t.value("Key", "") == old.value("Key", ""); })) gone.push_back(old.value("Key", ""));
  input = gone.empty() ? Json() : Json{{"KeyId", s.physical}, {"TagKeys", gone}};
}

// Nothing to call unless the property says so.
void only_if_disabled(Json& input, const Subject& s) {
  if (s.props.value("Enabled", Json(true)) != Json(false)) input = Json();
}
void only_if_enabled(Json& input, const Subject& s) {
  if (s.props.value("Enabled", Json(true)) == Json(false)) input = Json();
}
void only_if_rotating(Json& input, const Subject& s) {
  if (s.props.value("EnableKeyRotation", Json(false)) != Json(true)) input = Json();
}
void only_if_not_rotating(Json& input, const Subject& s) {
  if (s.props.value("EnableKeyRotation", Json(false)) == Json(true)) input = Json();
}
void deletion_window(Json& input, const Subject& s) {
  if (s.props.contains("PendingWindowInDays")) input["PendingWindowInDays"] = s.props["PendingWindowInDays"];
}

}  // namespace

Types key_types() {
  return {
  {.name = "AWS::KMS::Key",
   .create = {{"kms", "CreateKey", "Description KeySpec KeyUsage MultiRegion Origin", "", "", key_made},
              {"kms", "EnableKeyRotation", "", "KeyId=$id", "EnableKeyRotation", only_if_rotating},
              {"kms", "DisableKey", "", "KeyId=$id", "Enabled", only_if_disabled}},
   .id = "/KeyMetadata/KeyId",
   .describe = Action{"kms", "DescribeKey", "", "KeyId=$id"}, .root = "/KeyMetadata",
   .attributes = {{"Arn", "/Arn"}, {"KeyId", "$id"}},
   .replace = "KeySpec KeyUsage MultiRegion Origin",
   .update = {about_gone({"kms", "EnableKey", "", "KeyId=$id", "Enabled", only_if_enabled}),
              {"kms", "UpdateKeyDescription", "Description", "KeyId=$id", "Description"},
              {"kms", "PutKeyPolicy", "", "KeyId=$id PolicyName=default", "KeyPolicy", key_policy},
              about_gone({"kms", "UntagResource", "", "", "Tags", key_tags_gone}),
              {"kms", "TagResource", "", "KeyId=$id", "Tags", key_tags_more, "", Entries::kAll, "-"},
              {"kms", "EnableKeyRotation", "", "KeyId=$id", "EnableKeyRotation", only_if_rotating, "", Entries::kAll, "-"},
              about_gone({"kms", "DisableKeyRotation", "", "KeyId=$id", "EnableKeyRotation", only_if_not_rotating}),
              {"kms", "DisableKey", "", "KeyId=$id", "Enabled", only_if_disabled, "", Entries::kAll, "-"}},
   .remove = {{"kms", "ScheduleKeyDeletion", "", "KeyId=$id", "", deletion_window}},
   .skip = "PendingWindowInDays"},
  {.name = "AWS::KMS::Alias",
   .create = {{"kms", "CreateAlias", "AliasName TargetKeyId"}},
   .id = "=AliasName",
   .describe = Action{"kms", "DescribeKey", "", "KeyId=$id"}, .root = "/KeyMetadata",
   .replace = "AliasName",
   .update = {{"kms", "UpdateAlias", "AliasName TargetKeyId", "", "TargetKeyId"}},
   .remove = {{"kms", "DeleteAlias", "AliasName"}}}};
}

}  // namespace relight::sandbox::cfn
