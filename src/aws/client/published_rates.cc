#include "aws/client/published_rates.h"

#include <algorithm>
#include <array>

namespace relight::aws {
namespace {

// "Request throttling for the Amazon EC2 API": every action has a bucket of its own; the table gives its size by category.
constexpr std::string_view kEc2 = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html";
// "Request throttling for the Amazon ECS API". Read there: the size of the cluster read bucket, and that reads are
// sustained at 20 a second.
constexpr std::string_view kEcs =
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html";
// "Request throttling for the Elastic Load Balancing API": "40 Describe* requests in one second", then 10 a second.
constexpr std::string_view kElb =
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html";
constexpr std::string_view kLambda =
    "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
// "Throttling for Amazon Route 53 API requests", as updated from 5 a second to 10: the account's bucket, which all actions
// share. Some actions have a smaller one besides, which is not told here.
constexpr std::string_view kRoute53 =
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/throttling-api-requests.html";
constexpr std::string_view kLogs =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html";
constexpr std::string_view kCloudWatch =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html";
constexpr std::string_view kSsm = "https://docs.aws.amazon.com/general/latest/gr/ssm.html";
constexpr std::string_view kSecrets = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html";
constexpr std::string_view kWaf = "https://docs.aws.amazon.com/waf/latest/developerguide/limits.html";
constexpr std::string_view kSns = "https://docs.aws.amazon.com/general/latest/gr/sns.html";

// No rate is published for the reading actions of IAM, RDS, ECR, SQS, EventBridge, Application Auto Scaling, CloudFormation,
// Service Quotas, KMS' and ACM's neither here. S3's (5,500 reads a second and prefix) no capture comes near to.
constexpr std::array kRates{
    PublishedRate{"ec2", "CreateNatGateway DeleteNatGateway", false, 10, 1, kEc2, true},
    PublishedRate{"ec2", "CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints", false, 4, 0.3, kEc2, true},
    PublishedRate{"ec2", "CreateTags DeleteTags", false, 100, 10, kEc2, true},
    PublishedRate{"ec2", "CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute", false, 100, 5, kEc2, true},
    // So if asked without filter and page size; with them they have what all others have. The smaller is taken for both.
    PublishedRate{"ec2", "DescribeInstances DescribeInstanceStatus DescribeNetworkInterfaces DescribeSecurityGroups DescribeSnapshots DescribeVolumes", false, 50, 10, kEc2, true},
    PublishedRate{"ec2", "Describe* Get* List* Search*", false, 100, 20, kEc2, true},
    PublishedRate{"ec2", "*", false, 50, 5, kEc2, true},
    PublishedRate{"ecs", "DescribeClusters ListClusters", true, 50, 20, kEcs, true},
    PublishedRate{"ecs", "DescribeServices ListServices ListServicesByNamespace", true, 100, 20, kEcs, false},
    PublishedRate{"ecs", "DescribeTaskDefinition ListTaskDefinitions ListTaskDefinitionFamilies", true, 50, 20, kEcs, false},
    PublishedRate{"ecs", "DescribeTasks ListTasks DescribeContainerInstances ListContainerInstances DescribeCapacityProviders", true, 100, 20, kEcs, false},
    PublishedRate{"ecs", "CreateService UpdateService DeleteService", true, 50, 5, kEcs, false},
    PublishedRate{"ecs", "RunTask StartTask StopTask", true, 100, 40, kEcs, false},
    PublishedRate{"ecs", "RegisterTaskDefinition DeregisterTaskDefinition DeleteTaskDefinitions", true, 20, 1, kEcs, false},
    PublishedRate{"elbv2", "Describe*", true, 40, 10, kElb, true},
    PublishedRate{"elbv2", "RegisterTargets DeregisterTargets", true, 20, 4, kElb, false},
    PublishedRate{"lambda", "GetFunction", true, 100, 100, kLambda, true},
    PublishedRate{"lambda", "GetPolicy", true, 15, 15, kLambda, false},
    PublishedRate{"lambda", "Create* Update* Delete* Publish* Put* Get* List* Add* Remove* Tag* Untag*", true, 15, 15, kLambda, false},
    PublishedRate{"route53", "*", true, 50, 10, kRoute53, true},
    PublishedRate{"logs", "DescribeLogGroups", true, 10, 10, kLogs, false},
    PublishedRate{"cloudwatch", "DescribeAlarms", true, 9, 9, kCloudWatch, false},
    PublishedRate{"cloudwatch", "PutMetricAlarm", true, 3, 3, kCloudWatch, false},
    PublishedRate{"ssm", "GetParameter GetParameters GetParametersByPath", true, 40, 40, kSsm, false},
    PublishedRate{"secretsmanager", "GetResourcePolicy ListSecretVersionIds", false, 50, 50, kSecrets, false},
    PublishedRate{"wafv2", "GetWebACLForResource", false, 1, 1, kWaf, false},
    PublishedRate{"wafv2", "AssociateWebACL DisassociateWebACL", false, 1, 0.5, kWaf, false},
    PublishedRate{"wafv2", "Create* Put* Update*", false, 1, 1, kWaf, false},
    PublishedRate{"wafv2", "Get* List*", false, 5, 5, kWaf, false},
    PublishedRate{"sns", "ListTopics ListSubscriptions ListSubscriptionsByTopic", false, 30, 30, kSns, false},
};

bool fits(std::string_view names, std::string_view operation) {
  while (!names.empty()) {
    auto name = names.substr(0, names.find(' '));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    if (name.ends_with('*') ? operation.starts_with(name.substr(0, name.size() - 1)) : operation == name)
      return true;
  }
  return false;
}

}  // namespace

std::span<const PublishedRate> published_rates() { return kRates; }

const PublishedRate* published_rate(std::string_view service, std::string_view operation) {
  for (auto& r : kRates)
    if (r.service == service && fits(r.operations, operation)) return &r;
  return nullptr;
}

std::string bucket_of(const PublishedRate* rate, std::string_view operation) {
  return std::string(rate && rate->shared ? rate->operations : operation);
}

}  // namespace relight::aws
