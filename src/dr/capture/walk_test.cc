// The walk over a small application whose API answers from a table.
#include "dr/capture/walk.h"

#include "dr/capture/told.h"

namespace relight::dr {
namespace {

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
  EXPECT_EQ(i.left_out[0].key, (ResourceKey{"ssm/parameter", "p"}));
  EXPECT_EQ(i.left_out[0].why, "this build cannot call its service");
}

TEST_F(WalkStory, ARootThatDoesNotExistIsAnError) {
  aws.answers["ecs:DescribeServices"] = R"({"services":[],"failures":[{"reason":"MISSING"}]})";
  auto r = walk(here(), {{{"ecs/service", kService}}, {}, {}});
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
