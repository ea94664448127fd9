#include "aws/action_names.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace relight::aws {
namespace {

struct ActionName {
  std::string_view service, operation, action;
};

// Every other operation's action has its name. "Required permissions for Amazon S3 API operations",
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html; parts of an upload, and
// copies, are writes there.
constexpr std::array kActionNames{
    ActionName{"s3", "ListBuckets", "s3:ListAllMyBuckets"},
    ActionName{"s3", "ListObjectsV2", "s3:ListBucket"},
    ActionName{"s3", "ListObjectVersions", "s3:ListBucketVersions"},
    ActionName{"s3", "HeadBucket", "s3:ListBucket"},
    ActionName{"s3", "HeadObject", "s3:GetObject"},
    ActionName{"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    ActionName{"s3", "GetBucketReplication", "s3:GetReplicationConfiguration"},
    ActionName{"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    ActionName{"s3", "GetBucketCors", "s3:GetBucketCORS"},
    ActionName{"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    ActionName{"s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"},
    ActionName{"s3", "GetBucketNotificationConfiguration", "s3:GetBucketNotification"},
    ActionName{"s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    ActionName{"s3", "DeleteBucketReplication", "s3:PutReplicationConfiguration"},
    ActionName{"s3", "PutBucketReplication", "s3:PutReplicationConfiguration"},
    ActionName{"s3", "PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    ActionName{"s3", "DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    ActionName{"s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    ActionName{"s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"},
    ActionName{"s3", "PutBucketCors", "s3:PutBucketCORS"},
    ActionName{"s3", "DeleteBucketCors", "s3:PutBucketCORS"},
    ActionName{"s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    ActionName{"s3", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    ActionName{"s3", "PutBucketNotificationConfiguration", "s3:PutBucketNotification"},
    ActionName{"s3", "CopyObject", "s3:PutObject"},
    ActionName{"s3", "CreateMultipartUpload", "s3:PutObject"},
    ActionName{"s3", "UploadPartCopy", "s3:PutObject"},
    ActionName{"s3", "CompleteMultipartUpload", "s3:PutObject"},
    ActionName{"lambda", "Invoke", "lambda:InvokeFunction"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kActionPrefixes{
    {{"elbv2", "elasticloadbalancing"}, {"applicationautoscaling", "application-autoscaling"}, {"s3control", "s3"}}};

}  // namespace

std::string action_of(std::string_view service, std::string_view operation) {
  for (auto& a : kActionNames)
    if (a.service == service && a.operation == operation) return std::string(a.action);
  for (auto& [id, prefix] : kActionPrefixes)
    if (id == service) return fmt::format("{}:{}", prefix, operation);
  return fmt::format("{}:{}", service, operation);
}

}  // namespace relight::aws
