#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

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

}  // namespace
}  // namespace relight
