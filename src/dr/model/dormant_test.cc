#include "dr/model/dormant.h"

#include <gtest/gtest.h>

#include "dr/model/topology.h"

namespace relight::dr {
namespace {

TEST(Dormant, ReadsBackWhatItWrites) {
  std::vector<Dormant> all{{.kind = Dormant::Kind::kScaling,
                            .name = "service/a/b",
                            .primary = "service/p/b",
                            .scope = "ecs:service:DesiredCount",
                            .value = "",
                            .low = 0,
                            .high = 4},
                           {.kind = Dormant::Kind::kFunction, .name = "thumb"}};
  EXPECT_EQ(dormant_from_json(to_json(all)).value(), all);
}

TEST(Dormant, WhatIsNotUnderstoodIsAnErrorNotNothing) {
  for (auto text :
       {"{}", "[1]", R"([{"name":"x"}])", R"([{"kind":"spell","name":"x"}])", R"([{"kind":"rule"}])",
        R"([{"kind":"rule","name":3}])", R"([{"kind":"function","name":"x","low":"1"}])", "["})
    EXPECT_EQ(dormant_from_json(text).error().code, "Topology.Malformed") << text;
}

TEST(Topology, KeepsWhatIsDormantAndToldNothingKeepsTheOlder) {
  Topology t;
  t.recovery.database = "db";
  EXPECT_EQ(topology_from_json(to_json(t)).value(), t);
  t.dormant = {{.kind = Dormant::Kind::kRule, .name = "nightly"}};
  EXPECT_EQ(topology_from_json(to_json(t)).value(), t);
  Topology unseen, none;
  none.dormant.emplace();
  fill_gaps(unseen, t);
  fill_gaps(none, t);
  EXPECT_EQ(unseen.asleep(Dormant::Kind::kRule).size(), 1u);
  EXPECT_TRUE(none.dormant->empty());
}

}  // namespace
}  // namespace relight::dr
