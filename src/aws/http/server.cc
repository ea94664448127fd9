#include "aws/http/server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <map>
#include <mutex>
#include <vector>

#include "aws/http/connection.h"

namespace relight::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr int kAcceptsAtOnce = 64;

struct OwnedFd {
  explicit OwnedFd(int f) : fd(f) {}
  OwnedFd(OwnedFd&& o) noexcept : fd(std::exchange(o.fd, -1)) {}
  OwnedFd& operator=(OwnedFd&&) = delete;
  ~OwnedFd() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
};

// Raises the soft descriptor limit to the hard one; what remains after a reserve for files, databases and
// pipes.
size_t descriptor_budget() {
  rlimit r{};
  if (::getrlimit(RLIMIT_NOFILE, &r) != 0) return 512;
  if (r.rlim_cur < r.rlim_max) {
    rlimit raised{r.rlim_max, r.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) r = raised;
  }
  size_t n = static_cast<size_t>(r.rlim_cur);
  size_t reserve = std::min<size_t>(n / 4, 1024);
  return n - reserve;
}

Error listen_error(const std::string& where, const error_code& ec) {
  Error e;
  bool taken = ec == asio::error::address_in_use;
  e.code = taken ? "Http.PortTaken" : "Http.Listen";
  e.tried = "listen";
  e.resource = where;
  e.message = ec.message();
  e.next = taken ? "stop the program that listens there, or choose another port" : "check the address";
  return e;
}

}  // namespace

struct Server::Impl {
  // Lives until its last accept has been cancelled.
  struct Gate {
    explicit Gate(asio::io_context& io) : acceptor(io), retry(io) {}
    uint64_t id = 0;
    tcp::acceptor acceptor;
    asio::steady_timer retry;
    std::shared_ptr<const Handler> handler;
  };

  Impl(ServerSettings s, Clock& c) : settings(std::move(s)), clock(c), budget(descriptor_budget()) {
    for (int i = 0; i < std::max(1, settings.threads); ++i)
      loops.push_back(std::make_shared<Loop>(settings, c));
    for (auto& l : loops) l->start();
  }

  void accept(std::shared_ptr<Gate> gate);
  void take(const Gate& gate, tcp::socket socket);
  size_t open() const {
    size_t n = 0;
    for (auto& l : loops) n += l->open;
    return n;
  }
  size_t capacity() const { return std::min(settings.max_connections, budget); }

  ServerSettings settings;
  Clock& clock;
  size_t budget;
  std::vector<std::shared_ptr<Loop>> loops;
  size_t turn = 0;  // whose connection is next; belongs to the first loop
  std::mutex mutex;
  std::map<uint64_t, std::shared_ptr<Gate>> gates;
  uint64_t next_id = 1;
  bool stopped = false;
};

void Server::Impl::take(const Gate& gate, tcp::socket socket) {
  if (open() >= capacity()) {
    ::send(socket.native_handle(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  auto& loop = loops[turn];
  turn = (turn + 1) % loops.size();
  ++loop->open;
  if (loop->here()) return loop->adopt(std::move(socket), gate.id, gate.handler);
  // The descriptor moves to the other loop's reactor.
  error_code ec;
  auto protocol = socket.local_endpoint(ec).protocol();
  OwnedFd fd{socket.release(ec)};
  asio::post(loop->io,
             [l = loop.get(), fd = std::move(fd), protocol, id = gate.id, h = gate.handler]() mutable {
               l->adopt(tcp::socket(l->io, protocol, std::exchange(fd.fd, -1)), id, h);
             });
}

void Server::Impl::accept(std::shared_ptr<Gate> gate) {
  gate->acceptor.async_wait(tcp::acceptor::wait_read, [this, gate](error_code ec) {
    if (ec || !gate->acceptor.is_open()) return;
    for (int i = 0; i < kAcceptsAtOnce; ++i) {
      tcp::socket socket(loops[0]->io);
      gate->acceptor.accept(socket, ec);
      if (ec) break;
      take(*gate, std::move(socket));
    }
    if (!ec || ec == asio::error::would_block || ec == asio::error::connection_aborted) return accept(gate);
    if (ec == asio::error::invalid_argument) return;  // shut down by close_listener
    // Out of descriptors or memory: connections wait in the kernel's queue meanwhile.
    gate->retry.expires_after(std::chrono::milliseconds(100));
    gate->retry.async_wait([this, gate](error_code e) {
      if (!e && gate->acceptor.is_open()) accept(gate);
    });
  });
}

Server::Server(ServerSettings settings, Clock& clock)
    : p_(std::make_unique<Impl>(std::move(settings), clock)) {}
Server::~Server() { stop(); }

Result<Server::Listener> Server::add_listener(const std::string& address, uint16_t port, Handler handler) {
  std::string where = fmt::format("{}:{}", address, port);
  error_code ec;
  auto ip = asio::ip::make_address(address, ec);
  if (ec) return fail(listen_error(where, ec));
  auto gate = std::make_shared<Impl::Gate>(p_->loops[0]->io);
  tcp::endpoint end(ip, port);
  gate->handler = std::make_shared<const Handler>(std::move(handler));
  if (!ec) gate->acceptor.open(end.protocol(), ec);
  if (!ec) gate->acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) gate->acceptor.bind(end, ec);
  if (!ec) gate->acceptor.listen(4096, ec);
  if (!ec) gate->acceptor.non_blocking(true, ec);
  if (!ec) end = gate->acceptor.local_endpoint(ec);
  if (ec) return fail(listen_error(where, ec));
  std::lock_guard g(p_->mutex);
  if (p_->stopped) return fail("Http.Listen", "the server has been stopped");
  gate->id = p_->next_id++;
  p_->gates[gate->id] = gate;
  asio::post(p_->loops[0]->io, [impl = p_.get(), gate] { impl->accept(gate); });
  return Listener{gate->id, address, end.port()};
}

void Server::close_listener(uint64_t id) {
  std::shared_ptr<Impl::Gate> gate;
  {
    std::lock_guard g(p_->mutex);
    auto it = p_->gates.find(id);
    if (it == p_->gates.end()) return;
    gate = std::move(it->second);
    p_->gates.erase(it);
  }
  // Ends the listening at once and from any thread; the descriptor itself closes on its loop.
  ::shutdown(gate->acceptor.native_handle(), SHUT_RDWR);
  asio::post(p_->loops[0]->io, [gate] {
    error_code ec;
    gate->acceptor.close(ec);
    gate->retry.cancel();
  });
  for (auto& l : p_->loops) asio::post(l->io, [l = l.get(), id] { l->drop_listener(id); });
}

void Server::stop() {
  std::map<uint64_t, std::shared_ptr<Impl::Gate>> gates;
  {
    std::lock_guard g(p_->mutex);
    if (std::exchange(p_->stopped, true)) return;
    gates.swap(p_->gates);
  }
  for (auto& [id, gate] : gates) {
    ::shutdown(gate->acceptor.native_handle(), SHUT_RDWR);
    asio::post(p_->loops[0]->io, [gate] {
      error_code ec;
      gate->acceptor.close(ec);
      gate->retry.cancel();
    });
  }
  gates.clear();
  for (auto& l : p_->loops) asio::post(l->io, [l = l.get()] { l->begin_stop(); });
  for (auto& l : p_->loops) l->thread.join();
}

size_t Server::connections() const { return p_->open(); }
size_t Server::capacity() const { return p_->capacity(); }

std::string Server::notice() const {
  if (p_->capacity() >= p_->settings.max_connections) return {};
  return fmt::format("the descriptor limit (ulimit -n) allows {} connections at once instead of {}",
                     p_->capacity(), p_->settings.max_connections);
}

}  // namespace relight::http
