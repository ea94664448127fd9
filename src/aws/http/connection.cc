#include "aws/http/connection.h"

#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "aws/http/response_head.h"

namespace relight::http {
namespace {
constexpr size_t kInline = 16 * 1024;      // a body up to this goes out in one buffer with its head
constexpr uint64_t kDrainSeconds = 2;      // how long we read on after refusing, so that the refusal is seen
constexpr uint64_t kSliceBytes = 4 << 20;  // of a file before other connections get their turn
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string peer_of(const boost::asio::ip::tcp::socket& s) {
  boost::system::error_code ec;
  auto e = s.remote_endpoint(ec);
  return ec ? std::string() : fmt::format("{}:{}", e.address().to_string(), e.port());
}
}  // namespace

Connection::Connection(Loop& loop, boost::asio::ip::tcp::socket socket, uint64_t listener,
                       std::shared_ptr<const Server::Handler> handler)
    : loop_(loop),
      socket_(std::move(socket)),
      listener_(listener),
      handler_(std::move(handler)),
      reader_(loop.settings.limits),
      peer_(peer_of(socket_)),
      active_tick_(loop.tick) {}

void Connection::start() {
  boost::system::error_code ec;
  socket_.non_blocking(true, ec);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ec);
  await_read();
}

void Connection::await_read() {
  if (reading_ || !socket_.is_open()) return;
  reading_ = true;
  socket_.async_wait(socket_.wait_read, [self = shared_from_this()](boost::system::error_code ec) {
    self->reading_ = false;
    if (!ec) self->on_readable();
  });
}

void Connection::on_readable() {
  if (!socket_.is_open()) return;
  ssize_t n = ::recv(socket_.native_handle(), loop_.scratch.data(), loop_.scratch.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return await_read();
  if (n < 0) return close();
  active_tick_ = loop_.tick;
  if (n == 0) {
    eof_ = true;
    if (draining_ || reader_.state() != RequestReader::State::kBody) return close();
    return refuse(400, "the connection ended before the body was whole");
  }
  if (draining_) return await_read();
  std::string_view got(loop_.scratch.data(), static_cast<size_t>(n));
  if (pending_.empty()) return consume(got);
  std::string all = std::move(pending_);
  pending_.clear();
  all.append(got);
  consume(all);
}

void Connection::keep(std::string_view rest) { pending_.assign(rest); }

// Parses and hands over one request after another, for as long as answers come at once.
void Connection::consume(std::string_view bytes) {
  consuming_ = true;
  while (!busy_ && !draining_ && socket_.is_open()) {
    bytes.remove_prefix(reader_.feed(bytes));
    auto state = reader_.state();
    // Also when the body is empty: botocore mistakes the answer after a final status that came instead.
    if (state != RequestReader::State::kBad && reader_.wants_continue())
      ::send(socket_.native_handle(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (state == RequestReader::State::kBad) {
      refuse(reader_.bad_status(), reader_.bad_reason());
    } else if (state == RequestReader::State::kDone) {
      dispatch();
    } else {
      if (state == RequestReader::State::kHead && bytes.empty())
        head_tick_ = 0;
      else if (head_tick_ == 0)
        head_tick_ = loop_.tick + 1;
      break;
    }
  }
  keep(bytes);
  consuming_ = false;
  if (!busy_ || draining_) await_read();
}

void Connection::dispatch() {
  keep_alive_ = reader_.keep_alive() && loop_.stop_tick == 0;
  head_only_ = reader_.head_only();
  busy_ = true;
  head_tick_ = 0;
  Request r = reader_.take();
  r.peer = peer_;
  auto target = std::make_shared<ReplyTarget>(ReplyTarget{loop_.shared_from_this(), weak_from_this()});
  (*handler_)(std::move(r), Reply(std::move(target)));
}

void Connection::answer(Response response) {
  if (!busy_ || writing_ || !socket_.is_open()) return;
  active_tick_ = loop_.tick;
  if (loop_.stop_tick != 0) keep_alive_ = false;
  begin_write(std::move(response));
}

void Connection::refuse(int status, std::string_view why) {
  Response r;
  r.status = status;
  r.headers.set("Content-Type", "text/plain");
  r.body = fmt::format("{}\n", why);
  busy_ = true;
  keep_alive_ = false;
  draining_ = true;
  begin_write(std::move(r));
}

void Connection::begin_write(Response response) {
  out_.clear();
  append_head(out_, response, {.date = loop_.date, .head_only = head_only_, .keep_alive = keep_alive_});
  body_ = Body();
  if (!head_only_ && !bodyless(response.status)) {
    auto* m = response.body.memory();
    if (m && m->size() <= kInline) {
      out_.append(*m);
    } else {
      body_ = std::move(response.body);
    }
  }
  sent_ = 0;
  total_ = out_.size() + body_.size();
  writing_ = true;
  flush();
}

void Connection::flush() {
  while (sent_ < total_) {
    bool in_file = body_.file() && sent_ >= out_.size();
    if (!(in_file ? flush_file() : flush_memory())) return;
  }
  finish_write();
}

bool Connection::flush_memory() {
  const std::string* m = body_.memory();
  iovec parts[2];
  int n = 0;
  if (sent_ < out_.size()) parts[n++] = {out_.data() + sent_, out_.size() - sent_};
  if (m && !m->empty()) {
    uint64_t at = sent_ > out_.size() ? sent_ - out_.size() : 0;
    parts[n++] = {const_cast<char*>(m->data()) + at, m->size() - at};
  }
  msghdr h{};
  h.msg_iov = parts;
  h.msg_iovlen = static_cast<size_t>(n);
  // With a file to follow, MSG_MORE lets head and first page share a packet.
  ssize_t w = ::sendmsg(socket_.native_handle(), &h,
                        MSG_NOSIGNAL | MSG_DONTWAIT | (body_.file() && body_.size() != 0 ? MSG_MORE : 0));
  if (w >= 0) {
    sent_ += static_cast<uint64_t>(w);
    active_tick_ = loop_.tick;
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN) return reset(), false;
  socket_.async_wait(socket_.wait_write, [self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && self->socket_.is_open()) self->flush();
  });
  return false;
}

bool Connection::flush_file() {
  const FileSlice* f = body_.file();
  uint64_t done = sent_ - out_.size();
  uint64_t turn_end = std::min(f->size, (done / kSliceBytes + 1) * kSliceBytes);
  off_t at = static_cast<off_t>(f->offset + done);
  ssize_t w = ::sendfile(socket_.native_handle(), *f->fd, &at, turn_end - done);
  if (w < 0 && errno == EINTR) return true;
  if (w == 0 || (w < 0 && errno != EAGAIN))
    return reset(), false;  // the file is shorter than promised, or the peer left
  if (w > 0) {
    sent_ += static_cast<uint64_t>(w);
    active_tick_ = loop_.tick;
    if (sent_ - out_.size() < turn_end || sent_ == total_) return true;
    boost::asio::post(loop_.io, [self = shared_from_this()] {
      if (self->socket_.is_open()) self->flush();
    });
    return false;
  }
  socket_.async_wait(socket_.wait_write, [self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && self->socket_.is_open()) self->flush();
  });
  return false;
}

void Connection::finish_write() {
  writing_ = false;
  busy_ = false;
  body_ = Body();
  if (out_.capacity() > kInline) out_ = {};
  if (draining_ && !eof_) {
    ::shutdown(socket_.native_handle(), SHUT_WR);
    active_tick_ = loop_.tick;
    pending_ = {};
    if (!consuming_) await_read();
    return;
  }
  if (!keep_alive_) return close();
  if (!consuming_) resume();
}

void Connection::resume() {
  if (pending_.empty()) return await_read();
  std::string all = std::move(pending_);
  pending_.clear();
  consume(all);
}

void Connection::close() {
  if (!socket_.is_open()) return;
  auto self = shared_from_this();
  boost::system::error_code ec;
  socket_.close(ec);
  loop_.forget(*this);
}

void Connection::reset() {
  if (!socket_.is_open()) return;
  boost::system::error_code ec;
  socket_.set_option(boost::asio::socket_base::linger(true, 0), ec);
  close();
}

void Connection::check(uint64_t tick) {
  if (busy_ && !writing_) return;  // a handler owes the answer
  if (draining_ && !writing_ && tick > active_tick_ + kDrainSeconds) return close();
  if (tick > active_tick_ + static_cast<uint64_t>(loop_.settings.idle.count())) return reset();
  if (head_tick_ != 0 && reader_.state() == RequestReader::State::kHead &&
      tick > head_tick_ + static_cast<uint64_t>(loop_.settings.head.count()))
    refuse(408, "the request's head took too long");
}

void Reply::send(Response response) {
  auto target = std::move(target_);
  if (!target || target->loop->ended) return;
  if (target->loop->here()) {
    if (auto c = target->connection.lock()) c->answer(std::move(response));
    return;
  }
  boost::asio::post(target->loop->io, [weak = target->connection, r = std::move(response)]() mutable {
    if (auto c = weak.lock()) c->answer(std::move(r));
  });
}

void Reply::drop() {
  auto target = std::move(target_);
  if (!target || target->loop->ended) return;
  if (target->loop->here()) {
    if (auto c = target->connection.lock()) c->reset();
    return;
  }
  boost::asio::post(target->loop->io, [weak = target->connection] {
    if (auto c = weak.lock()) c->reset();
  });
}

}  // namespace relight::http
