// WAF: web ACLs and their associations.
#include "base/bytes.h"
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

// "The Ref for the resource, containing the resource name, physical ID, and scope, formatted as name|id|scope"
// (AWS::WAFv2::WebACL, Return values).
void name_acl(Json& input, const std::string& id) {
  size_t one = id.find('|'), two = id.find('|', one == id.npos ? one : one + 1);
  if (two == id.npos) return;
  input["Name"] = id.substr(0, one);
  input["Id"] = id.substr(one + 1, two - one - 1);
  input["Scope"] = id.substr(two + 1);
}

// A string match says what it looks for as text, or in base64 as SearchStringBase64
// (AWS::WAFv2::WebACL ByteMatchStatement); the API takes base64 alone.
void search_strings(Json& j) {
  if (j.is_object()) {
    if (j.contains("SearchStringBase64"))
      j["SearchString"] = j["SearchStringBase64"], j.erase("SearchStringBase64");
    else if (j.contains("SearchString") && j["SearchString"].is_string())
      j["SearchString"] = base64(j["SearchString"].get<std::string>());
  }
  if (j.is_structured())
    for (auto& inner : j) search_strings(inner);
}

void make_acl(Json& input, const Subject&) { search_strings(input); }

Json which_acl(const Subject& s) {
  Json input = Json::object();
  name_acl(input, s.physical);
  return input;
}

// What changes or deletes an ACL brings the lock token that GetWebACL told.
void locked_acl(Json& input, const Subject& s) {
  name_acl(input, s.physical);
  input["LockToken"] = s.described.value("LockToken", "");
  search_strings(input);
}

Action locked(Action a) {
  a.asks = "GetWebACL";
  a.ask = which_acl;
  return a;
}

}  // namespace

void adapt::find_acl(Json& input, const Subject& s) { name_acl(input, s.physical); }

Types firewall_types() {
  return {
  {.name = "AWS::WAFv2::WebACL",
   .create = {{"wafv2", "CreateWebACL", "*", "", "", make_acl}},
   .id = "=Name|/Summary/Id|Scope",
   .describe = Action{"wafv2", "GetWebACL", "", "", "", find_acl}, .root = "/WebACL",
   .attributes = {{"Arn", "/ARN"}, {"Id", "/Id"}, {"Capacity", "/Capacity"}, {"LabelNamespace", "/LabelNamespace"}},
   .replace = "Name Scope",
   .update = {locked({"wafv2", "UpdateWebACL",
                      "DefaultAction Description Rules VisibilityConfig CustomResponseBodies CaptchaConfig ChallengeConfig TokenDomains", "",
                      "DefaultAction Description Rules VisibilityConfig CustomResponseBodies CaptchaConfig ChallengeConfig TokenDomains",
                      locked_acl})},
   .remove = {locked({"wafv2", "DeleteWebACL", "", "", "", locked_acl})},
   .named = "Name"},
  {.name = "AWS::WAFv2::WebACLAssociation",
   .create = {{"wafv2", "AssociateWebACL", "ResourceArn WebACLArn"}},
   .id = "=ResourceArn|WebACLArn",
   .replace = "ResourceArn WebACLArn",
   .remove = {{"wafv2", "DisassociateWebACL", "ResourceArn"}}}};
}

}  // namespace relight::sandbox::cfn
