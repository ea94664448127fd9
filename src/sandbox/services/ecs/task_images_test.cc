#include "sandbox/services/ecs/task_images.h"

#include "sandbox/planes/container/image_store.h"
#include "sandbox/services/ecr/ecr_test.h"

namespace relight::sandbox::ecs {
namespace {

struct TaskImages : EcrTest {
  // The image under which the plane will look, or the reason why the task does not start.
  std::string found(const std::string& image, const std::string& region = kEcrEast) {
    std::vector<container::Spec> specs{{.image = image}};
    auto r = find_images(world, region, specs);
    return r ? specs[0].image : r.error().message;
  }
  std::string host(const std::string& region = kEcrEast, const std::string& account = "000000000000") {
    return account + ".dkr.ecr." + region + ".amazonaws.com/";
  }
};

TEST_F(TaskImages, NamesWithoutARegistryStayAsTheyAre) {
  for (std::string image : {"lamp:latest", "public.example/team/app:v1", "lamp@sha256:1", "dkr.ecr.x/lamp"})
    EXPECT_EQ(found(image), image);
}

TEST_F(TaskImages, ATagAndADigestMeanWhatTheRegistryHas) {
  auto one = push("one", "v1");
  auto kept = container::registry_image_key(kEcrEast, "lamp", one);
  EXPECT_EQ(found(host() + "lamp:v1"), kept);
  EXPECT_EQ(found(host() + "lamp@" + one), kept);
  EXPECT_EQ(found(host() + "lamp:v1@" + one), kept);
  EXPECT_EQ(found(host() + "lamp:v1", kEcrWest), kept);
  push("two", "latest");
  EXPECT_NE(found(host() + "lamp").find("registry/us-east-1/lamp:"), std::string::npos);
}

TEST_F(TaskImages, WhatIsNotThereCannotBePulled) {
  push("one", "v1");
  for (auto& image : {host() + "lamp:v9", host() + "other:v1", host() + "lamp@" + ecr::digest_of("x"),
                      host(kEcrWest) + "lamp:v1", host(kEcrEast, "111122223333") + "lamp:v1"}) {
    auto why = found(image);
    EXPECT_TRUE(why.starts_with("CannotPullContainerError: ")) << image << ": " << why;
    EXPECT_NE(why.find(image), std::string::npos) << why;
  }
}

TEST_F(TaskImages, ALostRegionsRegistryCannotBeReached) {
  push("one", "v1");
  world.lose(kEcrEast);
  EXPECT_NE(found(host() + "lamp:v1", kEcrWest).find("i/o timeout"), std::string::npos);
}

}  // namespace
}  // namespace relight::sandbox::ecs
