#include "sandbox/services/logs/shelf.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox::logs {
namespace {

TEST(LogShelf, KeepsEventsInTheOrderOfTimeAndAcrossARestart) {
  TestWorld world;
  Shelf shelf(world);
  shelf.add("us-east-1", 1, 20, 99, "second");
  shelf.add("us-east-1", 1, 10, 99, "first | with 12 34");
  shelf.add("us-east-1", 2, 5, 99, "another stream");
  TestWorld again({}, world.ground());
  Shelf kept(again);
  auto& events = kept.of("us-east-1", 1);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events.begin()->second.message, "first | with 12 34");
  EXPECT_EQ(events.begin()->second.ingested, 99);
  EXPECT_EQ(kept.bytes("us-east-1", 1), 24u);
  EXPECT_TRUE(kept.of("us-west-2", 1).empty());
  kept.forget("us-east-1", 1);
  EXPECT_EQ(Shelf(again).of("us-east-1", 1).size(), 0u);
  EXPECT_EQ(Shelf(again).of("us-east-1", 2).size(), 1u);
}

TEST(LogShelf, IsBoundedByTheStreamAndTheOldestGoFirst) {
  TestWorld world;
  Shelf shelf(world);
  std::string big(100'000, 'x');
  for (int i = 0; i < 30; ++i) shelf.add("us-east-1", 1, i, 0, big);
  EXPECT_TRUE(shelf.bound("us-east-1"));
  EXPECT_LE(shelf.bytes("us-east-1", 1), Shelf::kStreamBytes);
  EXPECT_EQ(shelf.of("us-east-1", 1).rbegin()->first.time, 29);
  EXPECT_FALSE(shelf.bound("us-east-1"));
}

TEST(LogShelf, IsBoundedByTheRegion) {
  TestWorld world;
  Shelf shelf(world);
  std::string big(100'000, 'x');
  for (uint64_t stream = 1; stream <= 20; ++stream)
    for (int i = 0; i < 20; ++i)
      shelf.add("us-east-1", stream, static_cast<int64_t>(stream) * 100 + i, 0, big);
  EXPECT_TRUE(shelf.bound("us-east-1"));
  EXPECT_EQ(shelf.bytes("us-east-1", 1), 0u) << "the oldest stream's went";
  EXPECT_EQ(shelf.bytes("us-east-1", 20), 2'000'000u);
  size_t all = 0;
  for (uint64_t stream = 1; stream <= 20; ++stream) all += shelf.bytes("us-east-1", stream);
  EXPECT_LE(all, Shelf::kRegionBytes);
}

}  // namespace
}  // namespace relight::sandbox::logs
