#include <boost/asio/post.hpp>
#include <vector>

#include "aws/http/connection.h"

namespace relight::http {

Loop::Loop(const ServerSettings& s, Clock& c)
    : settings(s),
      clock(c),
      work(boost::asio::make_work_guard(io)),
      timer(io),
      scratch(256 * 1024, '\0'),
      date(http_date(c.now())) {}

void Loop::start() {
  on_tick();
  thread = std::thread([this] {
    io.run();
    ended = true;
  });
}

void Loop::on_tick() {
  ++tick;
  date = http_date(clock.now());
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections.size());
  for (auto& [raw, c] : connections) all.push_back(c);
  bool late = stop_tick != 0 && tick > stop_tick;
  for (auto& c : all) late ? c->reset() : c->check(tick);
  if (stop_tick != 0 && connections.empty()) return;
  timer.expires_after(std::chrono::seconds(1));
  timer.async_wait([this](boost::system::error_code ec) {
    if (!ec) on_tick();
  });
}

void Loop::begin_stop() {
  stop_tick = tick + static_cast<uint64_t>(settings.grace.count()) + 1;
  std::vector<std::shared_ptr<Connection>> all;
  for (auto& [raw, c] : connections) all.push_back(c);
  bool at_once = settings.grace.count() == 0;
  for (auto& c : all) {
    if (at_once)
      c->reset();
    else if (c->idle())
      c->close();
  }
  work.reset();
  if (connections.empty()) timer.cancel();
}

void Loop::adopt(boost::asio::ip::tcp::socket socket, uint64_t listener,
                 std::shared_ptr<const Server::Handler> handler) {
  if (stop_tick != 0) {
    --open;
    return;
  }
  auto c = std::make_shared<Connection>(*this, std::move(socket), listener, std::move(handler));
  connections.emplace(c.get(), c);
  c->start();
}

void Loop::forget(Connection& c) {
  if (connections.erase(&c) != 0) --open;
  if (stop_tick != 0 && connections.empty()) timer.cancel();
}

void Loop::drop_listener(uint64_t listener) {
  std::vector<std::shared_ptr<Connection>> all;
  for (auto& [raw, c] : connections)
    if (c->listener() == listener) all.push_back(c);
  for (auto& c : all) c->reset();
}

}  // namespace relight::http
