// Real containers of the example's image. The program runs itself inside a PID and mount namespace, so that
// nothing outlives it however it ends.
#include "sandbox/planes/container/runc_plane.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <future>
#include <thread>

#include "sandbox/planes/container/cgroups.h"

namespace relight::sandbox::container {
namespace {

namespace fs = std::filesystem;

bool connects(const std::string& address, uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  bool ok = ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  ::close(fd);
  return ok;
}

class RuncPlaneTest : public ::testing::TestWithParam<RuncPlane::Runtime> {
 protected:
  // One image for all tests; it is only read.
  static void SetUpTestSuite() {
    std::string t = (fs::temp_directory_path() / "relight-images-XXXXXX").string();
    images_ = ::mkdtemp(t.data());
    auto r = Process::run(
        {.argv = {"/usr/bin/python3", "examples/lamp/image/assemble", images_ + "/images/lamp:latest"},
         .env = {{"PATH", "/usr/bin:/bin:/usr/sbin"}},
         .cwd = fs::current_path()},
        std::chrono::seconds(60));
    ASSERT_TRUE(r && r->code == 0) << (r ? r->output : r.error().text());
  }
  static void TearDownTestSuite() { fs::remove_all(images_); }
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root";
    if (!fs::exists("/usr/sbin/runc") || !fs::exists("/usr/bin/bwrap"))
      GTEST_SKIP() << "runc and bubblewrap needed";
    std::string t = (fs::temp_directory_path() / "relight-runc-XXXXXX").string();
    dir_ = ::mkdtemp(t.data());
    fs::create_directory_symlink(images_ + "/images", dir_ + "/images");
    plane_ = std::make_unique<RuncPlane>(dir_, GetParam(), system_clock());
    plane_->on_exit([this](const std::string& id, int code) { exited_.set_value({id, code}); });
  }
  void TearDown() override {
    plane_.reset();
    fs::remove_all(dir_);
  }
  Spec spec(const std::string& script = "") {
    Spec s{.id = "t1",
           .image = "example.com/lamp:latest",
           .env = {{"GREETING", "hello"}},
           .hostname = "ip-127-9-0-5",
           .address = "127.119.0.5",
           .dns = "127.0.53.53",
           .memory_bytes = 512 << 20,
           .cpu_units = 1024,
           .log_path = dir_ + "/t1.log"};
    if (!script.empty()) s.entrypoint = {"/bin/sh", "-c"}, s.command = {script};
    return s;
  }
  std::string log() { return system_disk_read(dir_ + "/t1.log"); }
  static std::string system_disk_read(const std::string& path) {
    auto r = Process::run({.argv = {"/bin/cat", path}}, std::chrono::seconds(5));
    return r ? r->output : "";
  }
  static inline std::string images_;
  std::string dir_;
  std::promise<std::pair<std::string, int>> exited_;
  std::unique_ptr<RuncPlane> plane_;
};

TEST_P(RuncPlaneTest, TheExampleServesOnItsTasksAddressAndStopsOnDemand) {
  auto r = plane_->start(spec());
  ASSERT_TRUE(r) << r.error().text();
  auto end = system_clock().monotonic() + std::chrono::seconds(20);
  while (!connects("127.119.0.5", 80) && system_clock().monotonic() < end) std::this_thread::yield();
  ASSERT_TRUE(connects("127.119.0.5", 80)) << log();
  auto healthy = plane_->exec("t1", {"/bin/sh", "-c", "curl -sf http://$(hostname -i)/healthz"},
                              std::chrono::seconds(20));
  ASSERT_TRUE(healthy) << healthy.error().text();
  EXPECT_EQ(*healthy, 0);
  EXPECT_NE(*plane_->exec("t1", {"/bin/sh", "-c", "exit 3"}, std::chrono::seconds(20)), 0);
  plane_->stop("t1", std::chrono::seconds(10));
  auto ended = exited_.get_future();
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_FALSE(connects("127.119.0.5", 80));
  plane_->remove("t1");
  EXPECT_FALSE(fs::exists(dir_ + "/containers/t1"));
}

TEST_P(RuncPlaneTest, ExitCodeEnvironmentAndNamesAreWhatTheTaskAskedFor) {
  ASSERT_TRUE(
      plane_->start(spec("echo $GREETING from $(hostname) at $(hostname -i); cat /etc/resolv.conf; exit 7")));
  auto ended = exited_.get_future();
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(ended.get(), (std::pair<std::string, int>{"t1", 7}));
  EXPECT_NE(log().find("hello from ip-127-9-0-5 at 127.119.0.5"), std::string::npos) << log();
  EXPECT_NE(log().find("nameserver 127.0.53.53"), std::string::npos);
}

TEST_P(RuncPlaneTest, WhatIgnoresSigtermIsKilledAtItsDeadline) {
  ASSERT_TRUE(plane_->start(spec("trap '' TERM; echo ready; while :; do sleep 1; done")));
  plane_->stop("t1", std::chrono::milliseconds(50));
  auto ended = exited_.get_future();
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(ended.get().second, 137);
}

// The region that a task is stopped in is lost and restored, which stops it once more.
TEST_P(RuncPlaneTest, RemovedByTwoAtOnceItGoesOnceAndNobodyElsesDescriptorIsClosed) {
  plane_->on_exit([](const std::string&, int) {});
  for (int round = 0; round < 5; ++round) {
    auto started = plane_->start(spec("while :; do sleep 1; done"));
    ASSERT_TRUE(started) << started.error().text();
    std::atomic<bool> over = false;
    int lost = 0;
    std::thread somebody_else([&] {
      std::deque<int> open;
      while (!over || !open.empty()) {
        if (!over) open.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!over && open.size() < 100) continue;
        lost += ::close(open.front()) != 0;
        open.pop_front();
      }
    });
    std::thread one([&] { plane_->remove("t1"); }), two([&] { plane_->remove("t1"); });
    one.join();
    two.join();
    over = true;
    somebody_else.join();
    EXPECT_EQ(lost, 0);
    EXPECT_FALSE(fs::exists(dir_ + "/containers/t1"));
  }
}

TEST_P(RuncPlaneTest, AProgramThatIsNotThereIsAnErrorThatLeavesNothing) {
  Spec s = spec();
  s.entrypoint = {"/no/such/program"};
  auto r = plane_->start(s);
  if (r) {  // bubblewrap finds out in the container
    EXPECT_EQ(GetParam(), RuncPlane::Runtime::kBubblewrap);
    plane_->remove("t1");
  } else {
    EXPECT_NE(r.error().message.find("/no/such/program"), std::string::npos) << r.error().text();
  }
  EXPECT_FALSE(fs::exists(dir_ + "/containers/t1"));
}

TEST_P(RuncPlaneTest, SweepEndsWhatAKilledSandboxLeft) {
  if (GetParam() != RuncPlane::Runtime::kRunc)
    GTEST_SKIP() << "bubblewrap leaves nothing: it dies with its parent";
  ASSERT_TRUE(plane_->start(spec("while :; do sleep 1; done")));
  fs::path group = "/sys/fs/cgroup/pids/" + cgroup_name(dir_);
  if (!fs::exists(group)) GTEST_SKIP() << "no cgroup v1 pids controller here";
  EXPECT_TRUE(fs::exists(group / "t1"));
  plane_->sweep();
  auto ended = exited_.get_future();
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_FALSE(fs::exists(group));
}

INSTANTIATE_TEST_SUITE_P(Runtimes, RuncPlaneTest,
                         ::testing::Values(RuncPlane::Runtime::kRunc, RuncPlane::Runtime::kBubblewrap),
                         [](auto& info) {
                           return info.param == RuncPlane::Runtime::kRunc ? "runc" : "bubblewrap";
                         });

}  // namespace
}  // namespace relight::sandbox::container

int main(int argc, char** argv) {
  if (::geteuid() == 0 && ::getenv("RELIGHT_NAMESPACE") == nullptr) {
    ::setenv("RELIGHT_NAMESPACE", "own", 1);
    std::vector<char*> args;
    for (const char* a : {"unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"})
      args.push_back(const_cast<char*>(a));
    for (int i = 0; i < argc; ++i) args.push_back(argv[i]);
    args.push_back(nullptr);
    ::execv("/usr/bin/unshare", args.data());
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
