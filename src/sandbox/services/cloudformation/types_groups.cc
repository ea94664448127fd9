// Security groups.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types group_types() {
  return {
  {.name = "AWS::EC2::SecurityGroup",
   .create = {{"ec2", "CreateSecurityGroup", "GroupName GroupDescription=Description VpcId", "", ""},
              {"ec2", "RevokeSecurityGroupEgress", "", "GroupId=$id", "SecurityGroupEgress", egress_default}},
   .settings = {undone({"ec2", "CreateTags", "", "", "Tags", tag_specification}, "-"),
                undone({"ec2", "AuthorizeSecurityGroupIngress", "", "GroupId=$id", "SecurityGroupIngress", ingress}, "-"),
                about_gone({"ec2", "AuthorizeSecurityGroupEgress", "", "GroupId=$id", "SecurityGroupEgress", egress})},
   .id = "/GroupId",
   .describe = Action{"ec2", "DescribeSecurityGroups", "", "GroupIds=[$id]", ""}, .root = "/SecurityGroups/0",
   .attributes = {{"GroupId", "/GroupId"}, {"VpcId", "/VpcId"}},
   .replace = "GroupName GroupDescription VpcId",
   .update = {about_gone({"ec2", "RevokeSecurityGroupIngress", "", "GroupId=$id", "SecurityGroupIngress", ingress_gone}),
              about_gone({"ec2", "RevokeSecurityGroupEgress", "", "GroupId=$id", "SecurityGroupEgress", egress_gone}),
              about_gone({"ec2", "DeleteTags", "", "", "Tags", tags_gone})},
   .remove = {{"ec2", "DeleteSecurityGroup", "", "GroupId=$id", ""}},
   .named = "GroupName"},
  {.name = "AWS::EC2::SecurityGroupIngress",
   .create = {{"ec2", "AuthorizeSecurityGroupIngress", "GroupId", "", "", ingress}},
   .id = "=GroupId",
   .replace = "GroupId IpProtocol FromPort ToPort CidrIp CidrIpv6 SourceSecurityGroupId Description",
   .remove = {{"ec2", "RevokeSecurityGroupIngress", "GroupId", "", "", ingress}}},
  {.name = "AWS::EC2::SecurityGroupEgress",
   .create = {{"ec2", "AuthorizeSecurityGroupEgress", "GroupId", "", "", egress}},
   .id = "=GroupId",
   .replace = "GroupId IpProtocol FromPort ToPort CidrIp CidrIpv6 DestinationSecurityGroupId Description",
   .remove = {{"ec2", "RevokeSecurityGroupEgress", "GroupId", "", "", egress}}}};
}

}  // namespace relight::sandbox::cfn
