// Images: named by their digests, copied, and what cannot be.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/planning/pilot.h"
#include "dr/planning/pilot_example.h"

namespace relight::dr {
namespace {
using ImageJson = nlohmann::json;
using ActionKind = PrimaryAction::Kind;
constexpr const char* kHost = "111122223333.dkr.ecr.us-east-1.amazonaws.com/";

class PilotImages : public testing::Test {
 protected:
  Inventory inventory = example_inventory();
  Pilot pilot;

  void uses(const std::string& image) {
    auto it = std::ranges::find(inventory.resources, "ecs/task-definition",
                                [](auto& r) { return std::string_view(r.key.kind); });
    auto j = ImageJson::parse(it->properties);
    j["containerDefinitions"][0]["image"] = image;
    it->properties = j.dump();
  }
  void captured(const std::string& kind, const std::string& id, const ImageJson& properties) {
    inventory.resources.push_back(example_resource(kind, id, properties));
    std::ranges::sort(inventory.resources, {}, &Resource::key);
  }
  void image(const std::string& id, const std::string& digest) {
    captured("ecr/image", id,
             {{"registryId", "111122223333"}, {"repositoryName", "team/lamp"}, {"imageDigest", digest}});
  }
  void plan() {
    auto p = plan_pilot(inventory, {.region = "us-west-2", .primary_stack = "lamp-primary", .stack = "lamp-pilot"});
    ASSERT_TRUE(p) << p.error().text();
    pilot = *p;
  }
  ImageJson task_image() {
    for (auto& r : pilot.resources)
      if (r.type == "AWS::ECS::TaskDefinition")
        return ImageJson::parse(r.properties)["ContainerDefinitions"][0]["Image"];
    return {};
  }
  std::vector<PrimaryAction> actions(ActionKind kind) {
    std::vector<PrimaryAction> out;
    std::ranges::copy_if(pilot.actions, std::back_inserter(out), [&](auto& a) { return a.kind == kind; });
    return out;
  }
  bool said(const std::string& what) {
    return std::ranges::any_of(pilot.untranslated, [&](auto& u) { return u.what.find(what) != u.what.npos; });
  }
};

TEST_F(PilotImages, TheCapturedOneIsNamedByItsDigestAndCopiedUnderItsTag) {
  uses(std::string(kHost) + "team/lamp:7");
  image("team/lamp:7", "sha256:ab");
  plan();
  EXPECT_EQ(task_image(),
            ImageJson::parse(
                R"({"Fn::Sub":"111122223333.dkr.ecr.${AWS::Region}.amazonaws.com/team/lamp@sha256:ab"})"));
  auto copies = actions(ActionKind::kImageCopy), rules = actions(ActionKind::kRegistryReplication);
  ASSERT_EQ(copies.size(), 1u);
  EXPECT_EQ(copies[0].resource, "team/lamp@sha256:ab");
  EXPECT_EQ(copies[0].with, "7");
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].resource, "team/lamp");
  EXPECT_FALSE(said("team/lamp"));
}

TEST_F(PilotImages, TwoTagsOfOneImageAreOneCopyOfOneRepository) {
  image("team/lamp:7", "sha256:ab");
  image("team/lamp:latest", "sha256:ab");
  image("team/lamp@sha256:cd", "sha256:cd");
  plan();
  auto copies = actions(ActionKind::kImageCopy);
  ASSERT_EQ(copies.size(), 2u);
  EXPECT_EQ(copies[0].with, "7");
  EXPECT_EQ(copies[1].with, "");
  EXPECT_EQ(actions(ActionKind::kRegistryReplication).size(), 1u);
}

TEST_F(PilotImages, OneThatWasNotSeenKeepsItsTagAndIsSaid) {
  uses(std::string(kHost) + "team/lamp:7");
  plan();
  EXPECT_EQ(task_image(),
            ImageJson::parse(R"({"Fn::Sub":"111122223333.dkr.ecr.${AWS::Region}.amazonaws.com/team/lamp:7"})"));
  EXPECT_TRUE(actions(ActionKind::kImageCopy).empty());
  EXPECT_TRUE(said("team/lamp:7"));
}

TEST_F(PilotImages, AnotherAccountsRegistryIsNotCopiedFrom) {
  uses("444455556666.dkr.ecr.us-east-1.amazonaws.com/team/lamp:7");
  image("team/lamp:7", "sha256:ab");
  plan();
  EXPECT_NE(task_image().dump().find("team/lamp:7"), std::string::npos);
  EXPECT_TRUE(said("444455556666"));
}

TEST_F(PilotImages, ALifeCycleIsNotBroughtAndThatIsSaid) {
  image("team/lamp:7", "sha256:ab");
  captured("ecr/repository", "team/lamp", {{"repositoryName", "team/lamp"}, {"LifecyclePolicy", R"({"rules":[]})"}});
  plan();
  EXPECT_TRUE(said("LifecyclePolicy"));
}

TEST_F(PilotImages, TheRegistryIsSeenToBeforeTheStackAndEarlierObjectsAfterTheirRule) {
  image("team/lamp:7", "sha256:ab");
  plan();
  std::vector<std::string> calls;
  bool after = false;
  for (auto& a : pilot.actions) {
    calls.push_back(a.call);
    EXPECT_FALSE(after && a.before_the_stack()) << a.call;
    after = after || !a.before_the_stack();
  }
  auto place = [&](const char* call) { return std::ranges::find(calls, call) - calls.begin(); };
  EXPECT_LT(place("ecr:PutReplicationConfiguration"), place("ecr:PutImage"));
  EXPECT_LT(place("s3:PutBucketReplication"), place("s3:CopyObject"));
}

}  // namespace
}  // namespace relight::dr
