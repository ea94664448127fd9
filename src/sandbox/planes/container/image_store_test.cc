#include "sandbox/planes/container/image_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "sandbox/planes/container/cgroups.h"

namespace relight::sandbox::container {
namespace {

namespace fs = std::filesystem;

TEST(ImageKeyTest, TheRegistryIsDroppedAndTheTagDefaultsToLatest) {
  EXPECT_EQ(*image_key("000000000000.dkr.ecr.us-east-1.amazonaws.com/lamp:v1"), "lamp:v1");
  EXPECT_EQ(*image_key("localhost:5000/team/app"), "team/app:latest");
  EXPECT_EQ(*image_key("lamp"), "lamp:latest");
}

TEST(ImageKeyTest, NamesThatWouldLeaveTheStoreAreRefused) {
  for (const char* bad : {"", "../etc:x", "/etc/passwd", "a/../../b", "a b", ".rootfs/x", "a//b", "x.y/../z"})
    EXPECT_FALSE(image_key(bad)) << bad;
}

TEST(ImageStoreTest, AMissingImageSaysWhereItShouldBe) {
  ImageStore store("/nonexistent/images");
  auto r = store.open("lamp:latest");
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Container.ImageNotFound");
  EXPECT_NE(r.error().next.find("/nonexistent/images/lamp:latest"), std::string::npos);
}

TEST(ImageStoreTest, ABlobThatDoesNotMatchItsDigestIsRefused) {
  std::string t = (fs::temp_directory_path() / "relight-images-XXXXXX").string();
  std::string dir = ::mkdtemp(t.data()), layout = dir + "/lamp:latest";
  fs::create_directories(layout + "/blobs/sha256");
  std::string digest = hex(sha256("something else"));
  std::ofstream(layout + "/blobs/sha256/" + digest) << "{}";
  std::ofstream(layout + "/index.json") << R"({"manifests":[{"digest":"sha256:)" << digest << R"("}]})";
  auto r = ImageStore(dir).open("lamp");
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().message.find("does not match"), std::string::npos);
  fs::remove_all(dir);
}

TEST(CgroupNameTest, EachSandboxDirectoryHasItsOwn) {
  EXPECT_EQ(cgroup_name("/tmp/a"), cgroup_name("/tmp/x/../a"));
  EXPECT_NE(cgroup_name("/tmp/a"), cgroup_name("/tmp/b"));
}

}  // namespace
}  // namespace relight::sandbox::container
