#include "sandbox/services/iam/needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "aws/action_names.h"
#include "aws/codec/codec.h"

namespace relight::sandbox {
namespace {

using NeedJson = nlohmann::json;

// `resource` is the ARN's part behind the account, or a whole ARN; {Member} is replaced by the input's
// member, once for each item of a list, {Member|default} where it may be missing, else by '*'. "" needs
// nothing, "*" takes none.
struct NeedRow {
  std::string_view service, operation, resource;
  std::string_view action = {};  // where it is not the operation's name
};

constexpr auto kNeeds = std::to_array<NeedRow>({
    {"sts", "GetCallerIdentity", ""}, {"sts", "GetSessionToken", ""},
    {"sts", "AssumeRole", "{RoleArn}"},
    {"acm", "DescribeCertificate", "{CertificateArn}"}, {"acm", "GetCertificate", "{CertificateArn}"},
    {"acm", "DeleteCertificate", "{CertificateArn}"}, {"acm", "UpdateCertificateOptions", "{CertificateArn}"},
    {"acm", "AddTagsToCertificate", "{CertificateArn}"}, {"acm", "RemoveTagsFromCertificate", "{CertificateArn}"},
    {"acm", "ListTagsForCertificate", "{CertificateArn}"}, {"acm", "RequestCertificate", "certificate/*"},
    {"acm", "ImportCertificate", "{CertificateArn|certificate/*}"},
    {"applicationautoscaling", "RegisterScalableTarget", "scalable-target/*"}, {"applicationautoscaling", "DeregisterScalableTarget", "scalable-target/*"},
    {"applicationautoscaling", "PutScalingPolicy", "scalable-target/*"}, {"applicationautoscaling", "DeleteScalingPolicy", "scalable-target/*"},
    {"applicationautoscaling", "PutScheduledAction", "scalable-target/*"},
    {"applicationautoscaling", "DeleteScheduledAction", "scalable-target/*"},
    {"cloudformation", "CreateChangeSet", "stack/{StackName}/*"},
    {"cloudformation", "DescribeChangeSet", "stack/{StackName}/*"},
    {"cloudformation", "ExecuteChangeSet", "stack/{StackName}/*"},
    {"cloudformation", "DeleteChangeSet", "stack/{StackName}/*"},
    {"cloudformation", "ListChangeSets", "stack/{StackName}/*"},
    {"cloudformation", "DetectStackDrift", "stack/{StackName}/*"},
    {"cloudformation", "DescribeStackResourceDrifts", "stack/{StackName}/*"},
    {"cloudformation", "DescribeStackDriftDetectionStatus", "*"},
    {"cloudformation", "CreateStack", "stack/{StackName}/*"},
    {"cloudformation", "UpdateStack", "stack/{StackName}/*"},
    {"cloudformation", "DeleteStack", "stack/{StackName}/*"},
    {"cloudformation", "DescribeStacks", "stack/{StackName}/*"},
    {"cloudformation", "DescribeStackEvents", "stack/{StackName}/*"},
    {"cloudformation", "DescribeStackResource", "stack/{StackName}/*"},
    {"cloudformation", "DescribeStackResources", "stack/{StackName}/*"},
    {"cloudformation", "ListStackResources", "stack/{StackName}/*"},
    {"cloudformation", "GetTemplate", "stack/{StackName}/*"},
    {"cloudformation", "GetTemplateSummary", "stack/{StackName}/*"},
    {"cloudwatch", "PutMetricAlarm", "alarm:{AlarmName}"},
    {"cloudwatch", "DeleteAlarms", "alarm:{AlarmNames}"},
    {"cloudwatch", "DescribeAlarms", "alarm:{AlarmNames}"},
    {"cloudwatch", "SetAlarmState", "alarm:{AlarmName}"},
    {"cloudwatch", "EnableAlarmActions", "alarm:{AlarmNames}"},
    {"cloudwatch", "DisableAlarmActions", "alarm:{AlarmNames}"},
    {"cloudwatch", "ListTagsForResource", "{ResourceARN}"},
    {"cloudwatch", "TagResource", "{ResourceARN}"},
    {"cloudwatch", "UntagResource", "{ResourceARN}"},
    {"ecr", "BatchCheckLayerAvailability", "repository/{repositoryName}"},
    {"ecr", "BatchDeleteImage", "repository/{repositoryName}"},
    {"ecr", "BatchGetImage", "repository/{repositoryName}"},
    {"ecr", "CompleteLayerUpload", "repository/{repositoryName}"},
    {"ecr", "CreateRepository", "repository/{repositoryName}"},
    {"ecr", "DeleteLifecyclePolicy", "repository/{repositoryName}"},
    {"ecr", "DeleteRepository", "repository/{repositoryName}"},
    {"ecr", "DeleteRepositoryPolicy", "repository/{repositoryName}"},
    {"ecr", "DescribeImageReplicationStatus", "repository/{repositoryName}"},
    {"ecr", "DescribeImages", "repository/{repositoryName}"},
    {"ecr", "DescribeRepositories", "repository/{repositoryNames}"},
    {"ecr", "GetDownloadUrlForLayer", "repository/{repositoryName}"},
    {"ecr", "GetLifecyclePolicy", "repository/{repositoryName}"},
    {"ecr", "GetLifecyclePolicyPreview", "repository/{repositoryName}"},
    {"ecr", "GetRepositoryPolicy", "repository/{repositoryName}"},
    {"ecr", "InitiateLayerUpload", "repository/{repositoryName}"},
    {"ecr", "ListImages", "repository/{repositoryName}"},
    {"ecr", "PutImage", "repository/{repositoryName}"},
    {"ecr", "PutImageScanningConfiguration", "repository/{repositoryName}"},
    {"ecr", "PutImageTagMutability", "repository/{repositoryName}"},
    {"ecr", "PutLifecyclePolicy", "repository/{repositoryName}"},
    {"ecr", "SetRepositoryPolicy", "repository/{repositoryName}"},
    {"ecr", "StartLifecyclePolicyPreview", "repository/{repositoryName}"},
    {"ecr", "UploadLayerPart", "repository/{repositoryName}"},
    {"ecr", "ListTagsForResource", "{resourceArn}"},
    {"ecr", "TagResource", "{resourceArn}"},
    {"ecr", "UntagResource", "{resourceArn}"},
    {"ecs", "DescribeClusters", "cluster/{clusters|default}"},
    {"ecs", "CreateCluster", "cluster/{clusterName|default}"},
    {"ecs", "UpdateCluster", "cluster/{cluster}"},
    {"ecs", "UpdateClusterSettings", "cluster/{cluster}"},
    {"ecs", "PutClusterCapacityProviders", "cluster/{cluster}"},
    {"ecs", "DeleteCluster", "cluster/{cluster}"},
    {"ecs", "CreateService", "service/{cluster|default}/{serviceName}"},
    {"ecs", "DescribeServices", "service/{cluster|default}/{services}"},
    {"ecs", "UpdateService", "service/{cluster|default}/{service}"},
    {"ecs", "DeleteService", "service/{cluster|default}/{service}"},
    {"ecs", "RegisterTaskDefinition", "task-definition/{family}:*"},
    {"ecs", "RunTask", "task-definition/{taskDefinition}"},
    {"ecs", "StopTask", "task/{cluster|default}/{task}"},
    {"ecs", "ListTasks", "container-instance/{cluster|default}/*"},
    {"ecs", "DescribeTasks", "task/{cluster|default}/{tasks}"},
    {"ecs", "DescribeCapacityProviders", "capacity-provider/{capacityProviders}"},
    {"ecs", "ListTagsForResource", "{resourceArn}"},
    {"ecs", "TagResource", "{resourceArn}"},
    {"ecs", "UntagResource", "{resourceArn}"},
    {"elbv2", "CreateLoadBalancer", "loadbalancer/app/{Name}/*"},
    {"elbv2", "DeleteLoadBalancer", "{LoadBalancerArn}"},
    {"elbv2", "ModifyLoadBalancerAttributes", "{LoadBalancerArn}"},
    {"elbv2", "SetSecurityGroups", "{LoadBalancerArn}"},
    {"elbv2", "SetSubnets", "{LoadBalancerArn}"},
    {"elbv2", "SetIpAddressType", "{LoadBalancerArn}"},
    {"elbv2", "CreateListener", "{LoadBalancerArn}"},
    {"elbv2", "ModifyListener", "{ListenerArn}"},
    {"elbv2", "DeleteListener", "{ListenerArn}"},
    {"elbv2", "AddListenerCertificates", "{ListenerArn}"},
    {"elbv2", "RemoveListenerCertificates", "{ListenerArn}"},
    {"elbv2", "CreateRule", "{ListenerArn}"},
    {"elbv2", "ModifyRule", "{RuleArn}"},
    {"elbv2", "DeleteRule", "{RuleArn}"},
    {"elbv2", "SetRulePriorities", "{RulePriorities.RuleArn}"},
    {"elbv2", "CreateTargetGroup", "targetgroup/{Name}/*"},
    {"elbv2", "ModifyTargetGroup", "{TargetGroupArn}"},
    {"elbv2", "ModifyTargetGroupAttributes", "{TargetGroupArn}"},
    {"elbv2", "DeleteTargetGroup", "{TargetGroupArn}"},
    {"elbv2", "RegisterTargets", "{TargetGroupArn}"},
    {"elbv2", "DeregisterTargets", "{TargetGroupArn}"},
    {"elbv2", "AddTags", "{ResourceArns}"},
    {"elbv2", "RemoveTags", "{ResourceArns}"},
    {"iam", "CreateRole", "role{Path|/}{RoleName}"},
    {"iam", "GetRole", "role/{RoleName}"},
    {"iam", "UpdateRole", "role/{RoleName}"},
    {"iam", "UpdateRoleDescription", "role/{RoleName}"},
    {"iam", "UpdateAssumeRolePolicy", "role/{RoleName}"},
    {"iam", "DeleteRole", "role/{RoleName}"},
    {"iam", "TagRole", "role/{RoleName}"},
    {"iam", "UntagRole", "role/{RoleName}"},
    {"iam", "PutRolePolicy", "role/{RoleName}"},
    {"iam", "GetRolePolicy", "role/{RoleName}"},
    {"iam", "DeleteRolePolicy", "role/{RoleName}"},
    {"iam", "ListRolePolicies", "role/{RoleName}"},
    {"iam", "ListAttachedRolePolicies", "role/{RoleName}"},
    {"iam", "AttachRolePolicy", "role/{RoleName}"},
    {"iam", "DetachRolePolicy", "role/{RoleName}"},
    {"iam", "CreatePolicy", "policy{Path|/}{PolicyName}"},
    {"iam", "GetPolicy", "{PolicyArn}"},
    {"iam", "GetPolicyVersion", "{PolicyArn}"},
    {"iam", "ListPolicyVersions", "{PolicyArn}"},
    {"iam", "CreatePolicyVersion", "{PolicyArn}"},
    {"iam", "DeletePolicyVersion", "{PolicyArn}"},
    {"iam", "DeletePolicy", "{PolicyArn}"},
    {"kms", "CreateKey", "*"},
    {"kms", "ListKeys", "*"},
    {"kms", "ListAliases", "*"},
    {"kms", "CreateAlias", "{AliasName} key/{TargetKeyId}"},
    {"kms", "UpdateAlias", "{AliasName} key/{TargetKeyId}"},
    {"kms", "DeleteAlias", "{AliasName}"},
    {"kms", "DescribeKey", "key/{KeyId}"},
    {"kms", "EnableKey", "key/{KeyId}"},
    {"kms", "DisableKey", "key/{KeyId}"},
    {"kms", "UpdateKeyDescription", "key/{KeyId}"},
    {"kms", "ScheduleKeyDeletion", "key/{KeyId}"},
    {"kms", "CancelKeyDeletion", "key/{KeyId}"},
    {"kms", "GetKeyPolicy", "key/{KeyId}"},
    {"kms", "PutKeyPolicy", "key/{KeyId}"},
    {"kms", "ListKeyPolicies", "key/{KeyId}"},
    {"kms", "EnableKeyRotation", "key/{KeyId}"},
    {"kms", "DisableKeyRotation", "key/{KeyId}"},
    {"kms", "GetKeyRotationStatus", "key/{KeyId}"},
    {"kms", "ListResourceTags", "key/{KeyId}"},
    {"kms", "TagResource", "key/{KeyId}"},
    {"kms", "UntagResource", "key/{KeyId}"},
    {"kms", "ReplicateKey", "key/{KeyId}"},
    {"kms", "Encrypt", "key/{KeyId}"},
    {"kms", "GenerateDataKey", "key/{KeyId}"},
    {"kms", "GenerateDataKeyWithoutPlaintext", "key/{KeyId}"},
    {"lambda", "CreateFunction", "function:{FunctionName}"},
    {"lambda", "GetFunction", "function:{FunctionName}"},
    {"lambda", "GetFunctionConfiguration", "function:{FunctionName}"},
    {"lambda", "UpdateFunctionCode", "function:{FunctionName}"},
    {"lambda", "UpdateFunctionConfiguration", "function:{FunctionName}"},
    {"lambda", "DeleteFunction", "function:{FunctionName}"},
    {"lambda", "ListProvisionedConcurrencyConfigs", "function:{FunctionName}"},
    {"lambda", "Invoke", "function:{FunctionName}", "InvokeFunction"},
    {"lambda", "PublishVersion", "function:{FunctionName}"},
    {"lambda", "PutFunctionConcurrency", "function:{FunctionName}"},
    {"lambda", "GetFunctionConcurrency", "function:{FunctionName}"},
    {"lambda", "DeleteFunctionConcurrency", "function:{FunctionName}"},
    {"lambda", "AddPermission", "function:{FunctionName}"},
    {"lambda", "RemovePermission", "function:{FunctionName}"},
    {"lambda", "GetPolicy", "function:{FunctionName}"},
    {"lambda", "ListVersionsByFunction", "function:{FunctionName}"},
    {"lambda", "CreateAlias", "function:{FunctionName}"},
    {"lambda", "UpdateAlias", "function:{FunctionName}"},
    {"lambda", "GetAlias", "function:{FunctionName}"},
    {"lambda", "ListAliases", "function:{FunctionName}"},
    {"lambda", "DeleteAlias", "function:{FunctionName}"},
    {"lambda", "TagResource", "function:{Resource}"},
    {"lambda", "UntagResource", "function:{Resource}"},
    {"lambda", "ListTags", "function:{Resource}"},
    {"lambda", "GetEventSourceMapping", "event-source-mapping:{UUID}"},
    {"lambda", "UpdateEventSourceMapping", "event-source-mapping:{UUID}"},
    {"lambda", "DeleteEventSourceMapping", "event-source-mapping:{UUID}"},
    {"logs", "CreateLogGroup", "log-group:{logGroupName}:*"},
    {"logs", "DeleteLogGroup", "log-group:{logGroupName}:*"},
    {"logs", "PutRetentionPolicy", "log-group:{logGroupName}:*"},
    {"logs", "DeleteRetentionPolicy", "log-group:{logGroupName}:*"},
    {"logs", "PutMetricFilter", "log-group:{logGroupName}:*"},
    {"logs", "DeleteMetricFilter", "log-group:{logGroupName}:*"},
    {"logs", "DescribeMetricFilters", "log-group:{logGroupName}:*"},
    {"logs", "DescribeLogStreams", "log-group:{logGroupName}:*"},
    {"logs", "FilterLogEvents", "log-group:{logGroupName}:*"},
    {"logs", "TagLogGroup", "log-group:{logGroupName}:*"},
    {"logs", "UntagLogGroup", "log-group:{logGroupName}:*"},
    {"logs", "ListTagsLogGroup", "log-group:{logGroupName}:*"},
    {"logs", "DescribeLogGroups", "log-group:*"},
    {"logs", "CreateLogStream", "log-group:{logGroupName}:*"},
    {"logs", "DeleteLogStream", "log-group:{logGroupName}:log-stream:{logStreamName}"},
    {"logs", "GetLogEvents", "log-group:{logGroupName}:log-stream:{logStreamName}"},
    {"logs", "PutLogEvents", "log-group:{logGroupName}:log-stream:{logStreamName}"},
    {"logs", "TagResource", "{resourceArn}"},
    {"logs", "UntagResource", "{resourceArn}"},
    {"logs", "ListTagsForResource", "{resourceArn}"},
    {"rds", "CreateDBInstance", "db:{DBInstanceIdentifier}"},
    {"rds", "CreateDBInstanceReadReplica", "db:{DBInstanceIdentifier}"},
    {"rds", "RestoreDBInstanceFromDBSnapshot", "db:{DBInstanceIdentifier}"},
    {"rds", "DescribeDBInstanceAutomatedBackups", "db:{DBInstanceIdentifier}"},
    {"rds", "RestoreDBInstanceToPointInTime", "db:{TargetDBInstanceIdentifier}"},
    {"rds", "DescribeDBInstances", "db:{DBInstanceIdentifier}"},
    {"rds", "ModifyDBInstance", "db:{DBInstanceIdentifier}"},
    {"rds", "PromoteReadReplica", "db:{DBInstanceIdentifier}"},
    {"rds", "RebootDBInstance", "db:{DBInstanceIdentifier}"},
    {"rds", "StartDBInstance", "db:{DBInstanceIdentifier}"},
    {"rds", "StopDBInstance", "db:{DBInstanceIdentifier}"},
    {"rds", "DeleteDBInstance", "db:{DBInstanceIdentifier}"},
    {"rds", "CreateDBSnapshot", "db:{DBInstanceIdentifier} snapshot:{DBSnapshotIdentifier}"},
    {"rds", "CopyDBSnapshot", "snapshot:{TargetDBSnapshotIdentifier}"},
    {"rds", "DescribeDBSnapshots", "db:{DBInstanceIdentifier}"},
    {"rds", "DeleteDBSnapshot", "snapshot:{DBSnapshotIdentifier}"},
    {"rds", "CreateDBSubnetGroup", "subgrp:{DBSubnetGroupName}"},
    {"rds", "DescribeDBSubnetGroups", "subgrp:{DBSubnetGroupName}"},
    {"rds", "ModifyDBSubnetGroup", "subgrp:{DBSubnetGroupName}"},
    {"rds", "DeleteDBSubnetGroup", "subgrp:{DBSubnetGroupName}"},
    {"rds", "CreateDBParameterGroup", "pg:{DBParameterGroupName}"},
    {"rds", "DescribeDBParameterGroups", "pg:{DBParameterGroupName}"},
    {"rds", "DescribeDBParameters", "pg:{DBParameterGroupName}"},
    {"rds", "ModifyDBParameterGroup", "pg:{DBParameterGroupName}"},
    {"rds", "ResetDBParameterGroup", "pg:{DBParameterGroupName}"},
    {"rds", "DeleteDBParameterGroup", "pg:{DBParameterGroupName}"},
    {"rds", "CreateOptionGroup", "og:{OptionGroupName}"},
    {"rds", "DescribeOptionGroups", "og:{OptionGroupName}"},
    {"rds", "ModifyOptionGroup", "og:{OptionGroupName}"},
    {"rds", "CopyOptionGroup", "og:{TargetOptionGroupIdentifier}"},
    {"rds", "DeleteOptionGroup", "og:{OptionGroupName}"},
    {"rds", "ListTagsForResource", "{ResourceName}"},
    {"rds", "AddTagsToResource", "{ResourceName}"},
    {"rds", "RemoveTagsFromResource", "{ResourceName}"},
    {"route53", "ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/{HostedZoneId}"},
    {"route53", "ListResourceRecordSets", "arn:aws:route53:::hostedzone/{HostedZoneId}"},
    {"route53", "GetHostedZone", "arn:aws:route53:::hostedzone/{Id}"},
    {"route53", "DeleteHostedZone", "arn:aws:route53:::hostedzone/{Id}"},
    {"route53", "UpdateHostedZoneComment", "arn:aws:route53:::hostedzone/{Id}"},
    {"route53", "GetChange", "arn:aws:route53:::change/{Id}"},
    {"route53", "GetHealthCheck", "arn:aws:route53:::healthcheck/{HealthCheckId}"},
    {"route53", "GetHealthCheckStatus", "arn:aws:route53:::healthcheck/{HealthCheckId}"},
    {"route53", "UpdateHealthCheck", "arn:aws:route53:::healthcheck/{HealthCheckId}"},
    {"route53", "DeleteHealthCheck", "arn:aws:route53:::healthcheck/{HealthCheckId}"},
    {"route53", "ChangeTagsForResource", "arn:aws:route53:::{ResourceType}/{ResourceId}"},
    {"route53", "ListTagsForResource", "arn:aws:route53:::{ResourceType}/{ResourceId}"},
    {"s3", "ListBuckets", "*", "ListAllMyBuckets"},
    {"s3", "CreateBucket", "arn:aws:s3:::{Bucket}"},
    {"secretsmanager", "CreateSecret", "secret:{Name}-??????"},
    {"secretsmanager", "DescribeSecret", "secret:{SecretId}"},
    {"secretsmanager", "GetSecretValue", "secret:{SecretId}"},
    {"secretsmanager", "PutSecretValue", "secret:{SecretId}"},
    {"secretsmanager", "UpdateSecret", "secret:{SecretId}"},
    {"secretsmanager", "DeleteSecret", "secret:{SecretId}"},
    {"secretsmanager", "RestoreSecret", "secret:{SecretId}"},
    {"secretsmanager", "GetResourcePolicy", "secret:{SecretId}"},
    {"secretsmanager", "PutResourcePolicy", "secret:{SecretId}"},
    {"secretsmanager", "DeleteResourcePolicy", "secret:{SecretId}"},
    {"secretsmanager", "ReplicateSecretToRegions", "secret:{SecretId}"},
    {"secretsmanager", "RemoveRegionsFromReplication", "secret:{SecretId}"},
    {"secretsmanager", "StopReplicationToReplica", "secret:{SecretId}"},
    {"secretsmanager", "TagResource", "secret:{SecretId}"},
    {"secretsmanager", "UntagResource", "secret:{SecretId}"},
    {"servicequotas", "RequestServiceQuotaIncrease", "{ServiceCode}/{QuotaCode}"},
    {"ssm", "GetParameter", "parameter/{Name}"},
    {"ssm", "GetParameters", "parameter/{Names}"},
    {"ssm", "GetParametersByPath", "parameter/{Path}"},
    {"ssm", "GetParameterHistory", "parameter/{Name}"},
    {"ssm", "PutParameter", "parameter/{Name}"},
    {"ssm", "DeleteParameter", "parameter/{Name}"},
    {"ssm", "DeleteParameters", "parameter/{Names}"},
    {"sqs", "AddPermission", "{QueueUrl}"},
    {"sqs", "ChangeMessageVisibility", "{QueueUrl}"},
    {"sqs", "ChangeMessageVisibilityBatch", "{QueueUrl}", "ChangeMessageVisibility"},
    {"sqs", "CreateQueue", "{QueueName}"},
    {"sqs", "DeleteMessage", "{QueueUrl}"},
    {"sqs", "DeleteMessageBatch", "{QueueUrl}", "DeleteMessage"},
    {"sqs", "DeleteQueue", "{QueueUrl}"},
    {"sqs", "GetQueueAttributes", "{QueueUrl}"},
    {"sqs", "GetQueueUrl", "{QueueName}"},
    {"sqs", "ListDeadLetterSourceQueues", "{QueueUrl}"},
    {"sqs", "ListQueueTags", "{QueueUrl}"},
    {"sqs", "PurgeQueue", "{QueueUrl}"},
    {"sqs", "ReceiveMessage", "{QueueUrl}"},
    {"sqs", "RemovePermission", "{QueueUrl}"},
    {"sqs", "SendMessage", "{QueueUrl}"},
    {"sqs", "SendMessageBatch", "{QueueUrl}", "SendMessage"},
    {"sqs", "SetQueueAttributes", "{QueueUrl}"},
    {"sqs", "TagQueue", "{QueueUrl}"},
    {"sqs", "UntagQueue", "{QueueUrl}"},
    {"sns", "AddPermission", "{TopicArn}"},
    {"sns", "ConfirmSubscription", "{TopicArn}"},
    {"sns", "CreateTopic", "{Name}"},
    {"sns", "DeleteTopic", "{TopicArn}"},
    {"sns", "GetSubscriptionAttributes", "{SubscriptionArn}"},
    {"sns", "GetTopicAttributes", "{TopicArn}"},
    {"sns", "ListSubscriptionsByTopic", "{TopicArn}"},
    {"sns", "ListTagsForResource", "{ResourceArn}"},
    {"sns", "Publish", "{TopicArn}"},
    {"sns", "PublishBatch", "{TopicArn}", "Publish"},
    {"sns", "RemovePermission", "{TopicArn}"},
    {"sns", "SetTopicAttributes", "{TopicArn}"},
    {"sns", "Subscribe", "{TopicArn}"}, {"sns", "Unsubscribe", "{SubscriptionArn}"},
    {"sns", "TagResource", "{ResourceArn}"}, {"sns", "UntagResource", "{ResourceArn}"},
    {"wafv2", "GetWebACLForResource", "{ResourceArn} regional/webacl/*"},
    {"wafv2", "GetWebACL", "regional/webacl/{Name}/{Id}"},
    {"wafv2", "CreateWebACL", "regional/webacl/{Name}/*"},
    {"wafv2", "UpdateWebACL", "regional/webacl/{Name}/{Id}"}, {"wafv2", "DeleteWebACL", "regional/webacl/{Name}/{Id}"},
    {"wafv2", "AssociateWebACL", "{ResourceArn} {WebACLArn}"},
    {"wafv2", "DisassociateWebACL", "{ResourceArn}"},
    {"s3control", "GetPublicAccessBlock", "*", "GetAccountPublicAccessBlock"},
    {"s3control", "PutPublicAccessBlock", "*", "PutAccountPublicAccessBlock"},
    {"s3control", "DeletePublicAccessBlock", "*", "PutAccountPublicAccessBlock"},
    {"events", "CreateEventBus", "event-bus/{Name}"},
    {"events", "DeleteEventBus", "event-bus/{Name}"},
    {"events", "DescribeEventBus", "event-bus/{Name|default}"},
    {"events", "PutEvents", "event-bus/{Entries.EventBusName|default}"},
    {"events", "PutPermission", "event-bus/{EventBusName|default}"},
    {"events", "RemovePermission", "event-bus/{EventBusName|default}"},
    {"events", "DeleteRule", "rule/{EventBusName|default}/{Name}"},
    {"events", "DescribeRule", "rule/{EventBusName|default}/{Name}"},
    {"events", "DisableRule", "rule/{EventBusName|default}/{Name}"},
    {"events", "EnableRule", "rule/{EventBusName|default}/{Name}"},
    {"events", "PutRule", "rule/{EventBusName|default}/{Name}"},
    {"events", "ListTargetsByRule", "rule/{EventBusName|default}/{Rule}"},
    {"events", "PutTargets", "rule/{EventBusName|default}/{Rule}"},
    {"events", "RemoveTargets", "rule/{EventBusName|default}/{Rule}"},
    {"events", "ListTagsForResource", "{ResourceARN}"},
    {"events", "TagResource", "{ResourceARN}"},
    {"events", "UntagResource", "{ResourceARN}"},
});

// A role that an operation hands to a service ("Granting a user permissions to pass a role to an AWS
// service", IAM User Guide).
struct PassRow {
  std::string_view service, operation, member, to;
};
constexpr auto kPasses = std::to_array<PassRow>({
    {"ecs", "RegisterTaskDefinition", "taskRoleArn", "ecs-tasks.amazonaws.com"},
    {"ecs", "RegisterTaskDefinition", "executionRoleArn", "ecs-tasks.amazonaws.com"},
    {"lambda", "CreateFunction", "Role", "lambda.amazonaws.com"},
    {"lambda", "UpdateFunctionConfiguration", "Role", "lambda.amazonaws.com"},
    {"s3", "PutBucketReplication", "ReplicationConfiguration.Role", "s3.amazonaws.com"},
    {"cloudformation", "CreateStack", "RoleARN", "cloudformation.amazonaws.com"},
    {"cloudformation", "UpdateStack", "RoleARN", "cloudformation.amazonaws.com"},
    {"cloudformation", "CreateChangeSet", "RoleARN", "cloudformation.amazonaws.com"},
    {"rds", "CreateDBInstance", "MonitoringRoleArn", "monitoring.rds.amazonaws.com"},
    {"rds", "ModifyDBInstance", "MonitoringRoleArn", "monitoring.rds.amazonaws.com"},
    {"events", "PutRule", "RoleArn", "events.amazonaws.com"},
    {"events", "PutTargets", "Targets.RoleArn", "events.amazonaws.com"},
});

// The texts at a dotted path, through lists.
void collect(const NeedJson& j, std::string_view path, std::vector<std::string>& out) {
  if (j.is_array()) {
    for (auto& one : j) collect(one, path, out);
    return;
  }
  if (path.empty()) {
    if (j.is_string()) out.push_back(j.get<std::string>());
    return;
  }
  size_t dot = path.find('.');
  auto it = j.is_object() ? j.find(std::string(path.substr(0, dot))) : j.end();
  if (!j.is_object() || it == j.end()) return;
  collect(*it, dot == path.npos ? std::string_view{} : path.substr(dot + 1), out);
}

// What stands in an ARN in a name's place: an ARN is cut to its name. CloudFormation's has an id behind the
// name.
std::string name_in(std::string value, std::string_view before) {
  if (value.starts_with("arn:")) {
    size_t at = value.find(std::string(before));
    if (!before.empty() && at != value.npos)
      value = value.substr(at + before.size());
    else
      value = value.substr(value.find_last_of(":/") + 1);
    if (before == "stack/") value = value.substr(0, value.find('/'));
  }
  while (value.starts_with('/') && value != "/") value.erase(0, 1);
  return value;
}

std::vector<std::string> expand(std::string_view form, const NeedJson& input) {
  size_t open = form.find('{'), close = form.find('}');
  if (open == form.npos || close == form.npos) return {std::string(form)};
  std::string_view path = form.substr(open + 1, close - open - 1), otherwise = "*";
  if (size_t bar = path.find('|'); bar != path.npos) {
    otherwise = path.substr(bar + 1);
    path = path.substr(0, bar);
  }
  std::vector<std::string> values, out;
  collect(input, path, values);
  if (values.empty()) values.emplace_back(otherwise);
  bool whole = open == 0 && close + 1 == form.size();
  std::string_view before = form.substr(0, open);
  for (auto& v : values) {
    if (v.starts_with("http://") || v.starts_with("https://"))
      v = v.substr(v.rfind('/') + 1);  // a queue's URL
    // "service/CLUSTER/NAME" and "task/CLUSTER/ID": the ARN's last part is the name.
    bool last_only = before == "/" || before.starts_with("service/") || before.starts_with("task/");
    // A path is itself, and so is a log group's name, which may begin with "/".
    bool as_it_is = whole || path == "Path" || path == "logGroupName";
    std::string text = as_it_is ? v : name_in(v, last_only ? "" : before);
    // A secret's ARN ends in six letters that its name does not tell.
    if (before == "secret:" && !v.starts_with("arn:")) text += "-??????";
    for (auto& rest : expand(form.substr(close + 1), input)) out.push_back(std::string(before) + text + rest);
  }
  return out;
}

std::string arn_of(std::string_view prefix, const Where& where, const std::string& resource) {
  if (resource == "*" || resource.starts_with("arn:")) return resource;
  // Rules of the default bus do not name it.
  if (prefix == "events" && resource.starts_with("rule/default/"))
    return arn_of(prefix, where, "rule/" + resource.substr(13));
  if (prefix == "iam") return fmt::format("arn:aws:iam::{}:{}", where.account, resource);
  return fmt::format("arn:aws:{}:{}:{}:{}", prefix, where.region, where.account, resource);
}

// What an operation outside of the table acts on. EC2: what only describes takes no resource type but for a
// VPC's attributes; all else is judged on everything of the region, since ids are given when things are made.
// S3 asks for each of its actions itself, once it knows the object.
std::string otherwise(std::string_view service, std::string_view operation) {
  // S3 judges by itself what arrives over HTTP; what CloudFormation makes of a bucket comes here.
  if (service == "s3") return operation.contains("Bucket") || operation.contains("PublicAccessBlock") ? "arn:aws:s3:::{Bucket}" : "";
  if (service != "ec2") return "*";
  if (operation == "DescribeVpcAttribute") return "vpc/{VpcId}";
  return operation.starts_with("Describe") || operation.starts_with("Get") ? "*" : "*/*";
}

}  // namespace

std::string_view action_prefix(std::string_view id) {
  if (id == "s3control") return "s3";
  if (id == "elbv2") return "elasticloadbalancing";
  return id == "applicationautoscaling" ? "application-autoscaling" : id;
}

std::vector<Ask> needs_of(const aws::ServiceModel& service, const aws::Operation& op, const void* input,
                          const Where& where) {
  std::string_view prefix = action_prefix(service.id);
  auto row = std::find_if(kNeeds.begin(), kNeeds.end(),
                          [&](auto& n) { return n.service == service.id && n.operation == op.name; });
  std::string forms = row != kNeeds.end() ? std::string(row->resource) : otherwise(service.id, op.name);
  auto passes = [&](const PassRow& p) { return p.service == service.id && p.operation == op.name; };
  if (forms.empty() && std::none_of(kPasses.begin(), kPasses.end(), passes))
    return {};  // an object is not turned to JSON
  std::string action = fmt::format("{}:{}", prefix, row != kNeeds.end() && !row->action.empty() ? row->action : op.name);
  if (row == kNeeds.end() && service.id == "s3") action = aws::action_of(service.id, op.name);
  NeedJson j = NeedJson::parse(aws::codec::to_json(*op.input, input), nullptr, false);
  std::vector<Ask> out;
  std::string_view left = forms;
  while (!left.empty()) {
    size_t space = left.find(' ');
    for (auto& resource : expand(left.substr(0, space), j))
      out.push_back({action, arn_of(prefix, where, resource), {}});
    left = space == left.npos ? std::string_view{} : left.substr(space + 1);
  }
  // "Permissions for AssociateWebACL" and "… for DisassociateWebACL", AWS WAF Developer Guide.
  if (service.id == "wafv2" && op.name.contains("ssociateWebACL")) out.push_back({"elasticloadbalancing:SetWebAcl", "*", {}});
  for (auto& p : kPasses) {
    if (!passes(p)) continue;
    std::vector<std::string> roles;
    collect(j, p.member, roles);
    for (auto& r : roles)
      out.push_back({"iam:PassRole",
                     arn_of("iam", where, r.starts_with("arn:") ? r : "role/" + r),
                     {{"iam:PassedToService", std::string(p.to)}}});
  }
  return out;
}

}  // namespace relight::sandbox
