// The server and the libcurl client against each other, and against bytes no client would send.
#include "aws/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "aws/http/curl_exchange.h"

namespace relight::http {
namespace {

using namespace std::chrono_literals;

// Speaks raw bytes to a port.
class Wire {
 public:
  explicit Wire(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
    timeval t{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  }
  ~Wire() { ::close(fd_); }
  bool connected() const { return connected_; }
  void say(std::string_view bytes) { (void)!::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void finish() { ::shutdown(fd_, SHUT_WR); }
  std::string until_close() {
    std::string out;
    char b[4096];
    for (ssize_t n; (n = ::recv(fd_, b, sizeof b, 0)) > 0;) out.append(b, static_cast<size_t>(n));
    return out;
  }
  // Reads until the text has come.
  std::string until(std::string_view text) {
    std::string out;
    char c;
    while (out.find(text) == out.npos && ::recv(fd_, &c, 1, 0) == 1) out += c;
    return out;
  }

 private:
  int fd_;
  bool connected_ = false;
};

Response ok(std::string body) {
  Response r;
  r.body = std::move(body);
  return r;
}

// Answers with what it was asked.
void echo(Request&& r, Reply reply) {
  Response out;
  out.headers.set("X-Method", r.method);
  out.headers.set("X-Target", r.target());
  out.headers.set("X-In-File", r.body.file() ? "yes" : "no");
  out.body = std::move(r.body);
  reply.send(std::move(out));
}

struct ServerTest : testing::Test {
  uint16_t listen(Server::Handler h, ServerSettings s = {}) {
    server = std::make_unique<Server>(s, system_clock());
    auto l = server->add_listener("127.0.0.1", 0, std::move(h));
    EXPECT_TRUE(l) << l.error().text();
    listener = l->id;
    return l->port;
  }
  static Request to(uint16_t port, std::string method = "GET", std::string body = "") {
    Request r;
    r.method = std::move(method);
    r.host = "127.0.0.1:" + std::to_string(port);
    r.path = "/a%20b";
    r.query = "c=d";
    r.body = std::move(body);
    return r;
  }
  std::unique_ptr<Server> server;
  uint64_t listener = 0;
  CurlExchange client;
};

TEST_F(ServerTest, a_request_arrives_as_it_was_sent_and_the_answer_comes_back) {
  uint16_t port = listen(echo);
  auto r = client.send(to(port, "POST", "hello"), 10s);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->status, 200);
  EXPECT_EQ(r->headers.value("x-method"), "POST");
  EXPECT_EQ(r->headers.value("x-target"), "/a%20b?c=d");
  EXPECT_EQ(r->body, Body("hello"));
  EXPECT_TRUE(r->headers.has("Date"));
}

TEST_F(ServerTest, one_connection_serves_many_requests) {
  std::mutex m;
  std::set<std::string> peers;
  uint16_t port = listen([&](Request&& r, Reply reply) {
    std::lock_guard g(m);
    peers.insert(r.peer);
    reply.send(ok("x"));
  });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.send(to(port), 10s));
  EXPECT_EQ(peers.size(), 1u);
}

TEST_F(ServerTest, a_long_body_goes_through_a_file_both_ways) {
  ServerSettings s;
  s.limits.spool_above_bytes = 1000;
  uint16_t port = listen(echo, s);
  std::string big(20'000'000, 'x');
  for (size_t i = 0; i < big.size(); i += 4096) big[i] = static_cast<char>(i >> 12);
  auto r = client.send(to(port, "PUT", big), 60s);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->headers.value("X-In-File"), "yes");
  EXPECT_TRUE(r->body.file());
  EXPECT_EQ(r->body, Body(big));
  Request again = to(port, "PUT");
  again.body = r->body;
  auto twice = client.send(again, 60s);
  ASSERT_TRUE(twice) << twice.error().text();
  EXPECT_EQ(twice->body, Body(big));
}

TEST_F(ServerTest, head_has_the_length_but_no_body) {
  uint16_t port = listen([](Request&&, Reply reply) { reply.send(ok("12345")); });
  auto r = client.send(to(port, "HEAD"), 10s);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->headers.value("Content-Length"), "5");
  EXPECT_TRUE(r->body.empty());
}

TEST_F(ServerTest, an_answer_may_come_later_from_another_thread) {
  std::jthread other;
  uint16_t port = listen([&](Request&&, Reply reply) {
    other = std::jthread([reply = std::make_shared<Reply>(std::move(reply))] { reply->send(ok("late")); });
  });
  auto r = client.send(to(port), 10s);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->body, Body("late"));
}

TEST_F(ServerTest, a_dropped_request_looks_like_a_dead_machine) {
  uint16_t port = listen([](Request&&, Reply reply) { reply.drop(); });
  EXPECT_EQ(client.send(to(port, "POST", "x"), 10s).error().code, "Http.Reset");
}

TEST_F(ServerTest, a_forgotten_reply_drops_the_connection) {
  uint16_t port = listen([](Request&&, Reply) {});
  EXPECT_EQ(client.send(to(port, "POST", "x"), 10s).error().code, "Http.Reset");
}

TEST_F(ServerTest, a_closed_listener_refuses_and_may_be_opened_again) {
  uint16_t port = listen(echo);
  ASSERT_TRUE(client.send(to(port), 10s));
  server->close_listener(listener);
  EXPECT_EQ(client.send(to(port), 10s).error().code, "Http.Refused");
  auto l = server->add_listener("127.0.0.1", port, echo);
  ASSERT_TRUE(l) << l.error().text();
  EXPECT_TRUE(client.send(to(port), 10s));
}

TEST_F(ServerTest, a_taken_port_is_an_error_that_says_so) {
  uint16_t port = listen(echo);
  EXPECT_EQ(server->add_listener("127.0.0.1", port, echo).error().code, "Http.PortTaken");
}

TEST_F(ServerTest, pipelined_requests_are_answered_in_order) {
  uint16_t port = listen(echo);
  Wire w(port);
  std::string all;
  for (int i = 0; i < 50; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  all += "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  w.say(all);
  std::string got = w.until_close();
  size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = got.find("X-Target: /" + std::to_string(i) + "\r\n", at);
    ASSERT_NE(at, got.npos) << i;
  }
  EXPECT_NE(got.find("X-Target: /last", at), got.npos);
}

TEST_F(ServerTest, a_request_in_single_bytes_is_the_same_request) {
  uint16_t port = listen(echo);
  Wire w(port);
  for (char c :
       std::string("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"))
    w.say({&c, 1});
  EXPECT_TRUE(w.until_close().ends_with("\r\n\r\nhello"));
}

TEST_F(ServerTest, chunked_bodies_are_put_together) {
  uint16_t port = listen(echo);
  Wire w(port);
  w.say(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: y\r\n\r\n");
  EXPECT_TRUE(w.until_close().ends_with("\r\n\r\nhello world"));
}

TEST_F(ServerTest, a_client_that_expects_is_told_to_continue) {
  uint16_t port = listen(echo);
  Wire w(port);
  w.say(
      "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(w.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  w.say("ab");
  EXPECT_TRUE(w.until_close().ends_with("\r\n\r\nab"));
}

std::string status_of(uint16_t port, std::string_view bytes, bool finish = false) {
  Wire w(port);
  w.say(bytes);
  if (finish) w.finish();
  return w.until_close().substr(0, 12);
}

TEST_F(ServerTest, what_is_no_http_is_refused) {
  uint16_t port = listen(echo);
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"})
    EXPECT_EQ(status_of(port, bytes), "HTTP/1.1 400") << bytes;
  EXPECT_EQ(status_of(port, "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), "HTTP/1.1 501");
}

TEST_F(ServerTest, limits_are_answered_not_suffered) {
  ServerSettings s;
  s.limits.body_bytes = 10;
  s.limits.head_bytes = 1000;
  uint16_t port = listen(echo, s);
  EXPECT_EQ(status_of(port, "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), "HTTP/1.1 413");
  EXPECT_EQ(
      status_of(port, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"),
      "HTTP/1.1 413");
  EXPECT_EQ(status_of(port, "GET / HTTP/1.1\r\nX: " + std::string(2000, 'x')), "HTTP/1.1 431");
  EXPECT_EQ(status_of(port, "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789"),
            "HTTP/1.1 200");
}

TEST_F(ServerTest, a_truncated_body_never_reaches_the_handler) {
  bool called = false;
  uint16_t port = listen([&](Request&&, Reply reply) {
    called = true;
    reply.send(ok("x"));
  });
  EXPECT_EQ(status_of(port, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n01234", true), "HTTP/1.1 400");
  server->stop();
  EXPECT_FALSE(called);
}

TEST_F(ServerTest, connections_above_the_limit_get_503_and_the_rest_goes_on) {
  ServerSettings s;
  s.max_connections = 4;
  uint16_t port = listen(echo, s);
  std::vector<std::unique_ptr<Wire>> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(std::make_unique<Wire>(port));
    held.back()->say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    held.back()->until("\r\n\r\n");
  }
  EXPECT_EQ(Wire(port).until_close().substr(0, 12), "HTTP/1.1 503");
  held[0]->say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(held[0]->until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_F(ServerTest, stop_lets_an_answer_under_way_finish) {
  std::promise<Reply> asked;
  uint16_t port = listen([&](Request&&, Reply reply) { asked.set_value(std::move(reply)); });
  auto got = std::async(std::launch::async, [&] { return client.send(to(port), 10s); });
  auto reply = std::make_shared<Reply>(asked.get_future().get());
  std::jthread stopping([&] { server->stop(); });
  reply->send(ok("still"));
  auto r = got.get();
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->body, Body("still"));
}

TEST_F(ServerTest, a_reply_may_outlive_the_server) {
  std::promise<Reply> asked;
  ServerSettings s;
  s.grace = 0s;
  uint16_t port = listen([&](Request&&, Reply reply) { asked.set_value(std::move(reply)); }, s);
  Wire w(port);
  w.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  Reply reply = asked.get_future().get();
  server.reset();
  reply.send(ok("too late"));
  EXPECT_EQ(w.until_close(), "");
}

TEST_F(ServerTest, many_threads_and_clients_get_their_own_answers) {
  ServerSettings s;
  s.threads = 2;
  uint16_t port = listen(echo, s);
  std::vector<std::jthread> all;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t)
    all.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        std::string mine = std::to_string(t) + ":" + std::to_string(i);
        auto r = client.send(to(port, "POST", mine), 10s);
        if (r && r->body == Body(mine)) ++good;
      }
    });
  all.clear();
  EXPECT_EQ(good, 800);
}

// ---- the client alone ----

TEST(CurlExchange, nobody_there_is_refused_and_no_such_name_is_resolve) {
  CurlExchange client;
  Request r;
  r.host = "127.0.0.1:1";
  EXPECT_EQ(client.send(r, 5s).error().code, "Http.Refused");
  CurlSettings s;
  s.resolve = [](const std::string&) -> Result<std::vector<std::string>> {
    return std::vector<std::string>{};
  };
  CurlExchange own(s);
  r.host = "db.example.test";
  EXPECT_EQ(own.send(r, 5s).error().code, "Http.Resolve");
}

TEST_F(ServerTest, the_resolver_given_decides_where_a_name_leads) {
  uint16_t port = listen(echo);
  CurlSettings s;
  s.resolve = [](const std::string& host) -> Result<std::vector<std::string>> {
    EXPECT_EQ(host, "app.example.test");
    return std::vector<std::string>{"127.0.0.2", "127.0.0.1"};  // nobody listens on the first
  };
  CurlExchange own(s);
  Request r;
  r.host = "app.example.test:" + std::to_string(port);
  auto got = own.send(r, 10s);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->status, 200);
}

TEST_F(ServerTest, an_answer_that_does_not_come_is_a_deadline) {
  std::vector<Reply> held;
  ServerSettings s;
  s.grace = 0s;
  uint16_t port = listen([&](Request&&, Reply reply) { held.push_back(std::move(reply)); }, s);
  EXPECT_EQ(client.send(to(port), 50ms).error().code, "Http.Deadline");
  server->stop();
  held.clear();
}

}  // namespace
}  // namespace relight::http
