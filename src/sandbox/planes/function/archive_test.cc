#include "sandbox/planes/function/archive.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sandbox/planes/function/package_for_test.h"

namespace relight::sandbox::function {
namespace {

namespace fs = std::filesystem;

struct ArchiveTest : testing::Test {
  ArchiveTest() {
    std::string t = (fs::temp_directory_path() / "relight-zip-XXXXXX").string();
    dir = ::mkdtemp(t.data());
  }
  ~ArchiveTest() override { fs::remove_all(dir); }
  std::string unpack(const std::vector<Packed>& files, ArchiveLimits limits = {}) {
    make_package(dir + "/p.zip", files);
    auto r = unpack_zip(dir + "/p.zip", dir + "/out", limits);
    return r ? "" : r.error().code + ": " + r.error().message;
  }
  std::string read(const std::string& name) {
    std::ostringstream s;
    s << std::ifstream(dir + "/out/" + name).rdbuf();
    return s.str();
  }
  fs::perms mode(const std::string& name) { return fs::symlink_status(dir + "/out/" + name).permissions(); }
  std::string dir;
};

TEST_F(ArchiveTest, FilesComeWithTheirDirectoriesAndModes) {
  EXPECT_EQ(unpack({{"bootstrap", "#!", 0100755}, {"lib/deep/a.py", "x"}, {"secret", "s", 0100600}}), "");
  EXPECT_EQ(read("lib/deep/a.py"), "x");
  EXPECT_EQ(mode("bootstrap"), fs::perms(0755));
  EXPECT_EQ(mode("secret"), fs::perms(0600));
  EXPECT_EQ(mode("lib"), fs::perms(0755));
}

TEST_F(ArchiveTest, NamesThatLeadOutAreRefusedAndNothingIsLeft) {
  for (const char* name : {"../evil", "a/../../evil", "/etc/evil", "a/../evil", "..\\evil"}) {
    EXPECT_TRUE(unpack({{"good.py", "1"}, {name, "x"}}).starts_with("Function.BadZip")) << name;
    EXPECT_FALSE(fs::exists(dir + "/out")) << name;
  }
  EXPECT_FALSE(fs::exists(dir + "/evil"));
}

TEST_F(ArchiveTest, ALinkMayStayInsideButNotLeadOutAndNothingIsWrittenThroughOne) {
  EXPECT_EQ(unpack({{"real/a.py", "x"}, {"link.py", "real/a.py", 0120777}}), "");
  EXPECT_EQ(read("link.py"), "x");
  fs::remove_all(dir + "/out");
  EXPECT_NE(unpack({{"l", "../../etc", 0120777}}), "");
  EXPECT_NE(unpack({{"l", "/etc/passwd", 0120777}}), "");
  EXPECT_NE(unpack({{"d", "real", 0120777}, {"d/a.py", "x"}}), "");
}

TEST_F(ArchiveTest, APackageOfOneFileIsAlwaysTheSame) {
  std::string zip = pack_one("index.py", "def handler(e, c): return 1\n");
  EXPECT_EQ(zip, pack_one("index.py", "def handler(e, c): return 1\n"));
  std::ofstream(dir + "/one.zip", std::ios::binary) << zip;
  ASSERT_TRUE(unpack_zip(dir + "/one.zip", dir + "/out"));
  EXPECT_EQ(read("index.py"), "def handler(e, c): return 1\n");
  EXPECT_EQ(mode("index.py"), fs::perms(0644));
}

TEST_F(ArchiveTest, WhatIsTooLargeOrDamagedOrNoZipIsRefused) {
  EXPECT_TRUE(unpack({{"big", std::string(5000, 'x')}}, {.bytes = 4999}).starts_with("Function.TooLarge"));
  EXPECT_TRUE(unpack({{"a", "x"}, {"b", "x"}}, {.entries = 1}).starts_with("Function.TooLarge"));
  std::ofstream(dir + "/no.zip") << "hello";
  auto r = unpack_zip(dir + "/no.zip", dir + "/out");
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Function.BadZip");
}

}  // namespace
}  // namespace relight::sandbox::function
