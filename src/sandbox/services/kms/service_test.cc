#include "sandbox/services/kms/service.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::kms;
namespace op = aws::kms::op;
constexpr const char* kEast = "us-east-1";
constexpr const char* kWest = "us-west-2";
constexpr auto kDay = std::chrono::hours(24);

struct Kms : testing::Test {
  TestWorld world;
  KmsService service{world};
  void SetUp() override { world.add(service); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kEast) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in, const std::string& region = kEast) {
    auto r = world.remote<Op>(region, in);
    return r ? "accepted" : r.error().code;
  }
  api::KeyMetadata make(bool several = false) {
    return *ok<op::CreateKey>({.Description = "data", .MultiRegion = several}).KeyMetadata;
  }
  aws::Blob encrypted(const std::string& key, const std::string& text, kms::Context context = {}) {
    return *ok<op::Encrypt>({.KeyId = key, .Plaintext = aws::Blob{text}, .EncryptionContext = context})
                .CiphertextBlob;
  }
  std::string decrypted(const aws::Blob& blob, kms::Context context = {}, const std::string& region = kEast) {
    auto r = world.remote<op::Decrypt>(region, {.CiphertextBlob = blob, .EncryptionContext = context});
    return r ? r->Plaintext->bytes : r.error().code;
  }
  std::string state(const std::string& key) {
    return *ok<op::DescribeKey>({.KeyId = key}).KeyMetadata->KeyState;
  }
};

TEST_F(Kms, AKeyIsFoundByIdArnAndAliasAndEncrypts) {
  auto k = make();
  ok<op::CreateAlias>({.AliasName = "alias/app", .TargetKeyId = k.KeyId});
  for (std::string id : {*k.KeyId, *k.Arn, std::string("alias/app"),
                         std::string("arn:aws:kms:us-east-1:000000000000:alias/app")})
    EXPECT_EQ(decrypted(encrypted(id, "one")), "one") << id;
  EXPECT_NE(encrypted(*k.KeyId, "one").bytes, encrypted(*k.KeyId, "one").bytes);
  EXPECT_EQ(refused<op::DescribeKey>({.KeyId = "none"}), "NotFoundException");
  EXPECT_EQ(refused<op::DescribeKey>({.KeyId = "alias/none"}), "NotFoundException");
  EXPECT_EQ(refused<op::DescribeKey>({.KeyId = *k.Arn}, kWest), "NotFoundException");
  EXPECT_EQ(refused<op::DisableKey>({.KeyId = "alias/app"}), "NotFoundException")
      << "an alias is not taken everywhere";
}

TEST_F(Kms, TheContextAndTheKeyMustBeTheOnesThatWereUsed) {
  auto k = make(), other = make();
  auto blob = encrypted(*k.KeyId, "one", {{"app", "a"}});
  EXPECT_EQ(decrypted(blob, {{"app", "a"}}), "one");
  EXPECT_EQ(decrypted(blob), "InvalidCiphertextException");
  EXPECT_EQ(
      refused<op::Decrypt>(
          {.CiphertextBlob = blob, .EncryptionContext = kms::Context{{"app", "a"}}, .KeyId = other.KeyId}),
      "IncorrectKeyException");
  EXPECT_EQ(decrypted(blob, {{"app", "a"}}, kWest), "AccessDeniedException");
  EXPECT_EQ(decrypted(aws::Blob{"rubbish"}), "InvalidCiphertextException");
}

TEST_F(Kms, ADisabledKeyProtectsWhatItEncryptedUntilItIsEnabled) {
  auto k = make();
  auto blob = encrypted(*k.KeyId, "one");
  ok<op::DisableKey>({.KeyId = k.KeyId});
  EXPECT_EQ(decrypted(blob), "DisabledException");
  EXPECT_EQ(refused<op::Encrypt>({.KeyId = *k.KeyId, .Plaintext = aws::Blob{"x"}}), "DisabledException");
  EXPECT_EQ(state(*k.KeyId), "Disabled");
  ok<op::EnableKey>({.KeyId = k.KeyId});
  EXPECT_EQ(decrypted(blob), "one");
}

TEST_F(Kms, AKeyIsDeletedAfterItsWindowUnlessThatIsCancelled) {
  auto k = make();
  auto blob = encrypted(*k.KeyId, "one");
  ok<op::CreateAlias>({.AliasName = "alias/app", .TargetKeyId = k.KeyId});
  EXPECT_EQ(refused<op::ScheduleKeyDeletion>({.KeyId = k.KeyId, .PendingWindowInDays = 6}),
            "ValidationException");
  ok<op::ScheduleKeyDeletion>({.KeyId = k.KeyId, .PendingWindowInDays = 7});
  EXPECT_EQ(decrypted(blob), "KMSInvalidStateException");
  EXPECT_EQ(refused<op::EnableKey>({.KeyId = k.KeyId}), "KMSInvalidStateException");
  ok<op::CancelKeyDeletion>({.KeyId = k.KeyId});
  EXPECT_EQ(state(*k.KeyId), "Disabled");
  world.advance(8 * kDay);
  ok<op::EnableKey>({.KeyId = k.KeyId});
  EXPECT_EQ(decrypted(blob), "one");
  ok<op::ScheduleKeyDeletion>({.KeyId = k.KeyId, .PendingWindowInDays = 7});
  world.advance(8 * kDay);
  EXPECT_EQ(refused<op::DescribeKey>({.KeyId = *k.KeyId}), "NotFoundException");
  EXPECT_TRUE(ok<op::ListAliases>({}).Aliases->empty());
  EXPECT_EQ(decrypted(blob), "AccessDeniedException");
}

TEST_F(Kms, AMultiRegionKeysReplicaDecryptsWhenItsPrimaryIsLost) {
  auto k = make(true);
  EXPECT_TRUE(k.KeyId->starts_with("mrk-"));
  auto blob = encrypted(*k.KeyId, "one");
  EXPECT_EQ(decrypted(blob, {}, kWest), "AccessDeniedException");
  auto made = ok<op::ReplicateKey>({.KeyId = k.KeyId, .ReplicaRegion = kWest});
  EXPECT_EQ(made.ReplicaKeyMetadata->MultiRegionConfiguration->MultiRegionKeyType, "REPLICA");
  EXPECT_EQ(refused<op::ReplicateKey>({.KeyId = k.KeyId, .ReplicaRegion = kWest}), "AlreadyExistsException");
  EXPECT_EQ(refused<op::ReplicateKey>({.KeyId = make().KeyId, .ReplicaRegion = kWest}),
            "UnsupportedOperationException");
  world.lose(kEast);
  EXPECT_EQ(decrypted(blob, {}, kWest), "one");
  world.restore(kEast);
  ok<op::ScheduleKeyDeletion>({.KeyId = k.KeyId, .PendingWindowInDays = 7});
  EXPECT_EQ(state(*k.KeyId), "PendingReplicaDeletion");
  ok<op::ScheduleKeyDeletion>({.KeyId = k.KeyId, .PendingWindowInDays = 7}, kWest);
  world.advance(8 * kDay);
  EXPECT_EQ(state(*k.KeyId), "PendingDeletion");
  world.advance(8 * kDay);
  EXPECT_EQ(refused<op::DescribeKey>({.KeyId = *k.KeyId}), "NotFoundException");
}

TEST_F(Kms, AnAliasOfAwsIsMadeWhenFirstUsedAndCannotBeChanged) {
  EXPECT_TRUE(ok<op::ListAliases>({}).Aliases->empty());
  auto k = *ok<op::DescribeKey>({.KeyId = "alias/aws/secretsmanager"}).KeyMetadata;
  EXPECT_EQ(k.KeyManager, "AWS");
  EXPECT_EQ(ok<op::DescribeKey>({.KeyId = "alias/aws/secretsmanager"}).KeyMetadata->KeyId, k.KeyId);
  EXPECT_EQ(refused<op::DisableKey>({.KeyId = k.KeyId}), "AccessDeniedException");
  EXPECT_EQ(refused<op::CreateAlias>({.AliasName = "alias/aws/mine", .TargetKeyId = make().KeyId}),
            "InvalidAliasNameException");
}

TEST_F(Kms, DataKeysAndReEncryption) {
  auto k = make(), other = make();
  auto d = ok<op::GenerateDataKey>(
      {.KeyId = k.KeyId, .EncryptionContext = kms::Context{{"a", "b"}}, .KeySpec = "AES_256"});
  EXPECT_EQ(d.Plaintext->bytes.size(), 32u);
  EXPECT_EQ(decrypted(*d.CiphertextBlob, {{"a", "b"}}), d.Plaintext->bytes);
  EXPECT_EQ(refused<op::GenerateDataKey>({.KeyId = k.KeyId}), "ValidationException");
  EXPECT_TRUE(
      ok<op::GenerateDataKeyWithoutPlaintext>({.KeyId = k.KeyId, .NumberOfBytes = 20}).CiphertextBlob);
  auto moved = ok<op::ReEncrypt>({.CiphertextBlob = *d.CiphertextBlob,
                                  .SourceEncryptionContext = kms::Context{{"a", "b"}},
                                  .DestinationKeyId = other.KeyId});
  ok<op::DisableKey>({.KeyId = k.KeyId});
  EXPECT_EQ(decrypted(*moved.CiphertextBlob), d.Plaintext->bytes);
  EXPECT_EQ(ok<op::GenerateRandom>({.NumberOfBytes = 7}).Plaintext->bytes.size(), 7u);
}

TEST_F(Kms, PoliciesTagsAndRotationAreKept) {
  auto k =
      *ok<op::CreateKey>({.Tags = std::vector<api::Tag>{{.TagKey = "team", .TagValue = "a"}}}).KeyMetadata;
  EXPECT_NE(ok<op::GetKeyPolicy>({.KeyId = k.KeyId, .PolicyName = "default"}).Policy->find("kms:*"),
            std::string::npos);
  ok<op::PutKeyPolicy>({.KeyId = k.KeyId, .PolicyName = "default", .Policy = "{\"mine\":1}"});
  EXPECT_EQ(ok<op::GetKeyPolicy>({.KeyId = k.KeyId, .PolicyName = "default"}).Policy, "{\"mine\":1}");
  ok<op::TagResource>({.KeyId = k.KeyId, .Tags = std::vector<api::Tag>{{.TagKey = "cost", .TagValue = "b"}}});
  ok<op::UntagResource>({.KeyId = k.KeyId, .TagKeys = std::vector<std::string>{"team"}});
  auto tags = *ok<op::ListResourceTags>({.KeyId = k.KeyId}).Tags;
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(tags[0].TagKey, "cost");
  ok<op::EnableKeyRotation>({.KeyId = k.KeyId});
  EXPECT_EQ(ok<op::GetKeyRotationStatus>({.KeyId = k.KeyId}).KeyRotationEnabled, true);
  EXPECT_EQ(refused<op::CreateKey>({.KeyUsage = "SIGN_VERIFY", .KeySpec = "RSA_2048"}),
            "UnsupportedOperationException");
}

TEST_F(Kms, ListsInPagesAndSurvivesARestart) {
  auto k = make();
  make();
  auto first = ok<op::ListKeys>({.Limit = 1});
  EXPECT_EQ(first.Truncated, true);
  EXPECT_EQ(ok<op::ListKeys>({.Limit = 1, .Marker = first.NextMarker}).Truncated, false);
  auto blob = encrypted(*k.KeyId, "one");
  ok<op::ScheduleKeyDeletion>({.KeyId = make().KeyId, .PendingWindowInDays = 7});
  TestWorld again({}, world.ground());
  KmsService restarted{again};
  again.add(restarted);
  restarted.start();
  EXPECT_EQ(again.remote<op::Decrypt>(kEast, {.CiphertextBlob = blob})->Plaintext->bytes, "one");
  again.advance(8 * kDay);
  EXPECT_EQ(again.remote<op::ListKeys>(kEast, {})->Keys->size(), 2u);
}

}  // namespace
}  // namespace relight::sandbox
