#include "sandbox/services/s3control/service.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::s3control;
namespace op = aws::s3control::op;
namespace s3op = aws::s3::op;
constexpr const char* kEast = "us-east-1";
constexpr const char* kAccount = "000000000000";
constexpr const char* kPublic =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b-1/*"}]})";

struct AccountBlockTest : testing::Test {
  TestWorld world;
  S3Service s3{world};
  S3ControlService control{world, s3};
  AccountBlockTest() {
    world.add(s3), world.add(control);
    s3.start();
    EXPECT_EQ(code<s3op::CreateBucket>({.Bucket = "b-1"}), "ok");
    EXPECT_EQ(code<s3op::DeletePublicAccessBlock>({.Bucket = "b-1"}), "ok");
  }
  ~AccountBlockTest() override { s3.stop(); }
  template <class Op>
  std::string code(const typename Op::Input& in, const char* region = kEast) {
    auto r = world.remote<Op>(region, in);
    return r ? "ok" : r.error().code;
  }
  std::string put(api::PublicAccessBlockConfiguration c) {
    return code<op::PutPublicAccessBlock>({.PublicAccessBlockConfiguration = c, .AccountId = kAccount});
  }
  std::string read_by_anybody() {
    http::Request raw;
    aws::s3::HeadObjectOutput out;
    aws::s3::HeadObjectRequest in{.Bucket = "b-1", .Key = "k"};
    auto r = (*s3.handler("HeadObject"))(Call{kEast, "test", "anonymous", &raw}, &in, &out);
    return r ? "ok" : r.error().code;
  }
};

TEST_F(AccountBlockTest, ItIsOneForAllRegionsAndNoneAtFirst) {
  api::GetPublicAccessBlockRequest ask{.AccountId = kAccount};
  EXPECT_EQ(code<op::GetPublicAccessBlock>(ask), "NoSuchPublicAccessBlockConfiguration");
  EXPECT_EQ(put({.RestrictPublicBuckets = true}), "ok");
  auto seen = world.remote<op::GetPublicAccessBlock>("us-west-2", ask);
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->PublicAccessBlockConfiguration->RestrictPublicBuckets, true);
  EXPECT_EQ(seen->PublicAccessBlockConfiguration->BlockPublicPolicy, false);
  EXPECT_EQ(code<op::DeletePublicAccessBlock>({.AccountId = kAccount}), "ok");
  EXPECT_EQ(code<op::GetPublicAccessBlock>(ask), "NoSuchPublicAccessBlockConfiguration");
}

TEST_F(AccountBlockTest, AnotherAccountsIsNotTold) {
  EXPECT_EQ(code<op::GetPublicAccessBlock>({.AccountId = "111111111111"}), "AccessDenied");
  EXPECT_EQ(code<op::DeletePublicAccessBlock>({.AccountId = "111111111111"}), "AccessDenied");
}

TEST_F(AccountBlockTest, ItShutsABucketThatShutsNothingItself) {
  EXPECT_EQ(put({.BlockPublicPolicy = true}), "ok");
  EXPECT_EQ(code<s3op::PutBucketPolicy>({.Bucket = "b-1", .Policy = kPublic}), "AccessDenied");
  EXPECT_EQ(put({.RestrictPublicBuckets = true}), "ok");
  EXPECT_EQ(code<s3op::PutBucketPolicy>({.Bucket = "b-1", .Policy = kPublic}), "ok");
  ASSERT_EQ(code<s3op::PutObject>({.Body = http::Body("x"), .Bucket = "b-1", .Key = "k"}), "ok");
  EXPECT_EQ(read_by_anybody(), "AccessDenied");
  EXPECT_EQ(put({.BlockPublicAcls = true, .IgnorePublicAcls = true}), "ok");
  EXPECT_EQ(read_by_anybody(), "ok");
}

TEST_F(AccountBlockTest, ItSurvivesARestart) {
  EXPECT_EQ(put({.RestrictPublicBuckets = true}), "ok");
  TestWorld again({}, world.ground());
  S3Service other{again};
  other.start();
  ASSERT_TRUE(other.account_block());
  EXPECT_EQ(other.account_block()->RestrictPublicBuckets, true);
  other.stop();
}

}  // namespace
}  // namespace relight::sandbox
