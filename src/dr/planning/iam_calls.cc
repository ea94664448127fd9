#include <array>

#include "dr/planning/iam_table.h"

namespace relight::dr {
// Of its own: IamScope's short names.
namespace iam_calls {
using enum IamScope;
constexpr auto kP = IamSide::kPrimary, kR = IamSide::kRecovery, kPR = IamSide::kBoth;

// From what is known of an application to all of it.
constexpr std::array kWalkCalls{
    IamCall{"ecs", "DescribeClusters", kP, kCluster},
    IamCall{"ecs", "DescribeServices", kP, kService},
    IamCall{"ecs", "DescribeTaskDefinition", kP, kAny},
    IamCall{"ecs", "DescribeCapacityProviders", kP, kProvider},
    IamCall{"elbv2", "DescribeLoadBalancers", kP, kAny},
    IamCall{"elbv2", "DescribeLoadBalancerAttributes", kP, kAny},
    IamCall{"elbv2", "DescribeListeners", kP, kAny},
    IamCall{"elbv2", "DescribeListenerCertificates", kP, kAny},
    IamCall{"elbv2", "DescribeRules", kP, kAny},
    IamCall{"elbv2", "DescribeTargetGroups", kP, kAny},
    IamCall{"elbv2", "DescribeTargetGroupAttributes", kP, kAny},
    IamCall{"wafv2", "GetWebACLForResource", kP, kWebAcls},
    IamCall{"wafv2", "GetWebACL", kP, kWebAcls},
    IamCall{"rds", "DescribeDBInstances", kP, kDatabases},
    IamCall{"rds", "DescribeDBSnapshots", kP, kSnapshots},
    IamCall{"rds", "DescribeDBSubnetGroups", kP, kSubnetGroup},
    IamCall{"rds", "DescribeDBParameterGroups", kP, kParameterGroup},
    IamCall{"rds", "DescribeDBParameters", kP, kParameterGroup},
    IamCall{"rds", "DescribeOptionGroups", kP, kOptionGroup},
    IamCall{"ec2", "DescribeVpcs", kP, kAny},
    IamCall{"ec2", "DescribeVpcAttribute", kP, kVpc},
    IamCall{"ec2", "DescribeSubnets", kP, kAny},
    IamCall{"ec2", "DescribeRouteTables", kP, kAny},
    IamCall{"ec2", "DescribeNetworkAcls", kP, kAny},
    IamCall{"ec2", "DescribeVpcEndpoints", kP, kAny},
    IamCall{"ec2", "DescribeNatGateways", kP, kAny},
    IamCall{"ec2", "DescribeInternetGateways", kP, kAny},
    IamCall{"ec2", "DescribeSecurityGroups", kP, kAny},
    IamCall{"s3", "ListBuckets", kP, kAny},
    IamCall{"s3", "GetBucketLocation", kP, kBucket},
    IamCall{"s3", "GetBucketVersioning", kP, kBucket},
    IamCall{"s3", "GetBucketReplication", kP, kBucket},
    IamCall{"s3", "GetBucketLifecycleConfiguration", kP, kBucket},
    IamCall{"s3", "GetBucketEncryption", kP, kBucket},
    IamCall{"s3", "GetBucketPolicy", kP, kBucket},
    IamCall{"s3", "GetBucketCors", kP, kBucket},
    IamCall{"s3", "GetPublicAccessBlock", kP, kBucket},
    IamCall{"s3", "GetBucketNotificationConfiguration", kP, kBucket},
    IamCall{"s3", "GetObjectLockConfiguration", kP, kBucket},
    IamCall{"s3", "GetBucketOwnershipControls", kP, kBucket},
    IamCall{"s3", "GetBucketLogging", kP, kBucket},
    IamCall{"s3", "GetBucketTagging", kP, kBucket},
    IamCall{"lambda", "GetFunction", kP, kFunction},
    IamCall{"lambda", "GetPolicy", kP, kFunction},
    IamCall{"lambda", "ListAliases", kP, kFunction},
    IamCall{"lambda", "ListProvisionedConcurrencyConfigs", kP, kFunction},
    IamCall{"lambda", "ListEventSourceMappings", kP, kAny},
    IamCall{"lambda", "GetEventSourceMapping", kP, kMapping},
    IamCall{"iam", "GetRole", kP, kRole},
    IamCall{"iam", "ListAttachedRolePolicies", kP, kRole},
    IamCall{"iam", "ListRolePolicies", kP, kRole},
    IamCall{"iam", "GetRolePolicy", kP, kRole},
    IamCall{"iam", "GetPolicy", kP, kPolicy},
    IamCall{"iam", "GetPolicyVersion", kP, kPolicy},
    IamCall{"route53", "ListHostedZones", kP, kAny},
    IamCall{"route53", "ListResourceRecordSets", kP, kZones},
    IamCall{"route53", "GetHostedZone", kP, kZone},
    IamCall{"route53", "GetHealthCheck", kP, kHealthCheck},
    IamCall{"cloudwatch", "DescribeAlarms", kP, kAlarms},
    IamCall{"secretsmanager", "DescribeSecret", kP, kSecret},
    IamCall{"secretsmanager", "GetResourcePolicy", kP, kSecret},
    IamCall{"ssm", "DescribeParameters", kP, kAny},
    IamCall{"sqs", "GetQueueUrl", kP, kQueue},
    IamCall{"sqs", "GetQueueAttributes", kP, kQueue},
    IamCall{"sqs", "ListQueueTags", kP, kQueue},
    IamCall{"sns", "GetTopicAttributes", kP, kTopic},
    IamCall{"sns", "ListSubscriptionsByTopic", kP, kTopic},
    IamCall{"sns", "GetSubscriptionAttributes", kP, kTopic},
    IamCall{"sns", "ListTagsForResource", kP, kTopic},
    IamCall{"events", "ListEventBuses", kP, kAny},
    IamCall{"events", "ListRules", kP, kAny},
    IamCall{"events", "DescribeRule", kP, kRules},
    IamCall{"events", "ListTargetsByRule", kP, kRules},
    IamCall{"ecr", "DescribeRepositories", kP, kRepository},
    IamCall{"ecr", "GetLifecyclePolicy", kP, kRepository},
    IamCall{"ecr", "GetRepositoryPolicy", kP, kRepository},
    IamCall{"ecr", "ListTagsForResource", kP, kRepository},
    IamCall{"ecr", "DescribeImages", kP, kRepository},
    IamCall{"ecr", "DescribeRegistry", kP, kAny},
    IamCall{"ecr", "GetRegistryPolicy", kP, kAny},
    IamCall{"logs", "DescribeLogGroups", kP, kAny},
    IamCall{"kms", "DescribeKey", kP, kKeys},
    IamCall{"kms", "ListAliases", kP, kAny},
    IamCall{"kms", "GetKeyPolicy", kP, kKeys},
    IamCall{"kms", "GetKeyRotationStatus", kP, kKeys},
    IamCall{"acm", "DescribeCertificate", kP, kCertificates},
    IamCall{"servicequotas", "GetAWSDefaultServiceQuota", kP, kAny},
    IamCall{"servicequotas", "GetServiceQuota", kP, kAny},
    IamCall{"applicationautoscaling", "DescribeScalableTargets", kP, kAny},
    IamCall{"applicationautoscaling", "DescribeScalingPolicies", kP, kAny},
    IamCall{"applicationautoscaling", "DescribeScheduledActions", kP, kAny},
};
// The same, there.
constexpr auto kWalkThereCalls = [] {
  auto calls = kWalkCalls;
  for (auto& c : calls) c.side = kR;
  return calls;
}();
constexpr std::array kStackCalls{IamCall{"cloudformation", "ListStackResources", kP, kStacks}};
constexpr std::array kStackThereCalls{IamCall{"cloudformation", "ListStackResources", kR, kStacks}};
constexpr std::array kTagCalls{
    IamCall{"ecs", "ListClusters", kP, kAny},
    IamCall{"ecs", "ListServices", kP, kAny},
    IamCall{"ecs", "DescribeServices", kP, kServices},
    IamCall{"rds", "DescribeDBInstances", kP, kDatabases},
    IamCall{"elbv2", "DescribeLoadBalancers", kP, kAny},
    IamCall{"elbv2", "DescribeTags", kP, kAny},
    IamCall{"s3", "ListBuckets", kP, kAny},
    IamCall{"s3", "GetBucketTagging", kP, kBuckets},
};
constexpr std::array kTopologyCalls{
    IamCall{"cloudformation", "DescribeStacks", kPR, kStack},
    IamCall{"cloudformation", "DescribeStackResources", kPR, kStack},
    IamCall{"rds", "DescribeDBInstances", kR, kDatabase},
};
constexpr std::array kStatusCalls{
    IamCall{"rds", "DescribeDBInstances", kPR, kDatabase},
    IamCall{"ecs", "DescribeServices", kPR, kService},
};
constexpr std::array kReadJournalCalls{
    IamCall{"s3", "GetObject", kR, kJournal},
    IamCall{"s3", "ListObjectsV2", kR, kJournalBucket},
};
constexpr std::array kWriteJournalCalls{IamCall{"s3", "PutObject", kR, kJournal}};
constexpr std::array kUploadsCalls{IamCall{"s3", "ListObjectsV2", kR, kUploads}};
constexpr std::array kLiveCalls{
    IamCall{"rds", "DescribeDBInstances", kPR, kDatabase},
    IamCall{"rds", "DescribeOrderableDBInstanceOptions", kR, kAny},
    IamCall{"cloudwatch", "GetMetricStatistics", kPR, kAny},
    IamCall{"s3", "GetBucketReplication", kP, kUploads},
    IamCall{"s3", "HeadObject", kR, kFlag},
    IamCall{"sts", "GetCallerIdentity", kR, kAny},
    IamCall{"s3control", "GetPublicAccessBlock", kR, kAny},
    IamCall{"ec2", "DescribeSubnets", kR, kAny},
    IamCall{"cloudformation", "GetTemplate", kR, kStack},
    IamCall{"cloudformation", "DescribeStacks", kR, kStack},
    IamCall{"s3", "ListObjectsV2", kPR, kUploads},
};
constexpr std::array kAroundCalls{
    IamCall{"s3", "ListObjectsV2", kP, kUploads},
    IamCall{"s3", "HeadObject", kP, kUploaded},
    IamCall{"cloudwatch", "GetMetricStatistics", kP, kAny},
    IamCall{"ec2", "DescribeTags", kR, kAny},
    IamCall{"rds", "DescribeDBInstances", kR, kDatabases},
    IamCall{"rds", "DescribeDBSnapshots", kR, kDatabases},
};
constexpr std::array kCanaryCalls{
    IamCall{"ecs", "DescribeServices", kR, kService}, IamCall{"ecs", "DescribeTaskDefinition", kR, kAny},
    IamCall{"ecs", "ListTasks", kR, kTaskLists},      IamCall{"ecs", "RunTask", kR, kFamily},
    IamCall{"ecs", "DescribeTasks", kR, kTasks},      IamCall{"ecs", "StopTask", kR, kTasks},
};
constexpr std::array kValuesCalls{IamCall{"ssm", "GetParameters", kPR, kParameter}};
constexpr std::array kSecretHostsCalls{IamCall{"secretsmanager", "GetSecretValue", kR, kSecret}};
constexpr std::array kLitCalls{
    IamCall{"rds", "DescribeDBInstances", kR, kDatabase},
    IamCall{"ecs", "DescribeServices", kR, kService},
};
constexpr std::array kChangeSetCalls{
    IamCall{"cloudformation", "DescribeStacks", kR, kStack},
    IamCall{"cloudformation", "DescribeStackEvents", kR, kStack},
    IamCall{"cloudformation", "DescribeStackResource", kR, kStack},
    IamCall{"cloudformation", "CreateChangeSet", kR, kStack},
    IamCall{"cloudformation", "DescribeChangeSet", kR, kStack},
    IamCall{"cloudformation", "ExecuteChangeSet", kR, kStack},
    IamCall{"cloudformation", "DeleteChangeSet", kR, kStack},
    IamCall{"cloudformation", "DeleteStack", kR, kStack},
};
constexpr std::array kPrimaryLooksCalls{
    IamCall{"rds", "DescribeDBInstances", kP, kDatabase},
    IamCall{"s3", "GetBucketVersioning", kP, kBucket},
    IamCall{"s3", "GetBucketReplication", kP, kBucket},
    IamCall{"s3", "GetBucketEncryption", kP, kBucket},
    IamCall{"secretsmanager", "DescribeSecret", kP, kSecret},
    IamCall{"ssm", "GetParameter", kPR, kSetting},
};
constexpr std::array kRegistryLooksCalls{
    IamCall{"ecr", "DescribeRegistry", kP, kAny},
    IamCall{"ecr", "DescribeImages", kR, kRepository},
};
constexpr std::array kRegistryActionsCalls{IamCall{"ecr", "PutReplicationConfiguration", kP, kAny}};
constexpr std::array kImageCopyCalls{
    IamCall{"ecr", "DescribeRepositories", kPR, kRepository},
    IamCall{"ecr", "BatchGetImage", kP, kRepository},
    IamCall{"ecr", "GetDownloadUrlForLayer", kP, kRepository},
    IamCall{"ecr", "CreateRepository", kR, kRepository},
    IamCall{"ecr", "BatchCheckLayerAvailability", kR, kRepository},
    IamCall{"ecr", "InitiateLayerUpload", kR, kRepository},
    IamCall{"ecr", "UploadLayerPart", kR, kRepository},
    IamCall{"ecr", "CompleteLayerUpload", kR, kRepository},
    IamCall{"ecr", "PutImage", kR, kRepository},
};
constexpr std::array kObjectsLookCalls{
    IamCall{"s3", "ListObjectsV2", kPR, kBucket},
    IamCall{"s3", "HeadObject", kP, kObjects},
};
constexpr std::array kObjectsCopyCalls{
    IamCall{"s3", "GetObjectTagging", kP, kObjects},
    IamCall{"s3", "CopyObject", kR, kObjects},
    IamCall{"s3", "CreateMultipartUpload", kR, kObjects},
    IamCall{"s3", "UploadPartCopy", kR, kObjects},
    IamCall{"s3", "CompleteMultipartUpload", kR, kObjects},
    IamCall{"s3", "AbortMultipartUpload", kR, kObjects},
    IamCall{"s3", "DeleteObject", kR, kObjects},
};
constexpr std::array kTemplateCalls{IamCall{"cloudformation", "GetTemplate", kR, kStack}};
constexpr std::array kDetectionCalls{
    IamCall{"cloudformation", "DetectStackDrift", kR, kStack},
    IamCall{"cloudformation", "DescribeStackDriftDetectionStatus", kR, kAny},
};
constexpr std::array kDifferencesCalls{IamCall{"cloudformation", "DescribeStackResourceDrifts", kR, kStack}};
constexpr std::array kStackListCalls{IamCall{"cloudformation", "ListStackResources", kR, kStack}};
constexpr std::array kFunctionCodeCalls{
    IamCall{"lambda", "GetFunction", kP, kFunction}, IamCall{"s3", "HeadBucket", kR, kCodeBucket},
    IamCall{"s3", "CreateBucket", kR, kCodeBucket},  IamCall{"s3", "HeadObject", kR, kCode},
    IamCall{"s3", "PutObject", kR, kCode},
};
constexpr std::array kPrimaryActionsCalls{
    IamCall{"rds", "ModifyDBInstance", kP, kDatabase},
    IamCall{"s3", "PutBucketVersioning", kP, kBucket},
    IamCall{"s3", "PutBucketReplication", kP, kBucket},
    IamCall{"s3", "GetBucketEncryption", kR, kBucket},
    IamCall{"secretsmanager", "ReplicateSecretToRegions", kP, kSecret},
    IamCall{"ssm", "PutParameter", kR, kSetting},
};
constexpr std::array kCopiesCalls{IamCall{"ssm", "PutParameter", kR, kSetting}};
constexpr std::array kSnapshotsCalls{
    IamCall{"rds", "DescribeDBInstances", kR, kDatabase},
    IamCall{"rds", "DescribeDBSnapshots", kPR, kSnapshots},
    IamCall{"rds", "CopyDBSnapshot", kR, kSnapshots},
    IamCall{"rds", "DeleteDBSnapshot", kR, kSnapshots},
};
constexpr std::array kStepsCalls{
    IamCall{"rds", "DescribeDBInstances", kPR, kDatabase},
    IamCall{"rds", "ModifyDBParameterGroup", kP, kParameterGroup},
    IamCall{"rds", "PromoteReadReplica", kR, kDatabase},
    IamCall{"rds", "DescribeEvents", kR, kAny},
    IamCall{"ecs", "DescribeServices", kPR, kService},
    IamCall{"ecs", "DescribeTaskDefinition", kPR, kAny},
    IamCall{"ecs", "RegisterTaskDefinition", kR, kFamily},
    IamCall{"ecs", "UpdateService", kPR, kService},
    IamCall{"cloudformation", "DescribeStacks", kR, kLitStack},
    IamCall{"cloudformation", "UpdateStack", kR, kLitStack},
    IamCall{"applicationautoscaling", "DescribeScalableTargets", kR, kAny},
    IamCall{"applicationautoscaling", "RegisterScalableTarget", kPR, kScaling},
    IamCall{"lambda", "GetFunctionConcurrency", kPR, kFunction},
    IamCall{"lambda", "PutFunctionConcurrency", kPR, kFunction},
    IamCall{"lambda", "DeleteFunctionConcurrency", kR, kFunction},
    IamCall{"lambda", "GetEventSourceMapping", kPR, kMapping},
    IamCall{"lambda", "UpdateEventSourceMapping", kPR, kMapping},
    IamCall{"lambda", "Invoke", kR, kFunction},
    IamCall{"events", "DescribeRule", kPR, kRule},
    IamCall{"events", "EnableRule", kR, kRule},
    IamCall{"events", "DisableRule", kP, kRule},
    IamCall{"ssm", "GetParameter", kR, kSetting},
    IamCall{"ssm", "PutParameter", kR, kSetting},
    IamCall{"secretsmanager", "GetSecretValue", kR, kSecret},
    IamCall{"secretsmanager", "DescribeSecret", kR, kSecret},
    IamCall{"secretsmanager", "StopReplicationToReplica", kR, kSecret},
    IamCall{"secretsmanager", "PutSecretValue", kR, kSecret},
    IamCall{"s3", "GetBucketNotificationConfiguration", kR, kBucket},
    IamCall{"s3", "PutBucketNotificationConfiguration", kR, kBucket},
    IamCall{"elbv2", "DescribeTargetHealth", kR, kAny},
    IamCall{"elbv2", "DescribeTargetGroups", kR, kAny},
    IamCall{"s3", "GetBucketPolicy", kP, kUploads},
    IamCall{"s3", "PutBucketPolicy", kP, kUploads},
    IamCall{"sts", "GetCallerIdentity", kR, kAny},
    IamCall{"s3", "GetBucketReplication", kP, kUploads},
    IamCall{"s3", "PutBucketReplication", kP, kUploads},
    IamCall{"s3", "DeleteBucketReplication", kP, kUploads},
    IamCall{"s3", "ListObjectsV2", kPR, kUploads},
    IamCall{"s3", "PutObject", kR, kFlag},
};
// Of them those of the way back, which runs from the recovery region to the primary.
constexpr std::array kStepsBackCalls{
    IamCall{"rds", "DescribeDBInstances", kPR, kDatabases},
    IamCall{"rds", "ModifyDBParameterGroup", kR, kParameterGroup},
    IamCall{"rds", "PromoteReadReplica", kP, kDatabase},
    IamCall{"rds", "DescribeEvents", kP, kAny},
    IamCall{"ecs", "DescribeServices", kPR, kService},
    IamCall{"ecs", "DescribeTaskDefinition", kPR, kAny},
    IamCall{"ecs", "UpdateService", kPR, kService},
    IamCall{"cloudformation", "DescribeStacks", kR, kLitStack},
    IamCall{"cloudformation", "UpdateStack", kR, kLitStack},
    IamCall{"applicationautoscaling", "DescribeScalableTargets", kP, kAny},
    IamCall{"applicationautoscaling", "RegisterScalableTarget", kPR, kScaling},
    IamCall{"lambda", "GetFunctionConcurrency", kPR, kFunction},
    IamCall{"lambda", "PutFunctionConcurrency", kPR, kFunction},
    IamCall{"lambda", "DeleteFunctionConcurrency", kP, kFunction},
    IamCall{"lambda", "GetEventSourceMapping", kPR, kMapping},
    IamCall{"lambda", "UpdateEventSourceMapping", kPR, kMapping},
    IamCall{"events", "DescribeRule", kPR, kRule},
    IamCall{"events", "EnableRule", kP, kRule},
    IamCall{"events", "DisableRule", kPR, kRule},
    IamCall{"s3", "GetBucketNotificationConfiguration", kR, kUploads},
    IamCall{"s3", "PutBucketNotificationConfiguration", kR, kUploads},
    IamCall{"elbv2", "DescribeTargetHealth", kP, kAny},
    IamCall{"elbv2", "DescribeTargetGroups", kP, kAny},
    IamCall{"s3", "GetBucketPolicy", kPR, kUploads},
    IamCall{"s3", "PutBucketPolicy", kPR, kUploads},
    IamCall{"sts", "GetCallerIdentity", kPR, kAny},
    IamCall{"s3", "GetBucketReplication", kPR, kUploads},
    IamCall{"s3", "PutBucketReplication", kPR, kUploads},
    IamCall{"s3", "DeleteBucketReplication", kPR, kUploads},
    IamCall{"s3", "ListObjectsV2", kPR, kUploads},
};
constexpr std::array kFailbackCalls{
    IamCall{"rds", "DescribeDBInstances", kPR, kDatabases},
    IamCall{"rds", "DescribeDBSnapshots", kP, kSnapshots},
    IamCall{"rds", "CreateDBSnapshot", kP, kSnapshots},
    IamCall{"rds", "ModifyDBInstance", kPR, kDatabase},
    IamCall{"rds", "DescribeDBParameters", kPR, kParameterGroup},
    IamCall{"rds", "ResetDBParameterGroup", kPR, kParameterGroup},
    IamCall{"rds", "CreateDBInstanceReadReplica", kP, kReplica},
    IamCall{"rds", "CreateDBInstanceReadReplica", kR, kReplica},
    IamCall{"s3", "GetBucketPolicy", kPR, kUploads},
    IamCall{"s3", "PutBucketPolicy", kPR, kUploads},
    IamCall{"s3", "DeleteBucketPolicy", kPR, kUploads},
    IamCall{"s3", "ListObjectVersions", kR, kUploads},
    IamCall{"s3", "HeadObject", kP, kUploaded},
    IamCall{"s3", "DeleteObject", kP, kUploaded},
    IamCall{"s3", "DeleteObject", kR, kFlag},
    IamCall{"secretsmanager", "GetSecretValue", kPR, kSecret},
    IamCall{"secretsmanager", "PutSecretValue", kP, kSecret},
    IamCall{"secretsmanager", "DescribeSecret", kP, kSecret},
    IamCall{"secretsmanager", "ReplicateSecretToRegions", kP, kSecret},
    IamCall{"secretsmanager", "RemoveRegionsFromReplication", kP, kSecret},
    IamCall{"applicationautoscaling", "RegisterScalableTarget", kR, kScaling},
};
constexpr std::array kFailbackLooksCalls{IamCall{"rds", "DescribeDBInstances", kPR, kDatabase}};
// Objects go the other way: read there, written here.
constexpr std::array kObjectsBackCalls{
    IamCall{"s3", "ListObjectsV2", kPR, kUploads},
    IamCall{"s3", "HeadObject", kR, kUploaded},
    IamCall{"s3", "GetObjectTagging", kR, kUploaded},
    IamCall{"s3", "CopyObject", kP, kUploaded},
    IamCall{"s3", "CreateMultipartUpload", kP, kUploaded},
    IamCall{"s3", "UploadPartCopy", kP, kUploaded},
    IamCall{"s3", "CompleteMultipartUpload", kP, kUploaded},
    IamCall{"s3", "AbortMultipartUpload", kP, kUploaded},
    IamCall{"s3", "DeleteObject", kP, kUploaded},
};

constexpr std::array kMeteringCalls{IamCall{"cloudwatch", "GetMetricStatistics", kPR, kAny}};
constexpr std::array kPriceListCalls{IamCall{"pricing", "GetProducts", kPR, kAny}};

constexpr std::array kIamParts{
    IamPart{"walk", "dr/capture/kinds_* dr/capture/walk.cc dr/capture/search*", kWalkCalls},
    IamPart{"walk-there", "dr/capture/kinds_* dr/capture/walk.cc dr/capture/search*", kWalkThereCalls},
    IamPart{"stack", "dr/capture/roots.cc", kStackCalls},
    IamPart{"stack-there", "dr/capture/roots.cc", kStackThereCalls},
    IamPart{"tag", "dr/capture/roots_tag.cc", kTagCalls},
    IamPart{"topology", "dr/capture/topology_capture.cc", kTopologyCalls},
    IamPart{"status", "dr/capture/status.cc", kStatusCalls},
    IamPart{"read-journal", "app/s3_objects.cc", kReadJournalCalls},
    IamPart{"write-journal", "app/s3_objects.cc", kWriteJournalCalls},
    IamPart{"uploads", "app/s3_objects.cc", kUploadsCalls},
    IamPart{"live", "app/check_live.cc app/check_template.cc app/check_objects.cc dr/objects/object_names.cc",
            kLiveCalls},
    IamPart{"around", "app/check_newest.cc app/check_left_over.cc app/check_busiest.cc", kAroundCalls},
    IamPart{"canary", "app/canary.cc", kCanaryCalls},
    IamPart{"values", "app/check_values.cc", kValuesCalls},
    IamPart{"secret-hosts", "app/check_values.cc", kSecretHostsCalls},
    IamPart{"lit", "app/lit.cc", kLitCalls},
    IamPart{"change-set", "app/change_set.cc", kChangeSetCalls},
    IamPart{"template", "app/deployed_template.cc", kTemplateCalls},
    IamPart{"detection", "app/stack_detection.cc", kDetectionCalls},
    IamPart{"differences", "app/stack_differences.cc", kDifferencesCalls},
    IamPart{"stack-list", "app/drift_recovery.cc", kStackListCalls},
    IamPart{"function-code", "app/function_code.cc", kFunctionCodeCalls},
    IamPart{"primary-looks", "app/primary_actions.cc", kPrimaryLooksCalls},
    IamPart{"primary-actions", "app/primary_actions.cc", kPrimaryActionsCalls},
    IamPart{"registry-looks", "app/registry_actions.cc app/image_copy.cc", kRegistryLooksCalls},
    IamPart{"registry-actions", "app/registry_actions.cc", kRegistryActionsCalls},
    IamPart{"image-copy", "app/image_copy.cc app/layer_copy.cc", kImageCopyCalls},
    IamPart{"objects-look", "dr/objects/object_names.cc dr/objects/object_copy.cc", kObjectsLookCalls},
    IamPart{"objects-copy", "dr/objects/object_copy.cc", kObjectsCopyCalls},
    IamPart{"copies", "app/primary_actions.cc", kCopiesCalls},
    IamPart{"snapshots", "app/snapshots.cc", kSnapshotsCalls},
    IamPart{"metering", "app/cost_use.cc", kMeteringCalls},
    IamPart{"price-list", "app/cost.cc", kPriceListCalls},
    IamPart{"steps", "dr/steps/*", kStepsCalls},
    IamPart{"steps-back", "dr/steps/*", kStepsBackCalls},
    IamPart{"failback", "dr/failback/*", kFailbackCalls},
    IamPart{"objects-back", "dr/objects/*", kObjectsBackCalls},
    IamPart{"failback-looks", "app/failback.cc", kFailbackLooksCalls},
};

constexpr std::array kIamVerbs{
    IamVerb{"init", "walk stack stack-there tag topology", false, true},
    IamVerb{"capture", "walk stack topology"},
    IamVerb{"drift", "walk walk-there stack stack-there topology template stack-list"},
    IamVerb{"synth", ""},
    IamVerb{"diagram", ""},
    IamVerb{"cost", "metering"},
    IamVerb{"prices", "price-list"},
    IamVerb{"deploy",
            "topology lit change-set detection differences function-code primary-looks registry-looks objects-look",
            true},
    IamVerb{"deploy-touch-primary",
            "topology lit change-set detection differences function-code primary-looks registry-looks objects-look "
            "primary-actions "
            "registry-actions image-copy objects-copy read-journal write-journal",
            true},
    IamVerb{"sync",
            "walk stack topology lit template change-set detection differences function-code primary-looks "
            "registry-looks objects-look "
            "copies image-copy objects-copy snapshots read-journal write-journal",
            true},
    IamVerb{"check",
            "walk walk-there stack stack-there topology live differences around values read-journal write-journal"},
    IamVerb{"check-read-secrets",
            "walk walk-there stack stack-there topology live differences around values secret-hosts read-journal "
            "write-journal"},
    IamVerb{"check-canary",
            "walk walk-there stack stack-there topology live differences around values lit canary read-journal "
            "write-journal"},
    IamVerb{"status", "topology status read-journal write-journal"},
    IamVerb{"failover", "topology status steps read-journal write-journal", false, false, true},
    IamVerb{"resume", "topology steps read-journal write-journal", false, false, true},
    IamVerb{"failback", "topology failback-looks steps-back failback objects-back read-journal write-journal",
            false, false, true},
    IamVerb{"approve", "read-journal write-journal"},
    IamVerb{"runs", "read-journal"},
    IamVerb{"show", "read-journal"},
    IamVerb{"evidence", "topology uploads read-journal write-journal"},
    IamVerb{"heartbeat", "topology read-journal write-journal"},
    IamVerb{"probe", ""},
    IamVerb{"iam-policy", "read-journal"},
    IamVerb{"api", "", false, false, false,
            "it calls whatever operation it is given, so no policy is the least"},
};

}  // namespace iam_calls

std::span<const IamPart> iam_parts() { return iam_calls::kIamParts; }
std::span<const IamVerb> iam_verbs() { return iam_calls::kIamVerbs; }

}  // namespace relight::dr
