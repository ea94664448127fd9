// CloudWatch Logs.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

// A list of keys and values becomes a map.
Json log_tags_of(const Json& props) {
  Json out = Json::object();
  if (props.is_object())
    for (auto& t : props.value("Tags", Json::array())) out[t.value("Key", "")] = as_text(t.value("Value", Json("")));
  return out;
}

void log_tags(Json& input, const Subject& s) {
  Json tags = log_tags_of(s.props);
  if (!tags.empty()) input["tags"] = tags;
}

void log_tags_more(Json& input, const Subject& s) {
  Json tags = log_tags_of(s.props);
  input = tags.empty() ? Json() : Json{{"logGroupName", s.physical}, {"tags", tags}};
}

void log_tags_gone(Json& input, const Subject& s) {
  Json keys = Json::array();
  const Json before = log_tags_of(s.previous), now = log_tags_of(s.props);
  for (auto& [k, v] : before.items())
    if (!now.contains(k)) keys.push_back(k);
  input = keys.empty() ? Json() : Json{{"logGroupName", s.physical}, {"tags", keys}};
}

}  // namespace

Types log_types() {
  return {
  {.name = "AWS::Logs::LogGroup",
   .create = {{"logs", "CreateLogGroup", "LogGroupName=logGroupName KmsKeyId=kmsKeyId", "", "", log_tags}},
   .settings = {undone({"logs", "PutRetentionPolicy", "RetentionInDays=retentionInDays", "logGroupName=$id", "RetentionInDays"}, "DeleteRetentionPolicy")},
   .id = "=LogGroupName",
   .describe = Action{"logs", "DescribeLogGroups", "", "logGroupNamePrefix=$id", ""}, .root = "/logGroups/0",
   .attributes = {{"Arn", "/arn"}},
   .replace = "LogGroupName",
   .update = {about_gone({"logs", "UntagLogGroup", "", "", "Tags", log_tags_gone}), {"logs", "TagLogGroup", "", "", "Tags", log_tags_more, "", Entries::kAll, "-"}},
   .remove = {{"logs", "DeleteLogGroup", "", "logGroupName=$id", ""}},
   .named = "LogGroupName"}};
}

}  // namespace relight::sandbox::cfn
