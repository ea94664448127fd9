#include "sandbox/planes/tls/front.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "sandbox/planes/tls/certificates.h"

namespace relight::sandbox {
namespace {

constexpr const char* kHaproxy = "/usr/sbin/haproxy";
constexpr Millis kPatience{5000};

// The authority is made once for a directory.
Result<Issued> authority_of(const TlsFrontSpec& spec) {
  std::string certificate = TlsFront::authority_file(spec.dir), key = spec.dir + "/authority.key";
  auto c = system_disk().read(certificate), k = system_disk().read(key);
  if (c && k) return Issued{*c, *k};
  TRY_ASSIGN(Issued made, make_authority("Relight sandbox, not AWS", spec.domains));
  TRY(system_disk().write(key, made.key, 0600));
  TRY(system_disk().write(certificate, made.certificate, 0644));
  return made;
}

std::string config_of(const TlsFrontSpec& spec, const std::string& pem) {
  std::string out =
      "global\n  maxconn 2000\n  noreuseport\n  ssl-default-bind-options ssl-min-ver TLSv1.2\n"
      "defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 5m\n  timeout server 5m\n  retries 0\n";
  for (size_t i = 0; i < spec.routes.size(); ++i)
    out += fmt::format("listen route{}\n  bind {}:{} ssl crt {} alpn http/1.1\n  server upstream {}\n", i,
                       spec.routes[i].address, spec.port, pem, spec.routes[i].upstream);
  return out;
}

bool listens(const std::string& address, int port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<uint16_t>(port));
  bool ok = ::inet_pton(AF_INET, address.c_str(), &a.sin_addr) == 1 &&
            ::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
  ::close(fd);
  return ok;
}

std::unexpected<Error> not_listening(const TlsFrontSpec& spec, std::string why) {
  Error e;
  e.code = "Tls.Start";
  e.tried = "listen for HTTPS";
  e.resource = fmt::format("port {}", spec.port);
  e.message = std::move(why);
  e.next = "end what listens on that port of every address, if anything does, and see that haproxy is installed";
  return fail(std::move(e));
}

}  // namespace

Result<> TlsFront::start(const TlsFrontSpec& spec) {
  for (auto& r : spec.routes)
    if (listens(r.address, spec.port)) return not_listening(spec, fmt::format("something listens on {} already", r.address));
  TRY(system_disk().make_dir(spec.dir));
  TRY_ASSIGN(Issued authority, authority_of(spec));
  TRY_ASSIGN(Issued server, issue(authority, spec.names));
  std::string pem = spec.dir + "/server.pem", config = spec.dir + "/front.cfg", log = spec.dir + "/front.log";
  TRY(system_disk().write(pem, server.certificate + server.key, 0600));
  TRY(system_disk().write(config, config_of(spec, pem), 0644));
  static_cast<void>(system_disk().remove(log));
  TRY_ASSIGN(
      process_,
      Process::start({.argv = {kHaproxy, "-db", "-f", config}, .env = {}, .cwd = spec.dir, .output = log}));
  auto end = system_clock().now() + kPatience;
  for (auto& r : spec.routes) {
    while (process_.running() && !listens(r.address, spec.port) && system_clock().now() < end)
      process_.wait(Millis{10});
  }
  if (process_.running() && system_clock().now() < end) return {};
  return not_listening(spec, system_disk().read(log).value_or("haproxy said nothing").substr(0, 600));
}

}  // namespace relight::sandbox
