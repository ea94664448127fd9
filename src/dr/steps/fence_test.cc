// How long the old primary's tasks are given to stop, and who may still delete in its bucket.
#include <gtest/gtest.h>

#include "aws/gen/sts.h"
#include "dr/steps/failover.h"
#include "dr/steps/stage.h"

namespace relight::dr {
namespace {

struct OldPrimary : Stage {
  int desired = 2, running = 2;
  std::vector<std::optional<int32_t>> stop_timeouts{std::nullopt};
  OldPrimary() {
    site.topology.primary.database_host = "";
    aws.on<aws::ecs::op::DescribeServices>([this](auto&) {
      aws::ecs::Service service;
      service.desiredCount = desired;
      service.runningCount = running;
      service.taskDefinition = "web:3";
      aws::ecs::op::DescribeServices::Output out;
      out.services = {{service}};
      return out;
    });
    aws.on<aws::ecs::op::UpdateService>([this](auto& in) {
      desired = *in.desiredCount;
      return aws::ecs::op::UpdateService::Output{};
    });
  }
  void definition() {
    aws.on<aws::ecs::op::DescribeTaskDefinition>([this](auto& in) {
      EXPECT_EQ(in.taskDefinition, "web:3");
      aws::ecs::op::DescribeTaskDefinition::Output out;
      out.taskDefinition.emplace();
      out.taskDefinition->containerDefinitions.emplace();
      for (auto t : stop_timeouts) {
        aws::ecs::ContainerDefinition d;
        d.stopTimeout = t;
        out.taskDefinition->containerDefinitions->push_back(d);
      }
      return out;
    });
  }
  Outcome after(Step& step, int milliseconds) {
    c.passed = Millis(milliseconds);
    return step.advance(c);
  }
};

TEST(FenceTasks, AreGivenTheDefaultThirtySecondsToStop) {
  OldPrimary s;
  s.definition();
  auto step = make_fence(s.site);
  EXPECT_TRUE(waits(s.after(*step, 0)));
  EXPECT_TRUE(waits(s.after(*step, 40000)));
  s.running = 0;
  auto o = s.after(*step, 41000);
  ASSERT_TRUE(is_done(o));
  auto& f = std::get<Done>(o).facts;
  EXPECT_EQ(get(f, "confidence"), "proven");
  EXPECT_EQ(get(f, "fenced"), "tasks");
  EXPECT_EQ(get(f, "tasks_left"), "0");
  EXPECT_EQ(get(f, "stop_timeout"), "30.0 s");
}

TEST(FenceTasks, TheLongestStopTimeoutOfTheDefinitionCounts) {
  OldPrimary s;
  s.stop_timeouts = {5, 90, 10};
  s.definition();
  auto step = make_fence(s.site);
  EXPECT_TRUE(waits(s.after(*step, 0)));
  EXPECT_TRUE(waits(s.after(*step, 104000)));
  auto o = s.after(*step, 105000);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_NE(std::get<Failed>(o).error.message.find("tasks_left: 2"), std::string::npos);
}

TEST(FenceTasks, WithoutTheDefinitionTheMostThatFargateAllowsIsWaited) {
  OldPrimary s;
  auto step = make_fence(s.site);
  EXPECT_TRUE(waits(s.after(*step, 0)));
  EXPECT_TRUE(waits(s.after(*step, 134000)));
  auto o = s.after(*step, 135000);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_NE(std::get<Failed>(o).error.message.find("could not be read"), std::string::npos);
}

TEST(FenceTasks, TheConfigurationsDeadlineWins) {
  OldPrimary s;
  s.definition();
  s.site.config.fence_deadline = Millis(2000);
  auto step = make_fence(s.site);
  EXPECT_TRUE(waits(s.after(*step, 0)));
  EXPECT_TRUE(std::holds_alternative<Failed>(s.after(*step, 2000)));
}

// The old primary's bucket replicates to these.
void replicating(OldPrimary& s, const std::vector<std::string>& to) {
  namespace s3 = aws::s3;
  s3::GetBucketReplicationOutput answer;
  answer.ReplicationConfiguration.emplace().Rules.emplace();
  for (auto& bucket : to) {
    s3::ReplicationRule rule;
    rule.Destination.emplace().Bucket = "arn:aws:s3:::" + bucket;
    answer.ReplicationConfiguration->Rules->push_back(rule);
  }
  s.aws.on<s3::op::GetBucketReplication>([answer](auto&) { return answer; });
  s.aws.on<s3::op::DeleteBucketReplication>([](auto&) { return s3::op::DeleteBucketReplication::Output{}; });
}

TEST(FenceBucket, WhatReplicatesElsewhereGoesOn) {
  OldPrimary s;
  s.running = s.desired = 0;
  s.site.topology.primary.bucket = "old";
  s.site.topology.recovery.bucket = "pilot";
  s.aws.on<aws::s3::op::GetBucketPolicy>([](auto&) { return aws::s3::op::GetBucketPolicy::Output{}; });
  s.aws.on<aws::s3::op::PutBucketPolicy>([](auto&) { return aws::s3::op::PutBucketPolicy::Output{}; });
  s.aws.on<aws::s3::op::ListObjectsV2>([](auto&) { return aws::s3::op::ListObjectsV2::Output{}; });
  std::vector<std::string> kept;
  s.aws.on<aws::s3::op::PutBucketReplication>([&](auto& in) {
    for (auto& r : *in.ReplicationConfiguration->Rules) kept.push_back(*r.Destination->Bucket);
    return aws::s3::op::PutBucketReplication::Output{};
  });
  replicating(s, {"archive", "pilot"});
  ASSERT_TRUE(is_done(s.after(*make_fence(s.site), 0)));
  EXPECT_EQ(kept, std::vector<std::string>{"arn:aws:s3:::archive"});
  replicating(s, {"archive"});
  kept.clear();
  ASSERT_TRUE(is_done(s.after(*make_fence(s.site), 0)));
  EXPECT_TRUE(kept.empty()) << "nothing of ours is left in it";
}

TEST(FenceBucket, NobodyWritesAndOnlyTheCallerAndTheAccountsRootDelete) {
  OldPrimary s;
  s.running = s.desired = 0;
  s.site.topology.primary.bucket = "old";
  std::string policy;
  s.aws.on<aws::s3::op::GetBucketPolicy>([](auto&) -> Result<aws::s3::op::GetBucketPolicy::Output> {
    return fail(Error{.code = "NoSuchBucketPolicy", .http_status = 404});
  });
  s.aws.on<aws::s3::op::PutBucketPolicy>([&](auto& in) {
    policy = *in.Policy;
    return aws::s3::op::PutBucketPolicy::Output{};
  });
  replicating(s, {"pilot"});
  s.aws.on<aws::sts::op::GetCallerIdentity>([](auto&) {
    aws::sts::op::GetCallerIdentity::Output out;
    out.Arn = "arn:aws:sts::123456789012:assumed-role/relight/me";
    return out;
  });
  ASSERT_TRUE(is_done(s.after(*make_fence(s.site), 0)));
  EXPECT_NE(policy.find(R"("Action":"s3:PutObject","Effect":"Deny","Principal":"*")"), std::string::npos)
      << policy;
  EXPECT_NE(policy.find(
                R"("Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::123456789012:root",)"
                R"("arn:aws:iam::123456789012:role/relight","arn:aws:iam::123456789012:role/*/relight"]}})"),
            std::string::npos)
      << policy;
}

TEST(FenceBucket, WhenTheCallerIsNotKnownDeletionsAreDeniedToEverybodyAndThatIsSaid) {
  OldPrimary s;
  s.running = s.desired = 0;
  s.site.topology.primary.bucket = "old";
  std::string policy;
  s.aws.on<aws::s3::op::GetBucketPolicy>([](auto&) { return aws::s3::op::GetBucketPolicy::Output{}; });
  s.aws.on<aws::s3::op::PutBucketPolicy>([&](auto& in) {
    policy = *in.Policy;
    return aws::s3::op::PutBucketPolicy::Output{};
  });
  replicating(s, {"pilot"});
  auto o = s.after(*make_fence(s.site), 0);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(policy.find("Condition"), std::string::npos) << policy;
  EXPECT_NE(get(std::get<Done>(o).facts, "deletions").find("everybody"), std::string::npos);
}

}  // namespace
}  // namespace relight::dr
