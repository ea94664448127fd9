// The tests' stage: AWS, HTTP, names and a run's context by script.
#pragma once
#include <gtest/gtest.h>

#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "dr/engine/fakes.h"
#include "dr/steps/failover.h"

namespace relight::dr {

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

// Nobody listens, unless a test answers.
class NoHttp final : public http::Exchange {
 public:
  Result<http::Response> send(const http::Request& r, Millis) override {
    if (!answer) return fail("Http.Refused", "nobody listens");
    asked.push_back(r);
    return answer(r);
  }
  std::function<Result<http::Response>(const http::Request&)> answer;
  std::vector<http::Request> asked;
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
    std::lock_guard g(m_);
    journal.push_back(call);
    return {};
  }
  Result<> effect(const std::string& call, const std::string&, const std::string& outcome) override {
    std::lock_guard g(m_);
    journal.push_back(call + "=" + outcome);
    return {};
  }
  std::map<std::string, Facts> known{{"evidence", {{"sql", "unreachable"}}}};
  Millis passed{0};
  std::optional<Intent> left;
  std::vector<std::string> journal;
  bool lost = false;

 private:
  std::mutex m_;  // steps act side by side
  std::string run_ = "r1";
};

inline bool nobody(const Holder&) { return false; }

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

inline bool waits(const Outcome& o) { return std::holds_alternative<Waiting>(o); }
inline bool is_done(const Outcome& o) { return std::holds_alternative<Done>(o); }

}  // namespace relight::dr
