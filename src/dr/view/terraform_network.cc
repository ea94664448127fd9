#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

// A rule of a group's own lists becomes one of its own: Terraform advises against mixing both kinds.
void rules(TerraformBlock& b, const char* property, const char* type, const char* prefix) {
  auto given = b.properties.value(property, Json::array());
  for (size_t i = 0; i < given.size(); ++i) {
    auto rule = renamed(
        b.values.value(given[i]),
        "IpProtocol=ip_protocol FromPort=from_port ToPort=to_port CidrIp=cidr_ipv4 CidrIpv6=cidr_ipv6 "
        "Description=description");
    rule["security_group_id"] = b.self("id");
    b.more(type, b.resource.id + prefix + std::to_string(i), rule);
  }
}

void group(TerraformBlock& b) {
  rules(b, "SecurityGroupIngress", "aws_vpc_security_group_ingress_rule", "In");
  rules(b, "SecurityGroupEgress", "aws_vpc_security_group_egress_rule", "Out");
  // Terraform takes away the rule that AWS gives every new group.
  if (!b.properties.contains("SecurityGroupEgress"))
    b.more("aws_vpc_security_group_egress_rule", b.resource.id + "Out",
           {{"security_group_id", b.self("id")}, {"ip_protocol", "-1"}, {"cidr_ipv4", "0.0.0.0/0"}});
}

void acl_entry(TerraformBlock& b) {
  b.arguments["protocol"] = b.properties.value("Protocol", Json()).dump();
  auto range = b.properties.value("PortRange", Json::object());
  b.arguments.update(renamed(range, "From=from_port To=to_port"));
  b.arguments.update(renamed(b.properties.value("Icmp", Json::object()), "Type=icmp_type Code=icmp_code"));
}

void check(TerraformBlock& b) {
  b.arguments.update(renamed(
      b.value("HealthCheckConfig"),
      "Type=type FullyQualifiedDomainName=fqdn Port=port ResourcePath=resource_path "
      "RequestInterval=request_interval FailureThreshold=failure_threshold Inverted=invert_healthcheck"));
}

void record(TerraformBlock& b) {
  if (b.properties.contains("Failover"))
    b.arguments["failover_routing_policy"] = Json::array({{{"type", b.value("Failover")}}});
  if (b.properties.contains("AliasTarget"))
    b.arguments["alias"] = Json::array(
        {renamed(b.value("AliasTarget"),
                 "DNSName=name HostedZoneId=zone_id EvaluateTargetHealth=evaluate_target_health")});
}

void alarm(TerraformBlock& b) {
  b.arguments["alarm_name"] =
      b.properties.contains("AlarmName") ? b.value("AlarmName") : Json(b.pilot.stack + "-" + b.resource.id);
  Json dimensions = Json::object();
  for (auto& d : b.properties.value("Dimensions", Json::array()))
    dimensions[d.value("Name", "")] = b.values.value(d["Value"]);
  b.arguments["dimensions"] = dimensions;
}

}  // namespace

void terraform_network(TerraformBlock& b) {
  auto& type = b.resource.type;
  if (type == "AWS::EC2::SecurityGroup") group(b);
  if (type == "AWS::EC2::NetworkAclEntry") acl_entry(b);
  if (type == "AWS::EC2::VPCEndpoint" && b.properties.contains("PolicyDocument"))
    b.arguments["policy"] = b.values.document(b.properties["PolicyDocument"]);
  if (type == "AWS::Route53::HealthCheck") check(b);
  if (type == "AWS::Route53::RecordSet") record(b);
  if (type == "AWS::CloudWatch::Alarm") alarm(b);
}

}  // namespace relight::dr::view
