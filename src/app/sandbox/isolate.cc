#include "app/sandbox/isolate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/sandbox/port.h"

namespace relight::app {
namespace {

constexpr int kSlots = 31;  // 8 blocks of 127.x each

volatile sig_atomic_t forward_to = 0;
void forward(int sig) {
  if (forward_to > 0) ::kill(static_cast<pid_t>(forward_to), sig);
}

void forward_signals(pid_t child) {
  forward_to = child;
  struct sigaction a {};
  a.sa_handler = forward;
  for (int s : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(s, &a, nullptr);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// PID 1: starts the server, adopts and reaps whatever loses its parent, ends with the server.
[[noreturn]] void init(const std::function<int()>& server) {
  ::setsid();  // a terminal's Ctrl-C comes to the outer process alone, which passes it on: once
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    fmt::print(stderr, "relight-sandbox: cannot prepare its mount namespace: {}\n", std::strerror(errno));
    ::_exit(1);
  }
  pid_t child = ::fork();
  if (child == 0) ::exit(server());
  forward_signals(child);
  for (;;) {
    int status = 0;
    pid_t ended = ::waitpid(-1, &status, 0);
    if (ended == child) ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (ended < 0 && errno == ECHILD) ::_exit(1);
  }
}

}  // namespace

Result<int> run_isolated(const std::function<int()>& server) {
  int own = ::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
  if (::unshare(CLONE_NEWPID) != 0) {
    Error e;
    e.code = "Sandbox.NotRoot";
    e.tried = "make a PID namespace";
    e.message = std::strerror(errno);
    e.next = "run relight-sandbox as root (or with CAP_SYS_ADMIN)";
    ::close(own);
    return fail(std::move(e));
  }
  pid_t child = ::fork();
  if (child < 0) return fail("Sandbox.Fork", std::strerror(errno));
  if (child == 0) init(server);
  // Only the sandbox lives in there. This process keeps its own /proc and starts its own children: LeakSanitizer needs both.
  ::setns(own, CLONE_NEWPID);
  ::close(own);
  forward_signals(child);
  return wait_for(child);
}

Result<int> take_lock(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail("Sandbox.Lock", path + ": " + std::strerror(errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    [[maybe_unused]] ssize_t n = ::read(fd, holder, sizeof holder - 1);
    ::close(fd);
    Error e;
    e.code = "Sandbox.Running";
    e.message = fmt::format("process {} holds it", std::string(holder, strcspn(holder, "\n")));
    e.resource = path;
    return fail(std::move(e));
  }
  std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0)
    return fail("Sandbox.Lock", path + ": " + std::strerror(errno));
  return fd;
}

Result<int> take_slot(int wanted, int& slot) {
  ::mkdir("/run/lock", 01777);
  if (wanted >= kSlots) return fail("Sandbox.Slot", fmt::format("--slot {}: there are {}, from 0", wanted, kSlots));
  for (slot = wanted < 0 ? 0 : wanted; slot < kSlots; ++slot) {
    auto fd = take_lock(fmt::format("/run/lock/relight-sandbox-{}.lock", slot));
    if (fd) {
      // A sandbox in another container of this machine has its own locks, but the same loopback addresses.
      auto free = port_free(fmt::format("127.{}.53.53:53", 8 * slot));
      if (free) return fd;
      ::close(*fd);
      fd = fail(free.error());
    }
    if (wanted >= 0 || (fd.error().code != "Sandbox.Running" && fd.error().code != "Sandbox.PortTaken")) return fd;
  }
  return fail("Sandbox.Full", fmt::format("{} sandboxes run on this machine already; end one", kSlots));
}

}  // namespace relight::app
