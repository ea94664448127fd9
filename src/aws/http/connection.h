// One connection of the server, and the loop (thread and reactor) that it lives on. Internal to src/aws/http.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "aws/http/request_reader.h"
#include "aws/http/server.h"

namespace relight::http {

class Connection;

// One thread with its reactor. All members but `post` and `open` belong to that thread. Shared, because a
// Reply that a slow handler still holds must find where to post to after the server has gone.
struct Loop : std::enable_shared_from_this<Loop> {
  Loop(const ServerSettings& s, Clock& c);
  void start();       // begins the once-a-second tick and the thread
  void begin_stop();  // on the thread: closes what is idle; the loop ends when the rest has gone
  bool here() const { return std::this_thread::get_id() == thread.get_id(); }
  void adopt(boost::asio::ip::tcp::socket socket, uint64_t listener,
             std::shared_ptr<const Server::Handler> handler);
  void forget(Connection& c);
  void drop_listener(uint64_t listener);

  const ServerSettings settings;
  Clock& clock;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  boost::asio::steady_timer timer;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
  std::string scratch;  // every read lands here first, so idle connections hold no buffer
  std::string date;
  uint64_t tick = 0;       // seconds since start
  uint64_t stop_tick = 0;  // when the grace ends; 0: not stopping
  std::atomic<bool> ended{false};
  std::atomic<size_t> open{0};
  std::thread thread;

 private:
  void on_tick();
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, boost::asio::ip::tcp::socket socket, uint64_t listener,
             std::shared_ptr<const Server::Handler> handler);
  void start();
  void answer(Response response);
  void reset();                                   // RST, at once
  void close();                                   // FIN
  void refuse(int status, std::string_view why);  // answers, then drains and closes
  void check(uint64_t tick);                      // closes itself when it has been idle too long
  bool idle() const { return !busy_ && !writing_; }
  uint64_t listener() const { return listener_; }

 private:
  void await_read();
  void on_readable();
  void consume(std::string_view bytes);
  void dispatch();
  void keep(std::string_view rest);
  void resume();
  void begin_write(Response response);
  void flush();
  bool flush_memory();  // false: would block or closed
  bool flush_file();
  void finish_write();

  Loop& loop_;
  boost::asio::ip::tcp::socket socket_;
  uint64_t listener_;
  std::shared_ptr<const Server::Handler> handler_;
  RequestReader reader_;
  std::string peer_;
  std::string pending_;  // read but not parsed
  std::string out_;      // head, and body when it is small
  Body body_;            // the rest
  uint64_t sent_ = 0;    // of out_ and body_ together
  uint64_t total_ = 0;
  uint64_t active_tick_ = 0, head_tick_ = 0;
  bool busy_ = false, consuming_ = false, writing_ = false, reading_ = false;
  bool keep_alive_ = true, head_only_ = false, draining_ = false, eof_ = false;
};

// What a Reply points at.
struct ReplyTarget {
  std::shared_ptr<Loop> loop;
  std::weak_ptr<Connection> connection;
};

}  // namespace relight::http
