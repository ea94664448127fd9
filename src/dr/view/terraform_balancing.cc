// Load balancers: Terraform has an argument for what AWS has as attributes by key.
#include <array>

#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

constexpr std::string_view kBalancerAttributes =
    "deletion_protection.enabled=enable_deletion_protection idle_timeout.timeout_seconds=idle_timeout "
    "routing.http.desync_mitigation_mode=desync_mitigation_mode routing.http2.enabled=enable_http2 "
    "routing.http.drop_invalid_header_fields.enabled=drop_invalid_header_fields "
    "routing.http.preserve_host_header.enabled=preserve_host_header "
    "waf.fail_open.enabled=enable_waf_fail_open "
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled=enable_tls_version_and_cipher_suite_headers "
    "routing.http.xff_client_port.enabled=enable_xff_client_port "
    "routing.http.xff_header_processing.mode=xff_header_processing_mode "
    "load_balancing.cross_zone.enabled=enable_cross_zone_load_balancing "
    "client_keep_alive.seconds=client_keep_alive";
constexpr std::string_view kTargetAttributes =
    "deregistration_delay.timeout_seconds=deregistration_delay slow_start.duration_seconds=slow_start "
    "load_balancing.algorithm.type=load_balancing_algorithm_type "
    "load_balancing.algorithm.anomaly_mitigation=load_balancing_anomaly_mitigation "
    "load_balancing.cross_zone.enabled=load_balancing_cross_zone_enabled "
    "preserve_client_ip.enabled=preserve_client_ip "
    "proxy_protocol_v2.enabled=proxy_protocol_v2";

Json attributes(TerraformBlock& b, const char* property) {
  Json out = Json::object();
  for (auto& a : b.properties.value(property, Json::array()))
    out[a.value("Key", "")] = b.values.value(a["Value"]);
  return out;
}

Json typed(Json arguments) {
  for (auto& [name, value] : arguments.items())
    if (value.is_string() && (value == "true" || value == "false")) value = value == "true";
  return arguments;
}

void balancer(TerraformBlock& b) {
  b.arguments["internal"] = b.properties.value("Scheme", "") == "internal";
  b.arguments.update(typed(renamed(attributes(b, "LoadBalancerAttributes"), kBalancerAttributes)));
}

void targets(TerraformBlock& b) {
  auto given = attributes(b, "TargetGroupAttributes");
  b.arguments.update(renamed(given, kTargetAttributes));
  auto sticky = typed(renamed(
      given,
      "stickiness.enabled=enabled stickiness.type=type stickiness.lb_cookie.duration_seconds=cookie_duration "
      "stickiness.app_cookie.cookie_name=cookie_name"));
  if (!sticky.empty()) b.arguments["stickiness"] = Json::array({sticky});
  auto check = renamed(b.values.value(b.properties),
                       "HealthCheckProtocol=protocol HealthCheckPort=port HealthCheckPath=path "
                       "HealthCheckIntervalSeconds=interval "
                       "HealthCheckTimeoutSeconds=timeout HealthyThresholdCount=healthy_threshold "
                       "UnhealthyThresholdCount=unhealthy_threshold");
  auto matcher = b.properties.value("Matcher", Json::object());
  if (matcher.contains("HttpCode")) check["matcher"] = matcher["HttpCode"];
  if (matcher.contains("GrpcCode")) check["matcher"] = matcher["GrpcCode"];
  if (!check.empty()) b.arguments["health_check"] = Json::array({check});
}

Json action(const Json& a) {
  auto out = renamed(a, "Type=type Order=order TargetGroupArn=target_group_arn");
  if (a.contains("RedirectConfig"))
    out["redirect"] = Json::array(
        {renamed(a["RedirectConfig"],
                 "Protocol=protocol Port=port Host=host Path=path Query=query StatusCode=status_code")});
  if (a.contains("FixedResponseConfig"))
    out["fixed_response"] =
        Json::array({renamed(a["FixedResponseConfig"],
                             "ContentType=content_type MessageBody=message_body StatusCode=status_code")});
  if (a.contains("ForwardConfig")) {
    Json forward = Json::object();
    for (auto& g : a["ForwardConfig"].value("TargetGroups", Json::array()))
      forward["target_group"].push_back(renamed(g, "TargetGroupArn=arn Weight=weight"));
    if (a["ForwardConfig"].contains("TargetGroupStickinessConfig"))
      forward["stickiness"] = Json::array({renamed(a["ForwardConfig"]["TargetGroupStickinessConfig"],
                                                   "Enabled=enabled DurationSeconds=duration")});
    out["forward"] = Json::array({forward});
  }
  return out;
}

Json actions(TerraformBlock& b, const char* property) {
  Json out = Json::array();
  for (auto& a : b.value(property)) out.push_back(action(a));
  return out;
}

Json condition(const Json& c) {
  constexpr std::array<std::array<const char*, 2>, 4> kValues{
      {{"PathPatternConfig", "path_pattern"},
       {"HostHeaderConfig", "host_header"},
       {"HttpRequestMethodConfig", "http_request_method"},
       {"SourceIpConfig", "source_ip"}}};
  Json out = Json::object();
  for (auto& [from, to] : kValues)
    if (c.contains(from)) out[to] = Json::array({renamed(c[from], "Values=values")});
  if (c.contains("HttpHeaderConfig"))
    out["http_header"] =
        Json::array({renamed(c["HttpHeaderConfig"], "HttpHeaderName=http_header_name Values=values")});
  for (auto& q : c.value("QueryStringConfig", Json::object()).value("Values", Json::array()))
    out["query_string"].push_back(renamed(q, "Key=key Value=value"));
  if (c.contains("Values"))
    out[c.value("Field", "") == "host-header" ? "host_header" : "path_pattern"] =
        Json::array({{{"values", c["Values"]}}});
  return out;
}

}  // namespace

void terraform_balancing(TerraformBlock& b) {
  auto& type = b.resource.type;
  if (type == "AWS::ElasticLoadBalancingV2::LoadBalancer") balancer(b);
  if (type == "AWS::ElasticLoadBalancingV2::TargetGroup") targets(b);
  if (type == "AWS::ElasticLoadBalancingV2::Listener") {
    b.arguments["default_action"] = actions(b, "DefaultActions");
    if (auto c = b.value("Certificates"); c.is_array() && !c.empty())
      b.arguments["certificate_arn"] = c[0]["CertificateArn"];
    if (auto alpn = b.value("AlpnPolicy"); alpn.is_array() && !alpn.empty())
      b.arguments["alpn_policy"] = alpn[0];
  }
  if (type == "AWS::ElasticLoadBalancingV2::ListenerRule") {
    b.arguments["action"] = actions(b, "Actions");
    b.arguments["condition"] = Json::array();
    for (auto& c : b.value("Conditions")) b.arguments["condition"].push_back(condition(c));
  }
}

}  // namespace relight::dr::view
