#include "dr/model/inventory.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

TEST(Inventory, TheSameResourceInAnotherOrderIsTheSameText) {
  auto a = Json::parse(
      R"({"b":["x","a"],"tags":[{"key":"z","value":"1"},{"key":"a","value":"2"}],"command":["b","a"]})");
  auto b = Json::parse(
      R"({"command":["b","a"],"tags":[{"value":"2","key":"a"},{"key":"z","value":"1"}],"b":["a","x"]})");
  EXPECT_EQ(canonical(a).dump(), canonical(b).dump());
}

TEST(Inventory, TheOrderOfACommandIsKept) {
  EXPECT_EQ(canonical(Json::parse(R"({"command":["php","-r","echo"]})"))["command"],
            Json({"php", "-r", "echo"}));
}

TEST(Inventory, ASecretInTheEnvironmentIsWithheldAndNamed) {
  std::vector<std::string> withheld;
  auto j = canonical(
      Json::parse(R"({"environment":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"DB_HOST","value":"db"},
                                     {"name":"SECRET_ARN","value":"arn:x"}],"Environment":{"Variables":{"API_TOKEN":"t0ken"}}})"),
      &withheld);
  auto text = j.dump();
  EXPECT_EQ(text.find("hunter2"), text.npos);
  EXPECT_EQ(text.find("t0ken"), text.npos);
  EXPECT_NE(text.find("\"db\""), text.npos);
  EXPECT_NE(text.find("arn:x"), text.npos);
  EXPECT_EQ(withheld, (std::vector<std::string>{"API_TOKEN", "DB_PASSWORD"}));
}

TEST(Inventory, FileNamesSayServiceTypeAndNameAndNeverLeaveTheirFolder) {
  EXPECT_EQ(file_name({"ecs/service", "arn:aws:ecs:us-east-1:000000000000:service/lamp/web"}),
            "ecs/service.service-lamp-web.json");
  EXPECT_EQ(file_name({"ec2/subnet", "subnet-1"}), "ec2/subnet.subnet-1.json");
  auto wild = file_name({"s3/bucket", "../../etc/passwd"});
  EXPECT_EQ(wild.find("..-"), wild.npos);
  EXPECT_EQ(std::count(wild.begin(), wild.end(), '/'), 1);
}

TEST(Inventory, AFileReadsBackAsWhatWasWritten) {
  Resource r{.key = {"ecs/service", "arn:x"},
             .region = "us-east-1",
             .properties = R"({"desiredCount":2})",
             .uses = {{"ec2/subnet", "subnet-1"}},
             .unknown = {{"Versioning", "AccessDenied: no"}}};
  auto back = resource_from_json(to_json(r), "f.json");
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, r);
}

TEST(Inventory, AFileThatIsNotOneSaysWhichAndWhatToDo) {
  for (auto text : {"{", "[]", "{}", R"({"kind":"a/b","id":"c","uses":["nospace"]})"}) {
    auto r = resource_from_json(text, "iac/captured/ecs/service.web.json");
    ASSERT_FALSE(r) << text;
    EXPECT_EQ(r.error().code, "Inventory.Malformed");
    EXPECT_EQ(r.error().resource, "iac/captured/ecs/service.web.json");
  }
}

TEST(Inventory, TheIndexReadsBackWithoutTheResources) {
  Inventory i{.application = "lamp",
              .region = "us-east-1",
              .resources = {{.key = {"ec2/vpc", "vpc-1"}, .region = "us-east-1"}},
              .left_out = {{{"image", "lamp:latest"}, "not captured"}},
              .withheld = {"ecs/task-definition t: DB_PASSWORD"}};
  auto back = index_from_json(index_json(i), "inventory.json");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->files, std::vector<std::string>{"ec2/vpc.vpc-1.json"});
  i.resources.clear();
  EXPECT_EQ(back->inventory, i);
  EXPECT_FALSE(index_from_json(R"({"format": 2})", "inventory.json"));
  EXPECT_FALSE(index_from_json("[]", "inventory.json"));
}

}  // namespace
}  // namespace relight::dr
