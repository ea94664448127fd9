#include "sandbox/services/iam/permission.h"

#include <gtest/gtest.h>

#include "aws/gen/applicationautoscaling.h"
#include "aws/gen/ecs.h"
#include "aws/gen/iam.h"
#include "aws/gen/logs.h"
#include "aws/gen/sts.h"
#include "sandbox/services/iam/needs.h"

namespace relight::sandbox {
namespace {

// What a policy of one statement says of a request from us-west-2.
Answer verdict(const std::string& statement, const std::string& action, const std::string& resource) {
  return judge({R"({"Version":"2012-10-17","Statement":)" + statement + "}"},
               {action, resource, {{"aws:RequestedRegion", "us-west-2"}}});
}
constexpr auto kYes = Answer::kAllowed, kNo = Answer::kNotAllowed;

TEST(Permission, NothingIsAllowedThatNobodyAllows) {
  EXPECT_EQ(judge({}, {"rds:DescribeDBInstances", "*", {}}), kNo);
  EXPECT_EQ(judge({"", "{", R"({"Statement":"x"})"}, {"rds:DescribeDBInstances", "*", {}}), kNo);
}

TEST(Permission, ActionsHaveWildcardsAndNoCase) {
  EXPECT_EQ(verdict(R"({"Effect":"Allow","Action":"RDS:describe*","Resource":"*"})",
                    "rds:DescribeDBInstances", "*"),
            kYes);
  EXPECT_EQ(verdict(R"({"Effect":"Allow","Action":["rds:Describe?"],"Resource":"*"})",
                    "rds:DescribeDBInstances", "*"),
            kNo);
  EXPECT_EQ(
      verdict(R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", "rds:DescribeDBInstances", "*"),
      kYes);
  EXPECT_EQ(verdict(R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})", "iam:GetRole", "*"), kNo);
}

TEST(Permission, AResourcesStarStaysInItsPartOfTheArn) {
  std::string db = "arn:aws:rds:us-west-2:000000000000:db:shop-replica";
  auto on = [&](const std::string& pattern) {
    return verdict(R"({"Effect":"Allow","Action":"*","Resource":")" + pattern + "\"}", "rds:X", db);
  };
  EXPECT_EQ(on("arn:aws:rds:us-west-2:000000000000:db:shop*"), kYes);
  EXPECT_EQ(on("arn:aws:rds:*:000000000000:db:shop-replica"), kYes);
  EXPECT_EQ(on("arn:aws:rds:us-west-2:*"), kYes) << "a star at the end reaches to the end";
  EXPECT_EQ(on("arn:aws:*:db:shop-replica"), kNo);
  EXPECT_EQ(on("arn:aws:rds:us-east-1:000000000000:db:shop*"), kNo);
  EXPECT_EQ(on("arn:aws:rds:us-west-2:000000000000:db:other"), kNo);
}

TEST(Permission, WhatTakesNoResourceTypeNeedsTheStar) {
  EXPECT_EQ(
      verdict(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:rds:*:*:*"})", "rds:DescribeEvents", "*"),
      kNo);
}

TEST(Permission, ADenyWinsWhereverItStands) {
  std::string allow = R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
  std::string deny = R"({"Statement":{"Effect":"Deny","Action":"rds:Delete*","Resource":"*"}})";
  EXPECT_EQ(judge({allow, deny}, {"rds:DeleteDBInstance", "*", {}}), Answer::kDenied);
  EXPECT_EQ(judge({deny, allow}, {"rds:DeleteDBInstance", "*", {}}), Answer::kDenied);
  EXPECT_EQ(judge({deny, allow}, {"rds:DescribeDBInstances", "*", {}}), kYes);
}

TEST(Permission, ConditionsHoldOrNot) {
  auto when = [](const std::string& condition, const char* effect = "Allow") {
    return verdict(std::string(R"({"Effect":")") + effect + R"(","Action":"*","Resource":"*","Condition":)" +
                       condition + "}",
                   "a:B", "*");
  };
  EXPECT_EQ(when(R"({"StringEquals":{"aws:requestedregion":["us-west-2","us-west-1"]}})"), kYes);
  EXPECT_EQ(when(R"({"StringEquals":{"aws:RequestedRegion":"us-east-1"}})"), kNo);
  EXPECT_EQ(when(R"({"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}})"), kYes);
  EXPECT_EQ(when(R"({"StringLike":{"aws:RequestedRegion":"us-*"}})"), kYes);
  EXPECT_EQ(when(R"({"StringEquals":{"aws:PrincipalTag/team":"a"}})"), kNo) << "a key that is not there";
  EXPECT_EQ(when(R"({"StringEqualsIfExists":{"aws:PrincipalTag/team":"a"}})"), kYes);
  EXPECT_EQ(when(R"({"Null":{"aws:PrincipalTag/team":"true"}})"), kYes);
  EXPECT_EQ(
      when(
          R"({"StringEquals":{"aws:RequestedRegion":"us-west-2"},"Bool":{"aws:MultiFactorAuthPresent":"true"}})"),
      kNo);
}

TEST(Permission, WhatIsNotUnderstoodNeverOpens) {
  std::string strange =
      R"("Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"x"}}})";
  EXPECT_EQ(verdict(R"({"Effect":"Allow",)" + strange, "a:B", "*"), kNo);
  EXPECT_EQ(verdict(R"({"Effect":"Deny",)" + strange, "a:B", "*"), Answer::kDenied);
  EXPECT_EQ(verdict(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"})", "s3:X",
                    "arn:aws:s3:::a"),
            kNo);
}

// ---- which actions on which resources ----
constexpr const char* kArn = "arn:aws:ecs:us-west-2:000000000000:";

template <class Op>
std::vector<std::string> needed(const aws::ServiceModel& m, const typename Op::Input& in) {
  std::vector<std::string> out;
  for (auto& a : needs_of(m, Op::desc(), &in, {"us-west-2", "000000000000"}))
    out.push_back(a.action + " " + a.resource);
  return out;
}

TEST(Needs, AServiceByNameOrByArnIsOneResource) {
  using Op = aws::ecs::op::DescribeServices;
  std::string cluster = std::string(kArn) + "cluster/shop", service = std::string(kArn) + "service/shop/web";
  std::vector<std::string> wanted{"ecs:DescribeServices " + service};
  EXPECT_EQ(needed<Op>(aws::ecs::model(), {.cluster = "shop", .services = {{"web"}}}), wanted);
  EXPECT_EQ(needed<Op>(aws::ecs::model(), {.cluster = cluster, .services = {{service}}}), wanted);
  EXPECT_EQ(needed<Op>(aws::ecs::model(), {.cluster = "shop", .services = {{"web", "jobs"}}}).size(), 2u);
}

TEST(Needs, AnActionsPrefixAndAResourcesNameAreTheServicesOwn) {
  aws::logs::PutLogEventsRequest put{.logGroupName = "/app", .logStreamName = "web/1"};
  EXPECT_EQ(needed<aws::logs::op::PutLogEvents>(aws::logs::model(), put),
            std::vector<std::string>{
                "logs:PutLogEvents arn:aws:logs:us-west-2:000000000000:log-group:/app:log-stream:web/1"});
  EXPECT_EQ(needed<aws::applicationautoscaling::op::RegisterScalableTarget>(aws::applicationautoscaling::model(), {}),
            std::vector<std::string>{"application-autoscaling:RegisterScalableTarget "
                                     "arn:aws:application-autoscaling:us-west-2:000000000000:scalable-target/*"});
}

TEST(Needs, HandingARoleToTasksIsPassRole) {
  aws::ecs::RegisterTaskDefinitionRequest in;
  in.family = "web";
  in.taskRoleArn = "arn:aws:iam::000000000000:role/task";
  auto all = needs_of(aws::ecs::model(), aws::ecs::op::RegisterTaskDefinition::desc(), &in,
                      {"us-west-2", "000000000000"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].resource, std::string(kArn) + "task-definition/web:*");
  EXPECT_EQ(all[1].action, "iam:PassRole");
  EXPECT_EQ(all[1].resource, "arn:aws:iam::000000000000:role/task");
  EXPECT_EQ(all[1].keys.at("iam:PassedToService"), "ecs-tasks.amazonaws.com");
}

TEST(Needs, WhoAmINeedsNothingAndTheUnknownNeedsAStar) {
  EXPECT_TRUE(needed<aws::sts::op::GetCallerIdentity>(aws::sts::model(), {}).empty());
  EXPECT_EQ(needed<aws::iam::op::ListRoles>(aws::iam::model(), {}),
            std::vector<std::string>{"iam:ListRoles *"});
}

}  // namespace
}  // namespace relight::sandbox
