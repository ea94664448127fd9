// The HTTP/1.1 server: listeners that come and go at run time, a handler for each, answers given at once or
// later.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/http/message.h"
#include "aws/http/request_reader.h"
#include "base/clock.h"
#include "base/result.h"

namespace relight::http {

struct ReplyTarget;

// The right to answer one request, once. May outlive the server and be used from any thread; a Reply that is
// destroyed unanswered drops the connection.
class Reply {
 public:
  explicit Reply(std::shared_ptr<ReplyTarget> target) : target_(std::move(target)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply() { drop(); }
  void send(Response response);
  // Closes the connection without a word (reset), as a dead machine's neighbour does.
  void drop();

 private:
  std::shared_ptr<ReplyTarget> target_;
};

struct ServerSettings {
  int threads = 1;
  size_t max_connections = 12'000;  // 503 and close above; capped by the file descriptor limit, see notice()
  std::chrono::seconds idle{75};    // no byte moved for so long: closed (not while a handler owes an answer)
  std::chrono::seconds head{30};    // a request's head must be whole in this time
  std::chrono::seconds grace{5};    // stop() waits so long for answers under way
  RequestLimits limits;
};

class Server {
 public:
  // Runs on one of the server's threads, never twice at once for one connection. It must not throw.
  using Handler = std::function<void(Request&&, Reply)>;
  struct Listener {
    uint64_t id = 0;
    std::string address;
    uint16_t port = 0;
  };

  Server(ServerSettings settings, Clock& clock);
  ~Server();  // stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // From any thread. Port 0 takes a free one. Errors: "Http.PortTaken", "Http.Listen".
  Result<Listener> add_listener(const std::string& address, uint16_t port, Handler handler);
  // On return nobody can connect any more; its open connections are reset. Does not wait for handlers, so it
  // may be called with any lock held. Unknown ids are ignored.
  void close_listener(uint64_t id);
  // Closes listeners and idle connections, lets answers under way finish, then ends the threads. Not from a
  // handler.
  void stop();

  size_t connections() const;
  size_t capacity() const;  // connections at once, after the descriptor limit
  // What an operator should know about capacity(); empty when max_connections fits.
  std::string notice() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> p_;
};

}  // namespace relight::http
