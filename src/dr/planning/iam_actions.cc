#include <array>
#include <utility>

#include "dr/planning/iam_table.h"

namespace relight::dr {
// Of its own: IamScope's short names.
namespace iam_names_of_actions {
using enum IamScope;

// S3: "Required permissions for Amazon S3 API operations",
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html. An object that is
// not there is 404 only to who may list the bucket, else 403 (API references of GetObject and HeadObject).
// PutBucketReplication names a role that S3 takes: "Setting up permissions for live replication",
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html.
// Lambda: GetFunction brings tags only to who may ListTags (API reference of GetFunction, Tags; `unverified`
// whether it fails or leaves them out).
constexpr std::array kOtherActions{
    IamAction{"s3", "ListBuckets", "s3:ListAllMyBuckets", ""},
    IamAction{"s3", "ListObjectsV2", "s3:ListBucket", ""},
    IamAction{"s3", "GetObject", "s3:GetObject", "s3:ListBucket", kJournalBucket},
    IamAction{"s3", "HeadObject", "s3:GetObject", "s3:ListBucket", kFlagBucket},
    IamAction{"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration", ""},
    IamAction{"s3", "GetBucketReplication", "s3:GetReplicationConfiguration", ""},
    IamAction{"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", ""},
    IamAction{"s3", "GetBucketCors", "s3:GetBucketCORS", ""},
    IamAction{"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", ""},
    IamAction{"s3", "GetBucketNotificationConfiguration", "s3:GetBucketNotification", ""},
    IamAction{"s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", ""},
    IamAction{"s3", "DeleteBucketReplication", "s3:PutReplicationConfiguration", ""},
    IamAction{"s3", "PutBucketReplication", "s3:PutReplicationConfiguration", "iam:PassRole", kPilotRole,
              "iam:PassedToService", "s3.amazonaws.com"},
    IamAction{"rds", "CopyDBSnapshot", "", "rds:AddTagsToResource", kSnapshots},
    IamAction{"lambda", "GetFunction", "", "lambda:ListTags", kFunction},
    IamAction{"lambda", "Invoke", "lambda:InvokeFunction", ""},
    IamAction{"s3", "HeadBucket", "s3:ListBucket", ""},
    IamAction{"s3", "PutBucketNotificationConfiguration", "s3:PutBucketNotification", ""},
    // Parts of an upload, and copies, are writes; the source is HeadObject's s3:GetObject and
    // GetObjectTagging
    // ("API and permissions" of CopyObject and of multipart upload, in the same page).
    IamAction{"s3", "CopyObject", "s3:PutObject", "s3:PutObjectTagging", kObjects},
    IamAction{"s3", "CreateMultipartUpload", "s3:PutObject", ""},
    IamAction{"s3", "UploadPartCopy", "s3:PutObject", ""},
    IamAction{"s3", "CompleteMultipartUpload", "s3:PutObject", ""},
    // "Amazon ECR service-linked role for replication": made the first time.
    IamAction{"ecr", "PutReplicationConfiguration", "", "iam:CreateServiceLinkedRole", kLinkedRole,
              "iam:AWSServiceName", "replication.ecr.amazonaws.com"},
    IamAction{"ecs", "RunTask", "", "iam:PassRole", kRole, "iam:PassedToService", "ecs-tasks.amazonaws.com"},
    IamAction{"ecs", "RegisterTaskDefinition", "", "iam:PassRole", kRole, "iam:PassedToService",
              "ecs-tasks.amazonaws.com"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kPrefixes{
    {{"elbv2", "elasticloadbalancing"}, {"applicationautoscaling", "application-autoscaling"}}};

}  // namespace iam_names_of_actions

std::span<const IamAction> iam_actions() { return iam_names_of_actions::kOtherActions; }

std::string_view iam_prefix(std::string_view service) {
  for (auto& [id, prefix] : iam_names_of_actions::kPrefixes)
    if (id == service) return prefix;
  return service;
}

}  // namespace relight::dr
