#include <gtest/gtest.h>

#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "dr/model/duration.h"
#include "dr/steps/failover.h"
#include "dr/steps/stage.h"

namespace relight::dr {
namespace {

TEST(Promote, IsNotDoneWhileItStillReadsAvailableAsBefore) {
  Stage s;
  auto step = make_promote(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.status = "modifying";
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.status = "rebooting";
  s.source.clear();
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.status = "available";
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 1);
  EXPECT_EQ(s.c.journal, (std::vector<std::string>{"rds:PromoteReadReplica", "rds:PromoteReadReplica=ok"}));
}

TEST(Promote, TheDatabaseKeepsBackupsAsLongAsTheOldOneDid) {
  for (auto& [told, days] : std::map<std::string, int>{{"7", 7}, {"", 1}, {"0", 1}}) {
    Stage s;
    if (!told.empty()) s.c.known["detect"] = {{"backup_days", told}};
    int asked = 0;
    s.aws.on<aws::rds::op::PromoteReadReplica>([&](auto& in) {
      asked = in.BackupRetentionPeriod.value_or(0);
      return aws::rds::op::PromoteReadReplica::Output{};
    });
    EXPECT_TRUE(waits(make_promote(s.site)->advance(s.c)));
    EXPECT_EQ(asked, days);
  }
}

TEST(Promote, WaitsForABackupToEnd) {
  Stage s;
  s.status = "backing-up";
  auto step = make_promote(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 0);
  s.status = "available";
  s.promote_answer = fail(Error{.code = "InvalidDBInstanceState", .http_status = 400});
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.promote_answer = {};
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 2);
}

TEST(Promote, AfterACrashItLooksBeforeItAsksAndNeedsAnEventAsProof) {
  Stage s;
  s.c.left = Intent{"rds:PromoteReadReplica", "ddb", 1, {}, true};
  auto step = make_promote(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 0);
  s.source.clear();  // it had been asked for
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.events = {"Promoted replica instance to stand-alone"};
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 0);
}

TEST(Promote, ALostAnswerIsNotRepeatedBlindly) {
  Stage s;
  s.promote_answer = fail("Http.Reset", "as the caller reports it: not to be repeated");
  auto step = make_promote(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 1);
  s.promote_answer = {};
  s.c.passed = Millis(1000);  // the request itself was lost
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 2);
}

TEST(Promote, WithoutTheLeaseNothingIsSent) {
  Stage s;
  s.c.lost = true;
  auto step = make_promote(s.site);
  EXPECT_TRUE(std::holds_alternative<Failed>(step->advance(s.c)));
  EXPECT_EQ(s.promotions, 0);
}

TEST(EvidenceStep, RefusesWhenThereIsNoReplica) {
  Stage s;
  s.source.clear();
  auto o = make_evidence(s.site)->advance(s.c);
  auto* f = std::get_if<Failed>(&o);
  ASSERT_TRUE(f);
  EXPECT_TRUE(f->refused);
  s.aws.on<aws::rds::op::DescribeDBInstances>([](auto&) -> Result<aws::rds::op::DescribeDBInstances::Output> {
    return fail(Error{.code = "DBInstanceNotFound", .http_status = 404});
  });
  o = make_evidence(s.site)->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_NE(std::get<Failed>(o).error.message.find("does not exist"), std::string::npos);
}

TEST(EvidenceStep, GoesOnWithoutSqlAndSaysWhichCertaintyIsGone) {
  Stage s;
  auto refused = make_evidence(s.site)->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(refused));
  EXPECT_EQ(std::get<Failed>(refused).error.code, "Failover.LossUnknown");
  s.site.consent.loss_unknown = true;
  auto o = make_evidence(s.site)->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_NE(get(std::get<Done>(o).facts, "certainty_lost"), "");
}

TEST(Fence, AnUnreachablePrimaryIsUnprovenNotProven) {
  Stage s;
  auto step = make_fence(s.site);
  auto o = step->advance(s.c);
  for (int i = 0; i < 3 && waits(o); ++i) o = step->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(get(std::get<Done>(o).facts, "confidence"), "unproven");
}

TEST(Fence, APrimaryThatStillServesAndCannotBeStoppedStopsTheRun) {
  Stage s;
  s.c.known["detect"] = {{"verdict", "up"}};
  auto step = make_fence(s.site);
  Outcome o = step->advance(s.c);
  for (int i = 0; i < 3 && waits(o); ++i) o = step->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_TRUE(std::get<Failed>(o).refused);
  s.site.consent.unproven_fence = true;
  auto again = make_fence(s.site);
  o = again->advance(s.c);
  for (int i = 0; i < 3 && waits(o); ++i) o = again->advance(s.c);
  EXPECT_TRUE(is_done(o));
}

TEST(Compute, DoesNothingWhenEnoughIsAskedForAlready) {
  Stage s;
  int desired = 0;
  s.aws.on<aws::ecs::op::DescribeServices>([&](auto&) {
    aws::ecs::Service service;
    service.desiredCount = desired;
    aws::ecs::op::DescribeServices::Output out;
    out.services = {{service}};
    return out;
  });
  s.aws.on<aws::ecs::op::UpdateService>([&](auto& in) {
    desired = *in.desiredCount;
    return aws::ecs::op::UpdateService::Output{};
  });
  EXPECT_TRUE(is_done(make_compute(s.site)->advance(s.c)));
  EXPECT_EQ(desired, 2);
  EXPECT_TRUE(is_done(make_compute(s.site)->advance(s.c)));
  EXPECT_EQ(s.aws.count("UpdateService d"), 1u);
}

TEST(Compute, LooksAgainWhenTheAnswerWasLost) {
  Stage s;
  int desired = 0;
  s.aws.on<aws::ecs::op::DescribeServices>([&](auto&) {
    aws::ecs::Service service;
    service.desiredCount = desired;
    aws::ecs::op::DescribeServices::Output out;
    out.services = {{service}};
    return out;
  });
  s.aws.on<aws::ecs::op::UpdateService>([&](auto& in) -> Result<aws::ecs::op::UpdateService::Output> {
    desired = *in.desiredCount;
    return fail("Http.Deadline", "it was done, and the answer did not come");
  });
  auto step = make_compute(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  EXPECT_TRUE(is_done(step->advance(s.c)));
}

TEST(Dns, IsDoneOnlyWhenTheStandbyAnswers) {
  Stage s;
  s.names.names = {{"www", "10.0.0.1"}, {"dalb", "10.0.0.2"}};
  s.aws.on<aws::s3::op::PutObject>([](auto& in) {
    EXPECT_EQ(*in.Bucket, "flags");
    return aws::s3::op::PutObject::Output{};
  });
  auto step = make_dns(s.site);
  EXPECT_TRUE(waits(step->advance(s.c)));
  s.names.names["www"] = "10.0.0.2";
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_EQ(s.aws.calls, std::vector<std::string>{"PutObject d"});
}

TEST(Loss, IsRefusedOverTheObjectiveUnlessAccepted) {
  Stage s;
  auto judged = [&](Consent consent, std::optional<int> lag, std::optional<uint64_t> bytes = {}) {
    s.site.consent = consent;
    LossBound b{lag ? std::optional(Millis(*lag)) : std::nullopt, bytes, "no heartbeat"};
    auto r = loss_allowed(s.site, b);
    return r ? std::string("allowed") : r.error().code;
  };
  EXPECT_EQ(judged({}, 30000), "allowed");
  EXPECT_EQ(judged({}, 30001), "Failover.LagOverObjective");
  EXPECT_EQ(judged({.loss_time = Millis(60000)}, 30001), "allowed");
  EXPECT_EQ(judged({.loss_time = Millis(60000)}, 60001), "Failover.LagOverObjective");
  EXPECT_EQ(judged({.loss_bytes = 1000}, 30001), "Failover.LagOverObjective");
  EXPECT_EQ(judged({.loss_bytes = 1000}, 30001, 1000), "allowed");
  EXPECT_EQ(judged({.loss_bytes = 1000}, 30001, 1001), "Failover.LagOverObjective");
}

TEST(Loss, ThatIsUnknownIsRefusedWhateverTimeWasAcceptedUnlessThatIsAccepted) {
  Stage s;
  s.site.consent.loss_time = Millis(3600000);
  auto r = loss_allowed(s.site, {{}, {}, "there is no heartbeat"});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Failover.LossUnknown");
  EXPECT_NE(r.error().message.find("there is no heartbeat"), std::string::npos);
  s.site.consent.loss_unknown = true;
  EXPECT_TRUE(loss_allowed(s.site, {}));
  s.site.consent = {};
  s.site.config.rpo = Millis(0);  // no objective, no judgement
  EXPECT_TRUE(loss_allowed(s.site, {}));
}

}  // namespace
}  // namespace relight::dr
