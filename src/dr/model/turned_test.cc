#include "dr/model/turned.h"

#include <gtest/gtest.h>

namespace relight::dr {
namespace {
using Asleep = Dormant::Kind;

TEST(Turned, RegionsAndResourcesChangeOver) {
  Config c;
  c.primary.region = "p";
  c.recovery.region = "d";
  c.steps.emplace_back().name = "page";
  auto t = turned(c);
  EXPECT_EQ(t.primary.region, "d");
  EXPECT_EQ(t.recovery.region, "p");
  EXPECT_TRUE(t.steps.empty());  // of a failover
  Topology there;
  there.primary.database = "pdb";
  there.recovery.database = "ddb";
  there.flag_bucket = "flags";
  auto back = turned(there);
  EXPECT_EQ(back.primary.database, "ddb");
  EXPECT_EQ(back.recovery.database, "pdb");
  EXPECT_EQ(back.flag_bucket, "flags");
  EXPECT_FALSE(back.dormant);  // not seen stays not seen
}

TEST(Turned, WhatSleepsIsWhatHasACounterpart) {
  Topology t;
  t.dormant = std::vector<Dormant>{{.kind = Asleep::kFunction, .name = "there", .primary = "home", .low = 3},
                                   {.kind = Asleep::kRule, .name = "lonely"},
                                   {.kind = Asleep::kSecret, .name = "lamp/db"},
                                   {.kind = Asleep::kNetwork, .name = "stack", .scope = "Lit"},
                                   {.kind = Asleep::kNotifications, .name = "bucket", .value = "{}"}};
  auto back = turned(t);
  ASSERT_EQ(back.dormant->size(), 2u);
  EXPECT_EQ(back.asleep(Asleep::kFunction).front(),
            (Dormant{.kind = Asleep::kFunction, .name = "home", .primary = "there", .low = 3}));
  EXPECT_EQ(back.asleep(Asleep::kNotifications).front(),
            (Dormant{.kind = Asleep::kNotifications, .primary = "bucket", .value = "{}"}));
}

}  // namespace
}  // namespace relight::dr
