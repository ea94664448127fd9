#include "imagined_aws.h"

#include <fmt/format.h>

#include "aws/codec/codec.h"
#include "aws/gen/models.h"
#include "aws/sign/sigv4.h"
#include "base/clock.h"

namespace relight {
namespace {
constexpr Millis kLatency{20};
constexpr const char* kRefusal = "!error";  // in an answer: the code of the error that it is
constexpr int kPerBalancer = 50, kDatabases = 40, kBuckets = 60, kGroups = 60;
}  // namespace

using Json = nlohmann::json;

Imagined::Imagined(std::string region, std::string side, bool throttles)
    : region_(std::move(region)), side_(std::move(side)), throttle_(system_clock()) {
  throttle_.as_aws(throttles);
  if (throttles) latency_ = kLatency;
}

// What a call within a region takes to be answered, about.
Result<http::Response> Imagined::send(const http::Request& request, std::chrono::milliseconds) {
  if (latency_.count() > 0) system_clock().sleep(latency_);
  auto scope = sign::scope_of(request);
  if (!scope) return fail("Http.Refused", "the request is not signed");
  const aws::ServiceModel* service = nullptr;
  for (auto* m : aws::models())
    if (m->signing_name == scope->service && m->id != "s3control") service = m;  // which signs as s3
  if (!service) return fail("Http.Refused", "there is no service " + scope->service);
  TRY_ASSIGN(auto* op, aws::codec::route(*service, request));
  if (!throttle_.admit(region_, service->id, op->name)) {
    auto e = sandbox::throttling_error(service->id, service->protocol == aws::Protocol::kJson);
    Error refused{.code = std::string(e.code), .message = std::string(e.message)};
    refused.http_status = e.status;
    return aws::codec::encode_error(*service, op, refused, "r");
  }
  auto in = op->make_input(), out = op->make_output();
  TRY(aws::codec::decode_request(*service, *op, request, in.get()));
  auto input = Json::parse(aws::codec::to_json(*op->input, in.get()));
  auto said = answer(std::string(service->id) + ":" + std::string(op->name), input);
  if (auto code = said.value(kRefusal, ""); !code.empty()) {
    Error none{.code = code, .message = "there is none"};
    none.http_status = 400;
    return aws::codec::encode_error(*service, op, none, "r");
  }
  TRY(aws::codec::from_json(*op->output, said.dump(), out.get()));
  return aws::codec::encode_response(*service, *op, out.get(), "r");
}

Json Imagined::described(int n) const {
  return {
      {"serviceArn", service(n)},
      {"serviceName", fmt::format("{}-web-{}", side_, n)},
      {"clusterArn", arn("ecs", "cluster/" + side_)},
      {"taskDefinition", arn("ecs", fmt::format("task-definition/{}-web-{}:7", side_, n))},
      {"launchType", "FARGATE"},
      {"desiredCount", side_ == "p" ? 2 : 0},
      {"loadBalancers", {{{"containerName", "web"}, {"containerPort", 80}, {"targetGroupArn", group(n)}}}},
      {"networkConfiguration",
       {{"awsvpcConfiguration",
         {{"assignPublicIp", "ENABLED"},
          {"subnets", {"subnet-a", "subnet-b"}},
          {"securityGroups", {fmt::format("sg-{}", n % kGroups)}}}}}}};
}

Json Imagined::containers(const std::string& call, const Json& in) const {
  if (call == "ecs:DescribeServices") {
    Json all = Json::array();
    for (auto& name : in["services"]) all.push_back(described(number(name.get<std::string>(), "-web-")));
    return {{"services", all}};
  }
  if (call == "ecs:DescribeTaskDefinition") {
    int n = number(in["taskDefinition"].get<std::string>(), "-web-");
    auto variable = [](const char* name, const std::string& value) {
      return Json{{"name", name}, {"value", value}};
    };
    return {{"taskDefinition",
             {{"family", fmt::format("{}-web-{}", side_, n)},
              {"networkMode", "awsvpc"},
              {"cpu", "256"},
              {"memory", "512"},
              {"requiresCompatibilities", {"FARGATE"}},
              {"taskRoleArn", fmt::format("arn:aws:iam::111122223333:role/{}-task-{}", side_, n)},
              {"containerDefinitions",
               {{{"name", "web"},
                 {"essential", true},
                 {"image", fmt::format("111122223333.dkr.ecr.{}.amazonaws.com/web-{}:7", region_, n)},
                 {"portMappings", {{{"containerPort", 80}}}},
                 {"logConfiguration",
                  {{"logDriver", "awslogs"},
                   {"options", {{"awslogs-group", fmt::format("/{}/web-{}", side_, n)}}}}},
                 {"secrets", {{{"name", "MODE"}, {"valueFrom", fmt::format("/{}/web-{}/mode", side_, n)}}}},
                 {"environment",
                  {variable("DB_HOST", host(n % kDatabases)),
                   variable("BUCKET", fmt::format("{}-bucket-{}", side_, n % kBuckets)),
                   variable("APP_MODE", "auto")}}}}}}}};
  }
  return {{"clusters", {{{"clusterArn", arn("ecs", "cluster/" + side_)}, {"clusterName", side_}}}}};
}

Json Imagined::balancers(const std::string& call, const Json& in) const {
  auto first = [&](const char* list) { return in.value(list, Json::array({""}))[0].get<std::string>(); };
  Json all = Json::array();
  if (call == "elbv2:DescribeTargetGroups") {
    for (auto& a : in["TargetGroupArns"]) {
      int n = number(a.get<std::string>(), "-web-");
      all.push_back({{"TargetGroupArn", group(n)},
                     {"TargetGroupName", fmt::format("{}-web-{}", side_, n)},
                     {"Protocol", "HTTP"},
                     {"Port", 80},
                     {"VpcId", "vpc-1"},
                     {"TargetType", "ip"},
                     {"HealthCheckPath", "/healthz"},
                     {"LoadBalancerArns", {balancer(n / kPerBalancer)}}});
    }
    return {{"TargetGroups", all}};
  }
  if (call == "elbv2:DescribeLoadBalancers") {
    for (auto& a : in["LoadBalancerArns"]) {
      int b = number(a.get<std::string>(), "-lb-");
      all.push_back({{"LoadBalancerArn", balancer(b)},
                     {"LoadBalancerName", fmt::format("{}-lb-{}", side_, b)},
                     {"Type", "application"},
                     {"Scheme", "internet-facing"},
                     {"VpcId", "vpc-1"},
                     {"DNSName", fmt::format("{}-lb-{}.{}.elb.amazonaws.com", side_, b, region_)},
                     {"SecurityGroups", {"sg-0"}},
                     {"AvailabilityZones", {{{"SubnetId", "subnet-a"}}, {{"SubnetId", "subnet-b"}}}}});
    }
    return {{"LoadBalancers", all}};
  }
  auto rule = [&](int n) {
    return Json{
        {"RuleArn", arn("elasticloadbalancing", fmt::format("listener-rule/app/{}-lb-{}/{:016x}/1/{}", side_,
                                                            n / kPerBalancer, n / kPerBalancer, n))},
        {"Priority", std::to_string(n % kPerBalancer + 1)},
        {"Conditions", {{{"Field", "path-pattern"}, {"Values", {fmt::format("/{}/*", n)}}}}},
        {"Actions", {{{"Type", "forward"}, {"TargetGroupArn", group(n)}}}}};
  };
  if (call == "elbv2:DescribeRules" && in.contains("RuleArns"))
    return {{"Rules", {rule(number(first("RuleArns"), "/"))}}};
  if (call == "elbv2:DescribeRules") {
    Json rules = Json::array();
    int b = number(in["ListenerArn"].get<std::string>(), "-lb-");
    for (int n = b * kPerBalancer; n < (b + 1) * kPerBalancer; ++n) rules.push_back(rule(n));
    return {{"Rules", rules}};
  }
  int b = in.contains("LoadBalancerArn") ? number(in["LoadBalancerArn"].get<std::string>(), "-lb-")
                                         : number(first("ListenerArns"), "-lb-");
  return {{"Listeners",
           {{{"ListenerArn", listener(b)},
             {"LoadBalancerArn", balancer(b)},
             {"Protocol", "HTTP"},
             {"Port", 80},
             {"DefaultActions", {{{"Type", "forward"}, {"TargetGroupArn", group(b * kPerBalancer)}}}}}}}};
}

Json Imagined::network(const std::string& call, const Json& in) const {
  std::string block = side_ == "p" ? "10.1." : "10.2.";
  auto subnet = [&](const std::string& id) {
    return Json{{"SubnetId", id},
                {"VpcId", "vpc-1"},
                {"CidrBlock", block + (id == "subnet-a" ? "0" : "1") + ".0/24"},
                {"AvailabilityZone", region_ + id.back()}};
  };
  if (call == "ec2:DescribeVpcAttribute")
    return {{"EnableDnsHostnames", {{"Value", true}}}, {"EnableDnsSupport", {{"Value", true}}}};
  if (call == "ec2:DescribeVpcs")
    return {{"Vpcs",
             {{{"VpcId", "vpc-1"},
               {"CidrBlock", block + "0.0/16"},
               {"CidrBlockAssociationSet", {{{"CidrBlock", block + "0.0/16"}}}}}}}};
  if (call == "ec2:DescribeSubnets" && in.contains("SubnetIds"))
    return {{"Subnets", {subnet(in["SubnetIds"][0].get<std::string>())}}};
  if (call == "ec2:DescribeSubnets") return {{"Subnets", {subnet("subnet-a"), subnet("subnet-b")}}};
  if (call == "ec2:DescribeInternetGateways")
    return {{"InternetGateways",
             {{{"InternetGatewayId", "igw-1"},
               {"Attachments", {{{"VpcId", "vpc-1"}, {"State", "available"}}}}}}}};
  if (call == "ec2:DescribeRouteTables")
    return {{"RouteTables",
             {{{"RouteTableId", "rtb-1"},
               {"VpcId", "vpc-1"},
               {"Associations", {{{"Main", true}}}},
               {"Routes",
                {{{"DestinationCidrBlock", block + "0.0/16"}, {"GatewayId", "local"}, {"State", "active"}},
                 {{"DestinationCidrBlock", "0.0.0.0/0"}, {"GatewayId", "igw-1"}, {"State", "active"}}}}}}}};
  if (call == "ec2:DescribeSecurityGroups") {
    Json open{{{"IpProtocol", "-1"}, {"IpRanges", {{{"CidrIp", "0.0.0.0/0"}}}}}};
    auto id = in["GroupIds"][0].get<std::string>();
    return {{"SecurityGroups",
             {{{"GroupId", id},
               {"GroupName", "g-" + id},
               {"Description", "x"},
               {"VpcId", "vpc-1"},
               {"IpPermissions", open},
               {"IpPermissionsEgress", open}}}}};
  }
  return Json::object();
}

Json Imagined::others(const std::string& call, const Json& in) const {
  if (call == "rds:DescribeDBInstances") {
    Json all = Json::array();
    auto only = in.value("DBInstanceIdentifier", "");
    for (int d = 0; d < kDatabases; ++d) {
      auto id = fmt::format("{}-db-{}", side_, d);
      if (!only.empty() && only != id) continue;
      Json one{{"DBInstanceIdentifier", id},
               {"DBInstanceClass", "db.t4g.micro"},
               {"Engine", "mariadb"},
               {"EngineVersion", "10.11.9"},
               {"AllocatedStorage", 20},
               {"StorageType", "gp2"},
               {"BackupRetentionPeriod", 7},
               {"Endpoint", {{"Address", host(d)}, {"Port", 3306}}},
               {"DBSubnetGroup", {{"DBSubnetGroupName", side_ + "-subnets"}}},
               {"VpcSecurityGroups", {{{"VpcSecurityGroupId", "sg-1"}}}}};
      if (side_ == "d")
        one["ReadReplicaSourceDBInstanceIdentifier"] =
            fmt::format("arn:aws:rds:us-east-1:111122223333:db:p-db-{}", d);
      all.push_back(one);
    }
    return {{"DBInstances", all}};
  }
  if (call == "rds:DescribeDBSubnetGroups")
    return {
        {"DBSubnetGroups",
         {{{"DBSubnetGroupName", side_ + "-subnets"},
           {"DBSubnetGroupDescription", "x"},
           {"Subnets",
            {{{"SubnetIdentifier", "subnet-a"}, {"SubnetAvailabilityZone", {{"Name", region_ + "a"}}}},
             {{"SubnetIdentifier", "subnet-b"}, {"SubnetAvailabilityZone", {{"Name", region_ + "b"}}}}}}}}}};
  if (call == "s3:ListBuckets") {
    Json all = Json::array();
    for (int b = 0; b < kBuckets; ++b) all.push_back({{"Name", fmt::format("{}-bucket-{}", side_, b)}});
    return {{"Buckets", all}};
  }
  if (call == "s3:GetBucketVersioning") return {{"Status", "Enabled"}};
  if (call == "iam:GetRole") {
    auto name = in["RoleName"].get<std::string>();
    return {
        {"Role",
         {{"RoleName", name},
          {"RoleId", "R"},
          {"Path", "/"},
          {"Arn", "arn:aws:iam::111122223333:role/" + name},
          {"CreateDate", "2026-01-01T00:00:00Z"},
          {"AssumeRolePolicyDocument",
           R"({"Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]})"}}}};
  }
  if (call == "iam:ListRolePolicies") return {{"PolicyNames", {"uploads"}}, {"IsTruncated", false}};
  if (call == "iam:ListAttachedRolePolicies")
    return {{"AttachedPolicies", Json::array()}, {"IsTruncated", false}};
  if (call == "iam:GetRolePolicy")
    return {
        {"RoleName", in["RoleName"]},
        {"PolicyName", "uploads"},
        {"PolicyDocument",
         fmt::format(
             R"({{"Statement":[{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::{}-bucket-{}/*"}}]}})",
             side_, number(in["RoleName"].get<std::string>(), "-task-") % kBuckets)}};
  if (call == "logs:DescribeLogGroups")
    return {{"logGroups", {{{"logGroupName", in["logGroupNamePrefix"]}, {"retentionInDays", 14}}}}};
  if (call == "ssm:DescribeParameters")
    return {{"Parameters",
             {{{"Name", in["ParameterFilters"][0]["Values"][0]}, {"Type", "String"}, {"Version", 1}}}}};
  if (call == "ecr:DescribeRepositories")
    return {
        {"repositories", {{{"repositoryName", in["repositoryNames"][0]}, {"registryId", "111122223333"}}}}};
  if (call == "ecr:DescribeImages")
    return {
        {"imageDetails",
         {{{"repositoryName", in["repositoryName"]}, {"imageDigest", "sha256:ab"}, {"imageTags", {"7"}}}}}};
  static const std::map<std::string, const char*> kHasNone{
      {"ecr:GetRegistryPolicy", "RegistryPolicyNotFoundException"},
      {"ecr:GetRepositoryPolicy", "RepositoryPolicyNotFoundException"},
      {"ecr:GetLifecyclePolicy", "LifecyclePolicyNotFoundException"},
      {"s3:GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"},
      {"s3:GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"},
      {"s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError"},
      {"s3:GetBucketPolicy", "NoSuchBucketPolicy"},
      {"s3:GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"},
      {"s3:GetBucketReplication", "ReplicationConfigurationNotFoundError"},
      {"s3:GetBucketTagging", "NoSuchTagSet"}};
  if (auto none = kHasNone.find(call); none != kHasNone.end()) return {{kRefusal, none->second}};
  if (call == "ssm:GetParameter")
    return {{"Parameter", {{"Name", in["Name"]}, {"Type", "String"}, {"Value", "auto"}, {"Version", 1}}}};
  if (call == "ecr:DescribeRegistry") return {{"registryId", "111122223333"}};
  if (call == "applicationautoscaling:DescribeScalableTargets") {
    Json all = Json::array();
    for (int n = 0; n < kServices; ++n)
      all.push_back({{"ServiceNamespace", "ecs"},
                     {"ResourceId", fmt::format("service/{0}/{0}-web-{1}", side_, n)},
                     {"ScalableDimension", "ecs:service:DesiredCount"},
                     {"MinCapacity", side_ == "p" ? 2 : 0},
                     {"MaxCapacity", 9},
                     {"RoleARN", "r"},
                     {"CreationTime", "2026-01-01T00:00:00Z"}});
    return {{"ScalableTargets", all}};
  }
  if (call.starts_with("servicequotas:Get")) return {{"Quota", {{"Value", 5000.0}}}};
  return Json::object();
}

Json Imagined::answer(const std::string& call, const Json& in) {
  if (call.starts_with("ecs:")) return containers(call, in);
  if (call.starts_with("elbv2:") && !call.ends_with("Attributes")) return balancers(call, in);
  if (call.starts_with("ec2:")) return network(call, in);
  return others(call, in);
}

}  // namespace relight
