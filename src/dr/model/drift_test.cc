#include "dr/model/drift.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {
using Kind = Difference::Kind;

const ResourceKey kDriftedTask{"ecs/task-definition", "web"};

Resource resource(std::string properties, std::vector<Unseen> unknown = {}, ResourceKey key = kDriftedTask) {
  return {key, "us-east-1", nlohmann::json::parse(properties).dump(), {}, std::move(unknown)};
}

Inventory of(std::vector<Resource> resources) {
  return {.application = "lamp",
          .region = "us-east-1",
          .resources = std::move(resources),
          .left_out = {},
          .withheld = {}};
}

Drift between(const std::string& before, const std::string& after) {
  return drift_between(of({resource(before)}), of({resource(after)}));
}

std::vector<Difference> changed(const std::string& pointer, const std::string& before,
                                const std::string& after) {
  return {{Kind::kChanged, kDriftedTask, pointer, before, after}};
}

TEST(Drift, OfTheSameIsNothing) {
  auto d = between(R"({"a":[1,{"b":2}]})", R"({"a":[1,{"b":2}]})");
  EXPECT_TRUE(d.differences.empty() && d.unknown.empty());
  EXPECT_EQ(text(d), "");
}

TEST(Drift, OfOneVariableIsItsPointerWithOldAndNewValue) {
  auto d = between(
      R"({"containers":[{"name":"web","environment":[{"name":"A","value":"1"},{"name":"MODE","value":"auto"}]}]})",
      R"({"containers":[{"name":"web","environment":[{"name":"0","value":"x"},{"name":"A","value":"1"},{"name":"MODE","value":"off"}]}]})");
  ASSERT_EQ(d.differences.size(), 2u);
  EXPECT_EQ(d.differences[0], (Difference{Kind::kChanged, kDriftedTask, "/containers/0/environment/1/value",
                                          "\"auto\"", "\"off\""}));
  EXPECT_EQ(d.differences[1], (Difference{Kind::kAppeared, kDriftedTask, "/containers/0/environment/0", "",
                                          R"({"name":"0","value":"x"})"}));
}

TEST(Drift, OfMembersThatCameAndWent) {
  auto d = between(R"({"a/b":1,"c":2})", R"({"c":2,"d~":3})");
  ASSERT_EQ(d.differences.size(), 2u);
  EXPECT_EQ(d.differences[0], (Difference{Kind::kGone, kDriftedTask, "/a~1b", "1", ""}));
  EXPECT_EQ(d.differences[1], (Difference{Kind::kAppeared, kDriftedTask, "/d~0", "", "3"}));
}

TEST(Drift, OfListsWithoutNamesMatchesWhatIsEqual) {
  EXPECT_EQ(between(R"({"s":["a","b","c"]})", R"({"s":["b","x","c"]})").differences,
            changed("/s/0", "\"a\"", "\"x\""));
  auto d = between(R"({"rules":[{"port":80},{"port":443}]})", R"({"rules":[{"port":443}]})");
  ASSERT_EQ(d.differences.size(), 1u);
  EXPECT_EQ(d.differences[0], (Difference{Kind::kGone, kDriftedTask, "/rules/0", R"({"port":80})", ""}));
}

TEST(Drift, OfAnOrderThatMeansSomething) {
  EXPECT_EQ(between(R"({"command":["a","b"]})", R"({"command":["b","a"]})").differences,
            changed("/command", R"(["a","b"])", R"(["b","a"])"));
}

TEST(Drift, OfAnotherType) {
  EXPECT_EQ(between(R"({"x":null})", R"({"x":{"y":1}})").differences, changed("/x", "null", R"({"y":1})"));
}

TEST(Drift, OfWholeResources) {
  ResourceKey other{"s3/bucket", "b"};
  auto a = of({resource("{}")}), b = of({resource("{}", {}, other)});
  auto d = drift_between(a, b);
  ASSERT_EQ(d.differences.size(), 2u);
  EXPECT_EQ(d.differences[0].kind, Kind::kGone);
  EXPECT_EQ(d.differences[1].kind, Kind::kAppeared);
  EXPECT_EQ(text(d), "- ecs/task-definition web\n+ s3/bucket b\n");
}

TEST(Drift, APartThatIsDeniedNowIsUnknownAndNotGone) {
  auto d = drift_between(of({resource(R"({"Versioning":{"Status":"Enabled"},"x":1})")}),
                         of({resource(R"({"x":2})", {{"Versioning", "AccessDenied: no"}})}));
  EXPECT_EQ(d.differences, changed("/x", "1", "2"));
  EXPECT_EQ(d.unknown, (std::vector<Blind>{{kDriftedTask, "Versioning", "AccessDenied: no"}}));
}

TEST(Drift, APartThatTheCaptureCouldNotSeeIsUnknownAndNotNew) {
  auto d = drift_between(of({resource(R"({"x":1})", {{"Versioning", "AccessDenied: no"}})}),
                         of({resource(R"({"Versioning":{},"x":1})")}));
  EXPECT_TRUE(d.differences.empty());
  ASSERT_EQ(d.unknown.size(), 1u);
  EXPECT_NE(d.unknown[0].why.find("the capture could not see it"), std::string::npos);
}

TEST(Drift, AResourceThatNothingCouldLeadToIsUnknownAndNotGone) {
  ResourceKey rule{"elbv2/rule", "r"}, listener{"elbv2/listener", "l"};
  auto was = of({resource("{}", {}, listener), resource("{}", {}, rule)});
  auto d = drift_between(was, of({resource("{}", {{"elbv2/rule", "AccessDenied: no"}}, listener)}));
  EXPECT_TRUE(d.differences.empty());
  EXPECT_EQ(d.unknown.size(), 2u);
  d = drift_between(was, of({resource("{}", {{"Attributes", "AccessDenied: no"}}, listener)}));
  EXPECT_EQ(d.differences.size(), 1u) << "what is unknown of another kind hides no rule";
}

TEST(Drift, OfAResourceThatIsDeniedAltogetherIsUnknown) {
  auto d = drift_between(of({resource(R"({"x":1})")}),
                         of({resource("null", {{"everything", "AccessDenied: no"}})}));
  EXPECT_TRUE(d.differences.empty());
  EXPECT_EQ(d.unknown.size(), 1u);
}

TEST(Drift, LongValuesAreCutForReadersAndWholeInJson) {
  std::string letters(1000, 'x');
  auto d = between(R"({"policy":"a"})", R"({"policy":")" + letters + R"("})");
  EXPECT_LT(text(d).size(), 300u);
  auto j = nlohmann::json::parse(to_json(d));
  EXPECT_EQ(j["differences"][0]["after"], letters);
  EXPECT_EQ(j["differences"][0]["pointer"], "/policy");
  EXPECT_EQ(j["unknown"].size(), 0u);
}

}  // namespace
}  // namespace relight::dr
