// Buckets whose objects are under KMS, and what replicates of them.
#include <gtest/gtest.h>

#include "sandbox/services/s3/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
using namespace aws::s3::op;
namespace model = aws::s3;
constexpr const char *kHere = "us-east-1", *kThere = "us-west-2";

class BucketUnderKms : public testing::Test {
 protected:
  BucketUnderKms() {
    world_.add(s3_);
    s3_.start();
    make("from", kHere);
    make("to-1", kThere);
    model::ServerSideEncryptionRule rule;
    rule.ApplyServerSideEncryptionByDefault =
        model::ServerSideEncryptionByDefault{.SSEAlgorithm = "aws:kms", .KMSMasterKeyID = "alias/here"};
    model::ServerSideEncryptionConfiguration all{.Rules = std::vector{rule}};
    auto r = call<PutBucketEncryption>({.Bucket = "from", .ServerSideEncryptionConfiguration = all});
    EXPECT_TRUE(r) << r.error().text();
  }
  ~BucketUnderKms() override { s3_.stop(); }
  template <class Op>
  Result<typename Op::Output> call(const typename Op::Input& in, const std::string& region = kHere) {
    return world_.remote<Op>(region, in);
  }
  void make(const std::string& name, const std::string& region) {
    CreateBucket::Input in{.Bucket = name};
    if (region != kHere)
      in.CreateBucketConfiguration = model::CreateBucketConfiguration{.LocationConstraint = region};
    EXPECT_TRUE(call<CreateBucket>(in, region));
    EXPECT_TRUE(call<PutBucketVersioning>(
        {.Bucket = name, .VersioningConfiguration = model::VersioningConfiguration{.Status = "Enabled"}},
        region));
  }
  // A rule from here to there; "" or the error's code.
  std::string replicate(bool encrypted_too, const std::optional<std::string>& key) {
    model::ReplicationRule rule{
        .ID = "all",
        .Priority = 1,
        .Filter = model::ReplicationRuleFilter{.Prefix = ""},
        .Status = "Enabled",
        .Destination = model::Destination{.Bucket = "arn:aws:s3:::to-1"},
        .DeleteMarkerReplication = model::DeleteMarkerReplication{.Status = "Enabled"}};
    if (encrypted_too)
      rule.SourceSelectionCriteria = model::SourceSelectionCriteria{
          .SseKmsEncryptedObjects = model::SseKmsEncryptedObjects{.Status = "Enabled"}};
    if (key)
      rule.Destination->EncryptionConfiguration = model::EncryptionConfiguration{.ReplicaKmsKeyID = key};
    auto r = call<PutBucketReplication>(
        {.Bucket = "from",
         .ReplicationConfiguration = model::ReplicationConfiguration{
             .Role = "arn:aws:iam::000000000000:role/copy", .Rules = std::vector{rule}}});
    return r ? "" : r.error().code;
  }
  model::HeadObjectOutput put(const std::string& key, const std::optional<std::string>& algorithm = {}) {
    EXPECT_TRUE(call<PutObject>({.Bucket = "from", .Key = key, .ServerSideEncryption = algorithm}));
    world_.advance(Millis{40});
    return call<HeadObject>({.Bucket = "from", .Key = key}).value_or(model::HeadObjectOutput{});
  }

  TestWorld world_;
  S3Service s3_{world_};
};

TEST_F(BucketUnderKms, its_new_objects_are_unless_they_say_otherwise) {
  auto usual = put("k");
  EXPECT_EQ(usual.ServerSideEncryption, "aws:kms");
  EXPECT_EQ(usual.SSEKMSKeyId, "alias/here");
  auto other = put("other", "AES256");
  EXPECT_EQ(other.ServerSideEncryption, "AES256");
  EXPECT_FALSE(other.SSEKMSKeyId);
  ASSERT_TRUE(call<CopyObject>({.Bucket = "from", .CopySource = "from/other", .Key = "copy"}));
  EXPECT_EQ(call<HeadObject>({.Bucket = "from", .Key = "copy"})->SSEKMSKeyId, "alias/here");
}

TEST_F(BucketUnderKms, a_rule_leaves_them_out_unless_it_says_otherwise) {
  ASSERT_EQ(replicate(false, std::nullopt), "");
  EXPECT_EQ(put("left-behind").ReplicationStatus, std::nullopt);
  EXPECT_EQ(put("open", "AES256").ReplicationStatus, "COMPLETED");
  EXPECT_EQ(call<HeadObject>({.Bucket = "to-1", .Key = "left-behind"}, kThere).error().http_status, 404);
}

TEST_F(BucketUnderKms, replicas_are_under_the_key_that_the_rule_names) {
  EXPECT_EQ(replicate(true, std::nullopt), "InvalidRequest");
  std::string key = "arn:aws:kms:us-west-2:000000000000:alias/there";
  ASSERT_EQ(replicate(true, key), "");
  EXPECT_EQ(put("k").ReplicationStatus, "COMPLETED");
  auto replica = call<HeadObject>({.Bucket = "to-1", .Key = "k"}, kThere);
  ASSERT_TRUE(replica) << replica.error().text();
  EXPECT_EQ(replica->SSEKMSKeyId, key);
  EXPECT_EQ(replica->ReplicationStatus, "REPLICA");
}

}  // namespace
}  // namespace relight::sandbox
