#include "sandbox/planes/wan/wan.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <utility>

namespace relight::sandbox {
namespace {

constexpr const char* kNear = "127.90.1.1";
constexpr const char* kFar = "127.90.2.1";

struct Socket {
  int fd = -1;
  explicit Socket(int f) : fd(f) {
    timeval patience{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  Socket(Socket&& o) noexcept : fd(std::exchange(o.fd, -1)) {}
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
  void say(std::string_view s) {
    ASSERT_EQ(::send(fd, s.data(), s.size(), MSG_NOSIGNAL), static_cast<ssize_t>(s.size()));
  }
  std::string hear(size_t n) {  // n bytes, or fewer at the end; "!" for a reset
    std::string out(n, '\0');
    size_t got = 0;
    while (got < n) {
      ssize_t r = ::recv(fd, out.data() + got, n - got, 0);
      if (r < 0) return "!";
      if (r == 0) break;
      got += static_cast<size_t>(r);
    }
    out.resize(got);
    return out;
  }
  bool silent(int ms) {
    pollfd p{fd, POLLIN, 0};
    return ::poll(&p, 1, ms) == 0;
  }
};

sockaddr_in at(const char* ip, uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  inet_pton(AF_INET, ip, &a.sin_addr);
  return a;
}

struct Listener {
  Socket s{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  uint16_t port = 0;
  explicit Listener(const char* ip) {
    auto a = at(ip, 0);
    EXPECT_EQ(::bind(s.fd, reinterpret_cast<sockaddr*>(&a), sizeof a), 0);
    EXPECT_EQ(::listen(s.fd, 16), 0);
    socklen_t n = sizeof a;
    ::getsockname(s.fd, reinterpret_cast<sockaddr*>(&a), &n);
    port = ntohs(a.sin_port);
  }
  Socket accept() { return Socket(::accept(s.fd, nullptr, nullptr)); }
};

struct WanTest : testing::Test {
  Listener server{kFar};
  uint16_t port = [] { return Listener(kNear).port; }();
  Wan wan{{.one_way = Millis(5), .partition_reset = Millis(50)}, system_clock()};
  void SetUp() override {
    ASSERT_TRUE(wan.open({kNear, port}, {kFar, server.port}, "us-west-2", "us-east-1").has_value());
  }
  bool dial(Socket& s) {
    auto a = at(kNear, port);
    return ::connect(s.fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
  }
  static Socket fresh() { return Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
};

TEST_F(WanTest, carries_bytes_both_ways_and_the_end_of_each) {
  auto client = fresh();
  ASSERT_TRUE(dial(client));
  auto far = server.accept();
  client.say("ping");
  EXPECT_EQ(far.hear(4), "ping");
  std::string big(3 << 20, 'x');
  std::thread writer([&] {
    far.say(big);
    ::shutdown(far.fd, SHUT_WR);
  });
  EXPECT_EQ(client.hear(big.size() + 1).size(), big.size());
  writer.join();
}

TEST_F(WanTest, loss_of_a_region_resets_and_refuses) {
  auto client = fresh();
  ASSERT_TRUE(dial(client));
  auto far = server.accept();
  client.say("ping");
  EXPECT_EQ(far.hear(4), "ping");
  wan.lose("us-east-1");
  EXPECT_EQ(client.hear(1), "!");
  auto late = fresh();
  EXPECT_FALSE(dial(late));
}

TEST_F(WanTest, loss_of_a_region_discards_what_is_in_flight) {
  auto client = fresh();
  ASSERT_TRUE(dial(client));
  auto far = server.accept();
  client.say("ping");
  EXPECT_EQ(far.hear(4), "ping");
  // Held by the line: more than a partition lets through.
  wan.cut("us-east-1", "us-west-2");
  far.say(std::string(1000, 'x'));
  wan.lose("us-east-1");
  wan.heal("us-east-1", "us-west-2");
  EXPECT_EQ(client.hear(1), "!");
}

TEST_F(WanTest, a_restored_region_is_reached_again) {
  wan.lose("us-east-1");
  wan.restore("us-east-1");
  auto client = fresh();
  ASSERT_TRUE(dial(client));
  auto far = server.accept();
  far.say("hello");
  EXPECT_EQ(client.hear(5), "hello");
}

TEST_F(WanTest, a_partition_stalls_and_then_resets) {
  auto client = fresh();
  ASSERT_TRUE(dial(client));
  auto far = server.accept();
  client.say("ping");
  EXPECT_EQ(far.hear(4), "ping");
  wan.cut("us-east-1", "us-west-2");
  far.say("late");
  EXPECT_EQ(client.hear(4), "!");
}

TEST(WanLine, a_partition_that_heals_in_time_loses_nothing) {
  Listener server(kFar);
  uint16_t port = Listener(kNear).port;
  Wan wan{{.one_way = Millis(5), .partition_reset = Millis(60'000)}, system_clock()};
  ASSERT_TRUE(wan.open({kNear, port}, {kFar, server.port}, "a", "b").has_value());
  Socket client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto to = at(kNear, port);
  ASSERT_EQ(::connect(client.fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  auto far = server.accept();
  wan.cut("b", "a");
  far.say("kept");
  EXPECT_TRUE(client.silent(30));
  wan.heal("a", "b");
  EXPECT_EQ(client.hear(4), "kept");
}

TEST(WanLine, an_address_in_use_is_an_error_that_names_it) {
  Listener taken(kNear);
  Wan wan{{}, system_clock()};
  auto r = wan.open({kNear, taken.port}, {kFar, 1}, "a", "b");
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, "Wan.Listen");
  EXPECT_NE(r.error().message.find(kNear), std::string::npos);
}

}  // namespace
}  // namespace relight::sandbox
