// Databases, replicas and snapshots under keys of KMS.
#include "sandbox/gateway/authority.h"
#include "sandbox/services/kms/service.h"
#include "sandbox/services/rds/rds_world_for_test.h"

namespace relight::sandbox {
namespace {
namespace kop = aws::kms::op;

// Permits all but one action on one resource.
struct AllBut final : Authority {
  std::string action, resource;
  Result<> permit(const Call&, const aws::ServiceModel&, const aws::Operation&, const void*) override {
    return {};
  }
  Result<> permit_action(const Call&, const aws::ServiceModel&, std::string_view a, std::string_view r,
                         const Keys&) override {
    if (a == action && r == resource) return fail("AccessDenied", "no");
    return {};
  }
};

class EncryptedTest : public RdsTest {
 protected:
  EncryptedTest() { world_->add(kms_); }
  std::string make_key(const std::string& region) {
    return *world_->remote<kop::CreateKey>(region, {})->KeyMetadata->Arn;
  }
  void make_encrypted(const std::optional<std::string>& key = std::nullopt) {
    auto in = request("orders");
    in.StorageEncrypted = true;
    in.KmsKeyId = key;
    auto r = call<op::CreateDBInstance>(kEast, in);
    ASSERT_TRUE(r.has_value()) << r.error().text();
    ASSERT_TRUE(settles(kEast, "orders"));
  }
  std::string replica(const std::string& region, const std::optional<std::string>& key) {
    auto r = call<op::CreateDBInstanceReadReplica>(
        region, {.DBInstanceIdentifier = "orders-dr",
                 .SourceDBInstanceIdentifier = *shown(kEast, "orders").DBInstanceArn,
                 .KmsKeyId = key});
    return r ? r->DBInstance->KmsKeyId.value_or("none") : r.error().code;
  }
  std::string copied(const std::string& region, const std::optional<std::string>& key,
                     const std::string& name = "copy") {
    auto r = call<op::CopyDBSnapshot>(
        region, {.SourceDBSnapshotIdentifier = "arn:aws:rds:us-east-1:000000000000:snapshot:one",
                 .TargetDBSnapshotIdentifier = name,
                 .KmsKeyId = key});
    return r ? r->DBSnapshot->KmsKeyId.value_or("none") : r.error().code;
  }
  void take_snapshot() {
    ASSERT_TRUE(
        call<op::CreateDBSnapshot>(kEast, {.DBSnapshotIdentifier = "one", .DBInstanceIdentifier = "orders"}));
    ASSERT_TRUE(world_->advance_until([&] {
      auto r = call<op::DescribeDBSnapshots>(kEast, {.DBSnapshotIdentifier = "one"});
      return r && r->DBSnapshots->front().Status == "available";
    }));
  }
  KmsService kms_{*world_};
};

TEST_F(EncryptedTest, without_a_name_the_key_is_the_one_that_aws_keeps_for_rds) {
  make_encrypted();
  auto key = *shown(kEast, "orders").KmsKeyId;
  EXPECT_TRUE(key.starts_with("arn:aws:kms:us-east-1:000000000000:key/")) << key;
  EXPECT_EQ(world_->remote<kop::DescribeKey>(kEast, {.KeyId = key})->KeyMetadata->KeyManager, "AWS");
}

TEST_F(EncryptedTest, a_key_is_named_by_its_alias_and_shown_by_its_arn) {
  auto key = make_key(kEast);
  ASSERT_TRUE(world_->remote<kop::CreateAlias>(kEast, {.AliasName = "alias/orders", .TargetKeyId = key}));
  make_encrypted("alias/orders");
  EXPECT_EQ(shown(kEast, "orders").KmsKeyId, key);
}

TEST_F(EncryptedTest, a_key_that_cannot_be_used_is_refused) {
  auto in = request("orders");
  in.KmsKeyId = make_key(kEast);
  EXPECT_EQ(call<op::CreateDBInstance>(kEast, in).error().code, "InvalidParameterCombination");
  in.StorageEncrypted = true;
  ASSERT_TRUE(world_->remote<kop::DisableKey>(kEast, {.KeyId = *in.KmsKeyId}));
  EXPECT_EQ(call<op::CreateDBInstance>(kEast, in).error().code, "KMSKeyNotAccessibleFault");
  in.KmsKeyId = make_key(kWest);
  EXPECT_EQ(call<op::CreateDBInstance>(kEast, in).error().code, "KMSKeyNotAccessibleFault")
      << "another region's";
  in.KmsKeyId = "alias/nobody";
  EXPECT_EQ(call<op::CreateDBInstance>(kEast, in).error().code, "KMSKeyNotAccessibleFault");
}

TEST_F(EncryptedTest, a_replica_is_encrypted_as_its_source_by_a_key_of_its_own_region) {
  make_encrypted();
  EXPECT_EQ(replica(kWest, std::nullopt), "InvalidParameterCombination");
  EXPECT_EQ(replica(kEast, "alias/aws/rds"), "InvalidParameterCombination");
  EXPECT_EQ(replica(kWest, *shown(kEast, "orders").KmsKeyId), "KMSKeyNotAccessibleFault");
  auto key = make_key(kWest);
  EXPECT_EQ(replica(kWest, key), key);
  EXPECT_EQ(shown(kWest, "orders-dr").StorageEncrypted, true);
}

TEST_F(EncryptedTest, what_is_not_encrypted_has_no_encrypted_replica) {
  make_primary();
  EXPECT_EQ(replica(kWest, "alias/aws/rds"), "InvalidParameterCombination");
  EXPECT_EQ(replica(kWest, std::nullopt), "none");
}

TEST_F(EncryptedTest, a_snapshot_comes_to_another_region_under_a_key_of_that_region) {
  make_encrypted(make_key(kEast));
  take_snapshot();
  EXPECT_EQ(copied(kWest, std::nullopt), "InvalidParameterValue");
  auto key = make_key(kWest);
  EXPECT_EQ(copied(kWest, key), key);
  ASSERT_TRUE(world_->remote<kop::DisableKey>(kEast, {.KeyId = *shown(kEast, "orders").KmsKeyId}));
  EXPECT_EQ(copied(kWest, key, "two"), "KMSKeyNotAccessibleFault") << "nobody can read the source";
  auto r = call<op::RestoreDBInstanceFromDBSnapshot>(
      kEast, {.DBInstanceIdentifier = "back", .DBSnapshotIdentifier = "one"});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "KMSKeyNotAccessibleFault");
}

TEST_F(EncryptedTest, who_calls_needs_a_grant_on_a_key_of_the_accounts_own_and_none_on_the_one_of_aws) {
  make_encrypted();
  AllBut authority;
  rds_->use(authority);
  auto key = make_key(kWest);
  for (auto* action : {"kms:CreateGrant", "kms:DescribeKey"}) {
    authority.action = action, authority.resource = key;
    EXPECT_EQ(replica(kWest, key), "KMSKeyNotAccessibleFault") << action;
  }
  auto aws = *world_->remote<kop::DescribeKey>(kWest, {.KeyId = "alias/aws/rds"})->KeyMetadata->Arn;
  authority.resource = aws;
  EXPECT_EQ(replica(kWest, "alias/aws/rds"), aws);
}

}  // namespace
}  // namespace relight::sandbox
