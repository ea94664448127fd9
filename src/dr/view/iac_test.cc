#include "dr/view/iac.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

#include "dr/planning/pilot_example.h"
#include "dr/view/yaml.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

Pilot example() {
  auto p = plan_pilot(example_inventory(), {.region = "us-west-2",
                                            .primary_stack = "lamp-primary",
                                            .stack = "lamp-pilot",
                                            .domain = "www.lamp.example",
                                            .flag_key = "relight/failover"});
  return p ? *p : Pilot{};
}

TEST(Yaml, ATextThatWouldBeReadAsSomethingElseIsQuoted) {
  for (auto s : {"true", "No", "null", "12", "1.5", "2012-10-17", "a: b", "a #b", "*", "", "'", "- x", "{",
                 "a,b", "0x1", "~", "line\nbreak"}) {
    auto text = yaml_member("k", s, 0);
    EXPECT_EQ(YAML::Load(text)["k"].as<std::string>(), s) << text;
    EXPECT_EQ(YAML::Load("[" + yaml_scalar(s, true) + ", x]")[0].as<std::string>(), s) << text;
  }
}

TEST(Yaml, NestedListsAndMapsReadBack) {
  auto j = Json::parse(R"([{"a":[{"b":"c","d":["e","f"]},[["g"]]],"h":{}},{"i":[]}])");
  auto y = YAML::Load(yaml_member("k", j, 2));
  EXPECT_EQ(y["k"][0]["a"][0]["d"][1].as<std::string>(), "f");
  EXPECT_EQ(y["k"][0]["a"][1][0][0].as<std::string>(), "g");
  EXPECT_EQ(y["k"][1]["i"].size(), 0u);
}

TEST(Yaml, IntrinsicFunctionsAreShort) {
  EXPECT_EQ(yaml_member("A", Json::parse(R"({"Fn::Select":[0,{"Fn::GetAZs":""}]})"), 0),
            "A: !Select [0, !GetAZs '']\n");
  EXPECT_EQ(yaml_member("A", Json::parse(R"({"Fn::GetAtt":["B","C.D"]})"), 0), "A: !GetAtt B.C.D\n");
}

TEST(CloudFormation, ItIsYamlThatNamesWhereEachResourceCameFrom) {
  auto p = example();
  auto text = cloudformation(p);
  auto y = YAML::Load(text);
  EXPECT_EQ(y["Resources"].size(), p.resources.size());
  EXPECT_EQ(y["Resources"]["DatabaseDb"]["DeletionPolicy"].as<std::string>(), "RetainExceptOnCreate");
  EXPECT_EQ(y["Resources"]["DatabaseDb"]["UpdateReplacePolicy"].as<std::string>(), "Retain");
  EXPECT_EQ(y["Parameters"]["DbPassword"]["NoEcho"].as<std::string>(), "true");
  EXPECT_NE(text.find("# captured/rds/db-instance.lamp-primary-db.json - "), text.npos);
  EXPECT_EQ(text, cloudformation(example()));
}

TEST(Terraform, EveryReferenceLeadsToAResourceOfThisFile) {
  auto text = terraform(example());
  auto j = Json::parse(text);
  for (size_t at = 0; (at = text.find("${aws_", at)) != text.npos; ++at) {
    auto name = text.substr(at + 2, text.find_first_of("[}", at) - at - 2);
    auto dot = name.find('.'), second = name.find('.', dot + 1);
    EXPECT_TRUE(j["resource"][name.substr(0, dot)].contains(name.substr(dot + 1, second - dot - 1))) << name;
  }
  EXPECT_EQ(text.find("Fn::"), text.npos);
  EXPECT_EQ(text.find("AWS::"), text.npos);
  EXPECT_EQ(text.find("unknown."), text.npos);
}

TEST(Terraform, ARunningCountAndAPromotionAreLeftAlone) {
  auto j = Json::parse(terraform(example()));
  EXPECT_EQ(j["resource"]["aws_ecs_service"]["ServiceWeb"]["lifecycle"][0]["ignore_changes"][0],
            "desired_count");
  EXPECT_EQ(j["resource"]["aws_db_instance"]["DatabaseDb"]["lifecycle"][0]["ignore_changes"][0],
            "replicate_source_db");
  EXPECT_EQ(j["variable"]["DbPassword"]["sensitive"], true);
}

TEST(Terraform, AKeyThatMayBeNamedByItsAliasIsLookedUp) {
  auto inventory = example_inventory();
  for (auto& r : inventory.resources)
    if (r.key.kind == "rds/db-instance") {
      auto properties = Json::parse(r.properties);
      properties["StorageEncrypted"] = true;
      r.properties = properties.dump();
    }
  auto p =
      plan_pilot(inventory, {.region = "us-west-2", .primary_stack = "lamp-primary", .stack = "lamp-pilot"});
  ASSERT_TRUE(p) << p.error().text();
  auto j = Json::parse(terraform(*p));
  EXPECT_EQ(j["data"]["aws_kms_key"]["DatabaseDb"]["key_id"], "${var.DatabaseDbKey}");
  EXPECT_EQ(j["resource"]["aws_db_instance"]["DatabaseDb"]["kms_key_id"],
            "${data.aws_kms_key.DatabaseDb.arn}");
  EXPECT_EQ(j["variable"]["DatabaseDbKey"]["default"], "alias/aws/rds");
}

TEST(Terraform, AContainersDefinitionIsTheApisAgain) {
  auto j = Json::parse(terraform(example()));
  auto c = Json::parse(
      j["resource"]["aws_ecs_task_definition"]["TaskWeb"]["container_definitions"].get<std::string>());
  EXPECT_EQ(c[0]["portMappings"][0]["containerPort"], 80);
  EXPECT_EQ(c[0]["logConfiguration"]["options"]["awslogs-region"], "us-west-2");
  EXPECT_EQ(c[0]["environment"][2]["value"], "costs $${PRICE}");
}

TEST(Readme, ItNamesTheApplicationItsParametersAndWhatIsMissing) {
  auto text = readme(example());
  for (auto word : {"lamp-pilot", "RELIGHT_PARAMETER_DB_PASSWORD", "relight failback",
                    "s3:PutBucketReplication", "dkr.ecr"})
    EXPECT_NE(text.find(word), text.npos) << word;
}

}  // namespace
}  // namespace relight::dr::view
