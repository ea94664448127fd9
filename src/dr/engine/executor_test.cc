#include "dr/engine/executor.h"

#include <gtest/gtest.h>

#include "dr/engine/fakes.h"

namespace relight::dr {
namespace {

constexpr Millis kLeaseTtl{15000};

// A little world: each step calls `act` once it may, and the world remembers it.
struct Story {
  VirtualClock clock;
  InlineCrew crew{clock};
  std::shared_ptr<MemoryObjects> objects = std::make_shared<MemoryObjects>();
  std::unique_ptr<Store> store = make_object_store(objects, "", [](const Holder&) { return false; });
  Runbook runbook{"failover",
                  {{"a", "A", "", {}, {}, Millis(10)},
                   {"b", "B", "", {}, {}, Millis(10)},
                   {"c", "C", "", {"a", "b"}, {}, Millis(10)}}};
  std::map<std::string, int> effects;  // what the world did
  std::vector<std::string> log;
  int64_t pid = 100;
  std::map<std::string, std::function<Outcome(Context&)>> script;

  // Level-triggered: acts only if the world does not show it yet, and takes 20 ms.
  Outcome usual(const std::string& id, Context& c) {
    if (effects[id] > 0)
      return c.elapsed() >= Millis(20) ? Outcome(Done{{{"by", std::to_string(c.epoch())}}})
                                       : Outcome(Waiting{"it"});
    auto r = act(c, "call " + id, id, [&]() -> Result<> {
      ++effects[id];
      return {};
    });
    if (!r) return Failed{r.error(), {}};
    return Waiting{"it"};
  }

  std::map<std::string, std::unique_ptr<Step>> steps() {
    std::map<std::string, std::unique_ptr<Step>> out;
    for (auto& spec : runbook.steps) {
      auto id = spec.id;
      auto f = script.contains(id) ? script[id] : [this, id](Context& c) { return usual(id, c); };
      out[id] = std::make_unique<ScriptedStep>(f);
    }
    return out;
  }

  Event started() {
    Event e;
    e.at = clock.now();
    e.kind = "run.started";
    e.data = {{"run", "r1"}, {"application", "lamp"}, {"runbook", to_json(runbook)}};
    return e;
  }

  Result<RunStatus> run(std::function<void(const Event&)> hook = {}) {
    auto lease = store->acquire({"host", "boot", ++pid, 1}, "r1", clock.now(), kLeaseTtl);
    if (!lease) return fail(lease.error());
    Event first = started();
    State state;
    if (auto events = store->read("r1"); events) {
      state = replay(*events).value();
      first.kind = "run.resumed";
      first.data.clear();
    }
    first.data["epoch"] = std::to_string(lease->epoch);
    Watchers w;
    w.event = [&](const Event& e) {
      log.push_back(e.kind + " " + e.step);
      if (hook) hook(e);
    };
    Executor x({*store, clock, crew, steps(), w, kLeaseTtl, nullptr}, *lease, std::move(state));
    auto r = x.run(first);
    (void)store->release(x.lease());
    return r;
  }
};

struct Crash {};

TEST(Executor, IndependentStepsRunSideBySideAndTheOthersWait) {
  Story s;
  auto r = s.run();
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(*r, RunStatus::kSucceeded);
  auto at = [&](const std::string& what) {
    return std::find(s.log.begin(), s.log.end(), what) - s.log.begin();
  };
  EXPECT_LT(at("step.started b"), at("step.done a"));
  EXPECT_GT(at("step.started c"), at("step.done a"));
  EXPECT_GT(at("step.started c"), at("step.done b"));
  EXPECT_EQ(s.effects, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}}));
}

// The whole enumeration in virtual time: whichever event was the last before the crash, the end is the same.
TEST(Executor, KilledAfterEachEventInTurnItResumesToTheSameEnd) {
  size_t events = 0;
  {
    Story whole;
    ASSERT_TRUE(whole.run());
    events = whole.log.size();
  }
  ASSERT_GT(events, 10u);
  for (size_t n = 1; n <= events; ++n) {
    Story s;
    size_t left = n;
    try {
      (void)s.run([&](const Event&) {
        if (--left == 0) throw Crash{};
      });
    } catch (const Crash&) {
    }
    auto state = replay(s.store->read("r1").value()).value();
    auto r = state.status == RunStatus::kSucceeded ? Result<RunStatus>(state.status) : s.run();
    ASSERT_TRUE(r) << "after event " << n << ": " << r.error().text();
    EXPECT_EQ(*r, RunStatus::kSucceeded) << n;
    EXPECT_EQ(s.effects, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}})) << n;
    EXPECT_EQ(s.store->lease()->epoch, state.status == RunStatus::kSucceeded ? 1u : 2u) << n;
  }
}

TEST(Executor, AnIntentOfADeadHolderIsSeenAsForeign) {
  Story s;
  try {
    (void)s.run([&](const Event& e) {
      if (e.kind == "step.intent") throw Crash{};
    });
  } catch (const Crash&) {
  }
  bool seen = false;
  s.script["a"] = [&](Context& c) -> Outcome {
    auto i = c.open_intent("call a");
    seen |= i && i->foreign && i->epoch == 1 && c.epoch() == 2;
    return s.usual("a", c);
  };
  ASSERT_TRUE(s.run());
  EXPECT_TRUE(seen);
}

TEST(Executor, AFailedStepStopsWhatComesAfterAndResumeTriesAgain) {
  Story s;
  bool broken = true;
  s.script["b"] = [&](Context& c) -> Outcome {
    if (broken) return Failed{{.code = "X", .message = "no"}, {"mend it"}};
    return s.usual("b", c);
  };
  EXPECT_EQ(s.run().value(), RunStatus::kFailed);
  EXPECT_EQ(s.effects["c"], 0);
  broken = false;
  EXPECT_EQ(s.run().value(), RunStatus::kSucceeded);
  EXPECT_EQ(s.effects["a"], 1);
}

TEST(Executor, ARefusalIsNoFailure) {
  Story s;
  s.script["a"] = [](Context&) -> Outcome { return Failed{{.code = "X"}, {}, true}; };
  EXPECT_EQ(s.run().value(), RunStatus::kRefused);
}

TEST(Executor, OnceTheLeaseIsLostTheNextEffectIsRefused) {
  Story s;
  bool sent = false;
  s.script["c"] = [&](Context& c) -> Outcome {
    // Somebody else believed us dead.
    EXPECT_TRUE(s.store->acquire({"host", "boot", 999, 1}, "r1", s.clock.now(), kLeaseTtl));
    auto r = act(c, "call c", "c", [&]() -> Result<> {
      sent = true;
      return {};
    });
    return Failed{r ? Error{} : r.error(), {}};
  };
  auto r = s.run();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Lease.Lost");
  EXPECT_FALSE(sent);
}

TEST(Executor, ALongWaitKeepsItsLease) {
  Story s;
  s.script["a"] = [&](Context& c) -> Outcome {
    if (c.elapsed() < Millis(600000)) return Waiting{"ten minutes"};
    return s.usual("a", c);
  };
  auto r = s.run();
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(*r, RunStatus::kSucceeded);
}

TEST(Executor, PollsInProportionToTheWait) {
  EXPECT_EQ(poll_after(Millis(0)), Millis(5));
  EXPECT_EQ(poll_after(Millis(60000)), Millis(1200));
  EXPECT_EQ(poll_after(Millis(3600000)), Millis(5000));
}

}  // namespace
}  // namespace relight::dr
