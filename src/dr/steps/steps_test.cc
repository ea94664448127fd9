#include <gtest/gtest.h>

#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "dr/engine/fakes.h"
#include "dr/model/duration.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

// AWS by script: one function an operation, called with the operation's own structs.
class ScriptedAws final : public aws::Caller {
 public:
  template <class Op>
  void on(std::function<Result<typename Op::Output>(const typename Op::Input&)> f) {
    handlers_[std::string(Op::desc().name)] = [f](const void* in, void* out) -> Result<> {
      auto r = f(*static_cast<const typename Op::Input*>(in));
      if (!r) return fail(r.error());
      *static_cast<typename Op::Output*>(out) = std::move(*r);
      return {};
    };
  }
  Result<> invoke(const aws::ServiceModel&, const aws::Operation& op, const void* in, void* out,
                  const aws::CallOptions& o) override {
    std::lock_guard g(m_);
    calls.push_back(std::string(op.name) + " " + o.region.value_or(""));
    auto it = handlers_.find(std::string(op.name));
    if (it == handlers_.end()) return fail(Error{.code = "Http.Refused", .retryable = true});
    return it->second(in, out);
  }
  size_t count(std::string_view call) const {
    return static_cast<size_t>(std::count(calls.begin(), calls.end(), call));
  }
  std::vector<std::string> calls;

 private:
  std::mutex m_;
  std::map<std::string, std::function<Result<>(const void*, void*)>> handlers_;
};

class NoHttp final : public http::Exchange {
 public:
  Result<http::Response> send(const http::Request&, Millis) override {
    return fail("Http.Refused", "nobody listens");
  }
};

class FixedNames final : public Resolver {
 public:
  Result<std::vector<std::string>> addresses(const std::string& name) override {
    auto it = names.find(name);
    if (it == names.end()) return fail("Dns.NotFound", "no such name");
    return std::vector{it->second};
  }
  std::map<std::string, std::string> names;
};

class FakeContext final : public Context {
 public:
  const std::string& run() const override { return run_; }
  uint64_t epoch() const override { return 1; }
  const std::string& reason() const override { return run_; }
  Facts facts(const std::string& step) const override {
    return known.contains(step) ? known.at(step) : Facts{};
  }
  Millis elapsed() const override { return passed; }
  std::optional<Intent> open_intent(const std::string&) const override { return left; }
  Result<> intend(const std::string& call, const std::string&) override {
    if (lost) return fail("Lease.Lost", "another holds it");
    journal.push_back(call);
    return {};
  }
  Result<> effect(const std::string& call, const std::string&, const std::string& outcome) override {
    journal.push_back(call + "=" + outcome);
    return {};
  }
  std::map<std::string, Facts> known{{"evidence", {{"sql", "unreachable"}}}};
  Millis passed{0};
  std::optional<Intent> left;
  std::vector<std::string> journal;
  bool lost = false;

 private:
  std::string run_ = "r1";
};

bool nobody(const Holder&) { return false; }

struct Stage {
  ScriptedAws aws;
  NoHttp http;
  FixedNames names;
  VirtualClock clock;
  std::unique_ptr<Store> store = make_object_store(std::make_shared<MemoryObjects>(), "", nobody);
  FakeContext c;
  Config config = [] {
    Config x;
    x.primary.region = "p";
    x.recovery.region = "d";
    x.dns.domain = "www";
    x.tasks = 2;
    x.rpo = Millis(30000);
    return x;
  }();
  Topology topology = [] {
    Topology t;
    t.primary = {"pc", "ps", "pdb", "pdb.host", "palb", "", ""};
    t.recovery = {"dc", "ds", "ddb", "ddb.host", "dalb", "tg", ""};
    t.flag_bucket = "flags";
    t.flag_key = "k";
    return t;
  }();
  Site site{config, topology, {}, aws, http, names, clock, *store, [] { return Result<std::string>("x"); }};

  // The replica as RDS shows it.
  std::string status = "available", source = "arn:source";
  std::vector<std::string> events;
  int promotions = 0;
  Result<> promote_answer{};

  Stage() {
    aws.on<aws::rds::op::DescribeDBInstances>([this](auto&) {
      aws::rds::DBInstance db;
      db.DBInstanceStatus = status;
      if (!source.empty()) db.ReadReplicaSourceDBInstanceIdentifier = source;
      aws::rds::op::DescribeDBInstances::Output out;
      out.DBInstances = {{db}};
      return out;
    });
    aws.on<aws::rds::op::DescribeEvents>([this](auto&) {
      aws::rds::op::DescribeEvents::Output out;
      out.Events.emplace();
      for (auto& m : events) {
        aws::rds::Event e;
        e.Message = m;
        out.Events->push_back(e);
      }
      return out;
    });
    aws.on<aws::rds::op::PromoteReadReplica>(
        [this](auto& in) -> Result<aws::rds::op::PromoteReadReplica::Output> {
          EXPECT_GE(in.BackupRetentionPeriod.value_or(0), 1);
          ++promotions;
          if (!promote_answer) return fail(promote_answer.error());
          return aws::rds::op::PromoteReadReplica::Output{};
        });
  }
};

bool waits(const Outcome& o) { return std::holds_alternative<Waiting>(o); }
bool is_done(const Outcome& o) { return std::holds_alternative<Done>(o); }

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
