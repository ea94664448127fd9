// WAF: what an ACL does by default has blocks in Terraform; its rules are the API's JSON, since blocks go three statements
// deep alone ("rule_json", aws_wafv2_web_acl). There a match's text stands as it is, not in base64.
#include "base/bytes.h"
#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
namespace {
using FirewallJson = nlohmann::json;

FirewallJson match_as_text(const FirewallJson& j) {
  if (!j.is_structured()) return j;
  FirewallJson out = j.is_array() ? FirewallJson::array() : FirewallJson::object();
  for (auto& [name, value] : j.items())
    if (j.is_array())
      out.push_back(match_as_text(value));
    else if (name == "SearchStringBase64")
      out["SearchString"] = unbase64(value.get<std::string>()).value_or("");
    else
      out[name] = match_as_text(value);
  return out;
}

FirewallJson headers(const FirewallJson& list) {
  FirewallJson out = FirewallJson::array();
  for (auto& h : list) out.push_back(renamed(h, "Name=name Value=value"));
  return out;
}

FirewallJson default_action(const FirewallJson& a) {
  if (!a.contains("Block")) {
    FirewallJson allow = FirewallJson::object();
    auto handling = a.value("Allow", FirewallJson::object()).value("CustomRequestHandling", FirewallJson());
    if (handling.is_object())
      allow["custom_request_handling"] =
          FirewallJson::array({{{"insert_header", headers(handling["InsertHeaders"])}}});
    return {{"allow", FirewallJson::array({allow})}};
  }
  FirewallJson block = FirewallJson::object();
  if (auto r = a["Block"].value("CustomResponse", FirewallJson()); r.is_object()) {
    auto response = renamed(r, "ResponseCode=response_code CustomResponseBodyKey=custom_response_body_key");
    if (r.contains("ResponseHeaders")) response["response_header"] = headers(r["ResponseHeaders"]);
    block["custom_response"] = FirewallJson::array({response});
  }
  return {{"block", FirewallJson::array({block})}};
}

FirewallJson immunity(const FirewallJson& config) {
  return FirewallJson::array(
      {{{"immunity_time_property", FirewallJson::array({renamed(config.value("ImmunityTimeProperty", FirewallJson::object()),
                                                                "ImmunityTime=immunity_time")})}}});
}

void web_acl(TerraformBlock& b) {
  b.arguments["default_action"] = FirewallJson::array({default_action(b.value("DefaultAction"))});
  b.arguments["visibility_config"] = FirewallJson::array(
      {renamed(b.value("VisibilityConfig"),
               "CloudWatchMetricsEnabled=cloudwatch_metrics_enabled MetricName=metric_name "
               "SampledRequestsEnabled=sampled_requests_enabled")});
  if (b.properties.contains("Rules")) b.arguments["rule_json"] = b.values.document(match_as_text(b.properties["Rules"]));
  if (auto bodies = b.value("CustomResponseBodies"); bodies.is_object())
    for (auto& [key, body] : bodies.items()) {
      auto one = renamed(body, "Content=content ContentType=content_type");
      one["key"] = key;
      b.arguments["custom_response_body"].push_back(std::move(one));
    }
  if (auto c = b.value("CaptchaConfig"); c.is_object()) b.arguments["captcha_config"] = immunity(c);
  if (auto c = b.value("ChallengeConfig"); c.is_object()) b.arguments["challenge_config"] = immunity(c);
}

}  // namespace

void terraform_firewall(TerraformBlock& b) {
  if (b.resource.type == "AWS::WAFv2::WebACL") web_acl(b);
}

}  // namespace relight::dr::view
