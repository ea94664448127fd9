#include "dr/model/image_name.h"

#include <gtest/gtest.h>

namespace relight::dr {
namespace {

TEST(ImageName, OfEcrTellsTheAccountTheRegionAndTheRepository) {
  auto i = image_name("111122223333.dkr.ecr.us-east-1.amazonaws.com/team/lamp:1.2");
  EXPECT_TRUE(i.of_ecr());
  EXPECT_EQ(i.account, "111122223333");
  EXPECT_EQ(i.region, "us-east-1");
  EXPECT_EQ(i.repository, "team/lamp");
  EXPECT_EQ(i.within(), "team/lamp:1.2");
}

TEST(ImageName, ADigestDecidesWhereBothAreSaid) {
  EXPECT_EQ(image_name("team/lamp:1.2@sha256:ab").within(), "team/lamp@sha256:ab");
  EXPECT_EQ(image_name("000000000000.dkr.ecr.us-west-2.amazonaws.com:5000/lamp@sha256:ab").region,
            "us-west-2");
}

TEST(ImageName, WithoutTagItIsTheLatestAndAHostIsNoPartOfTheName) {
  EXPECT_EQ(image_name("lamp").within(), "lamp:latest");
  EXPECT_EQ(image_name("localhost:5000/lamp").within(), "lamp:latest");
  EXPECT_EQ(image_name("library/httpd:2.4").host, "");
  EXPECT_EQ(image_name("docker.io/library/httpd:2.4").repository, "library/httpd");
}

TEST(ImageName, ARegistryThatOnlyLooksLikeEcrIsNone) {
  EXPECT_FALSE(image_name("1234.dkr.ecr.us-east-1.amazonaws.com/lamp").of_ecr());
  EXPECT_FALSE(image_name("public.ecr.aws/lamp/lamp:1").of_ecr());
}

}  // namespace
}  // namespace relight::dr
