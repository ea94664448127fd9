#include "sandbox/services/ecs/task_secrets.h"

#include "sandbox/services/secretsmanager/service.h"
#include "sandbox/services/ssm/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox::ecs {
namespace {
namespace sm = aws::secretsmanager;
constexpr const char* kEast = "us-east-1";
constexpr const char* kWest = "us-west-2";

struct TaskSecrets : testing::Test {
  TestWorld world;
  SecretsManagerService secrets{world};
  SsmService parameters{world};
  std::string arn;
  void SetUp() override {
    world.add(secrets), world.add(parameters);
    auto made = world.remote<sm::op::CreateSecret>(
        kEast, {.Name = "db", .SecretString = R"({"username":"app","password":"hunter2","port":3306})"});
    ASSERT_TRUE(made) << made.error().text();
    arn = *made->ARN;
    aws::ssm::PutParameterRequest in;
    in.Name = "/app/bucket", in.Value = "uploads", in.Type = "SecureString";
    ASSERT_TRUE(world.remote<aws::ssm::op::PutParameter>(kEast, in));
  }
  Result<std::string> fetched(const std::string& from, const std::string& region = kEast) {
    aws::ecs::TaskDefinition d;
    auto& c = d.containerDefinitions.emplace().emplace_back();
    c.name = "web";
    c.secrets = {aws::ecs::Secret{"IT", from}};
    auto all = fetch_secrets(world, region, d);
    if (!all) return std::unexpected(all.error());
    return all->at("web").at("IT");
  }
  std::string refused(const std::string& from, const std::string& region = kEast) {
    auto r = fetched(from, region);
    return r ? "fetched" : r.error().message;
  }
};

TEST_F(TaskSecrets, AreFetchedWholeByKeyAndByLabel) {
  EXPECT_NE(fetched(arn)->find("hunter2"), std::string::npos);
  EXPECT_EQ(*fetched(arn + ":password::"), "hunter2");
  EXPECT_EQ(*fetched(arn + ":port::"), "3306");
  ASSERT_TRUE(world.remote<sm::op::PutSecretValue>(kEast, {.SecretId = "db", .SecretString = R"({"password":"new"})"}));
  EXPECT_EQ(*fetched(arn + ":password::"), "new");
  EXPECT_EQ(*fetched(arn + ":password:AWSPREVIOUS:"), "hunter2");
}

TEST_F(TaskSecrets, AParameterIsNamedOrGivenByItsArn) {
  EXPECT_EQ(*fetched("/app/bucket"), "uploads");
  EXPECT_EQ(*fetched("arn:aws:ssm:us-east-1:000000000000:parameter/app/bucket", kWest), "uploads");
  EXPECT_NE(refused("/app/bucket", kWest).find("invalid ssm parameters: /app/bucket"), std::string::npos);
}

TEST_F(TaskSecrets, WhatIsMissingIsNamedAndNoValueWithIt) {
  auto key = refused(arn + ":host::");
  EXPECT_NE(key.find("did not contain json key host"), std::string::npos) << key;
  EXPECT_EQ(key.find("hunter2"), std::string::npos);
  EXPECT_NE(refused("arn:aws:secretsmanager:us-east-1:000000000000:secret:none-abcdef").find("ResourceNotFoundException"),
            std::string::npos);
}

TEST_F(TaskSecrets, ASecretInARegionThatIsLostKeepsTheTaskFromStarting) {
  EXPECT_EQ(*fetched(arn + ":password::", kWest), "hunter2");
  world.lose(kEast);
  EXPECT_NE(refused(arn + ":password::", kWest).find("us-east-1 is out of reach"), std::string::npos);
}

}  // namespace
}  // namespace relight::sandbox::ecs
