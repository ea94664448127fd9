// A small captured application for tests: what `relight capture` writes of a service behind a load balancer
// with a database and a bucket, shortened.
#pragma once
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dr/model/inventory.h"

namespace relight::dr {

// Kind, id, properties, and what it uses.
inline Resource example_resource(const std::string& kind, const std::string& id,
                                 const nlohmann::json& properties, std::vector<ResourceKey> uses = {}) {
  std::ranges::sort(uses);
  return {.key = {kind, id},
          .region = kind.starts_with("iam/") ? "aws-global" : "us-east-1",
          .properties = properties.dump(),
          .uses = std::move(uses)};
}

inline constexpr const char* kExampleTargets =
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/lamp-tg/1";
inline constexpr const char* kExampleBalancer =
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/lamp-alb/2";
inline constexpr const char* kExampleListener =
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/lamp-alb/2/3";
inline constexpr const char* kExampleFamily =
    "arn:aws:ecs:us-east-1:111122223333:task-definition/lamp-primary-web";
inline constexpr const char* kExampleBucket = "lamp-primary-uploads-111122223333-us-east-1";

inline std::vector<Resource> example_network() {
  using nlohmann::json;
  auto group = [](const char* id, const char* name, json in) {
    return example_resource("ec2/security-group", id,
                            {{"GroupId", id},
                             {"GroupName", name},
                             {"Description", name},
                             {"VpcId", "vpc-1"},
                             {"IpPermissions", std::move(in)},
                             {"IpPermissionsEgress",
                              json::parse(R"([{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}])")}});
  };
  auto subnet = [](const char* id, const char* cidr, const char* zone) {
    return example_resource(
        "ec2/subnet", id,
        {{"SubnetId", id}, {"VpcId", "vpc-1"}, {"CidrBlock", cidr}, {"AvailabilityZone", zone}});
  };
  return {
      example_resource(
          "ec2/vpc", "vpc-1",
          json::parse(R"({"CidrBlock":"10.1.0.0/16","EnableDnsSupport":true,"EnableDnsHostnames":true,
        "InstanceTenancy":"default","Tags":[{"Key":"Name","Value":"lamp-primary"},{"Key":"aws:cloudformation:stack-name","Value":"x"}]})")),
      subnet("subnet-a", "10.1.0.0/24", "us-east-1b"),
      subnet("subnet-b", "10.1.1.0/24", "us-east-1d"),
      example_resource("ec2/internet-gateway", "igw-1",
                       json::parse(R"({"Attachments":[{"VpcId":"vpc-1","State":"available"}]})")),
      example_resource("ec2/network-acl", "acl-1",
                       json::parse(R"({"IsDefault":true,"VpcId":"vpc-1","Entries":[
        {"RuleNumber":100,"Protocol":"-1","RuleAction":"allow","Egress":true,"CidrBlock":"0.0.0.0/0"},
        {"RuleNumber":32767,"Protocol":"-1","RuleAction":"deny","Egress":true,"CidrBlock":"0.0.0.0/0"}]})")),
      example_resource("ec2/route-table", "rtb-1",
                       json::parse(R"({"VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-a"}],
        "Routes":[{"DestinationCidrBlock":"10.1.0.0/16","GatewayId":"local"},{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1"}]})")),
      example_resource("ec2/route-table", "rtb-main",
                       json::parse(R"({"VpcId":"vpc-1","Associations":[{"Main":true}],
        "Routes":[{"DestinationCidrBlock":"10.1.0.0/16","GatewayId":"local"}]})")),
      group("sg-web", "lamp-primary-web",
            json::parse(
                R"([{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}])")),
      group(
          "sg-db", "lamp-primary-db",
          json::parse(
              R"([{"IpProtocol":"tcp","FromPort":3306,"ToPort":3306,"UserIdGroupPairs":[{"GroupId":"sg-web"}]}])"))};
}

inline std::vector<Resource> example_data() {
  using nlohmann::json;
  return {
      example_resource("rds/subnet-group", "lamp-subnets",
                       json::parse(R"({"DBSubnetGroupName":"lamp-subnets","DBSubnetGroupDescription":"both",
        "Subnets":[{"SubnetIdentifier":"subnet-a"},{"SubnetIdentifier":"subnet-b"}]})")),
      example_resource("rds/parameter-group", "lamp-parameters",
                       json::parse(R"({"DBParameterGroupName":"lamp-parameters",
        "DBParameterGroupFamily":"mariadb10.11","Description":"ours","Parameters":[{"ParameterName":"binlog_format","ParameterValue":"ROW"}]})")),
      example_resource("rds/db-instance", "lamp-primary-db",
                       json::parse(R"({"DBInstanceIdentifier":"lamp-primary-db",
        "DBInstanceArn":"arn:aws:rds:us-east-1:111122223333:db:lamp-primary-db","DBInstanceClass":"db.t4g.micro","BackupRetentionPeriod":7,
        "Endpoint":{"Address":"lamp-primary-db.abc.us-east-1.rds.amazonaws.com","Port":3306},"DBSubnetGroup":{"DBSubnetGroupName":"lamp-subnets"},
        "DBParameterGroups":[{"DBParameterGroupName":"lamp-parameters"}],"VpcSecurityGroups":[{"VpcSecurityGroupId":"sg-db"}],
        "PubliclyAccessible":false,"StorageType":"gp2","MultiAZ":true})")),
      example_resource("s3/bucket", kExampleBucket, json::parse(R"({"Versioning":{"Status":"Enabled"},
        "Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Mine\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::lamp-primary-uploads-111122223333-us-east-1/*\"},{\"Sid\":\"RelightFence\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:PutObject\",\"Resource\":\"*\"}]}"})"))};
}

inline std::vector<Resource> example_compute() {
  using nlohmann::json;
  auto task =
      json::parse(R"json({"family":"lamp-primary-web","networkMode":"awsvpc","cpu":"256","memory":"512",
    "requiresCompatibilities":["FARGATE"],"compatibilities":["EC2","FARGATE"],
    "executionRoleArn":"arn:aws:iam::111122223333:role/lamp-execution","taskRoleArn":"arn:aws:iam::111122223333:role/lamp-task",
    "containerDefinitions":[{"name":"web","image":"111122223333.dkr.ecr.us-east-1.amazonaws.com/lamp@sha256:1","essential":true,"cpu":0,
      "mountPoints":[],"portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],
      "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/lamp/web","awslogs-region":"us-east-1","awslogs-stream-prefix":"web"}},
      "environment":[{"name":"DB_HOST","value":"lamp-primary-db.abc.us-east-1.rds.amazonaws.com"},
        {"name":"DB_PASSWORD","value":"(withheld)"
},{"name":"GREETING","value":"costs ${PRICE}"},
        {"name":"UPLOADS_BUCKET","value":"lamp-primary-uploads-111122223333-us-east-1"},
        {"name":"UPLOADS_URL","value":"https://lamp-primary-uploads-111122223333-us-east-1.s3.us-east-1.amazonaws.com/x"}]
}]
})json");
  auto role = [](const char* name) {
    return example_resource(
        "iam/role", name,
        {{"RoleName", name},
         {"Arn", "arn:aws:iam::111122223333:role/" + std::string(name)},
         {"Path", "/"},
         {"AssumeRolePolicyDocument", "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"},
         {"AttachedPolicies", json::array({{{"PolicyArn", "arn:aws:iam::aws:policy/service-role/X"}}})}});
  };
  return {
      example_resource("ecs/cluster", "arn:aws:ecs:us-east-1:111122223333:cluster/lamp",
                       json::parse(R"({"clusterName":"lamp",
        "clusterArn":"arn:aws:ecs:us-east-1:111122223333:cluster/lamp","settings":[{"name":"containerInsights","value":"disabled"}]})")),
      example_resource("ecs/task-definition", kExampleFamily, task,
                       {{"iam/role", "lamp-execution"},
                        {"iam/role", "lamp-task"},
                        {"rds/db-instance", "lamp-primary-db"},
                        {"s3/bucket", kExampleBucket}}),
      example_resource(
          "ecs/service", "arn:aws:ecs:us-east-1:111122223333:service/lamp/web",
          {{"serviceName", "web"},
           {"clusterArn", "arn:aws:ecs:us-east-1:111122223333:cluster/lamp"},
           {"taskDefinition", kExampleFamily},
           {"desiredCount", 3},
           {"launchType", "FARGATE"},
           {"platformVersion", "LATEST"},
           {"healthCheckGracePeriodSeconds", 30},
           {"loadBalancers",
            json::array(
                {{{"containerName", "web"}, {"containerPort", 80}, {"targetGroupArn", kExampleTargets}}})},
           {"networkConfiguration",
            json::parse(
                R"({"awsvpcConfiguration":{"assignPublicIp":"ENABLED","subnets":["subnet-a","subnet-b"],"securityGroups":["sg-web"]}})")}}),
      role("lamp-execution"),
      role("lamp-task"),
      example_resource("iam/role-policy", "lamp-task/uploads",
                       json::parse(R"({"RoleName":"lamp-task","PolicyName":"uploads",
        "PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::lamp-primary-uploads-111122223333-us-east-1/*\"}]}"})"))};
}

inline std::vector<Resource> example_balancer() {
  using nlohmann::json;
  return {example_resource("elbv2/load-balancer", kExampleBalancer,
                           json::parse(R"({"LoadBalancerName":"lamp-alb","Type":"application",
            "DNSName":"lamp-alb-2.us-east-1.elb.amazonaws.com","CanonicalHostedZoneId":"Z35SXDOTRQ7X7K","Scheme":"internet-facing","IpAddressType":"ipv4",
            "AvailabilityZones":[{"SubnetId":"subnet-a"},{"SubnetId":"subnet-b"}],"SecurityGroups":["sg-web"],
            "Attributes":[{"Key":"idle_timeout.timeout_seconds","Value":"120"},{"Key":"access_logs.s3.enabled","Value":"false"},{"Key":"access_logs.s3.bucket","Value":""}]})")),
          example_resource("elbv2/target-group", kExampleTargets,
                           {{"TargetGroupName", "lamp-tg"},
                            {"Protocol", "HTTP"},
                            {"Port", 80},
                            {"VpcId", "vpc-1"},
                            {"TargetType", "ip"},
                            {"HealthCheckPath", "/healthz"},
                            {"HealthCheckPort", "traffic-port"},
                            {"Matcher", {{"HttpCode", "200"}}},
                            {"LoadBalancerArns", json::array({kExampleBalancer})}}),
          example_resource(
              "elbv2/listener", kExampleListener,
              {{"LoadBalancerArn", kExampleBalancer},
               {"Port", 80},
               {"Protocol", "HTTP"},
               {"DefaultActions",
                json::array({{{"Type", "forward"},
                              {"TargetGroupArn", kExampleTargets},
                              {"ForwardConfig",
                               {{"TargetGroups",
                                 json::array({{{"TargetGroupArn", kExampleTargets}, {"Weight", 1}}})}}}}})}},
              {{"elbv2/target-group", kExampleTargets}})};
}

inline constexpr const char* kExampleAcl =
    "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shield/11111111-2222-3333-4444-555555555555";
// With everything of a web ACL that is translated; the bytes of matches are in base64: "/wp-login".
inline constexpr const char* kExampleAclText = R"json({"Name":"shield","ARN":"x","Id":"x","Description":"d",
  "DefaultAction":{"Allow":{"CustomRequestHandling":{"InsertHeaders":[{"Name":"seen","Value":"yes"}]}}},
  "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"shield"},
  "CustomResponseBodies":{"no":{"ContentType":"TEXT_PLAIN","Content":"no ${x}"}},
  "CaptchaConfig":{"ImmunityTimeProperty":{"ImmunityTime":60}},"ChallengeConfig":{"ImmunityTimeProperty":{"ImmunityTime":300}},
  "TokenDomains":["lamp.example"],"LabelNamespace":"awswaf:111122223333:webacl:shield:","ManagedByFirewallManager":false,
  "Rules":[
   {"Name":"common","Priority":0,"OverrideAction":{"None":{}},
    "Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesCommonRuleSet",
     "RuleActionOverrides":[{"Name":"SizeRestrictions_BODY","ActionToUse":{"Count":{}}}]}},
    "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"common"}},
   {"Name":"login","Priority":1,"Action":{"Block":{"CustomResponse":{"ResponseCode":403,"CustomResponseBodyKey":"no"}}},
    "Statement":{"RateBasedStatement":{"Limit":100,"AggregateKeyType":"IP","EvaluationWindowSec":60,"ScopeDownStatement":{"AndStatement":{"Statements":[
      {"ByteMatchStatement":{"SearchString":"L3dwLWxvZ2lu","FieldToMatch":{"UriPath":{}},"PositionalConstraint":"STARTS_WITH","TextTransformations":[{"Priority":0,"Type":"NONE"}]}},
      {"NotStatement":{"Statement":{"GeoMatchStatement":{"CountryCodes":["AQ"]}}}}]}}}},
    "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"login"}}]})json";

inline Inventory example_inventory() {
  Inventory i{.application = "lamp", .region = "us-east-1"};
  for (auto* part : {example_network, example_data, example_compute, example_balancer})
    for (auto& r : part()) i.resources.push_back(std::move(r));
  std::ranges::sort(i.resources, {}, &Resource::key);
  return i;
}

}  // namespace relight::dr
