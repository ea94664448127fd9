#include "sandbox/services/logs/pattern.h"

#include <gtest/gtest.h>

namespace relight::sandbox::logs {
namespace {

std::string tried(std::string_view pattern, std::string_view message) {
  auto p = Pattern::parse(pattern);
  return !p ? p.error().code : p->matches(message) ? "yes" : "no";
}

TEST(LogPattern, TermsMustAllBeThereAndCaseCounts) {
  EXPECT_EQ(tried("", "anything"), "yes");
  EXPECT_EQ(tried("ERROR", "[ERROR 500] oh"), "yes");
  EXPECT_EQ(tried("error", "[ERROR 500] oh"), "no");
  EXPECT_EQ(tried("ERROR oh", "[ERROR 500] oh"), "yes");
  EXPECT_EQ(tried("ERROR ah", "[ERROR 500] oh"), "no");
}

TEST(LogPattern, QuotesHoldPhrasesAndSigns) {
  EXPECT_EQ(tried("\"ERROR 500\"", "[ERROR 500] oh"), "yes");
  EXPECT_EQ(tried("\"500 ERROR\"", "[ERROR 500] oh"), "no");
  EXPECT_EQ(tried("\"a \\\"b\\\"\"", "a \"b\" c"), "yes");
}

TEST(LogPattern, OneOfSeveralAndNone) {
  EXPECT_EQ(tried("?WARN ?ERROR", "a WARN"), "yes");
  EXPECT_EQ(tried("?WARN ?ERROR", "fine"), "no");
  EXPECT_EQ(tried("ERROR -EXITING", "ERROR EXITING"), "no");
  EXPECT_EQ(tried("ERROR -EXITING", "ERROR going on"), "yes");
}

TEST(LogPattern, WhatIsNotUnderstoodIsAnError) {
  for (const char* bad :
       {"{ $.code = 500 }", "[ip, user]", "%regex%", "a-b", "\"open", "\"\"", "?a b", "-", "\"a\"b"})
    EXPECT_EQ(tried(bad, "x"), "InvalidParameterException") << bad;
}

}  // namespace
}  // namespace relight::sandbox::logs
