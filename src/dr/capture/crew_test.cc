#include "dr/capture/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

namespace relight::dr {
namespace {

size_t alone(const std::string&) { return 1; }

TEST(LaneCrew, WhatWaitsTogetherIsGivenTogether) {
  std::latch free(1);
  std::atomic<int> calls = 0;
  Crew<int, int> crew(
      1, 1,
      [&](const std::vector<int>& n) {
        free.wait();
        ++calls;
        EXPECT_LE(n.size(), 10u);
        return n;
      },
      [](const std::string&) { return 10; });
  for (int n = 0; n < 100; ++n) crew.give("one", n);
  free.count_down();
  std::set<int> seen;
  while (auto n = crew.take()) seen.insert(*n);
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_LE(calls, 20);
}

TEST(LaneCrew, ALaneThatWaitsDoesNotHoldUpTheOthers) {
  std::latch free(1);
  Crew<int, int> crew(
      2, 8,
      [&](const std::vector<int>& n) {
        if (n[0] < 10) free.wait();
        return n;
      },
      alone);
  for (int n = 0; n < 10; ++n) crew.give("slow", n);
  for (int n = 10; n < 50; ++n) crew.give("fast", n);
  std::set<int> seen;
  while (seen.size() < 40) seen.insert(crew.take().value());
  EXPECT_EQ(*seen.begin(), 10);
  free.count_down();
  while (auto n = crew.take()) seen.insert(*n);
  EXPECT_EQ(seen.size(), 50u);
}

TEST(LaneCrew, NoMoreAreAtWorkThanWasSaid) {
  std::atomic<int> here = 0, most = 0;
  Crew<int, int> crew(3, 4, [&](const std::vector<int>& n) {
    int now = ++here, before = most;
    while (now > before && !most.compare_exchange_weak(before, now)) {
    }
    std::this_thread::yield();
    --here;
    return n;
  }, alone);
  for (int n = 0; n < 200; ++n) crew.give("one", n);
  while (crew.take()) {
  }
  EXPECT_LE(most, 3);
}

TEST(LaneCrew, WhatWasNotBegunIsDropped) {
  std::atomic<int> done = 0;
  std::latch free(1);
  {
    Crew<int, int> crew(1, 1, [&](const std::vector<int>& n) {
      free.wait();
      ++done;
      return n;
    }, alone);
    for (int n = 0; n < 100; ++n) crew.give("one", n);
    free.count_down();
    crew.take();
  }
  EXPECT_LE(done, 100);
}

}  // namespace
}  // namespace relight::dr
