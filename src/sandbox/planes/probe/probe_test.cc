#include "sandbox/planes/probe/probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>

namespace relight::sandbox {
namespace {

// A listener that answers each connection with fixed bytes, or never.
class Listener {
 public:
  explicit Listener(std::string answer) : answer_(std::move(answer)) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t n = sizeof a;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&a), n), 0);
    EXPECT_EQ(listen(fd_, 8), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &n);
    port = ntohs(a.sin_port);
    if (!answer_.empty()) thread_ = std::thread([this] { serve(); });
  }
  ~Listener() {
    shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(fd_);
  }
  int port = 0;

 private:
  void serve() {
    for (int c; (c = accept(fd_, nullptr, nullptr)) >= 0; close(c)) {
      char buffer[2048];
      if (read(c, buffer, sizeof buffer) <= 0) continue;
      EXPECT_GT(write(c, answer_.data(), answer_.size()), 0);
    }
  }
  std::string answer_;
  int fd_ = -1;
  std::thread thread_;
};

ProbeTarget at(int port, ProbeTarget::Kind kind = ProbeTarget::Kind::kHttp) {
  return {kind, "127.0.0.1", port, "/healthz", "app.example.com", "test"};
}

TEST(Probe, ReadsStatusAndBody) {
  Listener l("HTTP/1.1 503 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlost");
  auto o = probe(at(l.port), Millis{5000});
  EXPECT_EQ(o.status, 503);
  EXPECT_EQ(o.body, "lost");
  EXPECT_EQ(o.error, "");
}

TEST(Probe, StopsReadingAfter5120Bytes) {
  Listener l("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\nConnection: close\r\n\r\n" + std::string(9000, 'x'));
  auto o = probe(at(l.port), Millis{5000});
  EXPECT_EQ(o.body.size(), 5120u);
  EXPECT_EQ(o.error, "");
}

TEST(Probe, TellsRefusedFromSilent) {
  int dead;
  { dead = Listener("x").port; }
  EXPECT_FALSE(probe(at(dead, ProbeTarget::Kind::kTcp), Millis{5000}).connected);
  Listener silent("");
  EXPECT_TRUE(probe(at(silent.port, ProbeTarget::Kind::kTcp), Millis{5000}).connected);
  auto o = probe(at(silent.port), Millis{100});
  EXPECT_TRUE(o.timed_out);
  EXPECT_TRUE(o.connected);
}

TEST(Poller, RepeatsAJobUntilItIsDropped) {
  Poller p(system_clock(), 2);
  std::promise<void> third;
  std::atomic<int> runs = 0;
  p.every("a", Millis{1}, [&] {
    if (++runs == 3) third.set_value();
  });
  third.get_future().wait();
  p.drop("a");
  p.stop();
  EXPECT_GE(runs, 3);
  EXPECT_FALSE(p.every("b", Millis{1}, [] {}));
}

}  // namespace
}  // namespace relight::sandbox
