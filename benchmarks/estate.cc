// An application of 1,000 ECS services and some 10,000 resources, captured from an AWS that answers out of the air and
// throttles as AWS publishes it, then planned, rendered and checked: what that takes in time, CPU and memory. `./bench estate`
// records it. In one process and without sockets (the calls' own cost is `api`'s), but on the machine's own clock and
// through all of the client: encoded, signed, refused, asked again, decoded.
#include <fmt/format.h>
#include <sys/resource.h>

#include <ctime>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "aws/client/aws_caller.h"
#include "aws/client/credentials.h"
#include "aws/client/published_rates.h"
#include "aws/codec/codec.h"
#include "aws/gen/models.h"
#include "aws/sign/sigv4.h"
#include "dr/capture/walk.h"
#include "dr/planning/pilot.h"
#include "dr/readiness/check.h"
#include "dr/view/iac.h"
#include "sandbox/faults/throttle.h"

namespace relight {
namespace {
using Json = nlohmann::json;

constexpr Millis kLatency{20};
constexpr const char* kRefusal = "!error";  // in an answer: the code of the error that it is
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
class Imagined final : public http::Exchange {
 public:
  Imagined(std::string region, std::string side, bool throttles)
      : region_(std::move(region)), side_(std::move(side)), throttle_(system_clock()) {
    throttle_.as_aws(throttles);
    if (throttles) latency_ = kLatency;
  }
  Result<http::Response> send(const http::Request& request, std::chrono::milliseconds) override;
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
  Json described(int n) const;  // a service
  Json containers(const std::string& call, const Json& in) const;
  Json balancers(const std::string& call, const Json& in) const;
  Json network(const std::string& call, const Json& in) const;
  Json others(const std::string& call, const Json& in) const;

  std::string region_, side_;
  sandbox::Throttle throttle_;
  Millis latency_{0};
};

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
  return {{"serviceArn", service(n)},
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

void told(const char* name, double value, const char* unit) {
  fmt::print("{}\t{:.2f}\t{}\n", name, value, unit);
}

// Which calls were answered and how many refused, as the client saw it.
class CallCount {
 public:
  void add(const aws::CallRecord& c) {
    std::lock_guard g(mutex_);
    auto* rate = aws::published_rate(c.service, c.operation);
    calls_ += c.attempts - c.throttled;
    refused_ += c.throttled;
    if (!rate) return;
    auto& b = buckets_[c.service + " " + aws::bucket_of(rate, c.operation)];
    b.first = rate;
    b.second += c.attempts - c.throttled;
  }
  int calls() const { return calls_; }
  int refused() const { return refused_; }
  // The least time in which AWS's rates let these calls through, in seconds, and whose bucket sets it.
  std::pair<double, std::string> bound() const {
    std::pair<double, std::string> most{0, ""};
    for (auto& [name, b] : buckets_)
      most = std::max(most, {(b.second - b.first->burst) / b.first->per_second, name});
    return most;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::pair<const aws::PublishedRate*, double>> buckets_;
  int calls_ = 0, refused_ = 0;
};

dr::Inventory captured(Imagined& aws, const std::string& region, CallCount& count) {
  auto all = aws::models();
  dr::Roots roots;
  for (int n = 0; n < kServices; ++n) roots.must.push_back({"ecs/service", aws.service(n)});
  aws::FixedCredentials keys(sign::Credentials{"AKIAEXAMPLE", "not a secret", ""});
  aws::CallerSettings settings;
  settings.region = region;
  settings.endpoints.all = "http://127.0.0.1:1";  // where nobody is: paths name the buckets then
  settings.adaptive = true;
  settings.observer = [&](const aws::CallRecord& c) { count.add(c); };
  aws::AwsCaller caller(settings, aws, keys, system_clock(), system_rng());
  auto seen = dr::walk({caller, all, region}, roots);
  if (!seen) {
    fmt::print(stderr, "{}\n", seen.error().text());
    std::exit(1);
  }
  std::map<std::string, size_t> unknown;  // the imagined AWS does not answer what it was asked for
  for (auto& r : seen->resources)
    for (auto& u : r.unknown) ++unknown[fmt::format("{} {}: {}", r.key.kind, u.part, u.why.substr(0, 120))];
  for (auto& [what, times] : unknown) fmt::print(stderr, "unknown {} times: {}\n", times, what);
  if (!unknown.empty()) std::exit(1);
  seen->application = "large";
  return std::move(*seen);
}

// The primary's capture, with AWS's rates in its way or, to look at all else, without.
dr::Inventory capture(bool throttled) {
  Imagined aws("us-east-1", "p", throttled);
  CallCount count;
  auto cpu = cpu_s();
  auto begin = system_clock().monotonic();
  auto primary = captured(aws, "us-east-1", count);
  double took = std::chrono::duration<double>(system_clock().monotonic() - begin).count();
  auto [bound, bucket] = count.bound();
  told("resources", double(primary.resources.size()), "");
  told("calls", count.calls(), "");
  told("throttled answers", count.refused(), "");
  told("capture", took, "s");
  told(fmt::format("bound by {}", bucket).c_str(), bound, "s");
  told("capture, of its bound", took / bound, "x");
  told("capture, CPU (the imagined AWS's too)", cpu_s() - cpu, "s");
  told("capture, peak memory (the imagined AWS's too)", peak_mib(), "MiB");
  return primary;
}

// As the verb does after it has read the files: plan, then render all that it writes.
bool synthesised(const dr::Inventory& primary) {
  auto begin = cpu_s();
  auto pilot =
      dr::plan_pilot(primary, {.region = "us-west-2", .stack = "large-pilot", .accept_unknown = true});
  if (!pilot) {
    fmt::print(stderr, "synth: {}\n", pilot.error().text());
    return false;
  }
  told("synth's planning, CPU", cpu_s() - begin, "s");
  size_t bytes = dr::view::cloudformation(*pilot).size() + dr::view::terraform(*pilot).size() +
                 dr::view::readme(*pilot).size();
  told("synth, CPU", cpu_s() - begin, "s");
  told("synth, rendered", double(bytes) / 1e6, "MB");
  return true;
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

// bench_estate [unthrottled]
int main(int argc, char**) {
  using namespace relight;
  auto primary = capture(argc == 1);
  bool rendered = synthesised(primary);
  Imagined d("us-west-2", "d", false);
  CallCount count;
  auto recovery = captured(d, "us-west-2", count);
  auto begin = cpu_s();
  auto picture = picture_of(std::move(primary), std::move(recovery));
  told("both regions parsed, CPU", cpu_s() - begin, "s");
  check_all(picture);
  told("all of it, peak memory", peak_mib(), "MiB");
  return rendered ? 0 : 1;
}
