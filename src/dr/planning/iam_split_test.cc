#include "dr/planning/iam_split.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace relight::dr {
namespace {
using SplitDoc = nlohmann::ordered_json;

SplitDoc split_statement(const std::string& sid, int resources) {
  SplitDoc s{{"Sid", sid}, {"Effect", "Allow"}, {"Action", "s3:GetObject"}, {"Resource", SplitDoc::array()}};
  for (int i = 0; i < resources; ++i)
    s["Resource"].push_back("arn:aws:s3:::" + sid + "-" + std::to_string(i) + "/*");
  return s;
}

SplitDoc whole_of(std::initializer_list<SplitDoc> statements) {
  SplitDoc d{{"Version", "2012-10-17"}, {"Statement", SplitDoc::array()}};
  for (auto& s : statements) d["Statement"].push_back(s);
  return d;
}

// What is permitted, as sentences.
std::multiset<std::string> sentences(const std::vector<SplitDoc>& documents) {
  std::multiset<std::string> out;
  auto list = [](const SplitDoc& v) { return v.is_array() ? v : SplitDoc::array({v}); };
  for (auto& d : documents)
    for (auto& s : d["Statement"])
      for (auto& a : list(s["Action"]))
        for (auto& r : list(s["Resource"]))
          out.insert(a.get<std::string>() + " " + r.get<std::string>() +
                     s.value("Condition", SplitDoc()).dump());
  return out;
}

TEST(IamSplit, AShortPolicyStaysAsItIs) {
  auto whole = whole_of({split_statement("A", 2), split_statement("B", 2)});
  auto out = split_policy(whole, 6144);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0], whole);
  auto none = whole_of({});
  EXPECT_EQ(split_policy(none, 6144), std::vector<SplitDoc>{none});
}

TEST(IamSplit, EveryDocumentIsWithinTheLimitAndTogetherTheyPermitTheSame) {
  auto whole = whole_of({split_statement("A", 40), split_statement("B", 3), split_statement("C", 400),
                         split_statement("D", 1)});
  whole["Statement"][1]["Condition"] = {{"StringEquals", {{"aws:RequestedRegion", "us-west-2"}}}};
  for (size_t limit : {700u, 2048u, 6144u}) {
    auto out = split_policy(whole, limit);
    EXPECT_GT(out.size(), 1u);
    std::set<std::string> sids;
    for (auto& d : out) {
      EXPECT_LE(d.dump().size(), limit);
      EXPECT_FALSE(d["Statement"].empty());
      for (auto& s : d["Statement"]) EXPECT_TRUE(sids.insert(s["Sid"]).second) << s["Sid"];
    }
    EXPECT_EQ(sentences(out), sentences({whole}));
  }
}

TEST(IamSplit, ALongListOfActionsIsCutToo) {
  auto s = split_statement("A", 1);
  s["Action"] = SplitDoc::array();
  for (int i = 0; i < 100; ++i) s["Action"].push_back("ec2:DescribeThing" + std::to_string(i));
  auto whole = whole_of({s});
  auto out = split_policy(whole, 1000);
  EXPECT_GT(out.size(), 1u);
  for (auto& d : out) EXPECT_LE(d.dump().size(), 1000u);
  EXPECT_EQ(sentences(out), sentences({whole}));
}

TEST(IamSplit, WhatCannotBeCutStaysWhole) {
  auto whole = whole_of({split_statement("A", 1), split_statement("B", 1)});
  EXPECT_EQ(sentences(split_policy(whole, 60)), sentences({whole}));
}

}  // namespace
}  // namespace relight::dr
