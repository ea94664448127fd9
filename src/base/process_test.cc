#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/clock.h"
#include "base/disk.h"

namespace relight {
namespace {

TEST(Process, AnswersItsExitCodeAndWhatItSaid) {
  auto r = Process::run({.argv = {"/bin/sh", "-c", "echo said; exit 3"}}, std::chrono::seconds(20));
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->code, 3);
  EXPECT_EQ(r->output, "said\n");
}

TEST(Process, AProgramThatIsNotThereIsNamed) {
  auto r = Process::run({.argv = {"/no/such/program"}}, std::chrono::seconds(20));
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().resource, "/no/such/program");
}

TEST(Process, AChildGetsNoneOfOurFiles) {
  int fd = ::open("/dev/null", O_RDONLY);  // as a library might: without O_CLOEXEC
  ASSERT_GE(fd, 0);
  int high = ::fcntl(fd, F_DUPFD, 200);
  auto r = Process::run({.argv = {"/bin/ls", "/proc/self/fd"}}, std::chrono::seconds(20));
  ::close(fd);
  ::close(high);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->output, "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

// Gone, or dead and not yet reaped by whoever adopted it.
bool dead(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string number, name, state;
  return !(stat >> number >> name >> state) || state == "Z" || state == "X";
}

TEST(Process, WhatIsAbandonedEndsWithAllThatItStarted) {
  char path[] = "/tmp/relight-process-XXXXXX";
  std::string dir = ::mkdtemp(path), file = dir + "/child";
  std::stop_source stop;
  std::string child;
  std::thread other([&] {
    while (child.empty() || child.back() != '\n') {
      child = system_disk().read(file).value_or("");
      system_clock().sleep(Millis(2));
    }
    stop.request_stop();
  });
  auto r = Process::run({.argv = {"/bin/sh", "-c", "sleep 1000 & echo $! > \"$1\"; wait", "sh", file},
                         .env = {{"PATH", "/usr/bin:/bin"}}},
                        std::chrono::hours(1), stop.get_token());
  other.join();
  static_cast<void>(system_disk().remove(dir));
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Process.Abandoned");
  child.pop_back();
  while (!dead(child)) system_clock().sleep(Millis(2));
}

}  // namespace
}  // namespace relight
