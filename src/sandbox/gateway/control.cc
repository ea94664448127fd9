#include "sandbox/gateway/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace relight::sandbox {
namespace {

constexpr size_t kLineLimit = 1u << 20;
constexpr int kPatience = 5000;  // milliseconds a peer may take to say its line

// A socket's path is at most 107 bytes; a longer one is reached through its directory's descriptor.
Result<sockaddr_un> address(const std::string& path, int& dir_fd) {
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  std::string p = path;
  dir_fd = -1;
  if (p.size() >= sizeof a.sun_path) {
    size_t cut = path.rfind('/');
    dir_fd = ::open(path.substr(0, cut).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    p = "/proc/self/fd/" + std::to_string(dir_fd) + path.substr(cut);
    if (dir_fd < 0 || p.size() >= sizeof a.sun_path) return fail("Sandbox.Control", "the directory's path is too long: " + path);
  }
  std::memcpy(a.sun_path, p.c_str(), p.size() + 1);
  return a;
}

bool read_line(int fd, std::string& line) {
  char buf[65536];
  while (line.find('\n') == std::string::npos) {
    pollfd p{fd, POLLIN, 0};
    if (::poll(&p, 1, kPatience) <= 0 || line.size() > kLineLimit) return false;
    ssize_t n = ::read(fd, buf, sizeof buf);
    if (n <= 0) return false;
    line.append(buf, static_cast<size_t>(n));
  }
  line.resize(line.find('\n'));
  return true;
}

bool write_all(int fd, std::string_view s) {
  while (!s.empty()) {
    ssize_t n = ::send(fd, s.data(), s.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    s.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Control>> Control::open(const std::string& path, std::function<std::string(const std::string&)> answer) {
  ::unlink(path.c_str());
  int dir_fd;
  TRY_ASSIGN(sockaddr_un a, address(path, dir_fd));
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool ok = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0 && ::chmod(path.c_str(), 0600) == 0 &&
            ::listen(fd, 16) == 0;
  int err = errno;
  if (dir_fd >= 0) ::close(dir_fd);
  if (!ok) {
    if (fd >= 0) ::close(fd);
    return fail("Sandbox.Control", "cannot listen on " + path + ": " + std::strerror(err));
  }
  return std::unique_ptr<Control>(new Control(fd, path, std::move(answer)));
}

Control::Control(int fd, std::string path, std::function<std::string(const std::string&)> answer)
    : fd_(fd), path_(std::move(path)), answer_(std::move(answer)) {
  if (::pipe2(wake_, O_CLOEXEC) != 0) wake_[0] = wake_[1] = -1;
  thread_ = std::thread([this] { loop(); });
}

Control::~Control() {
  ::close(wake_[1]);
  if (thread_.joinable()) thread_.join();
  ::close(wake_[0]);
  ::close(fd_);
  ::unlink(path_.c_str());
}

void Control::loop() {
  for (;;) {
    pollfd p[2] = {{fd_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    if (::poll(p, 2, -1) < 0 && errno != EINTR) return;
    if (p[1].revents) return;
    if (!p[0].revents) continue;
    int c = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (c < 0) continue;
    if (std::string line; read_line(c, line)) write_all(c, answer_(line) + "\n");
    ::close(c);
  }
}

Result<std::string> ask_control(const std::string& path, const std::string& line) {
  int dir_fd;
  TRY_ASSIGN(sockaddr_un a, address(path, dir_fd));
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool ok = fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
  if (dir_fd >= 0) ::close(dir_fd);
  if (!ok) {
    if (fd >= 0) ::close(fd);
    Error e;
    e.code = "Sandbox.NotRunning";
    e.message = "no sandbox runs in this directory";
    e.resource = path.substr(0, path.rfind('/'));
    e.next = "start one with: relight-sandbox up --detach --dir " + e.resource;
    return fail(std::move(e));
  }
  std::string reply, chunk(65536, '\0');
  ok = write_all(fd, line + "\n");
  for (ssize_t n; ok && (n = ::read(fd, chunk.data(), chunk.size())) > 0;) reply.append(chunk, 0, static_cast<size_t>(n));
  ::close(fd);
  if (reply.empty()) return fail("Sandbox.Control", "the sandbox closed the connection without an answer");
  if (reply.ends_with('\n')) reply.pop_back();
  return reply;
}

}  // namespace relight::sandbox
