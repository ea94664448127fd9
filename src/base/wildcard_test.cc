#include "base/wildcard.h"

#include <gtest/gtest.h>

#include <string>

namespace relight {
namespace {

TEST(Wildcard, AStarIsAnyRunAndAQuestionMarkOneCharacter) {
  EXPECT_TRUE(wildcard_match("", ""));
  EXPECT_FALSE(wildcard_match("", "a"));
  EXPECT_TRUE(wildcard_match("*", ""));
  EXPECT_TRUE(wildcard_match("a*c*", "abcbc"));
  EXPECT_FALSE(wildcard_match("a*d", "abc"));
  EXPECT_TRUE(wildcard_match("a?c", "abc"));
  EXPECT_FALSE(wildcard_match("a?", "a"));
  EXPECT_TRUE(wildcard_match("[a]\\*", "[a]\\b")) << "nothing else is special";
}

TEST(Wildcard, CaseCountsUnlessSaid) {
  EXPECT_FALSE(wildcard_match("RDS:Describe*", "rds:DescribeDBInstances"));
  EXPECT_TRUE(wildcard_match("RDS:describe*", "rds:DescribeDBInstances", true));
}

TEST(Wildcard, ManyStarsDoNotTakeForever) {
  std::string stars, text(20'000, 'a');
  for (int i = 0; i < 200; ++i) stars += "*a";
  EXPECT_FALSE(wildcard_match(stars + "b", text));
}

}  // namespace
}  // namespace relight
