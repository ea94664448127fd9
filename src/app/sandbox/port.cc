#include "app/sandbox/port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace relight::app {
namespace {
namespace fs = std::filesystem;

bool split(const std::string& listen, sockaddr_in& a) {
  size_t colon = listen.rfind(':');
  if (colon == std::string::npos || !listen.starts_with("127.")) return false;
  std::string port = listen.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos)
    return false;
  long n = std::strtol(port.c_str(), nullptr, 10);
  a = {};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<uint16_t>(n));
  return n > 0 && n < 65536 && ::inet_pton(AF_INET, listen.substr(0, colon).c_str(), &a.sin_addr) == 1;
}

// The inode of the socket that listens on this port, on this address or on all; empty if none is seen.
std::string listening_inode(const sockaddr_in& a) {
  std::ifstream table("/proc/net/tcp");
  std::string line, here = fmt::format("{:08X}:{:04X}", a.sin_addr.s_addr, ntohs(a.sin_port)),
                    any = fmt::format("00000000:{:04X}", ntohs(a.sin_port));
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string w[10];
    for (auto& x : w) words >> x;
    if ((w[1] == here || w[1] == any) && w[3] == "0A") return w[9];
  }
  return {};
}

std::string holder_of(const std::string& inode) {
  std::string wanted = "socket:[" + inode + "]";
  std::error_code ec;
  for (auto& process : fs::directory_iterator("/proc", ec)) {
    std::string pid = process.path().filename();
    if (inode.empty() || pid.find_first_not_of("0123456789") != std::string::npos) continue;
    for (auto it = fs::directory_iterator(process.path() / "fd", ec); !ec && it != fs::directory_iterator();
         it.increment(ec)) {
      std::error_code gone;
      if (fs::read_symlink(it->path(), gone) != wanted) continue;
      std::string name;
      std::getline(std::ifstream(process.path() / "comm") >> std::ws, name);
      return fmt::format("process {} ({})", pid, name);
    }
    ec.clear();
  }
  return "a process that /proc does not show";
}

}  // namespace

bool loopback_address(const std::string& listen) {
  sockaddr_in a;
  return split(listen, a);
}

Result<> port_free(const std::string& listen) {
  sockaddr_in a;
  if (!split(listen, a)) return fail("Sandbox.Listen", listen + " is no loopback address and port");
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bool ok = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
  int err = errno;
  if (fd >= 0) ::close(fd);
  if (ok) return {};
  Error e;
  e.code = err == EADDRINUSE ? "Sandbox.PortTaken" : "Sandbox.Listen";
  e.tried = "listen";
  e.resource = listen;
  e.message =
      err == EADDRINUSE ? "the port is taken by " + holder_of(listening_inode(a)) : std::strerror(err);
  e.next = "end what listens there, or choose another with --listen";
  return fail(std::move(e));
}

}  // namespace relight::app
