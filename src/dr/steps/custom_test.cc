// Steps of one's own, each with its one thing: a real program, a person's word, an address that answers.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/disk.h"
#include "dr/engine/fakes.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class Answers final : public http::Exchange {
 public:
  Result<http::Response> send(const http::Request& r, Millis) override {
    asked = r.scheme + "://" + r.host + r.target() + " as " + std::string(r.headers.value("Host"));
    http::Response out;
    out.status = status;
    return out;
  }
  int status = 503;
  std::string asked;
};

class OneName final : public Resolver {
 public:
  Result<std::vector<std::string>> addresses(const std::string&) override {
    return std::vector<std::string>{"192.0.2.7"};
  }
};

class NoAws final : public aws::Caller {
 public:
  Result<> invoke(const aws::ServiceModel&, const aws::Operation&, const void*, void*,
                  const aws::CallOptions&) override {
    return fail("Test.NoAws", "a step of one's own asks AWS nothing");
  }
};

class RunContext final : public Context {
 public:
  const std::string& run() const override { return run_; }
  uint64_t epoch() const override { return 7; }
  const std::string& reason() const override { return run_; }
  Facts facts(const std::string&) const override { return {}; }
  Millis elapsed() const override { return passed; }
  std::optional<Intent> open_intent(const std::string&) const override { return {}; }
  Result<> intend(const std::string& call, const std::string& resource) override {
    if (lost) return fail("Lease.Lost", "another holds it");
    journal.push_back(call + " " + resource);
    return {};
  }
  Result<> effect(const std::string& call, const std::string&, const std::string& outcome) override {
    journal.push_back(call + "=" + outcome);
    return {};
  }
  Millis passed{0};
  bool lost = false;
  std::vector<std::string> journal;

 private:
  std::string run_ = "r1";
};

class CustomSteps : public testing::Test {
 protected:
  CustomSteps() {
    char path[] = "/tmp/relight-steps-XXXXXX";
    config.dir = ::mkdtemp(path);
    config.application = "lamp";
    config.recovery.region = "us-west-2";
  }
  ~CustomSteps() override { static_cast<void>(system_disk().remove(config.dir)); }

  std::unique_ptr<Step> command(std::vector<std::string> words, Millis deadline = Millis(60'000)) {
    return make_custom(
        site,
        {.name = "mine", .before = "", .after = "open", .command = std::move(words), .deadline = deadline});
  }
  Outcome ended(Step& step) {
    auto o = step.advance(c);
    while (std::holds_alternative<Waiting>(o)) system_clock().sleep(Millis(2)), o = step.advance(c);
    return o;
  }
  std::string said() {
    return system_disk().read(config.dir + "/var/relight/steps/r1-mine.log").value_or("nothing");
  }

  NoAws aws;
  Answers http;
  OneName names;
  VirtualClock clock;
  std::unique_ptr<Store> store =
      make_object_store(std::make_shared<MemoryObjects>(), "", [](const Holder&) { return false; });
  RunContext c;
  Config config;
  Topology topology;
  Site site{config, topology, {}, aws, http, names, clock, *store, [] { return Result<std::string>("x"); }};
};

TEST_F(CustomSteps, ACommandRunsOnceWithWhatItNeedsToKnow) {
  site.config = config;
  auto step =
      command({"sh", "-c", "echo $RELIGHT_RUN $RELIGHT_EPOCH $RELIGHT_APPLICATION $RELIGHT_RECOVERY; pwd"});
  auto o = ended(*step);
  ASSERT_TRUE(std::holds_alternative<Done>(o));
  EXPECT_EQ(said(), "r1 7 lamp us-west-2\n" + config.dir + "\n");
  EXPECT_EQ(c.journal, (std::vector<std::string>{"command mine", "command=ok"}));
}

TEST_F(CustomSteps, ACommandThatFailsFailsTheRunAndItsWordsStayOutOfTheJournal) {
  site.config = config;
  auto step = command({"sh", "-c", "echo hunter2; exit 3"});
  auto o = ended(*step);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  auto text = std::get<Failed>(o).error.text();
  EXPECT_NE(text.find("exit code 3"), std::string::npos);
  EXPECT_NE(text.find("r1-mine.log"), std::string::npos);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_EQ(said(), "hunter2\n");
  EXPECT_EQ(c.journal.back(), "command=exit code 3");
}

TEST_F(CustomSteps, ACommandIsEndedAtItsDeadline) {
  site.config = config;
  auto step = command({"sleep", "600"}, Millis(1000));
  EXPECT_TRUE(std::holds_alternative<Waiting>(step->advance(c)));
  clock.sleep(Millis(1000));
  auto o = step->advance(c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_EQ(std::get<Failed>(o).error.code, "Step.Deadline");
}

TEST_F(CustomSteps, ACommandThatDoesNotExistOrWithoutTheLeaseIsNotStarted) {
  site.config = config;
  auto o = command({"no-such-program"})->advance(c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_EQ(std::get<Failed>(o).error.code, "Step.NoProgram");
  EXPECT_TRUE(c.journal.empty());
  c.lost = true;
  EXPECT_TRUE(std::holds_alternative<Failed>(command({"touch", config.dir + "/touched"})->advance(c)));
  EXPECT_FALSE(system_disk().exists(config.dir + "/touched"));
}

TEST_F(CustomSteps, AnApprovalWaitsForThePersonsWordUntilItsDeadline) {
  auto step = make_custom(
      site,
      {.name = "agreed", .before = "dns", .after = "", .approval = "Shall we?", .deadline = Millis(5000)});
  auto o = step->advance(c);
  ASSERT_TRUE(std::holds_alternative<Waiting>(o));
  EXPECT_NE(std::get<Waiting>(o).what.find("relight approve r1 agreed"), std::string::npos);
  c.passed = Millis(5000);
  EXPECT_TRUE(std::holds_alternative<Failed>(step->advance(c)));
  ASSERT_TRUE(store->keep(approval_name("r1", "agreed"), "ada@desk"));
  o = step->advance(c);
  ASSERT_TRUE(std::holds_alternative<Done>(o));
  EXPECT_EQ(get(std::get<Done>(o).facts, "approved_by"), "ada@desk");
}

TEST_F(CustomSteps, AnAddressIsAskedThroughTheRunsResolverUntilItAnswersAsWanted) {
  auto step = make_custom(site, {.name = "search",
                                 .before = "dns",
                                 .after = "",
                                 .url = "http://search.example:8080/up?deep=1",
                                 .status = 204,
                                 .deadline = Millis(5000)});
  EXPECT_TRUE(std::holds_alternative<Waiting>(step->advance(c)));
  EXPECT_EQ(http.asked, "http://192.0.2.7:8080/up?deep=1 as search.example:8080");
  c.passed = Millis(5000);
  auto o = step->advance(c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  EXPECT_NE(std::get<Failed>(o).error.text().find("503"), std::string::npos);
  http.status = 204;
  EXPECT_TRUE(std::holds_alternative<Done>(step->advance(c)));
}

}  // namespace
}  // namespace relight::dr
