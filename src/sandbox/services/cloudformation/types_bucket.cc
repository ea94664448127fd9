// S3.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types bucket_types() {
  return {
  {.name = "AWS::S3::Bucket",
   .create = {{"s3", "CreateBucket", "BucketName=Bucket", "", "", bucket_location}},
   .settings =
       {{"s3", "PutBucketVersioning", "VersioningConfiguration", "Bucket=$id", "VersioningConfiguration"},
        undone({"s3", "PutBucketOwnershipControls", "OwnershipControls", "Bucket=$id", "OwnershipControls"}, "DeleteBucketOwnershipControls"),
        undone({"s3", "PutPublicAccessBlock", "PublicAccessBlockConfiguration", "Bucket=$id", "PublicAccessBlockConfiguration"}, "DeletePublicAccessBlock"),
        undone({"s3", "PutBucketEncryption", "", "Bucket=$id", "BucketEncryption", bucket_encryption}, "DeleteBucketEncryption"),
        undone({"s3", "PutBucketLifecycleConfiguration", "", "Bucket=$id", "LifecycleConfiguration", bucket_lifecycle}, "DeleteBucketLifecycle"),
        undone({"s3", "PutBucketCors", "CorsConfiguration=CORSConfiguration", "Bucket=$id", "CorsConfiguration"}, "DeleteBucketCors"),
        undone({"s3", "PutBucketReplication", "ReplicationConfiguration", "Bucket=$id", "ReplicationConfiguration"}, "DeleteBucketReplication"),
        about_gone({"s3", "PutBucketNotificationConfiguration", "", "Bucket=$id", "NotificationConfiguration", bucket_notifications}),
        undone({"s3", "PutBucketTagging", "", "Bucket=$id", "Tags", bucket_tags}, "DeleteBucketTagging")},
   .id = "=BucketName",
   .attributes = {{"Arn", "=arn:aws:s3:::$id"}, {"DomainName", "=$id.s3.amazonaws.com"}, {"RegionalDomainName", "=$id.s3.$region.amazonaws.com"}},
   .replace = "BucketName",
   .remove = {{"s3", "DeleteBucket", "", "Bucket=$id", ""}},
   .named = "BucketName"},
  {.name = "AWS::S3::BucketPolicy",
   .create = {{"s3", "PutBucketPolicy", "Bucket PolicyDocument=Policy", "", "", policy_document}},
   .id = "=Bucket",
   .replace = "Bucket",
   .update = {{"s3", "PutBucketPolicy", "Bucket PolicyDocument=Policy", "", "PolicyDocument", policy_document}},
   .remove = {{"s3", "DeleteBucketPolicy", "Bucket", "", ""}}}};
}

}  // namespace relight::sandbox::cfn
