// A small application whose API answers from a table; only for tests.
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "aws/gen/cloudformation.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/iam.h"
#include "aws/gen/lambda.h"
#include "aws/gen/rds.h"
#include "aws/gen/route53.h"
#include "aws/gen/s3.h"
#include "aws/gen/wafv2.h"
#include "dr/capture/walk.h"

namespace relight::dr {

// "rds:DescribeDBInstances" -> answer, or an error's code where the text is no object.
class Told final : public aws::Caller {
 public:
  Result<> invoke(const aws::ServiceModel& s, const aws::Operation& op, const void* in, void* out,
                  const aws::CallOptions& o) override {
    std::lock_guard g(m_);
    auto name = std::string(s.id) + ":" + std::string(op.name);
    auto input = aws::codec::to_json(*op.input, in);
    asked.push_back(name + " " + input + " " + o.region.value_or("-"));
    // "rds:DescribeDBInstances {…}" answers that input alone.
    auto it = answers.find(name + " " + input);
    if (it == answers.end()) it = answers.find(name);
    std::string answer = it == answers.end() ? "{}" : it->second;
    if (!answer.starts_with('{')) return fail(Error{.code = answer, .message = "the table says so"});
    return aws::codec::from_json(*op.output, answer, out);
  }
  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;

 private:
  std::mutex m_;
};

inline constexpr const char* kService = "arn:aws:ecs:us-east-1:000000000000:service/lamp/web";
inline constexpr const char* kFamily = "arn:aws:ecs:us-east-1:000000000000:task-definition/web";

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
  Walk here() { return {aws, services, "us-east-1"}; }
  Inventory capture(ResourceKey root = {"ecs/service", kService}) {
    auto r = walk(here(), {{root}, {}, {}});
    EXPECT_TRUE(r) << (r ? "" : r.error().text());
    return r ? *r : Inventory{};
  }
  const Resource* find(const Inventory& i, const ResourceKey& key) {
    for (auto& r : i.resources)
      if (r.key == key) return &r;
    return nullptr;
  }
  Told aws;
  std::array<const aws::ServiceModel*, 11> services{
      &aws::ecs::model(),    &aws::rds::model(),           &aws::ec2::model(),     &aws::s3::model(),
      &aws::elbv2::model(),  &aws::iam::model(),           &aws::route53::model(), &aws::cloudwatch::model(),
      &aws::lambda::model(), &aws::cloudformation::model(),
      &aws::wafv2::model()};
};

}  // namespace relight::dr
