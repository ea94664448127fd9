#include "sandbox/services/ecr/lifecycle_policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace relight::sandbox::ecr {
namespace {
constexpr Instant kNoon{Millis{1'790'000'000'000}};

LifecycleImage aged(const std::string& digest, int days, std::vector<std::string> tags = {}) {
  return {digest, std::move(tags), kNoon - std::chrono::days(days), false};
}

std::string rule(int priority, const std::string& selection) {
  return fmt::format(R"({{"rulePriority":{},"selection":{{{}}},"action":{{"type":"expire"}}}})", priority,
                     selection);
}

const std::string kCount1 = R"("countType":"imageCountMoreThan","countNumber":1)";

// "digest by priority", in the order in which they go.
std::vector<std::string> gone(const std::vector<std::string>& rules, std::vector<LifecycleImage> images) {
  auto r = lifecycle_rules(fmt::format(R"({{"rules":[{}]}})", fmt::join(rules, ",")));
  EXPECT_TRUE(r) << r.error().text();
  std::vector<std::string> out;
  if (r)
    for (auto& e : expiring(*r, std::move(images), kNoon))
      out.push_back(fmt::format("{} by {}", e.digest, e.priority));
  return out;
}

using Gone = std::vector<std::string>;

TEST(LifecyclePolicy, TheYoungestStayAndTheOldestGoFirst) {
  EXPECT_EQ(gone({rule(1, R"("tagStatus":"any",)" + kCount1)}, {aged("b", 2), aged("c", 3), aged("a", 1)}),
            (Gone{"c by 1", "b by 1"}));
}

TEST(LifecyclePolicy, DaysAreCountedFromThePush) {
  auto old =
      rule(1, R"("tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14)");
  EXPECT_EQ(gone({old}, {aged("a", 13), aged("b", 14), aged("c", 15), aged("d", 15, {"v1"})}),
            Gone{"c by 1"});
}

TEST(LifecyclePolicy, AnImageIsOutOfReachOfARuleBelowOneThatItsTagsMeet) {
  auto prod = rule(
      1, R"("tagStatus":"tagged","tagPrefixList":["prod"],"countType":"imageCountMoreThan","countNumber":9)");
  auto any = rule(2, R"("tagStatus":"any",)" + kCount1);
  EXPECT_EQ(gone({any, prod}, {aged("a", 1), aged("b", 2), aged("p", 3, {"prod-1"})}), Gone{"b by 2"});
}

TEST(LifecyclePolicy, EveryPrefixMustBeMetAndAPatternMayHaveGaps) {
  auto both = R"("tagStatus":"tagged","tagPrefixList":["alpha","beta"],)" + kCount1;
  EXPECT_EQ(gone({rule(1, both)}, {aged("x", 0, {"alpha1", "beta"}), aged("y", 1, {"alpha2"}),
                                   aged("z", 2, {"alpha", "beta9"})}),
            Gone{"z by 1"});
  auto pattern = R"("tagStatus":"tagged","tagPatternList":["v*-rc*"],)" + kCount1;
  EXPECT_EQ(
      gone({rule(1, pattern)}, {aged("x", 0, {"v1-rc1"}), aged("y", 1, {"v1"}), aged("z", 2, {"v0-rc"})}),
      Gone{"z by 1"});
}

TEST(LifecyclePolicy, WhatAListNamesStays) {
  auto child = aged("c", 3);
  child.referenced = true;
  EXPECT_EQ(gone({rule(1, R"("tagStatus":"any",)" + kCount1)}, {aged("a", 1), child, aged("b", 2)}),
            Gone{"b by 1"});
}

TEST(LifecyclePolicy, WhatECRRefusesIsRefused) {
  const std::string any = R"("tagStatus":"any",)" + kCount1,
                    untagged = R"("tagStatus":"untagged",)" + kCount1;
  for (auto& rules :
       std::vector<Gone>{{},
                         {rule(0, any)},
                         {rule(1, any), rule(2, untagged)},
                         {rule(1, untagged), rule(2, untagged)},
                         {rule(1, untagged), rule(1, any)},
                         {rule(1, R"("tagStatus":"tagged",)" + kCount1)},
                         {rule(1, R"("tagStatus":"any","tagPrefixList":["a"],)" + kCount1)},
                         {rule(1, R"("tagStatus":"any","countType":"sinceImagePushed","countNumber":1)")},
                         {rule(1, R"("tagStatus":"any","countUnit":"days",)" + kCount1)},
                         {rule(1, R"("tagStatus":"any","countType":"imageCountMoreThan","countNumber":0)")},
                         {rule(1, R"("tagStatus":"tagged","tagPrefixList":["a"],)" + kCount1),
                          rule(2, R"("tagStatus":"tagged","tagPrefixList":["a"],)" + kCount1)}}) {
    auto r = lifecycle_rules(fmt::format(R"({{"rules":[{}]}})", fmt::join(rules, ",")));
    ASSERT_FALSE(r) << fmt::format("{}", fmt::join(rules, ","));
    EXPECT_EQ(r.error().code, "InvalidParameterException");
  }
  EXPECT_FALSE(lifecycle_rules("not JSON"));
}

}  // namespace
}  // namespace relight::sandbox::ecr
