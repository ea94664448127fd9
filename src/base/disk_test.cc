#include "base/disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

namespace relight {
namespace {

namespace fs = std::filesystem;

class EverythingBelow : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string t = (fs::temp_directory_path() / "relight-disk-XXXXXX").string();
    dir_ = ::mkdtemp(t.data());
  }
  void TearDown() override { fs::remove_all(dir_); }
  std::string dir_;
};

TEST_F(EverythingBelow, ParentsComeBeforeTheirChildrenAndLinksAreNotFollowed) {
  fs::create_directories(dir_ + "/a/b");
  ASSERT_TRUE(system_disk().write(dir_ + "/a/b/file", "x"));
  fs::create_directory_symlink("/proc", dir_ + "/a/link");
  std::vector<std::string> seen;
  for (auto& e : everything_below(dir_)) seen.push_back(e.path.substr(dir_.size()) + (e.directory ? "/" : ""));
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen.front(), "/a/");
  EXPECT_EQ(seen.back(), "/a/b/file");
  EXPECT_NE(std::find(seen.begin(), seen.end(), "/a/link"), seen.end());
}

TEST_F(EverythingBelow, ADirectoryThatIsNotThereHoldsNothing) {
  EXPECT_TRUE(everything_below(dir_ + "/absent").empty());
}

TEST_F(EverythingBelow, WhatVanishesWhileItIsLookedAtIsLeftOut) {
  fs::create_directory(dir_ + "/stays");
  std::atomic<bool> enough{false};
  std::thread other([&] {
    for (int i = 0; !enough; ++i) {
      std::string deep = dir_ + "/comes" + std::to_string(i % 7);
      fs::create_directories(deep + "/and/goes");
      fs::remove_all(deep);
    }
  });
  int held = 0;
  for (int i = 0; i < 500; ++i)
    for (auto& e : everything_below(dir_)) held += e.path == dir_ + "/stays";
  enough = true;
  other.join();
  EXPECT_EQ(held, 500);
}

}  // namespace
}  // namespace relight
