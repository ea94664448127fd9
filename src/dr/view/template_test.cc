#include "dr/view/template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/planning/pilot.h"
#include "dr/planning/pilot_example_asleep.h"
#include "dr/view/iac.h"

namespace relight::dr::view {
namespace {

std::string written() {
  auto p = plan_pilot(
      example_with_functions(),
      {.region = "us-west-2", .primary_stack = "lamp-primary", .stack = "lamp-pilot", .flag_key = "f"});
  EXPECT_TRUE(p);
  return cloudformation(*p);
}

std::string differences(const std::string& deployed, const std::string& wanted) {
  auto a = template_inventory(deployed), b = template_inventory(wanted);
  EXPECT_TRUE(a && b);
  return text(drift_between(*a, *b));
}

std::string with(std::string text, const std::string& what, const std::string& by) {
  auto at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return at == text.npos ? text : text.replace(at, what.size(), by);
}

TEST(TemplateDrift, TheSameTemplateHasNone) { EXPECT_EQ(differences(written(), written()), ""); }

TEST(TemplateDrift, NamesThePropertyWithBothValues) {
  auto deployed = with(written(), "DBInstanceClass: db.t4g.micro", "DBInstanceClass: db.r6g.large");
  EXPECT_EQ(differences(deployed, written()),
            "~ AWS::RDS::DBInstance DatabaseDb /Properties/DBInstanceClass: \"db.r6g.large\" -> "
            "\"db.t4g.micro\"\n");
}

TEST(TemplateDrift, AResourceThatCameOrWentIsSaidByItsLogicalName) {
  auto more = written();
  auto at = more.find("Resources:\n") + 11;
  more.insert(at, "  Extra:\n    Type: AWS::SNS::Topic\n");
  EXPECT_EQ(differences(more, written()), "- AWS::SNS::Topic Extra\n");
  EXPECT_EQ(differences(written(), more), "+ AWS::SNS::Topic Extra\n");
}

TEST(TemplateDrift, ShortAndLongFormsAndQuotesAreTheSame) {
  EXPECT_EQ(
      differences(
          "Resources:\n  A: {Type: T, Properties: {X: !GetAtt B.C.D, Y: !Ref E, Z: '5'}}\n",
          R"({"Resources":{"A":{"Type":"T","Properties":{"X":{"Fn::GetAtt":["B","C.D"]},"Y":{"Ref":"E"},"Z":5}}}})"),
      "");
}

TEST(TemplateDrift, WhatIsNoTemplateIsAnError) {
  for (auto* text : {"a: [", "just words", "Outputs: {}"})
    EXPECT_EQ(template_inventory(text).error().code, "Drift.Template") << text;
}

Drift seen_as(const char* expected, const char* seen, std::vector<Unseen> unknown = {}) {
  Resource e{.key = {"T", "A"}, .region = "", .properties = expected};
  Resource s{.key = {"lambda/function", "f"},
             .region = "",
             .properties = seen,
             .uses = {},
             .unknown = std::move(unknown)};
  Drift d;
  add_property_drift(e, s, d);
  return d;
}

TEST(PropertyDrift, APlainValueThatIsAnotherNowIsSaid) {
  auto d = seen_as(R"({"Properties":{"ReservedConcurrentExecutions":"0","Timeout":"30","Role":{"Ref":"X"}}})",
                   R"({"ReservedConcurrentExecutions":7,"Timeout":30,"Role":"arn"})");
  EXPECT_EQ(text(d), "~ lambda/function f /ReservedConcurrentExecutions: \"0\" -> 7\n");
}

TEST(PropertyDrift, SmallLettersAreTheSameNameAndWhatIsUnknownIsNoDifference) {
  EXPECT_EQ(seen_as(R"({"Properties":{"DesiredCount":"0"}})", R"({"desiredCount":2})").differences.size(),
            1u);
  EXPECT_EQ(
      seen_as(R"({"Properties":{"DesiredCount":"0"}})", R"({"desiredCount":2})", {{"desiredCount", "denied"}})
          .differences.size(),
      0u);
  EXPECT_EQ(
      seen_as(R"({"Properties":{"Publicly":"true","Other":"x"}})", R"({"Publicly":true})").differences.size(),
      0u);
}

}  // namespace
}  // namespace relight::dr::view
