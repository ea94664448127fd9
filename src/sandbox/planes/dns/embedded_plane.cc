#include <array>
#include <boost/asio.hpp>
#include <memory>
#include <thread>

#include "sandbox/planes/dns/plane.h"

namespace relight::sandbox::dns {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr int kConnectionLimit = 256;
constexpr auto kIdleLimit = std::chrono::seconds(10);

// One TCP connection: two bytes of length, a query, and the same back (RFC 1035 4.2.2), until the asker is
// idle.
class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  Conversation(tcp::socket s, Answerer& a, std::shared_ptr<int> open)
      : socket_(std::move(s)), idle_(socket_.get_executor()), answerer_(a), open_(std::move(open)) {
    ++*open_;
  }
  ~Conversation() { --*open_; }

  void read() {
    idle_.expires_after(kIdleLimit);
    idle_.async_wait([self = shared_from_this()](error_code ec) {
      error_code ignored;
      if (!ec) self->socket_.close(ignored);
    });
    asio::async_read(socket_, asio::buffer(head_), [self = shared_from_this()](error_code ec, size_t) {
      if (ec) return self->end();
      self->body_.resize(static_cast<size_t>(self->head_[0]) << 8 | self->head_[1]);
      asio::async_read(self->socket_, asio::buffer(self->body_), [self](error_code e, size_t) {
        if (e) return self->end();
        self->write();
      });
    });
  }

 private:
  void write() {
    std::string answer = respond(answerer_, body_, false);
    if (answer.empty()) return end();
    out_.assign(1, static_cast<char>(answer.size() >> 8));
    out_ += static_cast<char>(answer.size() & 0xff);
    out_ += answer;
    asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](error_code ec, size_t) {
      if (ec) return self->end();
      self->read();
    });
  }
  void end() { idle_.cancel(); }

  tcp::socket socket_;
  asio::steady_timer idle_;
  Answerer& answerer_;
  std::shared_ptr<int> open_;  // shared with the server: a conversation may be the last to let go
  std::array<unsigned char, 2> head_{};
  std::string body_, out_;
};

class EmbeddedDnsPlane final : public DnsPlane {
 public:
  ~EmbeddedDnsPlane() override { stop(); }

  Result<int> serve(const std::string& address, int port, Answerer& a) override {
    stop();
    answerer_ = &a;
    io_ = std::make_unique<asio::io_context>(1);
    error_code ec;
    for (int attempt = 0; attempt < (port == 0 ? 16 : 1); ++attempt)  // a free TCP port may be taken for UDP
      if (ec = bind(address, port); !ec) break;
    if (ec) {
      close();
      return fail("Dns.Bind",
                  "DNS cannot listen on " + address + ":" + std::to_string(port) + ": " + ec.message());
    }
    int bound = acceptor_->local_endpoint().port();
    receive();
    accept();
    thread_ = std::thread([this] { io_->run(); });
    return bound;
  }

  void stop() override {
    if (io_) io_->stop();
    if (thread_.joinable()) thread_.join();
    close();
  }

 private:
  void close() {
    udp_.reset();
    pause_.reset();
    acceptor_.reset();
    io_.reset();  // destroys the conversations with their handlers
  }

  error_code bind(const std::string& address, int port) {
    error_code ec;
    auto ip = asio::ip::make_address(address, ec);
    if (ec) return ec;
    tcp::endpoint end(ip, static_cast<unsigned short>(port));
    acceptor_ = std::make_unique<tcp::acceptor>(*io_);
    if (acceptor_->open(end.protocol(), ec); ec) return ec;
    acceptor_->set_option(tcp::acceptor::reuse_address(true), ec);
    if (acceptor_->bind(end, ec); ec) return ec;
    if (acceptor_->listen(asio::socket_base::max_listen_connections, ec); ec) return ec;
    udp::endpoint u(ip, acceptor_->local_endpoint().port());
    udp_ = std::make_unique<udp::socket>(*io_);
    if (udp_->open(u.protocol(), ec); ec) return ec;
    udp_->bind(u, ec);
    return ec;
  }

  void receive() {
    udp_->async_receive_from(asio::buffer(datagram_), from_, [this](error_code ec, size_t n) {
      if (ec == asio::error::operation_aborted) return;
      if (!ec) {
        std::string out = respond(*answerer_, std::string_view(datagram_.data(), n), true);
        error_code ignored;
        if (!out.empty()) udp_->send_to(asio::buffer(out), from_, 0, ignored);
      }
      receive();
    });
  }

  void accept() {
    acceptor_->async_accept([this](error_code ec, tcp::socket s) {
      if (ec == asio::error::operation_aborted) return;
      if (!ec && *open_ < kConnectionLimit)
        std::make_shared<Conversation>(std::move(s), *answerer_, open_)->read();
      if (!ec) return accept();
      // Out of descriptors: connections wait in the kernel's queue meanwhile.
      pause_ = std::make_unique<asio::steady_timer>(*io_, std::chrono::milliseconds(100));
      pause_->async_wait([this](error_code e) {
        if (!e) accept();
      });
    });
  }

  Answerer* answerer_ = nullptr;
  std::shared_ptr<int> open_ = std::make_shared<int>(0);
  std::unique_ptr<asio::io_context> io_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::unique_ptr<udp::socket> udp_;
  std::unique_ptr<asio::steady_timer> pause_;
  std::array<char, 4096> datagram_{};
  udp::endpoint from_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<DnsPlane> make_embedded_dns_plane() { return std::make_unique<EmbeddedDnsPlane>(); }

}  // namespace relight::sandbox::dns
