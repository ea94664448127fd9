#include "sandbox/planes/container/tar.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/process.h"

namespace relight::sandbox::container {
namespace {

namespace fs = std::filesystem;

class TarTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string t = (fs::temp_directory_path() / "relight-tar-XXXXXX").string();
    dir_ = ::mkdtemp(t.data());
    fs::create_directories(dir_ + "/root");
  }
  void TearDown() override { fs::remove_all(dir_); }
  // A tar of (type, name, text or target), made by Python's tarfile: not by the code under test.
  std::string tar(const std::string& entries) {
    std::string program =
        "import tarfile,io,sys\n"
        "t=tarfile.open(sys.argv[1],'w',format=tarfile.PAX_FORMAT)\n"
        "for kind,name,text in " +
        entries +
        ":\n"
        "  i=tarfile.TarInfo(name); i.type=kind.encode(); i.mode=0o755\n"
        "  if kind in '12': i.linkname=text\n"
        "  d=text.encode() if kind=='0' else b''\n"
        "  i.size=len(d); t.addfile(i,io.BytesIO(d))\n"
        "t.close()\n";
    std::string path = dir_ + "/layer.tar";
    auto r = Process::run({.argv = {"/usr/bin/python3", "-c", program, path}}, std::chrono::seconds(20));
    EXPECT_TRUE(r && r->code == 0) << (r ? r->output : r.error().text());
    return path;
  }
  std::string text(const std::string& name) {
    std::ifstream f(dir_ + "/root/" + name);
    std::ostringstream s;
    s << f.rdbuf();
    return s.str();
  }
  std::string dir_;
};

TEST_F(TarTest, FilesDirectoriesLinksAndVeryLongNamesArrive) {
  std::string deep(140, 'd'), leaf(120, 'f');
  auto r = unpack_tar(tar("[('5','a',''),('0','a/b','hello'),('2','a/s','b'),('1','a/h','a/b'),('0','" +
                          deep + "/" + leaf + "','far')]"),
                      dir_ + "/root");
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(text("a/b"), "hello");
  EXPECT_EQ(text("a/s"), "hello");
  EXPECT_EQ(fs::hard_link_count(dir_ + "/root/a/b"), 2u);
  EXPECT_EQ(text(deep + "/" + leaf), "far");
}

TEST_F(TarTest, WhiteoutsRemoveWhatEarlierLayersHeld) {
  ASSERT_TRUE(unpack_tar(tar("[('0','a/gone','x'),('0','a/kept','y'),('0','o/old','z')]"), dir_ + "/root"));
  ASSERT_TRUE(
      unpack_tar(tar("[('0','a/.wh.gone',''),('0','o/.wh..wh..opq',''),('0','o/new','n')]"), dir_ + "/root"));
  EXPECT_FALSE(fs::exists(dir_ + "/root/a/gone"));
  EXPECT_EQ(text("a/kept"), "y");
  EXPECT_FALSE(fs::exists(dir_ + "/root/o/old"));
  EXPECT_EQ(text("o/new"), "n");
}

TEST_F(TarTest, ANameWithDotDotIsRefused) {
  auto r = unpack_tar(tar("[('0','a/../../escaped','x')]"), dir_ + "/root");
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Container.BadLayer");
  EXPECT_FALSE(fs::exists(dir_ + "/escaped"));
}

TEST_F(TarTest, ALinkOutOfTheImageLeadsNowhereOutside) {
  fs::create_directories(dir_ + "/outside");
  (void)unpack_tar(
      tar("[('2','out','" + dir_ + "/outside'),('0','out/x','x'),('2','up','../outside'),('0','up/y','y')]"),
      dir_ + "/root");
  EXPECT_TRUE(fs::is_empty(dir_ + "/outside"));
}

TEST_F(TarTest, ATruncatedLayerIsAnError) {
  std::string path = tar("[('0','big','" + std::string(5000, 'x') + "')]");
  fs::resize_file(path, 2000);
  EXPECT_FALSE(unpack_tar(path, dir_ + "/root"));
}

}  // namespace
}  // namespace relight::sandbox::container
