#include "base/process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <queue>
#include <thread>

#include "base/clock.h"

namespace relight {
namespace {

// The one thread that forks. Never joined: it must outlive every child.
class Forker {
 public:
  static Forker& get() {
    static Forker* f = new Forker;  // leaked on purpose, see above
    return *f;
  }
  pid_t run(std::function<pid_t()> f) {
    std::packaged_task<pid_t()> task(std::move(f));
    auto result = task.get_future();
    {
      std::lock_guard g(m_);
      q_.push(std::move(task));
    }
    cv_.notify_one();
    return result.get();
  }

 private:
  Forker() {
    std::thread([this] {
      for (;;) {
        std::unique_lock g(m_);
        cv_.wait(g, [this] { return !q_.empty(); });
        auto task = std::move(q_.front());
        q_.pop();
        g.unlock();
        task();
      }
    }).detach();
  }
  std::mutex m_;
  std::condition_variable cv_;
  std::queue<std::packaged_task<pid_t()>> q_;
};

// Nothing but the three standard streams reaches a child: a listening socket that a library opened without
// CLOEXEC would go on accepting in every program we started, long after we closed it.
void keep_to_ourselves() {
  if (::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = 3; fd < 4096; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);  // a kernel before 5.11
}

Result<pid_t> launch(const Spawn& how, int out_fd) {
  std::vector<char*> argv, envp;
  std::vector<std::string> env;
  for (auto& a : how.argv) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  for (auto& [k, v] : how.env) env.push_back(k + "=" + v);
  for (auto& e : env) envp.push_back(e.data());
  envp.push_back(nullptr);
  int err_pipe[2];
  if (::pipe2(err_pipe, O_CLOEXEC) != 0) return fail("Process.Failed", std::strerror(errno));
  pid_t parent = ::getpid();
  pid_t pid = Forker::get().run([&]() -> pid_t {
    pid_t p = ::fork();
    if (p != 0) return p;
    // Child: async-signal-safe calls only. Identity first: changing it clears the parent-death signal.
    ::setsid();
    int in = ::open("/dev/null", O_RDWR);
    ::dup2(in, 0);
    ::dup2(out_fd >= 0 ? out_fd : in, 1);
    ::dup2(out_fd >= 0 ? out_fd : in, 2);
    bool ok = how.gid < 0 || (::setgroups(0, nullptr) == 0 && ::setgid(static_cast<gid_t>(how.gid)) == 0);
    ok = ok && (how.uid < 0 || ::setuid(static_cast<uid_t>(how.uid)) == 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ok = ok && ::chdir(how.cwd.c_str()) == 0;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int s : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD, SIGHUP}) ::signal(s, SIG_DFL);
    keep_to_ourselves();
    if (ok) ::execve(argv[0], argv.data(), envp.data());
    int e = errno;
    [[maybe_unused]] ssize_t n = ::write(err_pipe[1], &e, sizeof e);
    ::_exit(127);
  });
  ::close(err_pipe[1]);
  int child_errno = 0;
  ssize_t n = ::read(err_pipe[0], &child_errno, sizeof child_errno);
  ::close(err_pipe[0]);
  auto broken = [&](int err) {
    Error e;
    e.code = "Process.NotStarted";
    e.tried = "start program";
    e.resource = how.argv[0];
    e.message = std::strerror(err);
    if (err == ENOENT) e.next = "install the Debian package that carries it (README names them)";
    return fail(std::move(e));
  };
  if (pid < 0) return broken(EAGAIN);
  if (n == sizeof child_errno) {
    ::waitpid(pid, nullptr, 0);
    return broken(child_errno);
  }
  return pid;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Result<Process> Process::start(const Spawn& how) {
  int fd = -1;
  if (!how.output.empty()) {
    fd = ::open(how.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
      return fail("Process.NotStarted", "cannot open its log " + how.output + ": " + std::strerror(errno));
  }
  auto pid = launch(how, fd);
  if (fd >= 0) ::close(fd);
  if (!pid) return std::unexpected(pid.error());
  Process p;
  p.pid_ = *pid;
  return p;
}

Result<Exit> Process::run(const Spawn& how, std::chrono::milliseconds deadline, std::stop_token stop) {
  constexpr int64_t kLook = 20;  // milliseconds between looks at `stop`
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail("Process.Failed", std::strerror(errno));
  auto pid = launch(how, fds[1]);
  ::close(fds[1]);
  if (!pid) {
    ::close(fds[0]);
    return std::unexpected(pid.error());
  }
  Process p;
  p.pid_ = *pid;
  Exit out;
  auto end = system_clock().monotonic() + deadline;
  bool late = false;
  for (char buf[8192];;) {
    auto left = std::chrono::duration_cast<Millis>(end - system_clock().monotonic()).count();
    if ((late = left <= 0 || stop.stop_requested())) break;
    pollfd pf{fds[0], POLLIN, 0};
    int r = ::poll(&pf, 1, static_cast<int>(stop.stop_possible() ? std::min(left, kLook) : left));
    if (r == 0 || (r < 0 && errno == EINTR)) continue;
    ssize_t n = ::read(fds[0], buf, sizeof buf);
    if (n <= 0) break;
    if (out.output.size() < (1u << 20)) out.output.append(buf, static_cast<size_t>(n));
  }
  ::close(fds[0]);
  if (!late) {
    auto left = std::chrono::duration_cast<Millis>(end - system_clock().monotonic());
    late = !p.wait(left);
  }
  if (late) {
    ::kill(-p.pid_, SIGKILL);  // it leads a session of its own
    p.kill();
    bool abandoned = stop.stop_requested();
    Error e;
    e.code = abandoned ? "Process.Abandoned" : "Process.Deadline";
    e.tried = "run program";
    e.resource = how.argv[0];
    e.message = abandoned
                    ? "it is not needed any more and was killed"
                    : "it had not ended after " + std::to_string(deadline.count()) + " ms and was killed";
    return fail(std::move(e));
  }
  out.code = p.exit_code().value_or(-1);
  return out;
}

Process::Process(Process&& o) noexcept : pid_(o.pid_), exit_(o.exit_) { o.pid_ = -1; }
Process& Process::operator=(Process&& o) noexcept {
  if (this != &o) {
    kill();
    pid_ = o.pid_;
    exit_ = o.exit_;
    o.pid_ = -1;
  }
  return *this;
}
Process::~Process() { kill(); }

bool Process::running() {
  if (pid_ < 0 || exit_) return false;
  int status = 0;
  pid_t r = ::waitpid(pid_, &status, WNOHANG);
  if (r == pid_) exit_ = code_of(status);
  if (r < 0 && errno == ECHILD) exit_ = -1;
  return !exit_;
}
std::optional<int> Process::exit_code() {
  running();
  return exit_;
}
void Process::signal(int sig) {
  if (running()) ::kill(pid_, sig);
}
bool Process::wait(std::chrono::milliseconds deadline) {
  auto end = system_clock().monotonic() + deadline;
  for (int step = 1; running(); step = step < 10 ? step + 1 : 10) {
    if (system_clock().monotonic() >= end) return false;
    system_clock().sleep(Millis(step));
  }
  return true;
}
void Process::stop(std::chrono::milliseconds grace) {
  signal(SIGTERM);
  if (!wait(grace)) kill();
}
void Process::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_ = code_of(status);
}

}  // namespace relight
