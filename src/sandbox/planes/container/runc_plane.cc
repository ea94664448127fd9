#include "sandbox/planes/container/runc_plane.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "base/disk.h"
#include "sandbox/planes/container/cgroups.h"

namespace relight::sandbox::container {
namespace {

namespace fs = std::filesystem;
constexpr auto kStartDeadline = std::chrono::seconds(20);
constexpr auto kKillDeadline = std::chrono::seconds(5);
constexpr off_t kLogBytesMax = 4 << 20;
const char* const kRunc = "/usr/sbin/runc";
const char* const kBwrap = "/usr/bin/bwrap";
const std::map<std::string, std::string> kEnv{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};

std::unexpected<Error> refuse(const std::string& code, const std::string& id, const std::string& why) {
  Error e;
  e.code = code;
  e.tried = "start container";
  e.resource = id;
  e.message = why;
  return fail(std::move(e));
}

int pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

bool good_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
}

std::string tail(const std::string& path, off_t bytes) {
  std::ifstream f(path, std::ios::binary | std::ios::ate);
  if (!f) return {};
  auto size = static_cast<off_t>(f.tellg());
  f.seekg(std::max<off_t>(0, size - bytes));
  std::ostringstream out;
  out << f.rdbuf();
  std::string s = out.str();
  std::replace(s.begin(), s.end(), '\n', ' ');
  return s;
}

}  // namespace

Result<std::unique_ptr<RuncPlane>> RuncPlane::open(const std::string& sandbox_dir, Clock& clock) {
  auto installed = [](const char* program) { return ::access(program, X_OK) == 0; };
  bool runc = installed(kRunc) && cgroups_writable(cgroup_name(sandbox_dir));
  // Without either, everything but tasks works; a task says what is missing.
  Runtime runtime = runc ? Runtime::kRunc : installed(kBwrap) ? Runtime::kBubblewrap : Runtime::kNone;
  auto plane = std::make_unique<RuncPlane>(sandbox_dir, runtime, clock);
  return plane;
}

RuncPlane::RuncPlane(std::string sandbox_dir, Runtime runtime, Clock& clock)
    : dir_(fs::weakly_canonical(sandbox_dir)),
      group_(cgroup_name(sandbox_dir)),
      runtime_(runtime),
      clock_(clock),
      images_(dir_ + "/images"),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  sweep();
  watcher_ = std::thread([this] { watch(); });
}

RuncPlane::~RuncPlane() {
  {
    std::lock_guard g(m_);
    stopping_ = true;
    on_exit_ = nullptr;
    for (auto& [id, r] : running_) ::syscall(SYS_pidfd_send_signal, r->init_fd, SIGKILL, nullptr, 0);
  }
  wake();
  watcher_.join();
  std::vector<std::string> ids;
  for (auto& [id, r] : running_) {
    r->process.wait(kKillDeadline);
    ids.push_back(id);
  }
  for (auto& id : ids) remove(id);
  if (runtime_ == Runtime::kRunc) clear_cgroups(group_);
  ::close(wake_fd_);
}

void RuncPlane::sweep() {
  clear_cgroups(group_);
  std::ifstream mounts("/proc/self/mountinfo");
  std::vector<std::string> ours;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string word;
    for (int i = 0; i < 5; ++i) words >> word;
    if (word.starts_with(dir_ + "/containers/")) ours.push_back(word);
  }
  for (auto it = ours.rbegin(); it != ours.rend(); ++it) ::umount2(it->c_str(), MNT_DETACH);
  std::error_code ignored;
  fs::remove_all(dir_ + "/containers", ignored);
}

void RuncPlane::on_exit(OnExit f) {
  std::lock_guard g(m_);
  on_exit_ = std::move(f);
}

Result<std::string> RuncPlane::pull(const std::string& image) {
  TRY_ASSIGN(Image i, images_.open(image));
  return i.digest;
}

Result<> RuncPlane::prepare(const Spec& spec, const Image& image, const Launch& launch) {
  std::string b = bundle(spec.id);
  TRY(system_disk().make_dir(b));
  // On tmpfs: bounded, gone with the mount, and an overlay's upper directory may not lie on another overlay.
  if (::mount("relight", b.c_str(), "tmpfs", MS_NOSUID, "size=512m,mode=755") != 0)
    return refuse("Container.NotStarted", spec.id,
                  std::string("tmpfs cannot be mounted: ") + std::strerror(errno));
  for (const char* d : {"/upper", "/work", "/rootfs"}) TRY(system_disk().make_dir(b + d));
  std::string options = "lowerdir=" + image.rootfs + ",upperdir=" + b + "/upper,workdir=" + b + "/work";
  if (::mount("overlay", (b + "/rootfs").c_str(), "overlay", 0, options.c_str()) != 0)
    return refuse("Container.NotStarted", spec.id,
                  std::string("overlay cannot be mounted: ") + std::strerror(errno));
  auto write = [&](const char* name, const std::string& text) {
    std::ofstream(b + "/" + name, std::ios::binary) << text;
  };
  write("hosts", hosts_file(spec));
  write("resolv.conf", resolv_conf(spec));
  write("hostname", spec.hostname + "\n");
  write("config.json", runtime_config(spec, launch, b, "/" + group_ + "/" + spec.id));
  if (!fs::exists(b + "/rootfs/etc/nsswitch.conf")) write("rootfs/etc/nsswitch.conf", "hosts: files dns\n");
  return {};
}

Spawn RuncPlane::command(const Spec& spec, const Launch& l) const {
  std::string b = bundle(spec.id);
  if (runtime_ == Runtime::kRunc)
    return {.argv = {kRunc, "--root", dir_ + "/containers/.runc", "run", "--pid-file", b + "/pid", "--bundle",
                     b, spec.id},
            .env = kEnv,
            .output = spec.log_path};
  Spawn s{.argv = {kBwrap,
                   "--bind",
                   b + "/rootfs",
                   "/",
                   "--proc",
                   "/proc",
                   "--dev",
                   "/dev",
                   "--ro-bind",
                   "/sys",
                   "/sys",
                   "--ro-bind",
                   b + "/hosts",
                   "/etc/hosts",
                   "--ro-bind",
                   b + "/resolv.conf",
                   "/etc/resolv.conf",
                   "--ro-bind",
                   b + "/hostname",
                   "/etc/hostname",
                   "--unshare-pid",
                   "--unshare-uts",
                   "--unshare-ipc",
                   "--as-pid-1",
                   "--die-with-parent",
                   "--new-session",
                   "--hostname",
                   spec.hostname,
                   "--chdir",
                   l.cwd,
                   "--clearenv",
                   "--cap-drop",
                   "ALL"},
          .env = kEnv,
          .output = spec.log_path};
  for (const char* c : {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID", "CAP_KILL",
                        "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT"})
    s.argv.insert(s.argv.end(), {"--cap-add", c});
  for (auto& [k, v] : l.env) s.argv.insert(s.argv.end(), {"--setenv", k, v});
  s.argv.push_back("--");
  s.argv.insert(s.argv.end(), l.argv.begin(), l.argv.end());
  return s;
}

// runc writes the pid file once the container's process exists; bwrap's only child is it.
Result<pid_t> RuncPlane::first_process(Running& r, const std::string& id) {
  std::string pid = std::to_string(r.process.pid());
  std::string file =
      runtime_ == Runtime::kRunc ? bundle(id) + "/pid" : "/proc/" + pid + "/task/" + pid + "/children";
  auto end = clock_.monotonic() + kStartDeadline;
  while (clock_.monotonic() < end) {
    pid_t found = 0;
    std::ifstream in(file);
    if (in >> found && found > 0) return found;
    if (!r.process.running())
      return refuse("Container.NotStarted", id, kind() + " ended: " + tail(r.log_path, 600));
    clock_.sleep(Millis(2));
  }
  return refuse("Container.NotStarted", id, kind() + " did not start it in time");
}

Result<RuncPlane::Shared> RuncPlane::launch(const Spec& spec, const Launch& l) {
  auto r = std::make_shared<Running>();
  r->log_path = spec.log_path;
  r->launch = l;
  TRY_ASSIGN(r->process, Process::start(command(spec, l)));
  TRY_ASSIGN(r->init_pid, first_process(*r, spec.id));
  r->process_fd = pidfd(r->process.pid());
  r->init_fd = pidfd(r->init_pid);
  return r;
}

Result<> RuncPlane::start(const Spec& spec) {
  if (runtime_ == Runtime::kNone) {
    Error e = refuse("Container.NoRuntime", spec.id, "neither runc (with writable cgroups) nor bubblewrap is here").error();
    e.next = "apt-get install runc bubblewrap, then restart the sandbox";
    return fail(std::move(e));
  }
  if (!good_id(spec.id)) return refuse("Container.BadId", spec.id, "letters, digits, '-' and '_' expected");
  TRY_ASSIGN(Image image, images_.open(spec.image));
  TRY_ASSIGN(Launch l, launch_of(spec, image));
  if (runtime_ == Runtime::kBubblewrap && (l.uid != 0 || spec.read_only_root))
    return refuse("Container.NotStarted", spec.id,
                  "bubblewrap can neither change the user nor hold the root read-only: install runc");
  {
    std::lock_guard g(m_);
    if (running_.contains(spec.id) || !starting_.insert(spec.id).second)
      return refuse("Container.Exists", spec.id, "it exists already");
  }
  auto prepared = prepare(spec, image, l);
  auto launched = prepared ? launch(spec, l) : Result<Shared>(std::unexpected(prepared.error()));
  if (!launched) take_down(spec.id);
  {
    std::lock_guard g(m_);
    starting_.erase(spec.id);
    if (!launched) return std::unexpected(launched.error());
    running_[spec.id] = *launched;
  }
  wake();
  return {};
}

void RuncPlane::signal(const std::string& id, int sig) {
  std::lock_guard g(m_);
  if (auto it = running_.find(id); it != running_.end() && !it->second->ended)
    ::syscall(SYS_pidfd_send_signal, it->second->init_fd, sig, nullptr, 0);
}

bool RuncPlane::wait_ended(const std::string& id, std::chrono::milliseconds limit) {
  std::unique_lock g(m_);
  return ended_.wait_for(g, limit, [&] {
    auto it = running_.find(id);
    return it == running_.end() || it->second->ended;
  });
}

void RuncPlane::stop(const std::string& id, std::chrono::milliseconds grace) {
  signal(id, SIGTERM);
  if (wait_ended(id, grace)) return;
  signal(id, SIGKILL);
  if (!wait_ended(id, kKillDeadline) && runtime_ == Runtime::kRunc) clear_cgroups(group_, id);
}

void RuncPlane::kill(const std::string& id) { signal(id, SIGKILL); }

Result<int> RuncPlane::exec(const std::string& id, const std::vector<std::string>& argv,
                            std::chrono::milliseconds deadline) {
  Spawn s{.argv = {}, .env = kEnv};
  {
    std::lock_guard g(m_);
    auto it = running_.find(id);
    if (it == running_.end() || it->second->ended) return fail("Container.NotRunning", id + " does not run");
    auto& l = it->second->launch;
    if (runtime_ == Runtime::kRunc) {
      s.argv = {kRunc, "--root", dir_ + "/containers/.runc", "exec", "--cwd", l.cwd};
      for (auto& [k, v] : l.env) s.argv.insert(s.argv.end(), {"--env", k + "=" + v});
      s.argv.push_back(id);
    } else {
      s.argv = {"/usr/bin/nsenter", "--target", std::to_string(it->second->init_pid),
                "--mount",          "--pid",    "--uts",
                "--root",           "--wd"};
      s.env = l.env;
    }
  }
  s.argv.insert(s.argv.end(), argv.begin(), argv.end());
  TRY_ASSIGN(Exit e, Process::run(s, deadline));
  return e.code;
}

void RuncPlane::take_down(const std::string& id) {
  if (!good_id(id)) return;
  if (runtime_ == Runtime::kRunc) {
    std::error_code ec;
    if (fs::exists(dir_ + "/containers/.runc/" + id, ec))
      (void)Process::run(
          {.argv = {kRunc, "--root", dir_ + "/containers/.runc", "delete", "--force", id}, .env = kEnv},
          kKillDeadline);
    clear_cgroups(group_, id);
  }
  ::umount2((bundle(id) + "/rootfs").c_str(), MNT_DETACH);
  ::umount2(bundle(id).c_str(), MNT_DETACH);
  ::rmdir(bundle(id).c_str());
}

// A region that is lost and restored has its tasks stopped and started anew while their first stop goes on:
// one call does the work, and the others wait, because the next start under this name may be theirs.
void RuncPlane::remove(const std::string& id) {
  std::unique_lock g(m_);
  auto it = running_.find(id);
  if (it == running_.end()) return;
  Shared r = it->second;
  if (std::exchange(r->leaving, true)) {
    ended_.wait(g, [&] {
      auto now = running_.find(id);
      return now == running_.end() || now->second != r;
    });
    return;
  }
  if (!r->ended) ::syscall(SYS_pidfd_send_signal, r->init_fd, SIGKILL, nullptr, 0);
  g.unlock();
  if (!stopping_) wait_ended(id, kKillDeadline);
  take_down(id);
  g.lock();
  running_.erase(id);
  ended_.notify_all();
}

RuncPlane::Running::~Running() {
  if (process_fd >= 0) ::close(process_fd);
  if (init_fd >= 0) ::close(init_fd);
}

void RuncPlane::wake() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(wake_fd_, &one, sizeof one);
}

// One thread for all: waits on every runtime process at once, reaps, and tells.
void RuncPlane::watch() {
  for (;;) {
    std::vector<pollfd> fds{{wake_fd_, POLLIN, 0}};
    {
      std::lock_guard g(m_);
      if (stopping_) return;
      for (auto& [id, r] : running_)
        if (!r->ended) fds.push_back({r->process_fd, POLLIN, 0});
    }
    int n = ::poll(fds.data(), fds.size(), 5000);
    uint64_t drained;
    [[maybe_unused]] ssize_t got = ::read(wake_fd_, &drained, sizeof drained);
    if (n == 0) bound_logs();
    std::vector<std::pair<std::string, int>> over;
    OnExit tell;
    {
      std::lock_guard g(m_);
      if (stopping_) return;
      for (auto& [id, r] : running_) {
        if (r->ended || r->process.running()) continue;
        r->ended = true;
        over.emplace_back(id, r->process.exit_code().value_or(-1));
      }
      tell = on_exit_;
    }
    if (over.empty()) continue;
    ended_.notify_all();
    for (auto& [id, code] : over)
      if (tell) tell(id, code);
  }
}

// Writers append, so a file can be cut under them.
void RuncPlane::bound_logs() {
  std::lock_guard g(m_);
  for (auto& [id, r] : running_) {
    struct stat st {};
    if (r->log_path.empty() || ::stat(r->log_path.c_str(), &st) != 0 || st.st_size <= kLogBytesMax) continue;
    std::ifstream in(r->log_path, std::ios::binary);
    in.seekg(st.st_size - kLogBytesMax / 2);
    std::ostringstream kept;
    kept << in.rdbuf();
    std::ofstream(r->log_path, std::ios::binary | std::ios::trunc) << kept.str();
  }
}

}  // namespace relight::sandbox::container
