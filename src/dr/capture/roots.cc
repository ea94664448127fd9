#include "dr/capture/roots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/capture/ask.h"
#include "dr/capture/pointer.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using TypeAndKind = std::pair<std::string_view, std::string_view>;

constexpr size_t kStacksMax = 200;  // nested ones of one application

// Types whose physical id is what a describing call takes.
constexpr std::array<TypeAndKind, 32> kRootTypes{
    {{"AWS::ECS::Cluster", "ecs/cluster"},
     {"AWS::ECS::Service", "ecs/service"},
     {"AWS::ElasticLoadBalancingV2::LoadBalancer", "elbv2/load-balancer"},
     {"AWS::ElasticLoadBalancingV2::TargetGroup", "elbv2/target-group"},
     {"AWS::RDS::DBInstance", "rds/db-instance"},
     {"AWS::RDS::DBSubnetGroup", "rds/subnet-group"},
     {"AWS::RDS::DBParameterGroup", "rds/parameter-group"},
     {"AWS::EC2::VPC", "ec2/vpc"},
     {"AWS::EC2::Subnet", "ec2/subnet"},
     {"AWS::EC2::RouteTable", "ec2/route-table"},
     {"AWS::EC2::NatGateway", "ec2/nat-gateway"},
     {"AWS::EC2::SecurityGroup", "ec2/security-group"},
     {"AWS::EC2::VPCEndpoint", "ec2/vpc-endpoint"},
     {"AWS::S3::Bucket", "s3/bucket"},
     {"AWS::IAM::Role", "iam/role"},
     {"AWS::IAM::ManagedPolicy", "iam/policy"},
     {"AWS::CloudWatch::Alarm", "cloudwatch/alarm"},
     {"AWS::Route53::HostedZone", "route53/hosted-zone"},
     {"AWS::Route53::HealthCheck", "route53/health-check"},
     {"AWS::RDS::OptionGroup", "rds/option-group"},
     {"AWS::Lambda::Function", "lambda/function"},
     {"AWS::Lambda::EventSourceMapping", "lambda/event-source-mapping"},
     {"AWS::SQS::Queue", "sqs/queue"},
     {"AWS::SNS::Topic", "sns/topic"},
     {"AWS::Events::Rule", "events/rule"},
     {"AWS::ECR::Repository", "ecr/repository"},
     {"AWS::Logs::LogGroup", "logs/log-group"},
     {"AWS::KMS::Key", "kms/key"},
     {"AWS::KMS::ReplicaKey", "kms/key"},
     {"AWS::CertificateManager::Certificate", "acm/certificate"},
     {"AWS::SecretsManager::Secret", "secretsmanager/secret"},
     {"AWS::SSM::Parameter", "ssm/parameter"}}};

// Captured as a part of what they belong to, or by following it.
constexpr std::array<std::string_view, 34> kParts{"AWS::EC2::VPCGatewayAttachment",
                                                  "AWS::EC2::InternetGateway",
                                                  "AWS::EC2::Route",
                                                  "AWS::EC2::SubnetRouteTableAssociation",
                                                  "AWS::EC2::SecurityGroupIngress",
                                                  "AWS::EC2::SecurityGroupEgress",
                                                  "AWS::EC2::NetworkAcl",
                                                  "AWS::EC2::NetworkAclEntry",
                                                  "AWS::EC2::SubnetNetworkAclAssociation",
                                                  "AWS::S3::BucketPolicy",
                                                  "AWS::IAM::Policy",
                                                  "AWS::IAM::RolePolicy",
                                                  "AWS::ElasticLoadBalancingV2::Listener",
                                                  "AWS::ElasticLoadBalancingV2::ListenerRule",
                                                  "AWS::WAFv2::WebACL",  // of the load balancers
                                                  "AWS::WAFv2::WebACLAssociation",
                                                  "AWS::ECS::TaskDefinition",
                                                  "AWS::Route53::RecordSet",
                                                  "AWS::Route53::RecordSetGroup",
                                                  "AWS::ApplicationAutoScaling::ScalableTarget",
                                                  "AWS::ApplicationAutoScaling::ScalingPolicy",
                                                  "AWS::Lambda::Permission",
                                                  "AWS::Lambda::Alias",
                                                  "AWS::Lambda::Version",
                                                  "AWS::SQS::QueuePolicy",
                                                  "AWS::SQS::QueueInlinePolicy",
                                                  "AWS::SNS::Subscription",
                                                  "AWS::SNS::TopicPolicy",
                                                  "AWS::SNS::TopicInlinePolicy",
                                                  "AWS::KMS::Alias",
                                                  "AWS::ECR::ReplicationConfiguration",
                                                  "AWS::ECR::RegistryPolicy",
                                                  "AWS::SecretsManager::ResourcePolicy",
                                                  "AWS::CDK::Metadata"};

void add_root(const Json& resource, Roots& out, std::vector<std::string>& nested) {
  auto type = member_text(resource, "ResourceType"), id = member_text(resource, "PhysicalResourceId");
  if (id.empty() || member_text(resource, "ResourceStatus") == "DELETE_COMPLETE") return;
  if (type == "AWS::CloudFormation::Stack") return nested.push_back(id);
  if (auto kind = kind_of_type(type); !kind.empty())
    out.may.push_back({std::string(kind), id});
  else if (std::ranges::find(kParts, type) == kParts.end())
    out.left_out.push_back({{type, id}, "relight does not capture this type yet"});
}

Error no_stack(Error e, const std::string& stack, const std::string& region) {
  e.resource = stack;
  e.region = region;
  if (e.message.find("does not exist") != std::string::npos)
    e.next = "check the stack's name, and that it is in " + region;
  return e;
}

}  // namespace

std::string_view kind_of_type(std::string_view type) {
  auto it = std::ranges::find(kRootTypes, type, &TypeAndKind::first);
  return it == kRootTypes.end() ? "" : it->second;
}

Result<Roots> roots_of_stack(const Walk& w, const std::string& stack) {
  Roots out;
  std::vector<std::string> todo{stack};
  std::set<std::string> known;
  while (!todo.empty()) {
    auto name = todo.back();
    todo.pop_back();
    if (!known.insert(name).second) continue;
    if (known.size() > kStacksMax)
      return fail("Capture.TooMany", fmt::format("{} holds more than {} stacks", stack, kStacksMax));
    auto got = ask(w, "cloudformation", "ListStackResources", Json{{"StackName", name}}.dump());
    if (!got && name == stack) return fail(no_stack(got.error(), stack, w.region));
    if (!got) {
      out.left_out.push_back(
          {{"AWS::CloudFormation::Stack", name}, "it could not be seen: " + why(got.error())});
      continue;
    }
    for (auto& r : member_list(*got, "StackResourceSummaries")) add_root(r, out, todo);
  }
  return out;
}

std::vector<ResourceKey> roots_of(const Resources& r) {
  std::vector<ResourceKey> roots;
  if (!r.cluster.empty() && !r.service.empty())
    roots.push_back({"ecs/service", r.service.starts_with("arn:") ? r.service : r.cluster + "/" + r.service});
  if (!r.database.empty()) roots.push_back({"rds/db-instance", r.database});
  if (!r.target_group.empty()) roots.push_back({"elbv2/target-group", r.target_group});
  if (!r.bucket.empty()) roots.push_back({"s3/bucket", r.bucket});
  return roots;
}

}  // namespace relight::dr
