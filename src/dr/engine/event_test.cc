#include "dr/engine/event.h"

#include <gtest/gtest.h>

#include "dr/engine/state.h"

namespace relight::dr {
namespace {

std::vector<Event> three() {
  std::vector<Event> out(3);
  uint64_t seq = 0;
  std::string hash;
  for (auto& e : out) {
    e.kind = "step.started";
    e.step = "a";
    e.data = {{"k", "v"}};
    chain(e, seq, hash);
    seq = e.seq;
    hash = e.hash;
  }
  return out;
}

TEST(Journal, AcceptsAnUntouchedChain) {
  auto e = three();
  EXPECT_TRUE(verify(e, 3, e[2].hash));
  EXPECT_EQ(event_from_json(to_json(e[1])).value(), e[1]);
}

TEST(Journal, NoticesAnyChangedField) {
  for (int field = 0; field < 5; ++field) {
    auto e = three();
    if (field == 0) e[1].data["k"] = "w";
    if (field == 1) e[1].step = "b";
    if (field == 2) e[1].kind = "step.done";
    if (field == 3) e[1].at += Millis(1);
    if (field == 4) e[1].hash = hash_of(e[0]);
    auto r = verify(e, 3, e[2].hash);
    ASSERT_FALSE(r) << field;
    EXPECT_EQ(r.error().code, "Journal.Tampered");
    EXPECT_EQ(r.error().resource, "event 2");
  }
}

TEST(Journal, NoticesARewrittenEventWithANewHash) {
  auto e = three();
  auto head = e[2].hash;
  e[1].data["k"] = "w";
  e[1].hash = hash_of(e[1]);
  EXPECT_FALSE(verify(e, 3, head));
}

TEST(Journal, NoticesMissingEventsInTheMiddleAndAtTheEnd) {
  auto e = three();
  auto head = e[2].hash;
  auto cut = e;
  cut.pop_back();
  EXPECT_EQ(verify(cut, 3, head).error().code, "Journal.Truncated");
  cut = e;
  cut.erase(cut.begin() + 1);
  EXPECT_EQ(verify(cut, 3, head).error().code, "Journal.Truncated");
}

TEST(Journal, HashesTellNamesFromValues) {
  Event a, b;
  a.data = {{"ab", "c"}};
  b.data = {{"a", "bc"}};
  EXPECT_NE(hash_of(a), hash_of(b));
}

}  // namespace
}  // namespace relight::dr
