#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- S3: each of a bucket's settings is a call of its own, and its absence an error
constexpr std::string_view kBucket = R"({"Bucket":"{id}"})";
constexpr std::array kBucketDetails{
    Detail{"s3", "GetBucketLocation", kBucket, "", "", ""},
    Detail{"s3", "GetBucketVersioning", kBucket, "", "Versioning", ""},
    Detail{"s3", "GetBucketReplication", kBucket, "/ReplicationConfiguration", "Replication",
           "ReplicationConfigurationNotFoundError"},
    Detail{"s3", "GetBucketLifecycleConfiguration", kBucket, "", "Lifecycle", "NoSuchLifecycleConfiguration"},
    Detail{"s3", "GetBucketEncryption", kBucket, "/ServerSideEncryptionConfiguration", "Encryption",
           "ServerSideEncryptionConfigurationNotFoundError"},
    Detail{"s3", "GetBucketPolicy", kBucket, "/Policy", "Policy", "NoSuchBucketPolicy"},
    Detail{"s3", "GetBucketCors", kBucket, "", "Cors", "NoSuchCORSConfiguration"},
    Detail{"s3", "GetPublicAccessBlock", kBucket, "/PublicAccessBlockConfiguration", "PublicAccessBlock",
           "NoSuchPublicAccessBlockConfiguration"},
    Detail{"s3", "GetBucketNotificationConfiguration", kBucket, "", "Notifications", ""},
    Detail{"s3", "GetObjectLockConfiguration", kBucket, "/ObjectLockConfiguration", "ObjectLock",
           "ObjectLockConfigurationNotFoundError"},
    Detail{"s3", "GetBucketOwnershipControls", kBucket, "/OwnershipControls", "OwnershipControls",
           "OwnershipControlsNotFoundError"},
    Detail{"s3", "GetBucketLogging", kBucket, "/LoggingEnabled", "Logging", "Capture.NoSuchResource"},
    Detail{"s3", "GetBucketTagging", kBucket, "/TagSet", "Tags", "NoSuchTagSet"}};
constexpr std::array kBucketLinks{
    Link{"/Encryption/Rules/*/ApplyServerSideEncryptionByDefault/KMSMasterKeyID", "kms/key"},
    Link{"/Replication/Role", "iam/role"},
    Link{"/Logging/TargetBucket", "s3/bucket"},
    Link{"/Notifications/LambdaFunctionConfigurations/*/LambdaFunctionArn", "lambda/function"},
    Link{"/Notifications/QueueConfigurations/*/QueueArn", "sqs/queue"},
    Link{"/Notifications/TopicConfigurations/*/TopicArn", "sns/topic"}};

constexpr std::array kBucketKinds{
    Kind{.name = "s3/bucket", .details = kBucketDetails, .links = kBucketLinks},
};

}  // namespace

std::span<const Kind> bucket_kinds() { return kBucketKinds; }

}  // namespace relight::dr
