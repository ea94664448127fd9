// An application of 1,000 ECS services and some 10,000 resources, captured from an AWS that answers out of
// the air, then planned and checked: what that costs in CPU and memory. `./bench estate` records it, without
// sockets: the calls' own cost is `api`'s.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <ctime>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "aws/gen/models.h"
#include "dr/capture/walk.h"
#include "dr/planning/pilot.h"
#include "dr/readiness/check.h"

namespace relight {
namespace {
using Json = nlohmann::json;

constexpr int kServices = 1000, kPerBalancer = 50, kDatabases = 40, kBuckets = 60, kGroups = 60;

double cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

double peak_mib() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return double(u.ru_maxrss) / 1024;
}

// What AWS would answer for the service of that number, in one region. `side`: "p" or "d".
class Imagined final : public aws::Caller {
 public:
  Imagined(std::string region, std::string side) : region_(std::move(region)), side_(std::move(side)) {}
  Result<> invoke(const aws::ServiceModel& s, const aws::Operation& op, const void* in, void* out,
                  const aws::CallOptions&) override {
    auto input = Json::parse(aws::codec::to_json(*op.input, in));
    ++calls_;
    return aws::codec::from_json(*op.output,
                                 answer(std::string(s.id) + ":" + std::string(op.name), input).dump(), out);
  }
  int calls() const { return calls_; }
  std::string service(int n) const { return arn("ecs", fmt::format("service/{0}/{0}-web-{1}", side_, n)); }

 private:
  std::string arn(const std::string& service, const std::string& rest) const {
    return fmt::format("arn:aws:{}:{}:111122223333:{}", service, region_, rest);
  }
  std::string group(int n) const {
    return arn("elasticloadbalancing", fmt::format("targetgroup/{}-web-{}/{:016x}", side_, n, n));
  }
  std::string balancer(int b) const {
    return arn("elasticloadbalancing", fmt::format("loadbalancer/app/{}-lb-{}/{:016x}", side_, b, b));
  }
  std::string listener(int b) const {
    return arn("elasticloadbalancing", fmt::format("listener/app/{}-lb-{}/{:016x}/1", side_, b, b));
  }
  std::string host(int d) const { return fmt::format("{}-db-{}.x.{}.rds.amazonaws.com", side_, d, region_); }
  // The number in a name such as "p-web-17" or "…/p-lb-3/…".
  static int number(const std::string& text, const std::string& mark) {
    auto at = text.rfind(mark);
    return at == text.npos ? 0 : std::atoi(text.c_str() + at + mark.size());
  }
  Json answer(const std::string& call, const Json& in);
  Json containers(const std::string& call, const Json& in) const;
  Json balancers(const std::string& call, const Json& in) const;
  Json network(const std::string& call, const Json& in) const;
  Json others(const std::string& call, const Json& in) const;

  std::string region_, side_;
  std::atomic<int> calls_ = 0;
};

Json Imagined::containers(const std::string& call, const Json& in) const {
  if (call == "ecs:DescribeServices") {
    int n = number(in["services"][0].get<std::string>(), "-web-");
    return {{"services",
             {{{"serviceArn", service(n)},
               {"serviceName", fmt::format("{}-web-{}", side_, n)},
               {"clusterArn", arn("ecs", "cluster/" + side_)},
               {"taskDefinition", arn("ecs", fmt::format("task-definition/{}-web-{}:7", side_, n))},
               {"launchType", "FARGATE"},
               {"desiredCount", side_ == "p" ? 2 : 0},
               {"loadBalancers",
                {{{"containerName", "web"}, {"containerPort", 80}, {"targetGroupArn", group(n)}}}},
               {"networkConfiguration",
                {{"awsvpcConfiguration",
                  {{"assignPublicIp", "ENABLED"},
                   {"subnets", {"subnet-a", "subnet-b"}},
                   {"securityGroups", {fmt::format("sg-{}", n % kGroups)}}}}}}}}}};
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
  if (call == "elbv2:DescribeTargetGroups") {
    int n = number(first("TargetGroupArns"), "-web-");
    return {{"TargetGroups",
             {{{"TargetGroupArn", group(n)},
               {"TargetGroupName", fmt::format("{}-web-{}", side_, n)},
               {"Protocol", "HTTP"},
               {"Port", 80},
               {"VpcId", "vpc-1"},
               {"TargetType", "ip"},
               {"HealthCheckPath", "/healthz"},
               {"LoadBalancerArns", {balancer(n / kPerBalancer)}}}}}};
  }
  if (call == "elbv2:DescribeLoadBalancers") {
    int b = number(first("LoadBalancerArns"), "-lb-");
    return {{"LoadBalancers",
             {{{"LoadBalancerArn", balancer(b)},
               {"LoadBalancerName", fmt::format("{}-lb-{}", side_, b)},
               {"Type", "application"},
               {"Scheme", "internet-facing"},
               {"VpcId", "vpc-1"},
               {"DNSName", fmt::format("{}-lb-{}.{}.elb.amazonaws.com", side_, b, region_)},
               {"SecurityGroups", {"sg-0"}},
               {"AvailabilityZones", {{{"SubnetId", "subnet-a"}}, {{"SubnetId", "subnet-b"}}}}}}}};
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
  if (call == "servicequotas:GetAWSDefaultServiceQuota") return {{"Quota", {{"Value", 5000.0}}}};
  return Json::object();
}

Json Imagined::answer(const std::string& call, const Json& in) {
  if (call.starts_with("ecs:")) return containers(call, in);
  if (call.starts_with("elbv2:") && !call.ends_with("Attributes")) return balancers(call, in);
  if (call.starts_with("ec2:")) return network(call, in);
  return others(call, in);
}

void told(const char* name, double value, const char* unit) {
  fmt::print("{}\t{:.2f}\t{}\n", name, value, unit);
}

dr::Inventory captured(Imagined& aws, const std::string& region) {
  auto all = aws::models();
  dr::Roots roots;
  for (int n = 0; n < kServices; ++n) roots.must.push_back({"ecs/service", aws.service(n)});
  auto seen = dr::walk({aws, all, region}, roots);
  if (!seen) {
    fmt::print(stderr, "{}\n", seen.error().text());
    std::exit(1);
  }
  seen->application = "large";
  return std::move(*seen);
}

dr::Picture picture_of(dr::Inventory primary, dr::Inventory recovery) {
  dr::Picture p;
  p.config.application = "large";
  p.config.primary = {"us-east-1", "", {}};
  p.config.recovery = {"us-west-2", "", {}};
  p.config.tasks = 2;
  p.config.dns.domain = "www.lamp.example";
  p.primary = dr::Estate(std::move(primary));
  p.recovery = dr::Estate(std::move(recovery));
  return p;
}

// Each check's own CPU, of those that take any to speak of.
void check_all(const dr::Picture& p) {
  auto selected = *dr::select_checks("");
  auto begin = cpu_s();
  auto findings = dr::run_checks(p, selected);
  told("check, CPU", cpu_s() - begin, "s");
  told("findings", double(findings.size()), "");
  for (auto* c : selected) {
    auto from = cpu_s();
    dr::run_checks(p, std::span(&c, 1));
    if (auto took = cpu_s() - from; took > 0.1)
      told(fmt::format("check {} {}, CPU", c->number, c->name).c_str(), took, "s");
  }
}

}  // namespace
}  // namespace relight

int main() {
  using namespace relight;
  Imagined p("us-east-1", "p"), d("us-west-2", "d");
  auto begin = cpu_s();
  auto primary = captured(p, "us-east-1");
  told("capture, CPU", cpu_s() - begin, "s");
  told("capture, peak memory", peak_mib(), "MiB");
  told("resources", double(primary.resources.size()), "");
  told("calls", double(p.calls()), "");
  begin = cpu_s();
  auto pilot =
      dr::plan_pilot(primary, {.region = "us-west-2", .stack = "large-pilot", .accept_unknown = true});
  told("synth's planning, CPU", cpu_s() - begin, "s");
  if (!pilot) fmt::print(stderr, "synth: {}\n", pilot.error().text());
  auto recovery = captured(d, "us-west-2");
  begin = cpu_s();
  auto picture = picture_of(std::move(primary), std::move(recovery));
  told("both regions parsed, CPU", cpu_s() - begin, "s");
  check_all(picture);
  told("all of it, peak memory", peak_mib(), "MiB");
  return pilot ? 0 : 1;
}
