// What only the way back does, against an AWS by script. In the stage the primary region is "p", the recovery
// "d".
#include "dr/failback/failback.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aws/gen/secretsmanager.h"
#include "dr/steps/fence_measures.h"
#include "dr/steps/stage.h"

namespace relight::dr {
namespace {
namespace rds = aws::rds;
namespace s3 = aws::s3;
namespace sm = aws::secretsmanager;

const Failed& failure(const Outcome& o) { return std::get<Failed>(o); }
std::string fact(const Outcome& o, const std::string& name) { return get(std::get<Done>(o).facts, name); }

// Both regions' databases by name, in the states that RDS takes them through.
struct Databases : Stage {
  std::map<std::string, rds::DBInstance> there;  // "region/name"
  std::vector<rds::DBSnapshot> snapshots;
  std::vector<rds::CreateDBInstanceReadReplicaMessage> made;
  std::vector<rds::Parameter> group;

  Databases() {
    auto& p = add("p/pdb");
    p.DBInstanceArn = "arn:aws:rds:p:1:db:pdb";
    auto& d = add("d/ddb");
    d.BackupRetentionPeriod = 7;
    d.DBInstanceClass = "db.t3.small";
    d.DBParameterGroups = {{{.DBParameterGroupName = "ours"}}};
    d.OptionGroupMemberships = {{{.OptionGroupName = "default:mariadb-10-11"}}};
    d.TagList = {{{.Key = "aws:cloudformation:stack-name", .Value = "x"}, {.Key = "team", .Value = "web"}}};
    aws.on<rds::op::DescribeDBSnapshots>([this](auto& in) {
      EXPECT_EQ(in.DBInstanceIdentifier, "ddb");
      return rds::op::DescribeDBSnapshots::Output{.DBSnapshots = snapshots};
    });
    aws.on<rds::op::CreateDBSnapshot>([this](auto& in) {
      snapshots.push_back({.DBSnapshotIdentifier = in.DBSnapshotIdentifier, .Status = "creating"});
      return rds::op::CreateDBSnapshot::Output{};
    });
    aws.on<rds::op::ModifyDBInstance>([this](auto& in) {
      EXPECT_TRUE(in.ApplyImmediately.value_or(false));
      there["d/" + *in.NewDBInstanceIdentifier] = there["d/" + *in.DBInstanceIdentifier];
      there.erase("d/" + *in.DBInstanceIdentifier);
      return rds::op::ModifyDBInstance::Output{};
    });
    aws.on<rds::op::CreateDBInstanceReadReplica>([this](auto& in) {
      made.push_back(in);
      add("d/" + *in.DBInstanceIdentifier).ReadReplicaSourceDBInstanceIdentifier =
          in.SourceDBInstanceIdentifier;
      return rds::op::CreateDBInstanceReadReplica::Output{};
    });
    aws.on<rds::op::DescribeDBParameters>(
        [this](auto&) { return rds::op::DescribeDBParameters::Output{.Parameters = group}; });
    aws.on<rds::op::ResetDBParameterGroup>([](auto& in) {
      EXPECT_EQ(in.ResetAllParameters, false);
      EXPECT_EQ(in.Parameters->front().ParameterName, "read_only");
      return rds::op::ResetDBParameterGroup::Output{};
    });
    answer_by_name();
  }
  rds::DBInstance& add(const std::string& name) {
    auto& db = there[name];
    db.DBInstanceStatus = "available";
    return db;
  }
  void answer_by_name() {
    aws.on<rds::op::DescribeDBInstances>([this](auto& in) -> Result<rds::op::DescribeDBInstances::Output> {
      if (!in.DBInstanceIdentifier) {
        rds::op::DescribeDBInstances::Output all;
        all.DBInstances.emplace();
        for (auto& [name, db] : there) {
          auto& one = all.DBInstances->emplace_back(db);
          one.DBInstanceIdentifier = name.substr(2);
        }
        return all;
      }
      auto region = in.DBInstanceIdentifier->starts_with("pdb") ? "p/" : "d/";
      auto it = there.find(region + *in.DBInstanceIdentifier);
      if (it == there.end()) return fail(Error{.code = "DBInstanceNotFound", .http_status = 404});
      return rds::op::DescribeDBInstances::Output{.DBInstances = {{it->second}}};
    });
  }
};

TEST(Keep, TakesASnapshotThenRenamesAndDeletesNothing) {
  Databases s;
  auto step = make_keep(s.site, true);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(waits(step->advance(s.c)));  // the snapshot is not there yet
  EXPECT_EQ(s.aws.count("ModifyDBInstance d"), 0u);
  s.snapshots.front().Status = "available";
  EXPECT_TRUE(waits(step->advance(s.c)));
  auto o = step->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(fact(o, "kept"), "ddb-kept-r1");
  EXPECT_EQ(fact(o, "snapshot"), "ddb-kept-r1");
  EXPECT_EQ(fact(o, "backup_days"), "7");
  // Whoever begins anew finds it done.
  EXPECT_TRUE(is_done(make_keep(s.site, true)->advance(s.c)));
  EXPECT_EQ(s.aws.count("ModifyDBInstance d"), 1u);
}

TEST(Keep, ANameIsNeverLongerThanRdsAllowsNorHasTwoHyphensTogether) {
  Databases s;
  auto id = std::string(55, 'a') + "-" + std::string(7, 'b');
  s.site.topology.recovery.database = id;
  s.add("d/" + id);
  auto step = make_keep(s.site, false);
  EXPECT_TRUE(waits(step->advance(s.c)));
  auto kept = fact(step->advance(s.c), "kept");
  EXPECT_LE(kept.size(), 63u);
  EXPECT_EQ(kept.find("--"), kept.npos) << kept;
}

TEST(Keep, AReplicaThatAnEarlierRunMadeIsNotPutAsideAndTheKeptOneIsFound) {
  Databases s;
  s.add("d/ddb-kept-abc123").BackupRetentionPeriod = 14;
  s.add("d/other-kept-abc123");
  s.there["d/ddb"].ReadReplicaSourceDBInstanceIdentifier = "arn:aws:rds:p:1:db:pdb";
  auto o = make_keep(s.site, true)->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(fact(o, "kept"), "ddb-kept-abc123");
  EXPECT_EQ(fact(o, "backup_days"), "14");
  EXPECT_EQ(s.aws.count("ModifyDBInstance d"), 0u);
}

TEST(Keep, WithoutADatabaseItSaysWhatToDo) {
  Databases s;
  s.there.erase("d/ddb");
  EXPECT_TRUE(waits(make_keep(s.site, true)->advance(s.c)));  // it may be between two names
  s.c.passed = Millis(61000);
  auto o = make_keep(s.site, true)->advance(s.c);
  EXPECT_EQ(failure(o).error.code, "Failback.NoDatabase");
  EXPECT_NE(failure(o).error.next.find("relight resume"), std::string::npos);
}

TEST(Rebuild, MakesAReplicaLikeTheOneThatWasKeptAndLeavesItOpen) {
  Databases s;
  s.there["d/kept"] = s.there["d/ddb"];
  s.there.erase("d/ddb");
  s.c.known["keep"] = {{"kept", "kept"}};
  s.group = {{.ParameterName = "read_only", .ParameterValue = "1"}};
  auto step = make_rebuild(s.site, "keep");
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.aws.count("ResetDBParameterGroup d"), 1u);
  ASSERT_EQ(s.made.size(), 1u);
  auto& in = s.made.front();
  EXPECT_EQ(in.DBInstanceIdentifier, "ddb");
  EXPECT_EQ(in.SourceDBInstanceIdentifier, "arn:aws:rds:p:1:db:pdb");
  EXPECT_EQ(in.DBInstanceClass, "db.t3.small");
  EXPECT_EQ(in.DBParameterGroupName, "ours");
  EXPECT_FALSE(in.OptionGroupName);  // the engine's own needs no word
  ASSERT_EQ(in.Tags->size(), 1u);    // AWS's own cannot be given
  EXPECT_EQ(in.Tags->front().Key, "team");
  // SQL does not reach it here: RDS's word counts, and what is not known is said.
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.there["d/ddb"].StatusInfos = {{{.StatusType = "read replication", .Status = "replicating"}}};
  auto o = step->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_NE(fact(o, "certainty_lost"), "");
  EXPECT_EQ(s.made.size(), 1u);
}

TEST(Rebuild, AReplicaThatIsNotListedYetIsNoFailure) {
  Databases s;
  s.there["d/kept"] = s.there["d/ddb"];
  s.there.erase("d/ddb");
  s.c.known["keep"] = {{"kept", "kept"}};
  s.aws.on<rds::op::CreateDBInstanceReadReplica>(
      [](auto&) -> Result<rds::op::CreateDBInstanceReadReplica::Output> {
        return fail(Error{.code = "DBInstanceAlreadyExists", .http_status = 400});
      });
  EXPECT_TRUE(waits(make_rebuild(s.site, "keep")->advance(s.c)));
}

TEST(Rebuild, AGroupThatNobodyClosedIsLeftAlone) {
  Databases s;
  s.there["d/kept"] = s.there["d/ddb"];
  s.there.erase("d/ddb");
  s.c.known["keep"] = {{"kept", "kept"}};
  s.group = {{.ParameterName = "read_only", .ParameterValue = "{TrueIfReplica}"}};
  EXPECT_TRUE(waits(make_rebuild(s.site, "keep")->advance(s.c)));
  EXPECT_EQ(s.aws.count("ResetDBParameterGroup d"), 0u);
}

TEST(Rebuild, ADatabaseThatSomebodyElsePutThereIsNotTouched) {
  Databases s;
  s.there["d/ddb"].ReadReplicaSourceDBInstanceIdentifier = "arn:aws:rds:p:1:db:another";
  auto o = make_rebuild(s.site, "keep")->advance(s.c);
  EXPECT_EQ(failure(o).error.code, "Failback.OtherSource");
  EXPECT_TRUE(s.made.empty());
}

struct Policies : Stage {
  std::string policy;
  std::optional<std::string> put;
  Policies() {
    site.topology.recovery.bucket = "uploads";
    aws.on<s3::op::GetBucketPolicy>(
        [this](auto&) { return s3::op::GetBucketPolicy::Output{.Policy = policy}; });
    aws.on<s3::op::PutBucketPolicy>([this](auto& in) {
      put = in.Policy;
      return s3::op::PutBucketPolicy::Output{};
    });
    aws.on<s3::op::DeleteBucketPolicy>([](auto&) { return s3::op::DeleteBucketPolicy::Output{}; });
  }
};

TEST(Admit, TakesOutWhatTheFencePutInAndNothingElse) {
  Policies s;
  s.policy =
      R"({"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny"},{"Sid":"RelightFence","Effect":"Deny"},
                {"Sid":"RelightFenceDelete","Effect":"Deny"}]})";
  EXPECT_EQ(fact(make_admit(s.site)->advance(s.c), "lifted"), "yes");
  auto left = nlohmann::json::parse(*s.put);
  ASSERT_EQ(left["Statement"].size(), 1u);
  EXPECT_EQ(left["Statement"][0]["Sid"], "TlsOnly");
}

TEST(Admit, APolicyThatWasOnlyTheFenceGoesAndOneWithoutItStays) {
  Policies s;
  s.policy = R"({"Version":"2012-10-17","Statement":[{"Sid":"RelightFence","Effect":"Deny"}]})";
  EXPECT_TRUE(is_done(make_admit(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("DeleteBucketPolicy d"), 1u);
  s.policy = R"({"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny"}]})";
  EXPECT_NE(fact(make_admit(s.site)->advance(s.c), "lifted"), "yes");
  EXPECT_FALSE(s.put);
  EXPECT_EQ(s.aws.count("DeleteBucketPolicy d"), 1u);
}

Instant at_second(int n) { return Instant(std::chrono::seconds(n)); }

// Two buckets: name -> (tag, second of the last change).
struct Buckets : Stage {
  std::map<std::string, std::pair<std::string, int>> from, to;
  std::vector<s3::DeleteMarkerEntry> markers;
  std::vector<std::string> copied, deleted;

  Buckets() {
    site.topology.primary.bucket = "from";
    site.topology.recovery.bucket = "to";
    aws.on<s3::op::ListObjectsV2>([this](auto& in) {
      s3::op::ListObjectsV2::Output out;
      out.Contents.emplace();
      for (auto& [key, o] : in.Bucket == "from" ? from : to)
        out.Contents->push_back({.Key = key, .LastModified = at_second(o.second), .ETag = o.first});
      return out;
    });
    aws.on<s3::op::HeadObject>([this](auto& in) -> Result<s3::op::HeadObject::Output> {
      auto& bucket = in.Bucket == "from" ? from : to;
      auto it = bucket.find(*in.Key);
      if (it == bucket.end()) return fail(Error{.code = "NotFound", .http_status = 404});
      s3::op::HeadObject::Output out;
      out.ETag = it->second.first;
      out.LastModified = at_second(it->second.second);
      out.ContentLength = 3;
      return out;
    });
    aws.on<s3::op::GetObjectTagging>([](auto&) { return s3::op::GetObjectTagging::Output{}; });
    aws.on<s3::op::CopyObject>([this](auto& in) {
      std::lock_guard g(guard);
      copied.push_back(*in.Key);
      return s3::op::CopyObject::Output{};
    });
    aws.on<s3::op::DeleteObject>([this](auto& in) {
      deleted.push_back(*in.Key);
      return s3::op::DeleteObject::Output{};
    });
    aws.on<s3::op::ListObjectVersions>(
        [this](auto&) { return s3::op::ListObjectVersions::Output{.DeleteMarkers = markers}; });
  }
  Outcome all(bool last = false) {
    auto step = make_bring_objects(site, last);
    for (int n = 0; n < 100; ++n)
      if (auto o = step->advance(c); !waits(o)) return o;
    ADD_FAILURE() << "it never ended";
    return Waiting{};
  }
  std::mutex guard;
};

TEST(BringObjects, CopiesWhatIsMissingOrOlderAndLeavesWhatIsTheSameOrOnlyThere) {
  Buckets s;
  s.from = {{"missing", {"1", 10}},
            {"same", {"2", 10}},
            {"written-since", {"3", 20}},
            {"copied-before", {"4", 10}}};
  s.to = {{"never-arrived", {"9", 5}},
          {"same", {"2", 5}},
          {"written-since", {"x", 15}},
          {"copied-before", {"y", 15}}};
  auto o = s.all();
  ASSERT_TRUE(is_done(o));
  std::ranges::sort(s.copied);
  EXPECT_EQ(s.copied, (std::vector<std::string>{"missing", "written-since"}));
  EXPECT_TRUE(s.deleted.empty());
  EXPECT_EQ(fact(o, "compared"), "4");
  EXPECT_EQ(fact(o, "bytes"), "6");
}

TEST(BringObjects, WhatWasDeletedIsDeletedUnlessWhatIsThereIsNewer) {
  Buckets s;
  s.to = {{"old", {"1", 10}}, {"lost-upload", {"2", 30}}};
  for (auto* key : {"old", "lost-upload", "gone"})
    s.markers.push_back({.Key = key, .IsLatest = true, .LastModified = at_second(20)});
  s.markers.push_back({.Key = "written-again", .IsLatest = false, .LastModified = at_second(20)});
  EXPECT_EQ(fact(s.all(), "deleted"), "1");
  EXPECT_EQ(s.deleted, std::vector<std::string>{"old"});
}

TEST(BringObjects, OneThatKeepsChangingIsLeftToTheLastRoundAndFailsThere) {
  Buckets s;
  s.from = {{"busy", {"1", 10}}};
  s.aws.on<s3::op::CopyObject>([](auto&) -> Result<s3::op::CopyObject::Output> {
    return fail(Error{.code = "PreconditionFailed", .http_status = 412});
  });
  EXPECT_EQ(fact(s.all(false), "copied"), "0");
  auto last = s.all(true);
  EXPECT_EQ(failure(last).error.code, "Objects.Changes");
  EXPECT_NE(failure(last).error.resource.find("busy"), std::string::npos);
}

TEST(StrictFence, WithoutTheDatabasesWordItDoesNotGoOn) {
  Stage s;
  s.site.topology.primary.cluster = "";
  auto step = make_strict_fence(s.site);
  s.c.passed = Millis(3600'000);
  auto o = step->advance(s.c);
  EXPECT_EQ(failure(o).error.code, "Failback.FenceUnproven");
  s.site.consent.unproven_fence = true;  // of a failover
  EXPECT_EQ(failure(make_strict_fence(s.site)->advance(s.c)).error.code, "Failback.FenceUnproven");
}

struct AskedForIt final : Measure {
  explicit AskedForIt(Result<bool>& a) : answer(a) {}
  Result<bool>& answer;
  std::string name() const override { return "database"; }
  Result<bool> advance(Context&, const aws::CallOptions&) override { return answer; }
  bool proves() const override { return true; }
  Facts facts() const override { return {{"primary_position", "0-1-7"}}; }
};

TEST(StrictFence, WhatAnswersIsWaitedForLongerThanWhatIsSilent) {
  Stage s;
  Result<bool> answer = false;  // asked for, and not yet so
  auto fence = [&] {
    std::vector<std::unique_ptr<Measure>> one;
    one.push_back(std::make_unique<AskedForIt>(answer));
    return make_strict_fence_of(s.site, std::move(one));
  };
  auto after = [&](Step& step, int seconds) {
    s.c.passed = Millis(1000 * seconds);
    return step.advance(s.c);
  };
  auto step = fence();
  EXPECT_TRUE(waits(after(*step, 599)));
  answer = true;
  EXPECT_TRUE(is_done(after(*step, 600)));
  answer = false;
  EXPECT_EQ(failure(after(*fence(), 600)).error.code, "Failback.FenceUnproven");
  answer = fail(Error{.code = "Sql.Refused", .retryable = true});
  step = fence();
  EXPECT_TRUE(waits(after(*step, 4)));
  EXPECT_EQ(failure(after(*step, 5)).error.code, "Failback.FenceUnproven");
  answer = false;
  s.site.config.fence_deadline = Millis(2000);
  EXPECT_EQ(failure(after(*fence(), 2)).error.code, "Failback.FenceUnproven");
}

TEST(ReplicateSecrets, OneThatFailsIsTakenOutOnceAndMadeAnew) {
  Stage s;
  s.site.topology.dormant = std::vector<Dormant>{{.kind = Dormant::Kind::kSecret, .name = "db"}};
  std::vector<sm::ReplicationStatusType> status{
      {.Region = "d", .Status = "Failed", .StatusMessage = "it exists"}};
  s.aws.on<sm::op::DescribeSecret>(
      [&](auto&) { return sm::op::DescribeSecret::Output{.ReplicationStatus = status}; });
  s.aws.on<sm::op::RemoveRegionsFromReplication>([&](auto&) {
    status.clear();
    return sm::op::RemoveRegionsFromReplication::Output{};
  });
  s.aws.on<sm::op::ReplicateSecretToRegions>([&](auto& in) {
    EXPECT_TRUE(in.ForceOverwriteReplicaSecret.value_or(false));
    status = {{.Region = "d", .Status = "InProgress"}};
    return sm::op::ReplicateSecretToRegions::Output{};
  });
  auto step = make_replicate_secrets(s.site);
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(waits(step->advance(s.c)));
  status = {{.Region = "d", .Status = "InSync"}};
  EXPECT_TRUE(is_done(step->advance(s.c)));
}

TEST(ReplicateSecrets, OneThatFailsAgainIsAFailureWithItsReason) {
  Stage s;
  s.site.topology.dormant = std::vector<Dormant>{{.kind = Dormant::Kind::kSecret, .name = "db"}};
  std::vector<sm::ReplicationStatusType> status;
  s.aws.on<sm::op::DescribeSecret>(
      [&](auto&) { return sm::op::DescribeSecret::Output{.ReplicationStatus = status}; });
  s.aws.on<sm::op::ReplicateSecretToRegions>([&](auto&) {
    status = {{.Region = "d", .Status = "Failed", .StatusMessage = "no such key"}};
    return sm::op::ReplicateSecretToRegions::Output{};
  });
  auto step = make_replicate_secrets(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  auto o = step->advance(s.c);
  EXPECT_EQ(failure(o).error.code, "Failback.Secret");
  EXPECT_NE(failure(o).error.message.find("no such key"), std::string::npos);
}

TEST(Quarantine, ARegionThatRefusesKeepsTheRunFromGoingOn) {
  Stage s;
  s.aws.on<aws::ecs::op::DescribeServices>([](auto&) -> Result<aws::ecs::op::DescribeServices::Output> {
    return fail(Error{.code = "AccessDeniedException", .message = "no", .http_status = 400});
  });
  auto o = make_quarantine(s.site)->advance(s.c);
  EXPECT_EQ(failure(o).error.code, "AccessDeniedException");
  EXPECT_NE(failure(o).error.next, "");
}

TEST(Quarantine, IsDoneWhenNoTaskRunsAndTheBucketReplicatesNoMore) {
  Stage s;
  s.site.topology.primary.bucket = "uploads";
  int running = 1;
  s.aws.on<aws::ecs::op::DescribeServices>([&](auto&) {
    aws::ecs::Service service;
    service.desiredCount = 0;
    service.runningCount = running;
    return aws::ecs::op::DescribeServices::Output{.services = {{service}}};
  });
  s.aws.on<s3::op::GetBucketPolicy>([](auto&) -> Result<s3::op::GetBucketPolicy::Output> {
    return fail(Error{.code = "NoSuchBucketPolicy", .http_status = 404});
  });
  s.aws.on<s3::op::PutBucketPolicy>([](auto&) { return s3::op::PutBucketPolicy::Output{}; });
  s.aws.on<s3::op::ListObjectsV2>([](auto&) { return s3::op::ListObjectsV2::Output{}; });
  s.aws.on<s3::op::GetBucketReplication>([](auto&) {
    s3::op::GetBucketReplication::Output out;
    out.ReplicationConfiguration.emplace().Rules.emplace().emplace_back();
    return out;
  });
  s.aws.on<s3::op::DeleteBucketReplication>([](auto&) { return s3::op::DeleteBucketReplication::Output{}; });
  auto step = make_quarantine(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  running = 0;
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_EQ(s.aws.count("DeleteBucketReplication p"), 1u);
}

}  // namespace
}  // namespace relight::dr
