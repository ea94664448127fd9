#include "dr/steps/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
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

struct Servers {
  bool done = false;
  std::vector<std::string> names;
};

void on_servers(void* arg, int status, int, unsigned char* message, int length) {
  auto& s = *static_cast<Servers*>(arg);
  s.done = true;
  hostent* host = nullptr;
  if (status != ARES_SUCCESS || ares_parse_ns_reply(message, length, &host) != ARES_SUCCESS) return;
  for (char** n = host->h_aliases; n && *n; ++n) s.names.emplace_back(*n);
  ares_free_hostent(host);
}

// c-ares gives up by itself (timeout and tries are set), so this ends.
void serve(ares_channel channel, const bool& done) {
  while (!done) {
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
    ares_channel channel;
    if (int rc = open(channel); rc != ARES_SUCCESS) return fail(no_answer(name, rc));
    Answer a;
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_INET;
    hints.ai_flags = ARES_AI_NOSORT;
    auto dotted = name.ends_with('.') ? name : name + ".";  // no search domains
    ares_getaddrinfo(channel, dotted.c_str(), nullptr, &hints, on_answer, &a);
    serve(channel, a.done);
    ares_destroy(channel);
    if (a.status != ARES_SUCCESS || a.addresses.empty())
      return fail(no_answer(name, a.status == ARES_SUCCESS ? ARES_ENODATA : a.status));
    std::sort(a.addresses.begin(), a.addresses.end());
    a.addresses.erase(std::unique(a.addresses.begin(), a.addresses.end()), a.addresses.end());
    return a.addresses;
  }

  std::vector<std::string> authorities(const std::string& name) override {
    for (auto zone = name; zone.find('.') != std::string::npos; zone.erase(0, zone.find('.') + 1)) {
      auto names = name_servers(zone);
      std::vector<std::string> out;
      for (auto& server : names)
        if (auto a = addresses(server)) out.push_back(a->front());
      if (!names.empty()) return out;
    }
    return {};
  }

  std::vector<std::string> name_servers(const std::string& zone) override {
    ares_channel channel;
    if (open(channel) != ARES_SUCCESS) return {};
    Servers s;
    ares_query(channel, zone.c_str(), ns_c_in, ns_t_ns, on_servers, &s);
    serve(channel, s.done);
    ares_destroy(channel);
    return s.names;
  }

  std::unique_ptr<Resolver> through(const std::string& server) override {
    return make_resolver({server}, deadline_);
  }

 private:
  int open(ares_channel& channel) const {
    ares_options options{};
    options.timeout = static_cast<int>(deadline_.count() / 2);
    options.tries = 2;
    options.lookups = const_cast<char*>(servers_.empty() ? "fb" : "b");
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
    int rc = ares_init_options(&channel, &options, mask);
    if (rc == ARES_SUCCESS && !servers_.empty()) ares_set_servers_ports_csv(channel, servers_.c_str());
    return rc;
  }

  std::string servers_;
  Millis deadline_;
};

}  // namespace

std::unique_ptr<Resolver> make_resolver(std::vector<std::string> servers, Millis deadline) {
  return std::make_unique<CaresResolver>(std::move(servers), deadline);
}

}  // namespace relight::dr
