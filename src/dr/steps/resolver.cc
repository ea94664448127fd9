#include "dr/steps/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/select.h>

#include <algorithm>
#include <mutex>

namespace relight::dr {
namespace {

struct Answer {
  int status = ARES_ECONNREFUSED;
  bool done = false;
  std::vector<std::string> addresses;
};

void on_answer(void* arg, int status, int, ares_addrinfo* info) {
  auto& a = *static_cast<Answer*>(arg);
  a.status = status;
  a.done = true;
  for (auto* n = info ? info->nodes : nullptr; n; n = n->ai_next) {
    char text[INET_ADDRSTRLEN];
    auto* in = reinterpret_cast<sockaddr_in*>(n->ai_addr);
    if (n->ai_family == AF_INET && inet_ntop(AF_INET, &in->sin_addr, text, sizeof text))
      a.addresses.emplace_back(text);
  }
  if (info) ares_freeaddrinfo(info);
}

// c-ares gives up by itself (timeout and tries are set), so this ends.
void serve(ares_channel channel, const Answer& a) {
  while (!a.done) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
    pollfd fds[ARES_GETSOCK_MAXNUM];
    nfds_t n = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      short events = 0;
      if (ARES_GETSOCK_READABLE(bits, i)) events |= POLLIN;
      if (ARES_GETSOCK_WRITABLE(bits, i)) events |= POLLOUT;
      if (events) fds[n++] = {sockets[i], events, 0};
    }
    if (n == 0) return;
    timeval most{1, 0}, left;
    timeval* t = ares_timeout(channel, &most, &left);
    poll(fds, n, static_cast<int>(t->tv_sec * 1000 + t->tv_usec / 1000 + 1));
    for (nfds_t i = 0; i < n; ++i)
      ares_process_fd(channel, fds[i].revents & (POLLIN | POLLERR | POLLHUP) ? fds[i].fd : ARES_SOCKET_BAD,
                      fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
    if (std::all_of(fds, fds + n, [](auto& f) { return f.revents == 0; }))
      ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  }
}

Error no_answer(const std::string& name, int status) {
  Error e;
  bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA;
  e.code = none ? "Dns.NotFound" : "Dns.Unreachable";
  e.tried = "resolve";
  e.resource = name;
  e.message = ares_strerror(status);
  e.retryable = !none;
  return e;
}

class CaresResolver final : public Resolver {
 public:
  CaresResolver(std::vector<std::string> servers, Millis deadline) : deadline_(deadline) {
    static std::once_flag once;
    std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
    for (auto& s : servers) servers_ += (servers_.empty() ? "" : ",") + s;
  }

  Result<std::vector<std::string>> addresses(const std::string& name) override {
    in_addr literal;
    if (inet_pton(AF_INET, name.c_str(), &literal) == 1) return std::vector{name};
    ares_options options{};
    options.timeout = static_cast<int>(deadline_.count() / 2);
    options.tries = 2;
    options.lookups = const_cast<char*>(servers_.empty() ? "fb" : "b");
    ares_channel channel;
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
    if (int rc = ares_init_options(&channel, &options, mask); rc != ARES_SUCCESS)
      return fail(no_answer(name, rc));
    Answer a;
    if (!servers_.empty()) ares_set_servers_ports_csv(channel, servers_.c_str());
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_INET;
    hints.ai_flags = ARES_AI_NOSORT;
    auto dotted = name.ends_with('.') ? name : name + ".";  // no search domains
    ares_getaddrinfo(channel, dotted.c_str(), nullptr, &hints, on_answer, &a);
    serve(channel, a);
    ares_destroy(channel);
    if (a.status != ARES_SUCCESS || a.addresses.empty())
      return fail(no_answer(name, a.status == ARES_SUCCESS ? ARES_ENODATA : a.status));
    std::sort(a.addresses.begin(), a.addresses.end());
    a.addresses.erase(std::unique(a.addresses.begin(), a.addresses.end()), a.addresses.end());
    return a.addresses;
  }

 private:
  std::string servers_;
  Millis deadline_;
};

}  // namespace

std::unique_ptr<Resolver> make_resolver(std::vector<std::string> servers, Millis deadline) {
  return std::make_unique<CaresResolver>(std::move(servers), deadline);
}

}  // namespace relight::dr
