// Stacks with KMS keys.
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/kms/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace kop = aws::kms::op;

struct KeyStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    kms_ = std::make_unique<KmsService>(*world_);
    world_->add(*kms_);
  }
  aws::kms::KeyMetadata key() { return *call<kop::DescribeKey>({.KeyId = physical("s", "Key")})->KeyMetadata; }
  std::unique_ptr<KmsService> kms_;
};

std::string key_stack(const std::string& more) {
  return "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {Version: '2012-10-17', Statement: []}\n" + more +
         "  Name:\n    Type: AWS::KMS::Alias\n    Properties: {AliasName: alias/app, TargetKeyId: !Ref Key}\n"
         "Outputs:\n  Arn: {Value: !GetAtt Key.Arn}\n";
}

TEST_F(KeyStackTest, AKeyAndItsAliasComeChangeAndGoIntoTheirWindow) {
  create("s", key_stack("      Description: data\n      EnableKeyRotation: true\n      PendingWindowInDays: 7\n"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  std::string id = physical("s", "Key");
  EXPECT_EQ(output("s", "Arn"), "arn:aws:kms:us-east-1:000000000000:key/" + id);
  EXPECT_EQ(call<kop::DescribeKey>({.KeyId = "alias/app"})->KeyMetadata->KeyId, id);
  EXPECT_EQ(call<kop::GetKeyRotationStatus>({.KeyId = id})->KeyRotationEnabled, true);
  EXPECT_EQ(update("s", key_stack("      Description: data\n      Enabled: false\n      EnableKeyRotation: true\n      PendingWindowInDays: 7\n")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(key().KeyState, "Disabled");
  EXPECT_EQ(update("s", key_stack("      Description: data\n      EnableKeyRotation: true\n      PendingWindowInDays: 7\n")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(key().KeyState, "Enabled");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_EQ(call<kop::DescribeKey>({.KeyId = id})->KeyMetadata->KeyState, "PendingDeletion");
  EXPECT_EQ(call<kop::DescribeKey>({.KeyId = "alias/app"}).error().code, "NotFoundException");
}

}  // namespace
}  // namespace relight::sandbox::cfn
