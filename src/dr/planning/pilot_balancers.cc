// Load balancers, target groups, listeners and their rules.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

// Attributes that a new load balancer or target group of the kind has anyway (Elastic Load Balancing API
// Reference, LoadBalancerAttribute and TargetGroupAttribute).
bool usual(const std::string& key, const std::string& value) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kUsual{
      {{"deletion_protection.enabled", "false"},
       {"idle_timeout.timeout_seconds", "60"},
       {"routing.http.desync_mitigation_mode", "defensive"},
       {"routing.http.drop_invalid_header_fields.enabled", "false"},
       {"routing.http.preserve_host_header.enabled", "false"},
       {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"},
       {"routing.http.xff_client_port.enabled", "false"},
       {"routing.http.xff_header_processing.mode", "append"},
       {"routing.http2.enabled", "true"},
       {"waf.fail_open.enabled", "false"},
       {"load_balancing.cross_zone.enabled", "true"},
       {"load_balancing.cross_zone.enabled", "use_load_balancer_configuration"},
       {"deregistration_delay.timeout_seconds", "300"},
       {"stickiness.enabled", "false"},
       {"stickiness.lb_cookie.duration_seconds", "86400"},
       {"stickiness.app_cookie.duration_seconds", "86400"},
       {"stickiness.type", "lb_cookie"},
       {"slow_start.duration_seconds", "0"},
       {"load_balancing.algorithm.type", "round_robin"},
       {"load_balancing.algorithm.anomaly_mitigation", "off"},
       {"client_keep_alive.seconds", "3600"},
       {"zonal_shift.config.enabled", "false"}}};
  return std::ranges::find(kUsual, std::pair<std::string_view, std::string_view>(key, value)) !=
             kUsual.end() ||
         key.starts_with("target_group_health.");
}

Json attributes(PilotDraft& d, const Captured& c) {
  Json out = Json::array();
  for (auto& a : c.properties->value("Attributes", Json::array())) {
    auto key = text_of(a, "Key"), value = text_of(a, "Value");
    if (key.starts_with("access_logs.") || key.starts_with("connection_logs.")) {
      if (key.ends_with(".enabled") && value == "true")
        d.say(c.key(), key,
              "the log bucket must be of the same region: switch the logs on by hand once there is one");
    } else if (!value.empty() && !usual(key, value)) {
      out.push_back({{"Key", key}, {"Value", d.text(value, c.key())}});
    }
  }
  return out;
}

void balancer(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto id = d.logical("elbv2/load-balancer", c.id());
  Json p = Json::object();
  take(p, *c.properties, "Scheme Type IpAddressType");
  if (p.value("Type", "") == "application") p.erase("Type");
  if (p.value("IpAddressType", "") == "ipv4") p.erase("IpAddressType");
  auto zones = c.properties->value("AvailabilityZones", Json::array());
  p["Subnets"] = d.refs("ec2/subnet", &zones, c.key(), "SubnetId");
  if (c.properties->contains("SecurityGroups"))
    p["SecurityGroups"] = d.refs("ec2/security-group", &(*c.properties)["SecurityGroups"], c.key());
  if (auto a = attributes(d, c); !a.empty()) p["LoadBalancerAttributes"] = a;
  PilotResource r{.id = id, .type = "AWS::ElasticLoadBalancingV2::LoadBalancer", .from = c.key()};
  // An internet-facing one is refused while its VPC has no gateway.
  for (auto& g : d.all("ec2/internet-gateway"))
    if (!g.properties->value("Attachments", Json::array()).empty())
      r.depends.push_back(d.logical("ec2/internet-gateway", g.id()) + "Attachment");
  d.add(std::move(r), std::move(p));
}

void targets(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto id = d.logical("elbv2/target-group", c.id());
  Json p = Json::object();
  take(p, *c.properties,
       "Protocol Port ProtocolVersion TargetType HealthCheckProtocol HealthCheckPort HealthCheckPath "
       "HealthCheckIntervalSeconds HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount "
       "Matcher");
  if (p.value("ProtocolVersion", "") == "HTTP1") p.erase("ProtocolVersion");
  if (p.value("HealthCheckPort", "") == "traffic-port") p.erase("HealthCheckPort");
  if (auto vpc = text_of(*c.properties, "VpcId"); !vpc.empty()) p["VpcId"] = d.ref("ec2/vpc", vpc, c.key());
  if (auto type = text_of(p, "TargetType"); type == "instance" || type == "lambda")
    d.say(c.key(), "its targets",
          "targets of the type '" + type + "' are registered by hand; the pilot's group is empty");
  if (auto a = attributes(d, c); !a.empty()) p["TargetGroupAttributes"] = a;
  d.add({.id = id, .type = "AWS::ElasticLoadBalancingV2::TargetGroup", .from = c.key()}, std::move(p));
}

Json action(PilotDraft& d, const Captured& c, const Json& a) {
  Json out{{"Type", text_of(a, "Type")}};
  take(out, a, "Order RedirectConfig FixedResponseConfig");
  if (auto group = text_of(a, "TargetGroupArn"); !group.empty())
    out["TargetGroupArn"] = d.ref("elbv2/target-group", group, c.key());
  auto groups = a.value("ForwardConfig", Json::object()).value("TargetGroups", Json::array());
  if (groups.size() > 1 || (groups.size() == 1 && !out.contains("TargetGroupArn"))) {
    out.erase("TargetGroupArn");
    Json list = Json::array();
    for (auto& g : groups) {
      Json e{{"TargetGroupArn", d.ref("elbv2/target-group", text_of(g, "TargetGroupArn"), c.key())}};
      take(e, g, "Weight");
      list.push_back(std::move(e));
    }
    out["ForwardConfig"] = {{"TargetGroups", list}};
    auto sticky = a["ForwardConfig"].value("TargetGroupStickinessConfig", Json::object());
    if (sticky.value("Enabled", false)) out["ForwardConfig"]["TargetGroupStickinessConfig"] = sticky;
  }
  return out;
}

Json actions(PilotDraft& d, const Captured& c, const char* member) {
  Json out = Json::array();
  for (auto& a : c.properties->value(member, Json::array())) {
    if (text_of(a, "Type").starts_with("authenticate-"))
      d.say(c.key(), text_of(a, "Type"),
            "AWS does not tell the client's secret, so visitors are not asked to sign in");
    else
      out.push_back(action(d, c, a));
  }
  return out;
}

void listener(PilotDraft& d, const Captured& c) {
  auto id = d.logical("elbv2/listener", c.id());
  Json p{
      {"LoadBalancerArn", d.ref("elbv2/load-balancer", text_of(*c.properties, "LoadBalancerArn"), c.key())}};
  take(p, *c.properties, "Port Protocol SslPolicy AlpnPolicy");
  p["DefaultActions"] = actions(d, c, "DefaultActions");
  if (auto certificates = c.properties->value("Certificates", Json::array()); !certificates.empty()) {
    auto name = id + "Certificate";
    d.parameter({.name = name,
                 .description = fmt::format("ARN of a certificate in {} for the listener on port {}",
                                            d.policy().region, c.properties->value("Port", 0))});
    d.say(c.key(), "its certificate",
          "certificates live in one region: request one in " + d.policy().region + " and tell its ARN as " +
              environment_name(name));
    p["Certificates"] = Json::array({{{"CertificateArn", ref_to(name)}}});
  }
  d.add({.id = id, .type = "AWS::ElasticLoadBalancingV2::Listener", .from = c.key()}, std::move(p));
}

// The API shows a condition twice: as Values and as a configuration of its own.
Json condition(const Json& c) {
  Json out{{"Field", text_of(c, "Field")}};
  take(out, c,
       "HostHeaderConfig PathPatternConfig HttpHeaderConfig HttpRequestMethodConfig QueryStringConfig "
       "SourceIpConfig");
  if (out.size() == 1) take(out, c, "Values");
  return out;
}

std::string listener_of(const std::string& rule) {
  // …:listener-rule/app/NAME/ID/LISTENER/RULE belongs to …:listener/app/NAME/ID/LISTENER
  auto at = rule.find(":listener-rule/");
  if (at == rule.npos) return "";
  auto path = rule.substr(at + 15);
  return rule.substr(0, at) + ":listener/" + path.substr(0, path.rfind('/'));
}

void rule(PilotDraft& d, const Captured& c) {
  auto priority = text_of(*c.properties, "Priority");
  if (c.properties->value("IsDefault", false) || priority.empty() ||
      priority.find_first_not_of("0123456789") != priority.npos)
    return;  // the listener's DefaultActions
  Json p{{"ListenerArn", d.ref("elbv2/listener", listener_of(c.id()), c.key())},
         {"Priority", std::stoi(priority)}};
  p["Actions"] = actions(d, c, "Actions");
  p["Conditions"] = Json::array();
  for (auto& k : c.properties->value("Conditions", Json::array())) p["Conditions"].push_back(condition(k));
  d.add({.id = d.logical("elbv2/rule", c.id()),
         .type = "AWS::ElasticLoadBalancingV2::ListenerRule",
         .from = c.key()},
        std::move(p));
}

}  // namespace

void translate_balancers(PilotDraft& d) {
  for (auto& c : d.all("elbv2/load-balancer")) balancer(d, c);
  for (auto& c : d.all("elbv2/target-group")) targets(d, c);
  for (auto& c : d.all("elbv2/listener")) listener(d, c);
  for (auto& c : d.all("elbv2/rule")) rule(d, c);
}

}  // namespace relight::dr
