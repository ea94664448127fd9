// Secrets under KMS keys.
#include "sandbox/services/kms/service.h"
#include "sandbox/services/secretsmanager/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace op = aws::secretsmanager::op;
namespace api = aws::secretsmanager;
namespace kop = aws::kms::op;
constexpr const char* kSealedEast = "us-east-1";
constexpr const char* kSealedWest = "us-west-2";

struct SealedSecrets : testing::Test {
  TestWorld world;
  KmsService kms{world};
  SecretsManagerService service{world};
  std::string key;
  void SetUp() override {
    world.add(kms), world.add(service);
    key = make_key();
  }
  std::string make_key(const std::string& region = kSealedEast) {
    return *world.remote<kop::CreateKey>(region, {})->KeyMetadata->Arn;
  }
  void make(const std::string& text) {
    auto r = world.remote<op::CreateSecret>(kSealedEast, {.Name = "db", .KmsKeyId = key, .SecretString = text});
    ASSERT_TRUE(r) << r.error().text();
  }
  std::string value(const std::string& region = kSealedEast) {
    auto r = world.remote<op::GetSecretValue>(region, {.SecretId = "db"});
    return r ? r->SecretString.value_or("no text") : r.error().code;
  }
  bool lies_readable(const std::string& text) {
    for (auto& [k, v] : world.ground().store.tables["secretsmanager/values"])
      if (v.find(text) != v.npos) return true;
    return false;
  }
  void disable(const std::string& id, const std::string& region = kSealedEast) {
    ASSERT_TRUE(world.remote<kop::DisableKey>(region, {.KeyId = id}));
  }
};

TEST_F(SealedSecrets, AValueLiesEncryptedByItsKeyAndIsReadThroughIt) {
  make("hunter2");
  EXPECT_EQ(value(), "hunter2");
  EXPECT_FALSE(lies_readable("hunter2"));
  disable(key);
  EXPECT_EQ(value(), "DecryptionFailure");
  auto put = world.remote<op::PutSecretValue>(kSealedEast, {.SecretId = "db", .SecretString = "next"});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, "EncryptionFailure");
  ASSERT_TRUE(world.remote<kop::EnableKey>(kSealedEast, {.KeyId = key}));
  EXPECT_EQ(value(), "hunter2") << "the refused value left no trace";
}

TEST_F(SealedSecrets, EverySizeComesBackAsItWas) {
  make("x");
  for (size_t n : {1u, 4094u, 4095u, 4096u, 8190u, 65'536u}) {
    std::string text(n, 'a');
    text.back() = 'z';
    ASSERT_TRUE(world.remote<op::PutSecretValue>(kSealedEast, {.SecretId = "db", .SecretString = text}));
    EXPECT_EQ(value(), text) << n;
  }
  ASSERT_TRUE(world.remote<op::PutSecretValue>(
      kSealedEast, {.SecretId = "db", .SecretBinary = aws::Blob{std::string("\0b", 2)}}));
  EXPECT_EQ(world.remote<op::GetSecretValue>(kSealedEast, {.SecretId = "db"})->SecretBinary->bytes,
            std::string("\0b", 2));
}

TEST_F(SealedSecrets, AnotherKeyTakesOverWhatIsLabelled) {
  make("one");
  ASSERT_TRUE(world.remote<op::PutSecretValue>(kSealedEast, {.SecretId = "db", .SecretString = "two"}));
  std::string other = make_key();
  ASSERT_TRUE(world.remote<op::UpdateSecret>(kSealedEast, {.SecretId = "db", .KmsKeyId = other}));
  disable(key);
  EXPECT_EQ(value(), "two");
  EXPECT_EQ(world.remote<op::GetSecretValue>(kSealedEast, {.SecretId = "db", .VersionStage = "AWSPREVIOUS"})
                ->SecretString,
            "one");
  EXPECT_EQ(world.remote<op::UpdateSecret>(kSealedEast, {.SecretId = "db", .KmsKeyId = "alias/none"}).error().code,
            "EncryptionFailure");
  EXPECT_EQ(value(), "two");
}

TEST_F(SealedSecrets, AReplicaIsUnderItsOwnRegionsKey) {
  make("one");
  std::string west = make_key(kSealedWest);
  api::ReplicateSecretToRegionsRequest in{.SecretId = "db"};
  in.AddReplicaRegions = {api::ReplicaRegionType{.Region = kSealedWest, .KmsKeyId = west}};
  ASSERT_TRUE(world.remote<op::ReplicateSecretToRegions>(kSealedEast, in));
  world.run_until_idle();
  world.lose(kSealedEast);
  EXPECT_EQ(value(kSealedWest), "one");
  disable(west, kSealedWest);
  EXPECT_EQ(value(kSealedWest), "DecryptionFailure");
}

TEST_F(SealedSecrets, AReplicaWhoseKeyIsMissingFailsAndSaysSo) {
  make("one");
  api::ReplicateSecretToRegionsRequest in{.SecretId = "db"};
  in.AddReplicaRegions = {api::ReplicaRegionType{.Region = kSealedWest, .KmsKeyId = "alias/none"}};
  ASSERT_TRUE(world.remote<op::ReplicateSecretToRegions>(kSealedEast, in));
  world.run_until_idle();
  auto status = (*world.remote<op::DescribeSecret>(kSealedEast, {.SecretId = "db"})->ReplicationStatus)[0];
  EXPECT_EQ(status.Status, "Failed");
  EXPECT_EQ(value(kSealedWest), "ResourceNotFoundException");
}

}  // namespace
}  // namespace relight::sandbox
