#include "sandbox/planes/wan/wan.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <deque>
#include <future>
#include <map>
#include <set>
#include <thread>
#include <vector>

namespace relight::sandbox {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Nanos = std::chrono::nanoseconds;

constexpr size_t kConnectionLimit = 512;  // per link
constexpr size_t kChunk = 64 << 10;

std::string pair_key(std::string_view a, std::string_view b) {
  return a < b ? fmt::format("{}|{}", a, b) : fmt::format("{}|{}", b, a);
}

void reset(tcp::socket& s) {
  error_code ignored;
  s.set_option(asio::socket_base::linger(true, 0), ignored);
  s.close(ignored);
}

struct Chunk {
  Nanos due;
  std::string bytes;
  bool end = false;  // the sender has finished
};

// One direction of a connection.
struct Pipe {
  Pipe(asio::io_context& io, tcp::socket& from, tcp::socket& to)
      : from(from), to(to), timer(io), buffer(kChunk, '\0') {}
  tcp::socket& from;
  tcp::socket& to;
  asio::steady_timer timer;
  std::string buffer;
  std::deque<Chunk> queue;
  size_t queued = 0;
  Nanos line_free{0};
  bool reading = false, writing = false, ended = false, delivered_end = false;
};

struct Shared {
  Shared(WanOptions o, Clock& c) : options(o), clock(c) {}
  asio::io_context io;
  WanOptions options;
  Clock& clock;
  std::set<std::string, std::less<>> lost, cuts;
  std::atomic<uint64_t> dropped{0};
  std::atomic<size_t> open{0};
};

// A connection through the line. Owned by its handlers (shared_ptr: each pending operation holds one) and its
// link.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(Shared& w, tcp::socket dialer)
      : w_(w),
        near_(std::move(dialer)),
        far_(w.io),
        doom_(w.io),
        up_(w.io, near_, far_),
        down_(w.io, far_, near_) {
    ++w_.open;
  }
  ~Passage() { --w_.open; }

  void start(const tcp::endpoint& target, bool stalled) {
    target_ = target;
    if (stalled) return stall();
    connect();
  }

  // Nothing moves; after a while the connection is reset.
  void stall() {
    if (stalled_ || dead_) return;
    stalled_ = true;
    up_.timer.cancel();
    down_.timer.cancel();
    doom_.expires_after(w_.options.partition_reset);
    doom_.async_wait([self = shared_from_this()](error_code e) {
      if (!e && self->stalled_) self->kill();
    });
  }
  void resume() {
    if (!stalled_ || dead_) return;
    stalled_ = false;
    doom_.cancel();
    if (!connected_) return connect();
    pump(up_);
    pump(down_);
  }
  void kill() {
    if (dead_) return;
    dead_ = true;
    w_.dropped += up_.queued + down_.queued;
    for (Pipe* p : {&up_, &down_}) {
      p->timer.cancel();
      if (!p->writing) p->queue.clear();
    }
    doom_.cancel();
    reset(near_);
    reset(far_);
  }
  bool dead() const { return dead_; }

 private:
  void connect() {
    if (connecting_) return;
    connecting_ = true;
    doom_.expires_after(w_.options.one_way * 2);  // the handshake crosses the line too
    doom_.async_wait([self = shared_from_this()](error_code e) {
      if (e || self->dead_ || self->stalled_) {
        self->connecting_ = false;
        return;
      }
      self->far_.async_connect(self->target_, [self](error_code failed) { self->begin(failed); });
    });
  }
  void begin(error_code failed) {
    connecting_ = false;
    if (dead_) return;
    if (failed) return kill();
    connected_ = true;
    error_code ignored;
    near_.set_option(tcp::no_delay(true), ignored);
    far_.set_option(tcp::no_delay(true), ignored);
    pump(up_);
    pump(down_);
  }
  void pump(Pipe& p) {
    read(p);
    write(p);
  }
  void read(Pipe& p) {
    if (dead_ || stalled_ || p.reading || p.ended || p.queued >= w_.options.buffer_bytes) return;
    p.reading = true;
    p.from.async_read_some(asio::buffer(p.buffer), [self = shared_from_this(), &p](error_code e, size_t n) {
      p.reading = false;
      if (self->dead_) return;
      if (e && e != asio::error::eof) return self->kill();
      p.ended = e == asio::error::eof;
      self->enqueue(p, n);
      self->pump(p);
    });
  }
  void enqueue(Pipe& p, size_t n) {
    Nanos now = w_.clock.monotonic();
    Nanos sent = std::max(now, p.line_free);
    if (w_.options.bytes_per_second > 0) {
      sent += Nanos(static_cast<int64_t>(static_cast<double>(n) * 1e9 /
                                         static_cast<double>(w_.options.bytes_per_second)));
      p.line_free = sent;
    }
    p.queue.push_back({sent + w_.options.one_way, p.buffer.substr(0, n), p.ended});
    p.queued += n;
  }
  void write(Pipe& p) {
    if (dead_ || stalled_ || p.writing || p.queue.empty()) return;
    p.writing = true;
    p.timer.expires_after(std::max(Nanos(0), p.queue.front().due - w_.clock.monotonic()));
    p.timer.async_wait([self = shared_from_this(), &p](error_code e) {
      if (e || self->dead_ || self->stalled_) {
        p.writing = false;
        return;
      }
      asio::async_write(p.to, asio::buffer(p.queue.front().bytes),
                        [self, &p](error_code failed, size_t) { self->written(p, failed); });
    });
  }
  void written(Pipe& p, error_code failed) {
    p.writing = false;
    if (dead_) return;
    if (failed) return kill();
    Chunk done = std::move(p.queue.front());
    p.queue.pop_front();
    p.queued -= done.bytes.size();
    if (done.end) {
      p.delivered_end = true;
      error_code ignored;
      p.to.shutdown(tcp::socket::shutdown_send, ignored);
      if (up_.delivered_end && down_.delivered_end) return kill();
    }
    pump(p);
  }

  Shared& w_;
  tcp::socket near_, far_;
  asio::steady_timer doom_;
  Pipe up_, down_;
  tcp::endpoint target_;
  bool stalled_ = false, dead_ = false, connected_ = false, connecting_ = false;
};

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(Shared& w, tcp::endpoint listen, tcp::endpoint target, std::string from, std::string to)
      : w_(w),
        listen_(listen),
        target_(target),
        from_(std::move(from)),
        to_(std::move(to)),
        acceptor_(w.io),
        again_(w.io) {}

  // Somewhere else from now on. The listener stays if it can: one that is closed may be held for a moment by a
  // process that was being started, and the address would be taken.
  Result<> aim(tcp::endpoint target, std::string from, std::string to) {
    for (auto& p : passages_) p->kill();
    passages_.clear();
    target_ = target, from_ = std::move(from), to_ = std::move(to);
    return update();
  }

  Result<> update() {  // brings the link to what its regions allow
    bool lost = w_.lost.contains(from_) || w_.lost.contains(to_),
         cut = w_.cuts.contains(pair_key(from_, to_));
    if (lost) {
      end();
      return {};
    }
    prune();
    for (auto& p : passages_) cut ? p->stall() : p->resume();
    if (acceptor_.is_open()) return {};
    auto r = listen();
    if (!r) try_again();
    return r;
  }
  void end() {
    error_code ignored;
    again_.cancel();
    acceptor_.close(ignored);
    for (auto& p : passages_) p->kill();
    passages_.clear();
  }

 private:
  Result<> listen() {
    error_code e;
    acceptor_.open(listen_.protocol(), e);
    if (!e) acceptor_.set_option(asio::socket_base::reuse_address(true), e);
    if (!e) acceptor_.bind(listen_, e);
    if (!e) acceptor_.listen(64, e);
    if (e) {
      error_code ignored;
      acceptor_.close(ignored);
      return fail("Wan.Listen", fmt::format("cannot listen on {}:{}: {}", listen_.address().to_string(),
                                            listen_.port(), e.message()));
    }
    accept();
    return {};
  }
  // Whoever has the address may be about to leave it.
  void try_again() {
    again_.expires_after(Millis(200));
    again_.async_wait([self = shared_from_this()](error_code e) {
      if (!e) static_cast<void>(self->update());
    });
  }
  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code e, tcp::socket s) {
      if (e == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
      self->prune();
      if (!e && self->passages_.size() < kConnectionLimit) {
        auto p = std::make_shared<Passage>(self->w_, std::move(s));
        self->passages_.push_back(p);
        p->start(self->target_, self->w_.cuts.contains(pair_key(self->from_, self->to_)));
      } else if (!e) {
        reset(s);
      }
      self->accept();
    });
  }
  void prune() {
    std::erase_if(passages_, [](auto& p) { return p->dead(); });
  }

  Shared& w_;
  tcp::endpoint listen_, target_;
  std::string from_, to_;
  tcp::acceptor acceptor_;
  asio::steady_timer again_;
  std::vector<std::shared_ptr<Passage>> passages_;
};

Result<tcp::endpoint> endpoint(const Wan::Address& a) {
  error_code e;
  auto ip = asio::ip::make_address(a.ip, e);
  if (e) return fail("Wan.Listen", fmt::format("'{}' is not an IP address", a.ip));
  return tcp::endpoint(ip, a.port);
}

}  // namespace

struct Wan::State : Shared {
  using Shared::Shared;
  std::map<std::string, std::shared_ptr<Link>> links;
  asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(io);
  std::thread thread;

  // Runs f on the line's own thread and waits for it.
  template <class F>
  auto run(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    asio::post(io, [&task] { task(); });
    return result.get();
  }
  void update_all() {
    for (auto& [key, link] : links) static_cast<void>(link->update());
  }
};

Wan::Wan(WanOptions options, Clock& clock) : s_(std::make_unique<State>(options, clock)) {
  s_->thread = std::thread([io = &s_->io] { io->run(); });
}

Wan::~Wan() {
  s_->run([this] {
    for (auto& [key, link] : s_->links) link->end();
    s_->links.clear();
  });
  s_->guard.reset();
  s_->thread.join();  // what was aborted unwinds first
}

Result<> Wan::open(const Address& listen, const Address& target, std::string_view from, std::string_view to) {
  TRY_ASSIGN(tcp::endpoint l, endpoint(listen));
  TRY_ASSIGN(tcp::endpoint t, endpoint(target));
  return s_->run([&]() -> Result<> {
    auto& slot = s_->links[fmt::format("{}:{}", listen.ip, listen.port)];
    if (slot) return slot->aim(t, std::string(from), std::string(to));
    slot = std::make_shared<Link>(*s_, l, t, std::string(from), std::string(to));
    return slot->update();
  });
}

void Wan::close(const Address& listen) {
  s_->run([&] {
    auto it = s_->links.find(fmt::format("{}:{}", listen.ip, listen.port));
    if (it == s_->links.end()) return;
    it->second->end();
    s_->links.erase(it);
  });
}

void Wan::cut(std::string_view a, std::string_view b) {
  s_->run([&] {
    s_->cuts.insert(pair_key(a, b));
    s_->update_all();
  });
}
void Wan::heal(std::string_view a, std::string_view b) {
  s_->run([&] {
    s_->cuts.erase(pair_key(a, b));
    s_->update_all();
  });
}
void Wan::follow(const std::vector<std::string>& regions,
                 const std::function<bool(std::string_view, std::string_view)>& connected) {
  for (size_t a = 0; a < regions.size(); ++a)
    for (size_t b = a + 1; b < regions.size(); ++b)
      connected(regions[a], regions[b]) ? heal(regions[a], regions[b]) : cut(regions[a], regions[b]);
}
void Wan::lose(std::string_view region) {
  s_->run([&] {
    s_->lost.insert(std::string(region));
    s_->update_all();
  });
}
void Wan::restore(std::string_view region) {
  s_->run([&] {
    s_->lost.erase(std::string(region));
    s_->update_all();
  });
}

uint64_t Wan::dropped_bytes() const { return s_->dropped; }
size_t Wan::connections() const { return s_->open; }

}  // namespace relight::sandbox
