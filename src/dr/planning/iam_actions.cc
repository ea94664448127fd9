#include <array>

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
    IamAction{"s3", "GetObject", "s3:ListBucket", kJournalBucket},
    IamAction{"s3", "HeadObject", "s3:ListBucket", kFlagBucket},
    IamAction{"s3", "PutBucketReplication", "iam:PassRole", kPilotRole, "iam:PassedToService", "s3.amazonaws.com"},
    IamAction{"s3", "PutBucketReplication", "iam:PassRole", kReplicationRole, "iam:PassedToService", "s3.amazonaws.com"},
    // A tag with a creation takes the action for tags too (Service Authorization Reference, "dependent actions").
    IamAction{"rds", "CreateDBInstanceReadReplica", "rds:AddTagsToResource", kDatabase},
    IamAction{"rds", "CopyDBSnapshot", "rds:AddTagsToResource", kSnapshots},
    // "Authorizing use of a customer managed key" ("AWS KMS key management", RDS User Guide): RDS makes grants in
    // the name of whoever calls. `unverified`: that it does so on the source's key too.
    IamAction{"rds", "CreateDBInstanceReadReplica", "kms:CreateGrant", kStorageKeys},
    IamAction{"rds", "CreateDBInstanceReadReplica", "kms:DescribeKey", kStorageKeys},
    IamAction{"rds", "CopyDBSnapshot", "kms:CreateGrant", kStorageKeys},
    IamAction{"rds", "CopyDBSnapshot", "kms:DescribeKey", kStorageKeys},
    IamAction{"lambda", "GetFunction", "lambda:ListTags", kFunction},
    // The source is HeadObject's s3:GetObject and GetObjectTagging ("API and permissions" of CopyObject, in the same page).
    IamAction{"s3", "CopyObject", "s3:PutObjectTagging", kObjects},
    // "Amazon ECR service-linked role for replication": made the first time.
    IamAction{"ecr", "PutReplicationConfiguration", "iam:CreateServiceLinkedRole", kLinkedRole, "iam:AWSServiceName", "replication.ecr.amazonaws.com"},
    IamAction{"ecs", "RunTask", "iam:PassRole", kRole, "iam:PassedToService", "ecs-tasks.amazonaws.com"},
    IamAction{"ecs", "RegisterTaskDefinition", "iam:PassRole", kRole, "iam:PassedToService", "ecs-tasks.amazonaws.com"},
};

}  // namespace iam_names_of_actions

std::span<const IamAction> iam_actions() { return iam_names_of_actions::kOtherActions; }

}  // namespace relight::dr
