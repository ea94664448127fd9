// Stacks that hold secrets and parameters, and stacks that refer to them.
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/secretsmanager/service.h"
#include "sandbox/services/ssm/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace sm = aws::secretsmanager;

struct SecretStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    secrets_ = std::make_unique<SecretsManagerService>(*world_);
    parameters_ = std::make_unique<SsmService>(*world_);
    world_->add(*secrets_);
    world_->add(*parameters_);
  }
  std::string value(const std::string& id, const std::string& region = kHome) {
    auto r = world_->remote<sm::op::GetSecretValue>(region, {.SecretId = id});
    return r ? r->SecretString.value_or("none") : r.error().code;
  }
  std::unique_ptr<SecretsManagerService> secrets_;
  std::unique_ptr<SsmService> parameters_;
};

std::string secret(const std::string& more) {
  return "Resources:\n  Login:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      Name: db\n" + more;
}
const std::string kGenerated =
    "      GenerateSecretString: {SecretStringTemplate: '{\"username\":\"app\"}', GenerateStringKey: password, PasswordLength: 20}\n";

TEST_F(SecretStackTest, APasswordIsGeneratedOnceAndKeptByAnUpdateThatDoesNotConcernIt) {
  create("s", secret(kGenerated));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  auto made = Json::parse(value("db"));
  EXPECT_EQ(made["username"], "app");
  EXPECT_EQ(made["password"].get<std::string>().size(), 20u);
  EXPECT_TRUE(physical("s", "Login").starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:db-"));
  EXPECT_EQ(update("s", secret(kGenerated + "      Description: the application's\n")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(Json::parse(value("db")), made);
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_EQ(value("db"), "ResourceNotFoundException");
}

TEST_F(SecretStackTest, ReplicasComeAndGoWithTheTemplate) {
  std::string west = "      ReplicaRegions: [{Region: us-west-2}]\n", text = "      SecretString: one\n";
  create("s", secret(text + west));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(value("db", "us-west-2"), "one");
  EXPECT_EQ(update("s", secret(text)), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(value("db", "us-west-2"), "ResourceNotFoundException");
  EXPECT_EQ(update("s", secret(text + west)), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(value("db", "us-west-2"), "one");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_EQ(value("db", "us-west-2"), "ResourceNotFoundException");
}

TEST_F(SecretStackTest, AReferenceIsResolvedWhenItIsUsedAndTheStackKeepsTheReference) {
  create("s", secret("      SecretString: '{\"range\":\"10.42.0.0/16\"}'\n"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  create("user",
         "Resources:\n  Net: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: '{{resolve:secretsmanager:db:SecretString:range}}'}}\n");
  ASSERT_EQ(status("user"), "CREATE_COMPLETE") << reasons("user");
  auto vpc = world_->remote<aws::ec2::op::DescribeVpcs>(kHome, {.VpcIds = std::vector<std::string>{physical("user", "Net")}});
  ASSERT_TRUE(vpc);
  EXPECT_EQ(vpc->Vpcs->at(0).CidrBlock, "10.42.0.0/16");
  std::string kept;
  for (auto& [table, rows] : world_->ground().store.tables)
    if (table.starts_with("cloudformation"))
      for (auto& [key, row] : rows)
        if (key.find("/user/") != std::string::npos || row.find("\"user\"") != std::string::npos) kept += row;
  ASSERT_NE(kept.find("{{resolve:"), std::string::npos);
}

TEST_F(SecretStackTest, AReferenceToNothingFailsTheResourceAndNamesIt) {
  create("s", "Resources:\n  Net: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: '{{resolve:ssm:/no/such}}'}}\n");
  EXPECT_EQ(status("s"), "ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("s").find("{{resolve:ssm:/no/such}}"), std::string::npos) << reasons("s");
}

TEST_F(SecretStackTest, AParameterIsMadeOverwrittenAndRemoved) {
  auto body = [](const std::string& v) {
    return "Resources:\n  Size: {Type: 'AWS::SSM::Parameter', Properties: {Name: /app/size, Type: String, Value: " + v +
           ", Tags: {env: prod}}}\nOutputs:\n  Value: {Value: !GetAtt Size.Value}\n";
  };
  create("s", body("small"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(output("s", "Value"), "small");
  EXPECT_EQ(update("s", body("large")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(output("s", "Value"), "large");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
}

}  // namespace
}  // namespace relight::sandbox::cfn
