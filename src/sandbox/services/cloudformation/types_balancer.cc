// Load balancers, target groups, listeners and rules.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types balancer_types() {
  return {
  {.name = "AWS::ElasticLoadBalancingV2::LoadBalancer",
   .create = {{"elbv2", "CreateLoadBalancer", "*", "", ""}},
   .settings = {{"elbv2", "ModifyLoadBalancerAttributes", "", "LoadBalancerArn=$id", "LoadBalancerAttributes", attributes_list}},
   .id = "/LoadBalancers/0/LoadBalancerArn",
   .describe = Action{"elbv2", "DescribeLoadBalancers", "", "LoadBalancerArns=[$id]", ""}, .root = "/LoadBalancers/0",
   .ready = load_balancer_active,
   .attributes = {{"DNSName", "/DNSName"}, {"CanonicalHostedZoneID", "/CanonicalHostedZoneId"}, {"LoadBalancerArn", "/LoadBalancerArn"},
                  {"LoadBalancerName", "/LoadBalancerName"}, {"LoadBalancerFullName", "$arn-suffix"}, {"SecurityGroups", "/SecurityGroups"}},
   .replace = "Name Scheme Type",
   .update = {{"elbv2", "SetSecurityGroups", "SecurityGroups", "LoadBalancerArn=$id", "SecurityGroups"},
              {"elbv2", "SetSubnets", "Subnets", "LoadBalancerArn=$id", "Subnets"}},
   .remove = {{"elbv2", "DeleteLoadBalancer", "", "LoadBalancerArn=$id", ""}},
   .skip = "LoadBalancerAttributes", .named = "Name"},
  {.name = "AWS::ElasticLoadBalancingV2::TargetGroup",
   .create = {{"elbv2", "CreateTargetGroup", "*", "", ""}},
   .settings = {{"elbv2", "ModifyTargetGroupAttributes", "", "TargetGroupArn=$id", "TargetGroupAttributes", attributes_list},
                undone({"elbv2", "RegisterTargets", "Targets", "TargetGroupArn=$id", "Targets"}, "-")},
   .id = "/TargetGroups/0/TargetGroupArn",
   .describe = Action{"elbv2", "DescribeTargetGroups", "", "TargetGroupArns=[$id]", ""}, .root = "/TargetGroups/0",
   .attributes = {{"TargetGroupArn", "/TargetGroupArn"}, {"TargetGroupName", "/TargetGroupName"}, {"TargetGroupFullName", "$arn-suffix"}},
   .replace = "Name Port Protocol ProtocolVersion IpAddressType VpcId TargetType",
   .update = {{"elbv2", "ModifyTargetGroup",
               "HealthCheckEnabled HealthCheckProtocol HealthCheckPort HealthCheckPath HealthCheckIntervalSeconds HealthCheckTimeoutSeconds "
                        "HealthyThresholdCount UnhealthyThresholdCount Matcher",
               "TargetGroupArn=$id",
               "HealthCheckEnabled HealthCheckProtocol HealthCheckPort HealthCheckPath HealthCheckIntervalSeconds HealthCheckTimeoutSeconds "
                        "HealthyThresholdCount UnhealthyThresholdCount Matcher"},
              about_gone({"elbv2", "DeregisterTargets", "", "TargetGroupArn=$id", "Targets", targets_gone})},
   .remove = {{"elbv2", "DeleteTargetGroup", "", "TargetGroupArn=$id", ""}},
   .skip = "TargetGroupAttributes Targets", .named = "Name"},
  {.name = "AWS::ElasticLoadBalancingV2::Listener",
   .create = {{"elbv2", "CreateListener", "*", "", ""}},
   .id = "/Listeners/0/ListenerArn",
   .attributes = {{"ListenerArn", "$id"}},
   .replace = "LoadBalancerArn",
   .update = {{"elbv2", "ModifyListener", "Port Protocol DefaultActions Certificates SslPolicy", "ListenerArn=$id",
               "Port Protocol DefaultActions Certificates SslPolicy"}},
   .remove = {{"elbv2", "DeleteListener", "", "ListenerArn=$id", ""}}},
  {.name = "AWS::ElasticLoadBalancingV2::ListenerRule",
   .create = {{"elbv2", "CreateRule", "*", "", ""}},
   .id = "/Rules/0/RuleArn",
   .attributes = {{"RuleArn", "$id"}},
   .replace = "ListenerArn",
   .update = {{"elbv2", "ModifyRule", "Conditions Actions", "RuleArn=$id", "Conditions Actions"},
              {"elbv2", "SetRulePriorities", "", "", "Priority", rule_priority}},
   .remove = {{"elbv2", "DeleteRule", "", "RuleArn=$id", ""}}}};
}

}  // namespace relight::sandbox::cfn
