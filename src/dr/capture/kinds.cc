// The table of kinds. Each call and each error code is AWS's API reference of that service.
#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- ECS
constexpr std::array kClusterDetails{
    Detail{"ecs", "DescribeClusters",
           R"({"clusters":["{id}"],"include":["SETTINGS","CONFIGURATIONS","TAGS"]})", "/clusters/0", "", ""}};
constexpr std::array<Texts, 6> kClusterVolatile{"/runningTasksCount",   "/pendingTasksCount",
                                                "/activeServicesCount", "/registeredContainerInstancesCount",
                                                "/statistics",          "/attachments"};
constexpr std::array kServiceDetails{
    Detail{"ecs", "DescribeServices", R"({"cluster":"{cluster}","services":["{name}"],"include":["TAGS"]})",
           "/services/0", "", ""}};
constexpr std::array kServiceLinks{
    Link{"/clusterArn", "ecs/cluster"},
    Link{"/taskDefinition", "ecs/task-definition"},
    Link{"/loadBalancers/*/targetGroupArn", "elbv2/target-group"},
    Link{"/networkConfiguration/awsvpcConfiguration/subnets/*", "ec2/subnet"},
    Link{"/networkConfiguration/awsvpcConfiguration/securityGroups/*", "ec2/security-group"},
    Link{"/serviceRegistries/*/registryArn", "servicediscovery/service"}};
constexpr std::array<Texts, 8> kServiceVolatile{"/events",       "/deployments", "/runningCount",
                                                "/pendingCount", "/createdAt",   "/createdBy",
                                                "/taskSets",     "/status"};
constexpr std::array kTaskDefinitionDetails{Detail{"ecs", "DescribeTaskDefinition",
                                                   R"({"taskDefinition":"{id}","include":["TAGS"]})",
                                                   "/taskDefinition", "", ""}};
constexpr std::array kTaskDefinitionLinks{
    Link{"/executionRoleArn", "iam/role"}, Link{"/taskRoleArn", "iam/role"},
    Link{"/containerDefinitions/*/secrets/*/valueFrom", "secret"},
    Link{"/containerDefinitions/*/logConfiguration/options/awslogs-group", "logs/log-group"},
    Link{"/containerDefinitions/*/image", "image"}};
constexpr std::array<Texts, 7> kTaskDefinitionVolatile{
    "/registeredAt", "/registeredBy",      "/deregisteredAt",    "/status",
    "/revision",     "/taskDefinitionArn", "/requiresAttributes"};

// ---- Elastic Load Balancing v2
constexpr std::array kTargetGroupDetails{
    Detail{"elbv2", "DescribeTargetGroups", R"({"TargetGroupArns":["{id}"]})", "/TargetGroups/0", "", ""},
    Detail{"elbv2", "DescribeTargetGroupAttributes", R"({"TargetGroupArn":"{id}"})", "/Attributes",
           "Attributes", ""}};
constexpr std::array kTargetGroupLinks{Link{"/LoadBalancerArns/*", "elbv2/load-balancer"},
                                       Link{"/VpcId", "ec2/vpc"}};
constexpr std::array kBalancerDetails{
    Detail{"elbv2", "DescribeLoadBalancers", R"({"LoadBalancerArns":["{id}"]})", "/LoadBalancers/0", "", ""},
    Detail{"elbv2", "DescribeLoadBalancerAttributes", R"({"LoadBalancerArn":"{id}"})", "/Attributes",
           "Attributes", ""}};
constexpr std::array kBalancerLinks{Link{"/VpcId", "ec2/vpc"},
                                    Link{"/SecurityGroups/*", "ec2/security-group"},
                                    Link{"/AvailabilityZones/*/SubnetId", "ec2/subnet"}};
constexpr std::array kBalancerChildren{Children{"elbv2/listener", "elbv2", "DescribeListeners",
                                                R"({"LoadBalancerArn":"{id}"})", "/Listeners/*/ListenerArn"}};
constexpr std::array<Texts, 2> kBalancerVolatile{"/State", "/CreatedTime"};
constexpr std::array kListenerDetails{
    Detail{"elbv2", "DescribeListeners", R"({"ListenerArns":["{id}"]})", "/Listeners/0", "", ""}};
constexpr std::array kListenerLinks{Link{"/LoadBalancerArn", "elbv2/load-balancer"},
                                    Link{"/DefaultActions/*/TargetGroupArn", "elbv2/target-group"},
                                    Link{"/Certificates/*/CertificateArn", "acm/certificate"}};
constexpr std::array kListenerChildren{
    Children{"elbv2/rule", "elbv2", "DescribeRules", R"({"ListenerArn":"{id}"})", "/Rules/*/RuleArn"}};
constexpr std::array kRuleDetails{
    Detail{"elbv2", "DescribeRules", R"({"RuleArns":["{id}"]})", "/Rules/0", "", ""}};
constexpr std::array kRuleLinks{Link{"/Actions/*/TargetGroupArn", "elbv2/target-group"}};

// ---- RDS
constexpr std::array kInstanceDetails{
    Detail{"rds", "DescribeDBInstances", R"({"DBInstanceIdentifier":"{name}"})", "/DBInstances/0", "", ""}};
constexpr std::array kInstanceLinks{Link{"/DBSubnetGroup/DBSubnetGroupName", "rds/subnet-group"},
                                    Link{"/DBParameterGroups/*/DBParameterGroupName", "rds/parameter-group"},
                                    Link{"/VpcSecurityGroups/*/VpcSecurityGroupId", "ec2/security-group"},
                                    Link{"/KmsKeyId", "kms/key"}, Link{"/MonitoringRoleArn", "iam/role"}};
constexpr std::array<Texts, 5> kInstanceVolatile{"/LatestRestorableTime", "/DBInstanceStatus", "/StatusInfos",
                                                 "/PendingModifiedValues", "/InstanceCreateTime"};
constexpr std::array kSubnetGroupDetails{
    Detail{"rds", "DescribeDBSubnetGroups", R"({"DBSubnetGroupName":"{id}"})", "/DBSubnetGroups/0", "", ""}};
constexpr std::array kSubnetGroupLinks{Link{"/VpcId", "ec2/vpc"},
                                       Link{"/Subnets/*/SubnetIdentifier", "ec2/subnet"}};
constexpr std::array kParameterGroupDetails{
    Detail{"rds", "DescribeDBParameterGroups", R"({"DBParameterGroupName":"{id}"})", "/DBParameterGroups/0",
           "", ""},
    Detail{"rds", "DescribeDBParameters", R"({"DBParameterGroupName":"{id}","Source":"user"})", "/Parameters",
           "Parameters", ""}};

// ---- EC2
constexpr std::array kVpcDetails{
    Detail{"ec2", "DescribeVpcs", R"({"VpcIds":["{id}"]})", "/Vpcs/0", "", ""},
    Detail{"ec2", "DescribeVpcAttribute", R"({"VpcId":"{id}","Attribute":"enableDnsSupport"})",
           "/EnableDnsSupport/Value", "EnableDnsSupport", ""},
    Detail{"ec2", "DescribeVpcAttribute", R"({"VpcId":"{id}","Attribute":"enableDnsHostnames"})",
           "/EnableDnsHostnames/Value", "EnableDnsHostnames", ""}};
constexpr std::string_view kOfVpc = R"({"Filters":[{"Name":"vpc-id","Values":["{id}"]}]})";
constexpr std::array kVpcChildren{
    Children{"ec2/route-table", "ec2", "DescribeRouteTables", kOfVpc, "/RouteTables/*/RouteTableId"},
    Children{"ec2/network-acl", "ec2", "DescribeNetworkAcls", kOfVpc, "/NetworkAcls/*/NetworkAclId"},
    Children{"ec2/subnet", "ec2", "DescribeSubnets", kOfVpc, "/Subnets/*/SubnetId"},
    Children{"ec2/vpc-endpoint", "ec2", "DescribeVpcEndpoints", kOfVpc, "/VpcEndpoints/*/VpcEndpointId"},
    Children{"ec2/nat-gateway", "ec2", "DescribeNatGateways",
             R"({"Filter":[{"Name":"vpc-id","Values":["{id}"]}]})", "/NatGateways/*/NatGatewayId"},
    Children{"ec2/internet-gateway", "ec2", "DescribeInternetGateways",
             R"({"Filters":[{"Name":"attachment.vpc-id","Values":["{id}"]}]})",
             "/InternetGateways/*/InternetGatewayId"}};
constexpr std::array kSubnetDetails{
    Detail{"ec2", "DescribeSubnets", R"({"SubnetIds":["{id}"]})", "/Subnets/0", "", ""}};
constexpr std::array kSubnetLinks{Link{"/VpcId", "ec2/vpc"}};
constexpr std::array<Texts, 2> kSubnetVolatile{"/AvailableIpAddressCount", "/State"};
constexpr std::array kRouteTableDetails{
    Detail{"ec2", "DescribeRouteTables", R"({"RouteTableIds":["{id}"]})", "/RouteTables/0", "", ""}};
constexpr std::array kRouteTableLinks{Link{"/VpcId", "ec2/vpc"},
                                      Link{"/Associations/*/SubnetId", "ec2/subnet"},
                                      Link{"/Routes/*/NatGatewayId", "ec2/nat-gateway"}};
constexpr std::array kAclDetails{
    Detail{"ec2", "DescribeNetworkAcls", R"({"NetworkAclIds":["{id}"]})", "/NetworkAcls/0", "", ""}};
constexpr std::array kAclLinks{Link{"/VpcId", "ec2/vpc"}};
constexpr std::array kEndpointDetails{
    Detail{"ec2", "DescribeVpcEndpoints", R"({"VpcEndpointIds":["{id}"]})", "/VpcEndpoints/0", "", ""}};
constexpr std::array kEndpointLinks{Link{"/VpcId", "ec2/vpc"}, Link{"/SubnetIds/*", "ec2/subnet"},
                                    Link{"/Groups/*/GroupId", "ec2/security-group"}};
constexpr std::array<Texts, 2> kEndpointVolatile{"/State", "/CreationTimestamp"};
constexpr std::array kNatDetails{
    Detail{"ec2", "DescribeNatGateways", R"({"NatGatewayIds":["{id}"]})", "/NatGateways/0", "", ""}};
constexpr std::array kNatLinks{Link{"/VpcId", "ec2/vpc"}, Link{"/SubnetId", "ec2/subnet"}};
constexpr std::array<Texts, 2> kNatVolatile{"/State", "/CreateTime"};
constexpr std::array kGatewayDetails{Detail{
    "ec2", "DescribeInternetGateways", R"({"InternetGatewayIds":["{id}"]})", "/InternetGateways/0", "", ""}};
constexpr std::array kGatewayLinks{Link{"/Attachments/*/VpcId", "ec2/vpc"}};
constexpr std::array kGroupDetails{
    Detail{"ec2", "DescribeSecurityGroups", R"({"GroupIds":["{id}"]})", "/SecurityGroups/0", "", ""}};
constexpr std::array kGroupLinks{
    Link{"/VpcId", "ec2/vpc"}, Link{"/IpPermissions/*/UserIdGroupPairs/*/GroupId", "ec2/security-group"},
    Link{"/IpPermissionsEgress/*/UserIdGroupPairs/*/GroupId", "ec2/security-group"}};

// ---- S3: each of a bucket's settings is a call of its own, and its absence an error
constexpr std::string_view kBucket = R"({"Bucket":"{id}"})";
constexpr std::array kBucketDetails{
    Detail{"s3", "GetBucketLocation", kBucket, "", "", ""},
    Detail{"s3", "GetBucketVersioning", kBucket, "", "Versioning", ""},
    Detail{"s3", "GetBucketReplication", kBucket, "/ReplicationConfiguration", "Replication",
           "ReplicationConfigurationNotFoundError"},
    Detail{"s3", "GetBucketLifecycleConfiguration", kBucket, "", "Lifecycle", "NoSuchLifecycleConfiguration"},
    Detail{"s3", "GetBucketEncryption", kBucket, "/ServerSideEncryptionConfiguration", "Encryption",
           "ServerSideEncryptionConfigurationNotFoundError"},
    Detail{"s3", "GetBucketPolicy", kBucket, "/Policy", "Policy", "NoSuchBucketPolicy"},
    Detail{"s3", "GetBucketCors", kBucket, "", "Cors", "NoSuchCORSConfiguration"},
    Detail{"s3", "GetPublicAccessBlock", kBucket, "/PublicAccessBlockConfiguration", "PublicAccessBlock",
           "NoSuchPublicAccessBlockConfiguration"},
    Detail{"s3", "GetBucketNotificationConfiguration", kBucket, "", "Notifications", ""},
    Detail{"s3", "GetBucketTagging", kBucket, "/TagSet", "Tags", "NoSuchTagSet"}};
constexpr std::array kBucketLinks{
    Link{"/Replication/Role", "iam/role"},
    Link{"/Notifications/LambdaFunctionConfigurations/*/LambdaFunctionArn", "lambda/function"},
    Link{"/Notifications/QueueConfigurations/*/QueueArn", "sqs/queue"},
    Link{"/Notifications/TopicConfigurations/*/TopicArn", "sns/topic"}};

// ---- IAM
constexpr std::array kRoleDetails{Detail{"iam", "GetRole", R"({"RoleName":"{name}"})", "/Role", "", ""},
                                  Detail{"iam", "ListAttachedRolePolicies", R"({"RoleName":"{name}"})",
                                         "/AttachedPolicies", "AttachedPolicies", ""}};
constexpr std::array kRoleLinks{Link{"/AttachedPolicies/*/PolicyArn", "iam/policy"}};
constexpr std::array kRoleChildren{
    Children{"iam/role-policy", "iam", "ListRolePolicies", R"({"RoleName":"{name}"})", "/PolicyNames/*"}};
constexpr std::array<Texts, 2> kRoleVolatile{"/CreateDate", "/RoleLastUsed"};
constexpr std::array kRolePolicyDetails{
    Detail{"iam", "GetRolePolicy", R"({"RoleName":"{parent}","PolicyName":"{name}"})", "", "", ""}};
constexpr std::array kPolicyDetails{Detail{"iam", "GetPolicy", R"({"PolicyArn":"{id}"})", "/Policy", "", ""}};
constexpr std::array<Texts, 3> kPolicyVolatile{"/AttachmentCount", "/CreateDate", "/UpdateDate"};

// ---- Route 53 and CloudWatch: found by search, so that their properties are there already
constexpr std::array kZoneDetails{
    Detail{"route53", "GetHostedZone", R"({"Id":"{id}"})", "/HostedZone", "", ""}};
constexpr std::array<Texts, 2> kZoneVolatile{"/ResourceRecordSetCount", "/CallerReference"};
constexpr std::array kRecordLinks{Link{"/HealthCheckId", "route53/health-check"}};
constexpr std::array kHealthCheckDetails{
    Detail{"route53", "GetHealthCheck", R"({"HealthCheckId":"{id}"})", "/HealthCheck", "", ""}};
constexpr std::array<Texts, 2> kHealthCheckVolatile{"/HealthCheckVersion", "/CallerReference"};
constexpr std::array kAlarmDetails{
    Detail{"cloudwatch", "DescribeAlarms", R"({"AlarmNames":["{id}"]})", "/MetricAlarms/0", "", ""}};
constexpr std::array kAlarmLinks{Link{"/AlarmActions/*", "action"}, Link{"/OKActions/*", "action"},
                                 Link{"/InsufficientDataActions/*", "action"}};
constexpr std::array<Texts, 7> kAlarmVolatile{"/StateValue",
                                              "/StateReason",
                                              "/StateReasonData",
                                              "/StateUpdatedTimestamp",
                                              "/StateTransitionedTimestamp",
                                              "/AlarmConfigurationUpdatedTimestamp",
                                              "/EvaluationState"};

constexpr std::array kKinds{
    Kind{"route53/hosted-zone", kZoneDetails, {}, {}, kZoneVolatile, true, Kind::Id::kName},
    Kind{"route53/record-set", {}, kRecordLinks, {}, {}, true},
    Kind{"route53/health-check", kHealthCheckDetails, {}, {}, kHealthCheckVolatile, true},
    Kind{"cloudwatch/alarm", kAlarmDetails, kAlarmLinks, {}, kAlarmVolatile},
    Kind{"ecs/cluster", kClusterDetails, {}, {}, kClusterVolatile, false, Kind::Id::kWhole, "/clusterArn"},
    Kind{"ecs/service",
         kServiceDetails,
         kServiceLinks,
         {},
         kServiceVolatile,
         false,
         Kind::Id::kWhole,
         "/serviceArn"},
    Kind{"ecs/task-definition",
         kTaskDefinitionDetails,
         kTaskDefinitionLinks,
         {},
         kTaskDefinitionVolatile,
         false,
         Kind::Id::kRevision},
    Kind{"elbv2/target-group", kTargetGroupDetails, kTargetGroupLinks, {}, {}},
    Kind{"elbv2/load-balancer", kBalancerDetails, kBalancerLinks, kBalancerChildren, kBalancerVolatile},
    Kind{"elbv2/listener", kListenerDetails, kListenerLinks, kListenerChildren, {}},
    Kind{"elbv2/rule", kRuleDetails, kRuleLinks, {}, {}},
    Kind{"rds/db-instance", kInstanceDetails, kInstanceLinks, {}, kInstanceVolatile, false, Kind::Id::kName},
    Kind{"rds/subnet-group", kSubnetGroupDetails, kSubnetGroupLinks, {}, {}},
    Kind{"rds/parameter-group", kParameterGroupDetails, {}, {}, {}},
    Kind{"ec2/vpc", kVpcDetails, {}, kVpcChildren, {}},
    Kind{"ec2/subnet", kSubnetDetails, kSubnetLinks, {}, kSubnetVolatile},
    Kind{"ec2/route-table", kRouteTableDetails, kRouteTableLinks, {}, {}},
    Kind{"ec2/network-acl", kAclDetails, kAclLinks, {}, {}},
    Kind{"ec2/vpc-endpoint", kEndpointDetails, kEndpointLinks, {}, kEndpointVolatile},
    Kind{"ec2/nat-gateway", kNatDetails, kNatLinks, {}, kNatVolatile},
    Kind{"ec2/internet-gateway", kGatewayDetails, kGatewayLinks, {}, {}},
    Kind{"ec2/security-group", kGroupDetails, kGroupLinks, {}, {}},
    Kind{"s3/bucket", kBucketDetails, kBucketLinks, {}, {}},
    Kind{"iam/role", kRoleDetails, kRoleLinks, kRoleChildren, kRoleVolatile, true, Kind::Id::kName},
    Kind{"iam/role-policy", kRolePolicyDetails, {}, {}, {}, true},
    Kind{"iam/policy", kPolicyDetails, {}, {}, kPolicyVolatile, true}};

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

const Kind* find_kind(std::string_view name) {
  for (auto& k : kKinds)
    if (k.name == name) return &k;
  return nullptr;
}

std::string id_of(const Kind& k, const std::string& reference) {
  if (k.form == Kind::Id::kName) return reference.substr(reference.find_last_of(":/") + 1);
  auto colon = reference.rfind(':');
  bool number = colon != reference.npos && colon + 1 < reference.size() &&
                reference.find_first_not_of("0123456789", colon + 1) == reference.npos;
  return k.form == Kind::Id::kRevision && number ? reference.substr(0, colon) : reference;
}

std::map<std::string, std::string> variables_of(const std::string& id) {
  std::map<std::string, std::string> v{{"id", id}, {"name", id}, {"parent", ""}, {"cluster", ""}};
  auto last = [](const std::string& s, char c) { return s.substr(s.rfind(c) + 1); };
  if (id.starts_with("arn:")) {
    v["name"] = last(last(id, ':'), '/');
    // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
    auto path = last(id, ':');
    auto first = path.find('/'), second = path.find('/', first + 1);
    if (first != path.npos && second != path.npos) v["cluster"] = path.substr(first + 1, second - first - 1);
  } else if (auto slash = id.find('/'); slash != id.npos) {
    // PARENT/NAME: what has no id of its own, and CLUSTER/SERVICE as people write it
    v["parent"] = v["cluster"] = id.substr(0, slash);
    v["name"] = id.substr(slash + 1);
  }
  return v;
}

std::string fill_in(std::string_view input, const std::map<std::string, std::string>& variables) {
  std::string out(input);
  for (auto& [name, value] : variables) {
    std::string quoted = nlohmann::json(value).dump(), mark = "{" + name + "}";
    quoted = quoted.substr(1, quoted.size() - 2);
    for (size_t at = 0; (at = out.find(mark, at)) != out.npos; at += quoted.size())
      out.replace(at, mark.size(), quoted);
  }
  return out;
}

}  // namespace relight::dr
