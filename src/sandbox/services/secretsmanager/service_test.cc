#include "sandbox/services/secretsmanager/service.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::secretsmanager;
namespace op = aws::secretsmanager::op;
constexpr const char* kEast = "us-east-1";
constexpr const char* kWest = "us-west-2";

struct Secrets : testing::Test {
  TestWorld world;
  SecretsManagerService service{world};
  void SetUp() override { world.add(service); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kEast) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in, const std::string& region = kEast) {
    auto r = world.remote<Op>(region, in);
    return r ? "accepted" : r.error().code;
  }
  std::string value(const std::string& id, const std::string& region = kEast) {
    return ok<op::GetSecretValue>({.SecretId = id}, region).SecretString.value_or("none");
  }
  std::string labelled(const std::string& label) {
    return ok<op::GetSecretValue>({.SecretId = "db", .VersionStage = label}).SecretString.value_or("none");
  }
  api::CreateSecretResponse make(const std::string& text = "one") {
    return ok<op::CreateSecret>({.Name = "db", .SecretString = text});
  }
  void put(const std::string& text, const std::string& region = kEast) {
    ok<op::PutSecretValue>({.SecretId = "db", .SecretString = text}, region);
  }
};

TEST_F(Secrets, ASecretIsFoundByNameByArnAndByArnWithoutItsEnd) {
  auto s = make();
  EXPECT_EQ(value("db"), "one");
  EXPECT_EQ(value(*s.ARN), "one");
  EXPECT_EQ(value(s.ARN->substr(0, s.ARN->size() - 7)), "one");
  EXPECT_EQ(refused<op::GetSecretValue>({.SecretId = "dc"}), "ResourceNotFoundException");
  EXPECT_EQ(refused<op::GetSecretValue>({.SecretId = "db"}, kWest), "ResourceNotFoundException");
  EXPECT_EQ(refused<op::CreateSecret>({.Name = "db"}), "ResourceExistsException");
  EXPECT_EQ(refused<op::CreateSecret>({.Name = "a b"}), "ValidationException");
}

TEST_F(Secrets, LabelsMoveWithEachVersion) {
  make();
  put("two");
  EXPECT_EQ(labelled("AWSCURRENT"), "two");
  EXPECT_EQ(labelled("AWSPREVIOUS"), "one");
  put("three");
  EXPECT_EQ(labelled("AWSPREVIOUS"), "two");
  ok<op::PutSecretValue>(
      {.SecretId = "db", .SecretString = "next", .VersionStages = std::vector<std::string>{"AWSPENDING"}});
  EXPECT_EQ(labelled("AWSCURRENT"), "three");
  EXPECT_EQ(labelled("AWSPENDING"), "next");
  EXPECT_EQ(ok<op::ListSecretVersionIds>({.SecretId = "db"}).Versions->size(), 3u);
  EXPECT_EQ(ok<op::ListSecretVersionIds>({.SecretId = "db", .IncludeDeprecated = true}).Versions->size(), 4u);
}

TEST_F(Secrets, TheSameTokenAgainChangesNothingAndOtherContentIsRefused) {
  make();
  std::string token = "0123456789abcdef0123456789abcdef";
  ok<op::PutSecretValue>({.SecretId = "db", .ClientRequestToken = token, .SecretString = "two"});
  EXPECT_EQ(ok<op::PutSecretValue>({.SecretId = "db", .ClientRequestToken = token, .SecretString = "two"})
                .VersionId,
            token);
  EXPECT_EQ(labelled("AWSPREVIOUS"), "one");
  EXPECT_EQ(
      refused<op::PutSecretValue>({.SecretId = "db", .ClientRequestToken = token, .SecretString = "three"}),
      "ResourceExistsException");
}

TEST_F(Secrets, AStagingLabelIsMovedByNamingBothEnds) {
  auto first = *make().VersionId;
  put("two");
  auto second = *ok<op::GetSecretValue>({.SecretId = "db"}).VersionId;
  EXPECT_EQ(refused<op::UpdateSecretVersionStage>(
                {.SecretId = "db", .VersionStage = "AWSCURRENT", .MoveToVersionId = first}),
            "InvalidParameterException");
  EXPECT_EQ(refused<op::UpdateSecretVersionStage>(
                {.SecretId = "db", .VersionStage = "AWSCURRENT", .RemoveFromVersionId = second}),
            "InvalidParameterException");
  ok<op::UpdateSecretVersionStage>({.SecretId = "db",
                                    .VersionStage = "AWSCURRENT",
                                    .RemoveFromVersionId = second,
                                    .MoveToVersionId = first});
  EXPECT_EQ(value("db"), "one");
  EXPECT_EQ(labelled("AWSPREVIOUS"), "two");
}

TEST_F(Secrets, ADeletedSecretCanBeRestoredUntilItsWindowEnds) {
  make();
  ok<op::DeleteSecret>({.SecretId = "db", .RecoveryWindowInDays = 7});
  EXPECT_EQ(refused<op::GetSecretValue>({.SecretId = "db"}), "InvalidRequestException");
  EXPECT_EQ(refused<op::CreateSecret>({.Name = "db"}), "InvalidRequestException");
  EXPECT_TRUE(ok<op::ListSecrets>({}).SecretList->empty());
  ok<op::RestoreSecret>({.SecretId = "db"});
  world.advance(std::chrono::hours(24 * 8));
  EXPECT_EQ(value("db"), "one");
  ok<op::DeleteSecret>({.SecretId = "db", .RecoveryWindowInDays = 7});
  world.advance(std::chrono::hours(24 * 8));
  EXPECT_EQ(refused<op::DescribeSecret>({.SecretId = "db"}), "ResourceNotFoundException");
  EXPECT_EQ(refused<op::DeleteSecret>({.SecretId = "db", .RecoveryWindowInDays = 6}),
            "InvalidParameterException");
}

TEST_F(Secrets, AReplicaFollowsAndIsReadOnlyUntilItIsPromoted) {
  make();
  ok<op::ReplicateSecretToRegions>(
      {.SecretId = "db", .AddReplicaRegions = std::vector<api::ReplicaRegionType>{{.Region = kWest}}});
  EXPECT_EQ((*ok<op::DescribeSecret>({.SecretId = "db"}).ReplicationStatus)[0].Status, "InProgress");
  world.run_until_idle();
  EXPECT_EQ((*ok<op::DescribeSecret>({.SecretId = "db"}).ReplicationStatus)[0].Status, "InSync");
  EXPECT_EQ(value("db", kWest), "one");
  put("two");
  world.run_until_idle();
  EXPECT_EQ(value("db", kWest), "two");
  auto replica = ok<op::DescribeSecret>({.SecretId = "db"}, kWest);
  EXPECT_EQ(replica.PrimaryRegion, kEast);
  EXPECT_NE(replica.ARN->find(":us-west-2:"), std::string::npos);
  EXPECT_EQ(refused<op::PutSecretValue>({.SecretId = "db", .SecretString = "x"}, kWest),
            "InvalidParameterException");
  EXPECT_EQ(refused<op::DeleteSecret>({.SecretId = "db"}), "InvalidParameterException");
  ok<op::StopReplicationToReplica>({.SecretId = "db"}, kWest);
  put("west's own", kWest);
  put("three");
  world.run_until_idle();
  EXPECT_EQ(value("db", kWest), "west's own");
}

TEST_F(Secrets, APartitionDelaysAReplicaAndLosesNothing) {
  ok<op::CreateSecret>({.Name = "db",
                        .SecretString = "one",
                        .AddReplicaRegions = std::vector<api::ReplicaRegionType>{{.Region = kWest}}});
  world.run_until_idle();
  world.partition(kEast, kWest);
  put("two");
  world.advance(Millis{5000});
  EXPECT_EQ(value("db", kWest), "one");
  EXPECT_EQ((*ok<op::DescribeSecret>({.SecretId = "db"}).ReplicationStatus)[0].Status, "InProgress");
  world.heal(kEast, kWest);
  world.advance(Millis{5000});
  EXPECT_EQ(value("db", kWest), "two");
}

TEST_F(Secrets, WhatIsDifferentUnderTheSameNameIsNotOverwrittenUnasked) {
  make();
  ok<op::CreateSecret>({.Name = "db", .SecretString = "west"}, kWest);
  auto out = ok<op::ReplicateSecretToRegions>(
      {.SecretId = "db", .AddReplicaRegions = std::vector<api::ReplicaRegionType>{{.Region = kWest}}});
  EXPECT_EQ((*out.ReplicationStatus)[0].Status, "Failed");
  world.run_until_idle();
  EXPECT_EQ(value("db", kWest), "west");
}

TEST_F(Secrets, ListsByFilterAndInPages) {
  for (const char* name : {"app/a", "app/b", "other"}) ok<op::CreateSecret>({.Name = name});
  api::ListSecretsRequest in;
  in.Filters = std::vector<api::Filter>{{.Key = "name", .Values = std::vector<std::string>{"app/"}}};
  in.MaxResults = 1;
  auto first = ok<op::ListSecrets>(in);
  ASSERT_EQ(first.SecretList->size(), 1u);
  in.NextToken = first.NextToken;
  auto second = ok<op::ListSecrets>(in);
  ASSERT_EQ(second.SecretList->size(), 1u);
  EXPECT_FALSE(second.NextToken);
  in.NextToken = "x";
  EXPECT_EQ(refused<op::ListSecrets>(in), "InvalidNextTokenException");
}

TEST_F(Secrets, APasswordHasOneOfEachKindAndNothingThatIsExcluded) {
  auto p = *ok<op::GetRandomPassword>(
                {.PasswordLength = 8, .ExcludeCharacters = "aA0\"", .ExcludePunctuation = true})
                .RandomPassword;
  EXPECT_EQ(p.size(), 8u);
  EXPECT_EQ(p.find_first_of("aA0\""), std::string::npos);
  EXPECT_NE(p.find_first_of("123456789"), std::string::npos);
  EXPECT_EQ(refused<op::GetRandomPassword>({.ExcludeNumbers = true,
                                            .ExcludePunctuation = true,
                                            .ExcludeUppercase = true,
                                            .ExcludeLowercase = true}),
            "InvalidRequestException");
}

TEST_F(Secrets, SurvivesARestart) {
  make();
  ok<op::DeleteSecret>({.SecretId = "db", .RecoveryWindowInDays = 7});
  ok<op::CreateSecret>({.Name = "other", .SecretString = "kept"});
  TestWorld again({}, world.ground());
  SecretsManagerService restarted{again};
  again.add(restarted);
  restarted.start();
  EXPECT_EQ(again.remote<op::GetSecretValue>(kEast, {.SecretId = "other"})->SecretString, "kept");
  again.advance(std::chrono::hours(24 * 8));
  EXPECT_FALSE(again.remote<op::DescribeSecret>(kEast, {.SecretId = "db"}));
}

}  // namespace
}  // namespace relight::sandbox
