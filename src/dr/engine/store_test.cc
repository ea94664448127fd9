#include <gtest/gtest.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/rng.h"
#include "dr/engine/fakes.h"
#include "dr/engine/sqlite_store.h"

namespace relight::dr {
namespace {

bool everyone_lives(const Holder&) { return true; }
bool nobody_lives(const Holder&) { return false; }
const Instant kNow{Millis(1'800'000'000'000)};
constexpr Millis kTtl{15000};
Holder holder(int64_t pid) { return {"host", "boot", pid, 1}; }

std::vector<Event> batch(size_t n, uint64_t seq = 0, std::string hash = "") {
  std::vector<Event> out(n);
  for (auto& e : out) {
    e.at = kNow;
    e.kind = "step.started";
    e.step = std::string(40, 'x');
    chain(e, seq, hash);
    seq = e.seq;
    hash = e.hash;
  }
  return out;
}

struct Dir {
  std::string path = "/tmp/relight-store-" + system_rng().hex(12);
  ~Dir() { (void)system_disk().remove(path); }
};

// Both kinds keep the same promises.
class Stores : public testing::TestWithParam<bool> {
 public:
  std::unique_ptr<Store> open(bool (*alive)(const Holder&) = everyone_lives) {
    if (GetParam()) return make_object_store(objects, "p/", alive);
    return std::move(*open_sqlite_store(dir.path + "/j.sqlite", alive));
  }
  Dir dir;
  std::shared_ptr<MemoryObjects> objects = std::make_shared<MemoryObjects>();
  RunHead head{"r1", "lamp", "failover", kNow, 0, ""};
};
INSTANTIATE_TEST_SUITE_P(Kinds, Stores, testing::Bool(),
                         [](auto& i) { return i.param ? "Objects" : "Sqlite"; });

TEST_P(Stores, ASecondOperatorIsRefusedAndToldWhoIsAtWork) {
  auto a = open(), b = open();
  ASSERT_TRUE(a->acquire(holder(7), "r1", kNow, kTtl));
  auto refused = b->acquire(holder(8), "r2", kNow, kTtl);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "Lease.Held");
  for (auto* word : {"host", "pid 7", "epoch 1", "2027-"})
    EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
}

TEST_P(Stores, EveryHolderGetsTheNextEpoch) {
  auto s = open();
  for (uint64_t n = 1; n <= 3; ++n) {
    auto l = s->acquire(holder(7), "r1", kNow, kTtl);
    ASSERT_TRUE(l);
    EXPECT_EQ(l->epoch, n);
    ASSERT_TRUE(s->release(*l));
  }
}

TEST_P(Stores, AnExpiredLeaseIsTakenAndItsHolderCanNoLongerWrite) {
  auto s = open();
  auto old = s->acquire(holder(7), "r1", kNow, kTtl);
  auto young = s->acquire(holder(8), "r1", kNow + kTtl, kTtl);
  ASSERT_TRUE(young);
  auto events = batch(1);
  EXPECT_EQ(s->append(*old, head, events).error().code, "Lease.Lost");
  EXPECT_EQ(s->renew(*old, kNow + kTtl, kTtl).error().code, "Lease.Lost");
  EXPECT_TRUE(s->append(*young, head, events));
}

TEST_P(Stores, ADeadHolderOfThisMachineIsReplacedAtOnce) {
  auto s = open(nobody_lives);
  ASSERT_TRUE(s->acquire(holder(7), "r1", kNow, kTtl));
  EXPECT_TRUE(s->acquire(holder(8), "r1", kNow, kTtl));
  Holder elsewhere{"other", "boot2", 9, 1};
  EXPECT_FALSE(s->acquire(elsewhere, "r1", kNow, kTtl));
}

TEST_P(Stores, WhatWasAppendedIsReadBackByAnother) {
  auto s = open();
  auto l = s->acquire(holder(7), "r1", kNow, kTtl);
  auto first = batch(2);
  auto second = batch(1, 2, first.back().hash);
  ASSERT_TRUE(s->append(*l, head, first));
  ASSERT_TRUE(s->append(*l, head, second));
  auto read = open()->read("r1");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->size(), 3u);
  EXPECT_EQ(open()->runs()->at(0).seq, 3u);
  EXPECT_EQ(open()->read("none").error().code, "Journal.NotFound");
}

TEST_P(Stores, KeepsSmallTexts) {
  auto s = open();
  EXPECT_FALSE(s->kept("x")->has_value());
  ASSERT_TRUE(s->keep("x", "1"));
  ASSERT_TRUE(s->keep("x", "2"));
  EXPECT_EQ(s->kept("x")->value(), "2");
}

TEST(SqliteStore, AFullDiskIsSaidAndNothingOfTheBatchRemains) {
  Dir dir;
  auto s = std::move(*open_sqlite_store(dir.path + "/j.sqlite", everyone_lives, 12));
  auto l = s->acquire(holder(7), "r1", kNow, kTtl);
  ASSERT_TRUE(l) << l.error().text();
  RunHead head{"r1", "lamp", "failover", kNow, 0, ""};
  ASSERT_TRUE(s->append(*l, head, batch(1)));
  auto full = s->append(*l, head, batch(200, 1, batch(1).back().hash));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "Journal.Full");
  EXPECT_EQ(s->read("r1")->size(), 1u);
}

TEST(ObjectStore, AnAnswerThatGotLostIsNoSecondWrite) {
  auto o = std::make_shared<MemoryObjects>();
  auto s = make_object_store(o, "p/", everyone_lives);
  o->lose_answers = true;
  auto l = s->acquire(holder(7), "r1", kNow, kTtl);
  ASSERT_TRUE(l);
  EXPECT_EQ(l->epoch, 1u);
  o->lose_answers = false;
  EXPECT_FALSE(s->acquire(holder(8), "r2", kNow, kTtl));
}

TEST(ObjectStore, ATamperedBatchIsNoticed) {
  auto o = std::make_shared<MemoryObjects>();
  auto s = make_object_store(o, "p/", everyone_lives);
  auto l = s->acquire(holder(7), "r1", kNow, kTtl);
  ASSERT_TRUE(s->append(*l, {"r1", "lamp", "failover", kNow, 0, ""}, batch(2)));
  auto& text = o->o_.at("p/runs/r1/000000000001.json").text;
  text.replace(text.find("xxxx"), 4, "yyyy");
  EXPECT_EQ(s->read("r1").error().code, "Journal.Tampered");
}

TEST(Lease, ThisProcessLivesAndAnInventedOneDoesNot) {
  auto me = this_process();
  EXPECT_EQ(me.pid, getpid());
  EXPECT_TRUE(process_alive(me));
  me.process_start += 1;  // the same pid, another process
  EXPECT_FALSE(process_alive(me));
}

}  // namespace
}  // namespace relight::dr
