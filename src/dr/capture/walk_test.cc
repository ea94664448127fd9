// The walk over a small application whose API answers from a table.
#include "dr/capture/walk.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/iam.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// "rds:DescribeDBInstances" -> answer, or an error's code where the text is no object.
class Told final : public aws::Caller {
 public:
  Result<> invoke(const aws::ServiceModel& s, const aws::Operation& op, const void* in, void* out,
                  const aws::CallOptions& o) override {
    std::lock_guard g(m_);
    auto name = std::string(s.id) + ":" + std::string(op.name);
    asked.push_back(name + " " + aws::codec::to_json(*op.input, in) + " " + o.region.value_or("-"));
    auto it = answers.find(name);
    std::string answer = it == answers.end() ? "{}" : it->second;
    if (!answer.starts_with('{')) return fail(Error{.code = answer, .message = "the table says so"});
    return aws::codec::from_json(*op.output, answer, out);
  }
  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;

 private:
  std::mutex m_;
};

constexpr const char* kService = "arn:aws:ecs:us-east-1:000000000000:service/lamp/web";
constexpr const char* kFamily = "arn:aws:ecs:us-east-1:000000000000:task-definition/web";

class WalkStory : public testing::Test {
 protected:
  WalkStory() {
    aws.answers["ecs:DescribeServices"] =
        R"({"services":[{"serviceArn":")" + std::string(kService) +
        R"(","clusterArn":"arn:aws:ecs:us-east-1:000000000000:cluster/lamp","taskDefinition":")" + kFamily +
        R"(:7","desiredCount":2,"runningCount":1,"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"]}}}]})";
    aws.answers["ecs:DescribeClusters"] = R"({"clusters":[{"clusterName":"lamp"}]})";
    task(7, "db.example");
    aws.answers["rds:DescribeDBInstances"] =
        R"({"DBInstances":[{"DBInstanceIdentifier":"lamp-db","Endpoint":{"Address":"db.example"},"DBInstanceStatus":"available"}]})";
    aws.answers["ec2:DescribeSubnets"] =
        R"({"Subnets":[{"SubnetId":"subnet-1","AvailableIpAddressCount":11}]})";
    aws.answers["iam:GetRole"] =
        R"({"Role":{"RoleName":"task","RoleId":"R","Arn":"arn:aws:iam::0:role/x/task","Path":"/x/","CreateDate":"2026-01-01T00:00:00Z"}})";
  }
  void task(int revision, const std::string& host) {
    aws.answers["ecs:DescribeTaskDefinition"] =
        R"({"taskDefinition":{"family":"web","revision":)" + std::to_string(revision) +
        R"(,"taskDefinitionArn":")" + kFamily + ":" + std::to_string(revision) +
        R"(","taskRoleArn":"arn:aws:iam::000000000000:role/x/task","containerDefinitions":[{"name":"web",
        "secrets":[{"name":"P","valueFrom":"arn:aws:ssm:us-east-1:0:parameter/p"}],"environment":[{"name":"DB_HOST","value":")" +
        host + R"("},{"name":"DB_PASSWORD","value":"hunter2"}]}]}})";
  }
  Inventory capture() {
    auto r = walk({aws, services, "us-east-1"}, {{{"ecs/service", kService}}, {}, {}});
    EXPECT_TRUE(r) << (r ? "" : r.error().text());
    return r ? *r : Inventory{};
  }
  const Resource* find(const Inventory& i, const ResourceKey& key) {
    for (auto& r : i.resources)
      if (r.key == key) return &r;
    return nullptr;
  }
  Told aws;
  std::array<const aws::ServiceModel*, 6> services{&aws::ecs::model(),   &aws::rds::model(),
                                                   &aws::ec2::model(),   &aws::s3::model(),
                                                   &aws::elbv2::model(), &aws::iam::model()};
};

TEST_F(WalkStory, FromAServiceToItsDatabaseThroughAnEnvironmentVariable) {
  auto i = capture();
  EXPECT_TRUE(find(i, {"rds/db-instance", "lamp-db"}));
  EXPECT_TRUE(find(i, {"ec2/subnet", "subnet-1"}));
  EXPECT_TRUE(find(i, {"ecs/cluster", "arn:aws:ecs:us-east-1:000000000000:cluster/lamp"}));
  EXPECT_TRUE(find(i, {"iam/role", "task"})) << "a role's ARN with a path is the role's name";
  auto* task = find(i, {"ecs/task-definition", kFamily});
  ASSERT_TRUE(task);
  EXPECT_TRUE(std::ranges::count(task->uses, ResourceKey{"rds/db-instance", "lamp-db"}));
}

TEST_F(WalkStory, WhatChangesByItselfIsNotKept) {
  auto before = capture();
  aws.answers["ec2:DescribeSubnets"] = R"({"Subnets":[{"SubnetId":"subnet-1","AvailableIpAddressCount":5}]})";
  EXPECT_EQ(capture(), before);
}

TEST_F(WalkStory, ANewRevisionWithAnotherVariableChangesOneFileOnly) {
  auto before = capture();
  task(8, "db.example.org");
  aws.answers["ecs:DescribeServices"].replace(aws.answers["ecs:DescribeServices"].find(":7"), 2, ":8");
  aws.answers["rds:DescribeDBInstances"] =
      R"({"DBInstances":[{"DBInstanceIdentifier":"lamp-db","Endpoint":{"Address":"db.example"}}]})";
  auto after = capture();
  int changed = 0;
  for (auto& r : after.resources) {
    auto* b = find(before, r.key);
    changed += !b || b->properties != r.properties;
  }
  EXPECT_EQ(changed, 1);
}

TEST_F(WalkStory, ADeniedCallIsUnknownAndNeverAbsent) {
  aws.answers["ec2:DescribeSubnets"] = "UnauthorizedOperation";
  auto i = capture();
  auto* subnet = find(i, {"ec2/subnet", "subnet-1"});
  ASSERT_TRUE(subnet);
  ASSERT_EQ(subnet->unknown.size(), 1u);
  EXPECT_EQ(subnet->unknown[0].why, "UnauthorizedOperation: the table says so");
  EXPECT_NE(index_json(i).find("UnauthorizedOperation"), std::string::npos);
}

TEST_F(WalkStory, SecretsStayOutAndAreNamed) {
  auto i = capture();
  std::string everything = index_json(i);
  for (auto& r : i.resources) everything += to_json(r);
  EXPECT_EQ(everything.find("hunter2"), everything.npos);
  ASSERT_EQ(i.withheld.size(), 1u);
  EXPECT_NE(i.withheld[0].find("DB_PASSWORD"), std::string::npos);
}

TEST_F(WalkStory, WhatIsNamedButNotCapturedIsListedWithWhy) {
  auto i = capture();
  ASSERT_EQ(i.left_out.size(), 1u);
  EXPECT_EQ(i.left_out[0].key.id, "arn:aws:ssm:us-east-1:0:parameter/p");
}

TEST_F(WalkStory, ARootThatDoesNotExistIsAnError) {
  aws.answers["ecs:DescribeServices"] = R"({"services":[],"failures":[{"reason":"MISSING"}]})";
  auto r = walk({aws, services, "us-east-1"}, {{{"ecs/service", kService}}, {}, {}});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Capture.NoSuchResource");
  EXPECT_EQ(r.error().resource, kService);
}

TEST_F(WalkStory, GlobalServicesAreNotAskedInTheRegion) {
  capture();
  for (auto& a : aws.asked)
    if (a.starts_with("iam:")) {
      EXPECT_TRUE(a.ends_with(" -")) << a;
    }
}

}  // namespace
}  // namespace relight::dr
