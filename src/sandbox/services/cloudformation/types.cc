#include "sandbox/services/cloudformation/types.h"

#include <fmt/format.h>

#include <sstream>

#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {
namespace {

std::vector<std::string> words(std::string_view s) {
  std::istringstream in{std::string(s)};
  std::vector<std::string> out;
  for (std::string w; in >> w;) out.push_back(w);
  return out;
}

void put(Json& input, const std::string& path, Json value) {
  Json* at = &input;
  size_t from = 0;
  for (size_t dot; (dot = path.find('.', from)) != std::string::npos; from = dot + 1) at = &(*at)[path.substr(from, dot - from)];
  (*at)[path.substr(from)] = std::move(value);
}

std::string fill(std::string t, const Subject& s) {
  for (auto& [key, value] : {std::pair<std::string, std::string>{"$id", s.physical}, {"$logical", s.logical}, {"$stack", s.stack}, {"$token", s.token}})
    for (size_t i; (i = t.find(key)) != std::string::npos;) t.replace(i, key.size(), value);
  return t;
}

}  // namespace

bool listed(std::string_view list, const std::string& w) {
  for (auto& x : words(list))
    if (x == w) return true;
  return false;
}

bool applies(const Action& a, const Json& props, const Json& previous) {
  if (a.when.empty()) return true;
  if (a.when.starts_with("!")) return !props.contains(std::string(a.when.substr(1)));
  if (a.when == "*") return true;
  for (auto& w : words(a.when)) {
    if (previous.is_null() ? props.contains(w) : props.value(w, Json()) != previous.value(w, Json())) return true;
  }
  return false;
}

Json build_input(const ResourceType& t, const Action& a, const Subject& s) {
  Json in = Json::object();
  for (auto& w : words(a.take)) {
    size_t eq = w.find('=');
    std::string from = w.substr(0, eq), to = eq == std::string::npos ? from : w.substr(eq + 1);
    if (from == "*") {
      for (auto& [k, v] : s.props.items())
        if (!listed(t.skip, k)) in[k] = v;
    } else if (s.props.contains(from)) {
      in.erase(from);
      put(in, to, s.props[from]);
    }
  }
  for (auto& w : words(a.with)) {
    size_t eq = w.find('=');
    std::string v = w.substr(eq + 1);
    if (v.starts_with("[")) put(in, w.substr(0, eq), Json::array({fill(v.substr(1, v.size() - 2), s)}));
    else if (v == "true" || v == "false") put(in, w.substr(0, eq), v == "true");
    else if (v == "0") put(in, w.substr(0, eq), 0);
    else put(in, w.substr(0, eq), fill(v, s));
  }
  if (a.adapt) a.adapt(in, s);
  return in;
}

const ResourceType* find_type(std::string_view name) {
  for (auto& t : all_types())
    if (t.name == name) return &t;
  return nullptr;
}

std::span<const ResourceType> all_types() {
  using namespace adapt;
  static const Action kTag{"ec2", "CreateTags", "", "", "Tags", tag_specification};
  static const std::vector<ResourceType> kTypes = {
      {.name = "AWS::EC2::VPC",
       .create = {{"ec2", "CreateVpc", "CidrBlock InstanceTenancy", "", ""}, kTag,
                  {"ec2", "ModifyVpcAttribute", "EnableDnsSupport=EnableDnsSupport.Value", "VpcId=$id", "EnableDnsSupport"},
                  {"ec2", "ModifyVpcAttribute", "EnableDnsHostnames=EnableDnsHostnames.Value", "VpcId=$id", "EnableDnsHostnames"}},
       .id = "/Vpc/VpcId",
       .describe = Action{"ec2", "DescribeVpcs", "", "VpcIds=[$id]", ""}, .root = "/Vpcs/0",
       .attributes = {{"VpcId", "/VpcId"}, {"CidrBlock", "/CidrBlock"}},
       .replace = "CidrBlock InstanceTenancy",
       .update = {kTag},
       .remove = {{"ec2", "DeleteVpc", "", "VpcId=$id", ""}}},
      {.name = "AWS::EC2::Subnet",
       .create = {{"ec2", "CreateSubnet", "VpcId CidrBlock AvailabilityZone", "", ""}, kTag,
                  {"ec2", "ModifySubnetAttribute", "MapPublicIpOnLaunch=MapPublicIpOnLaunch.Value", "SubnetId=$id", "MapPublicIpOnLaunch"}},
       .id = "/Subnet/SubnetId",
       .describe = Action{"ec2", "DescribeSubnets", "", "SubnetIds=[$id]", ""}, .root = "/Subnets/0",
       .attributes = {{"SubnetId", "/SubnetId"}, {"AvailabilityZone", "/AvailabilityZone"}, {"VpcId", "/VpcId"}, {"CidrBlock", "/CidrBlock"}},
       .replace = "VpcId CidrBlock AvailabilityZone",
       .update = {kTag},
       .remove = {{"ec2", "DeleteSubnet", "", "SubnetId=$id", ""}}},
      {.name = "AWS::EC2::InternetGateway",
       .create = {{"ec2", "CreateInternetGateway", "", "", ""}, kTag},
       .id = "/InternetGateway/InternetGatewayId",
       .attributes = {{"InternetGatewayId", "$id"}},
       .update = {kTag},
       .remove = {{"ec2", "DeleteInternetGateway", "", "InternetGatewayId=$id", ""}}},
      {.name = "AWS::EC2::VPCGatewayAttachment",
       .create = {{"ec2", "AttachInternetGateway", "InternetGatewayId VpcId", "", ""}},
       .id = "=InternetGatewayId",
       .replace = "InternetGatewayId VpcId",
       .remove = {{"ec2", "DetachInternetGateway", "InternetGatewayId VpcId", "", ""}}},
      {.name = "AWS::EC2::RouteTable",
       .create = {{"ec2", "CreateRouteTable", "VpcId", "", ""}, kTag},
       .id = "/RouteTable/RouteTableId",
       .attributes = {{"RouteTableId", "$id"}},
       .replace = "VpcId",
       .update = {kTag},
       .remove = {{"ec2", "DeleteRouteTable", "", "RouteTableId=$id", ""}}},
      {.name = "AWS::EC2::Route",
       .create = {{"ec2", "CreateRoute", "*", "", ""}},
       .id = "=RouteTableId",
       .replace = "RouteTableId DestinationCidrBlock GatewayId NatGatewayId",
       .remove = {{"ec2", "DeleteRoute", "RouteTableId DestinationCidrBlock", "", ""}}},
      {.name = "AWS::EC2::SubnetRouteTableAssociation",
       .create = {{"ec2", "AssociateRouteTable", "RouteTableId SubnetId", "", ""}},
       .id = "/AssociationId",
       .replace = "RouteTableId SubnetId",
       .remove = {{"ec2", "DisassociateRouteTable", "", "AssociationId=$id", ""}}},
      {.name = "AWS::EC2::SecurityGroup",
       .create = {{"ec2", "CreateSecurityGroup", "GroupName GroupDescription=Description VpcId", "", ""}, kTag,
                  {"ec2", "AuthorizeSecurityGroupIngress", "", "GroupId=$id", "SecurityGroupIngress", ingress},
                  {"ec2", "RevokeSecurityGroupEgress", "", "GroupId=$id", "SecurityGroupEgress", egress_default},
                  {"ec2", "AuthorizeSecurityGroupEgress", "", "GroupId=$id", "SecurityGroupEgress", egress}},
       .id = "/GroupId",
       .describe = Action{"ec2", "DescribeSecurityGroups", "", "GroupIds=[$id]", ""}, .root = "/SecurityGroups/0",
       .attributes = {{"GroupId", "/GroupId"}, {"VpcId", "/VpcId"}},
       .replace = "GroupName GroupDescription VpcId SecurityGroupIngress SecurityGroupEgress",
       .update = {kTag},
       .remove = {{"ec2", "DeleteSecurityGroup", "", "GroupId=$id", ""}},
       .named = "GroupName"},
      {.name = "AWS::EC2::SecurityGroupIngress",
       .create = {{"ec2", "AuthorizeSecurityGroupIngress", "GroupId", "", "", ingress}},
       .id = "=GroupId",
       .replace = "GroupId IpProtocol FromPort ToPort CidrIp SourceSecurityGroupId",
       .remove = {{"ec2", "RevokeSecurityGroupIngress", "GroupId", "", "", ingress}}},
      {.name = "AWS::EC2::SecurityGroupEgress",
       .create = {{"ec2", "AuthorizeSecurityGroupEgress", "GroupId", "", "", egress}},
       .id = "=GroupId",
       .replace = "GroupId IpProtocol FromPort ToPort CidrIp DestinationSecurityGroupId",
       .remove = {{"ec2", "RevokeSecurityGroupEgress", "GroupId", "", "", egress}}},
      {.name = "AWS::ElasticLoadBalancingV2::LoadBalancer",
       .create = {{"elbv2", "CreateLoadBalancer", "*", "", ""},
                  {"elbv2", "ModifyLoadBalancerAttributes", "", "LoadBalancerArn=$id", "LoadBalancerAttributes", attributes_list}},
       .id = "/LoadBalancers/0/LoadBalancerArn",
       .describe = Action{"elbv2", "DescribeLoadBalancers", "", "LoadBalancerArns=[$id]", ""}, .root = "/LoadBalancers/0",
       .ready = load_balancer_active,
       .attributes = {{"DNSName", "/DNSName"}, {"CanonicalHostedZoneID", "/CanonicalHostedZoneId"}, {"LoadBalancerArn", "/LoadBalancerArn"},
                      {"LoadBalancerName", "/LoadBalancerName"}, {"LoadBalancerFullName", "$arn-suffix"}, {"SecurityGroups", "/SecurityGroups"}},
       .replace = "Name Scheme Type",
       .update = {{"elbv2", "ModifyLoadBalancerAttributes", "", "LoadBalancerArn=$id", "LoadBalancerAttributes", attributes_list},
                  {"elbv2", "SetSecurityGroups", "SecurityGroups", "LoadBalancerArn=$id", "SecurityGroups"},
                  {"elbv2", "SetSubnets", "Subnets", "LoadBalancerArn=$id", "Subnets"}},
       .remove = {{"elbv2", "DeleteLoadBalancer", "", "LoadBalancerArn=$id", ""}},
       .skip = "LoadBalancerAttributes", .named = "Name"},
      {.name = "AWS::ElasticLoadBalancingV2::TargetGroup",
       .create = {{"elbv2", "CreateTargetGroup", "*", "", ""},
                  {"elbv2", "ModifyTargetGroupAttributes", "", "TargetGroupArn=$id", "TargetGroupAttributes", attributes_list},
                  {"elbv2", "RegisterTargets", "Targets", "TargetGroupArn=$id", "Targets"}},
       .id = "/TargetGroups/0/TargetGroupArn",
       .describe = Action{"elbv2", "DescribeTargetGroups", "", "TargetGroupArns=[$id]", ""}, .root = "/TargetGroups/0",
       .attributes = {{"TargetGroupArn", "/TargetGroupArn"}, {"TargetGroupName", "/TargetGroupName"}, {"TargetGroupFullName", "$arn-suffix"}},
       .replace = "Name Port Protocol VpcId TargetType",
       .update = {{"elbv2", "ModifyTargetGroup", "HealthCheckPath HealthCheckIntervalSeconds HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher",
                   "TargetGroupArn=$id", "HealthCheckPath HealthCheckIntervalSeconds HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher"},
                  {"elbv2", "ModifyTargetGroupAttributes", "", "TargetGroupArn=$id", "TargetGroupAttributes", attributes_list}},
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
       .replace = "ListenerArn Priority",
       .update = {{"elbv2", "ModifyRule", "Conditions Actions", "RuleArn=$id", "Conditions Actions"}},
       .remove = {{"elbv2", "DeleteRule", "", "RuleArn=$id", ""}}},
      {.name = "AWS::ECS::Cluster",
       .create = {{"ecs", "CreateCluster", "*", "", ""}},
       .id = "/cluster/clusterName",
       .describe = Action{"ecs", "DescribeClusters", "", "clusters=[$id]", ""}, .root = "/clusters/0",
       .attributes = {{"Arn", "/clusterArn"}},
       .replace = "ClusterName",
       .remove = {{"ecs", "DeleteCluster", "", "cluster=$id", ""}},
       .named = "ClusterName"},
      {.name = "AWS::ECS::TaskDefinition",
       .create = {{"ecs", "RegisterTaskDefinition", "*", "", ""}},
       .id = "/taskDefinition/taskDefinitionArn",
       .attributes = {{"TaskDefinitionArn", "$id"}},
       .replace = "*",
       .remove = {{"ecs", "DeregisterTaskDefinition", "", "taskDefinition=$id", ""}},
       .named = "Family"},
      {.name = "AWS::ECS::Service",
       .create = {{"ecs", "CreateService", "*", "", "", one_task}},
       .id = "/service/serviceArn",
       .describe = Action{"ecs", "DescribeServices", "Cluster=cluster", "services=[$id]", ""}, .root = "/services/0",
       .ready = service_stable,
       .attributes = {{"Name", "/serviceName"}, {"ServiceArn", "/serviceArn"}},
       .replace = "Cluster ServiceName LaunchType",
       .update = {{"ecs", "UpdateService", "Cluster=cluster DesiredCount TaskDefinition DeploymentConfiguration NetworkConfiguration HealthCheckGracePeriodSeconds LoadBalancers",
                   "service=$id", "DesiredCount TaskDefinition DeploymentConfiguration NetworkConfiguration HealthCheckGracePeriodSeconds LoadBalancers"}},
       .remove = {{"ecs", "DeleteService", "Cluster=cluster", "service=$id force=true", ""}},
       .named = "ServiceName"},
      {.name = "AWS::IAM::Role",
       .create = {{"iam", "CreateRole", "RoleName AssumeRolePolicyDocument Description Path MaxSessionDuration Tags", "", "", policy_document},
                  {"iam", "PutRolePolicy", "", "RoleName=$id", "Policies", first_policy, "Policies"},
                  {"iam", "AttachRolePolicy", "value=PolicyArn", "RoleName=$id", "ManagedPolicyArns", nullptr, "ManagedPolicyArns"}},
       .id = "/Role/RoleName",
       .describe = Action{"iam", "GetRole", "", "RoleName=$id", ""}, .root = "/Role",
       .attributes = {{"Arn", "/Arn"}, {"RoleId", "/RoleId"}},
       .replace = "RoleName Path",
       .update = {{"iam", "UpdateAssumeRolePolicy", "AssumeRolePolicyDocument=PolicyDocument", "RoleName=$id", "AssumeRolePolicyDocument", policy_document},
                  {"iam", "PutRolePolicy", "", "RoleName=$id", "Policies", first_policy, "Policies"}},
       .remove = {{"iam", "DeleteRolePolicy", "PolicyName", "RoleName=$id", "Policies", nullptr, "Policies"},
                  {"iam", "DetachRolePolicy", "value=PolicyArn", "RoleName=$id", "ManagedPolicyArns", nullptr, "ManagedPolicyArns"},
                  {"iam", "DeleteRole", "", "RoleName=$id", ""}},
       .skip = "Policies ManagedPolicyArns", .named = "RoleName"},
      {.name = "AWS::RDS::DBSubnetGroup",
       .create = {{"rds", "CreateDBSubnetGroup", "*", "", ""}},
       .id = "/DBSubnetGroup/DBSubnetGroupName",
       .replace = "DBSubnetGroupName",
       .update = {{"rds", "ModifyDBSubnetGroup", "SubnetIds DBSubnetGroupDescription", "DBSubnetGroupName=$id", "SubnetIds DBSubnetGroupDescription"}},
       .remove = {{"rds", "DeleteDBSubnetGroup", "", "DBSubnetGroupName=$id", ""}},
       .named = "DBSubnetGroupName"},
      {.name = "AWS::RDS::DBParameterGroup",
       .create = {{"rds", "CreateDBParameterGroup", "DBParameterGroupName Family=DBParameterGroupFamily Description Tags", "", ""},
                  {"rds", "ModifyDBParameterGroup", "", "DBParameterGroupName=$id", "Parameters", db_parameters}},
       .id = "/DBParameterGroup/DBParameterGroupName",
       .replace = "DBParameterGroupName Family Description",
       .update = {{"rds", "ModifyDBParameterGroup", "", "DBParameterGroupName=$id", "Parameters", db_parameters}},
       .remove = {{"rds", "DeleteDBParameterGroup", "", "DBParameterGroupName=$id", ""}},
       .named = "DBParameterGroupName"},
      {.name = "AWS::RDS::DBInstance",
       .create = {{"rds", "CreateDBInstance", "* VPCSecurityGroups=VpcSecurityGroupIds", "", "!SourceDBInstanceIdentifier"},
                  {"rds", "CreateDBInstanceReadReplica", "* VPCSecurityGroups=VpcSecurityGroupIds", "", "SourceDBInstanceIdentifier"}},
       .id = "/DBInstance/DBInstanceIdentifier",
       .describe = Action{"rds", "DescribeDBInstances", "", "DBInstanceIdentifier=$id", ""}, .root = "/DBInstances/0",
       .ready = db_available,
       .attributes = {{"Endpoint.Address", "/Endpoint/Address"}, {"Endpoint.Port", "/Endpoint/Port"}, {"Endpoint.HostedZoneId", "/Endpoint/HostedZoneId"},
                      {"DBInstanceArn", "/DBInstanceArn"}, {"DbiResourceId", "/DbiResourceId"}},
       .replace = "DBInstanceIdentifier DBName Engine MasterUsername DBSubnetGroupName SourceDBInstanceIdentifier StorageEncrypted KmsKeyId",
       .update = {{"rds", "ModifyDBInstance", "DBInstanceClass AllocatedStorage MasterUserPassword BackupRetentionPeriod DBParameterGroupName MultiAZ DeletionProtection VPCSecurityGroups=VpcSecurityGroupIds PreferredBackupWindow",
                   "DBInstanceIdentifier=$id ApplyImmediately=true",
                   "DBInstanceClass AllocatedStorage MasterUserPassword BackupRetentionPeriod DBParameterGroupName MultiAZ DeletionProtection VPCSecurityGroups PreferredBackupWindow"}},
       .remove = {{"rds", "DeleteDBInstance", "", "DBInstanceIdentifier=$id SkipFinalSnapshot=true", ""}},
       .skip = "SourceRegion DeleteAutomatedBackups", .named = "DBInstanceIdentifier"},
      {.name = "AWS::S3::Bucket",
       .create = {{"s3", "CreateBucket", "BucketName=Bucket", "", "", bucket_location},
                  {"s3", "PutBucketVersioning", "VersioningConfiguration", "Bucket=$id", "VersioningConfiguration"},
                  {"s3", "PutBucketOwnershipControls", "OwnershipControls", "Bucket=$id", "OwnershipControls"},
                  {"s3", "PutPublicAccessBlock", "PublicAccessBlockConfiguration", "Bucket=$id", "PublicAccessBlockConfiguration"},
                  {"s3", "PutBucketEncryption", "", "Bucket=$id", "BucketEncryption", bucket_encryption},
                  {"s3", "PutBucketLifecycleConfiguration", "", "Bucket=$id", "LifecycleConfiguration", bucket_lifecycle},
                  {"s3", "PutBucketCors", "CorsConfiguration=CORSConfiguration", "Bucket=$id", "CorsConfiguration"},
                  {"s3", "PutBucketReplication", "ReplicationConfiguration", "Bucket=$id", "ReplicationConfiguration"},
                  {"s3", "PutBucketTagging", "", "Bucket=$id", "Tags", bucket_tags}},
       .id = "=BucketName",
       .attributes = {{"Arn", "=arn:aws:s3:::$id"}, {"DomainName", "=$id.s3.amazonaws.com"}, {"RegionalDomainName", "=$id.s3.$region.amazonaws.com"}},
       .replace = "BucketName",
       .update = {{"s3", "PutBucketVersioning", "VersioningConfiguration", "Bucket=$id", "VersioningConfiguration"},
                  {"s3", "PutPublicAccessBlock", "PublicAccessBlockConfiguration", "Bucket=$id", "PublicAccessBlockConfiguration"},
                  {"s3", "PutBucketEncryption", "", "Bucket=$id", "BucketEncryption", bucket_encryption},
                  {"s3", "PutBucketLifecycleConfiguration", "", "Bucket=$id", "LifecycleConfiguration", bucket_lifecycle},
                  {"s3", "PutBucketCors", "CorsConfiguration=CORSConfiguration", "Bucket=$id", "CorsConfiguration"},
                  {"s3", "PutBucketReplication", "ReplicationConfiguration", "Bucket=$id", "ReplicationConfiguration"},
                  {"s3", "PutBucketTagging", "", "Bucket=$id", "Tags", bucket_tags}},
       .remove = {{"s3", "DeleteBucket", "", "Bucket=$id", ""}},
       .named = "BucketName"},
      {.name = "AWS::S3::BucketPolicy",
       .create = {{"s3", "PutBucketPolicy", "Bucket PolicyDocument=Policy", "", "", policy_document}},
       .id = "=Bucket",
       .replace = "Bucket",
       .update = {{"s3", "PutBucketPolicy", "Bucket PolicyDocument=Policy", "", "PolicyDocument", policy_document}},
       .remove = {{"s3", "DeleteBucketPolicy", "Bucket", "", ""}}},
      {.name = "AWS::Route53::HostedZone",
       .create = {{"route53", "CreateHostedZone", "Name HostedZoneConfig", "CallerReference=$stack-$logical-$token", ""}},
       .id = "/HostedZone/Id",
       .describe = Action{"route53", "GetHostedZone", "", "Id=$id", ""}, .root = "",
       .attributes = {{"Id", "$id"}, {"NameServers", "/DelegationSet/NameServers"}},
       .replace = "Name",
       .remove = {{"route53", "DeleteHostedZone", "", "Id=$id", ""}}},
      {.name = "AWS::Route53::RecordSet",
       .create = {{"route53", "ChangeResourceRecordSets", "", "", "", record_upsert}},
       .id = "=Name",
       .replace = "Name HostedZoneId",
       .update = {{"route53", "ChangeResourceRecordSets", "", "", "TTL ResourceRecords AliasTarget HealthCheckId Failover Weight", record_upsert}},
       .remove = {{"route53", "ChangeResourceRecordSets", "", "", "", record_delete}}},
      {.name = "AWS::Route53::HealthCheck",
       .create = {{"route53", "CreateHealthCheck", "", "", "", health_check}},
       .id = "/HealthCheck/Id",
       .attributes = {{"HealthCheckId", "$id"}},
       .replace = "HealthCheckConfig",
       .remove = {{"route53", "DeleteHealthCheck", "", "HealthCheckId=$id", ""}},
       .skip = "HealthCheckTags"},
      {.name = "AWS::CloudWatch::Alarm",
       .create = {{"cloudwatch", "PutMetricAlarm", "*", "", ""}},
       .id = "=AlarmName",
       .describe = Action{"cloudwatch", "DescribeAlarms", "", "AlarmNames=[$id]", ""}, .root = "/MetricAlarms/0",
       .attributes = {{"Arn", "/AlarmArn"}},
       .replace = "AlarmName",
       .update = {{"cloudwatch", "PutMetricAlarm", "*", "", "*"}},
       .remove = {{"cloudwatch", "DeleteAlarms", "", "AlarmNames=[$id]", ""}},
       .named = "AlarmName"},
  };
  return kTypes;
}

}  // namespace relight::sandbox::cfn
