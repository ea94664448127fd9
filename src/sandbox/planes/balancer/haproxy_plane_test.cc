// Real haproxy, asked over loopback.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/disk.h"
#include "base/process.h"
#include "sandbox/planes/balancer/haproxy_config.h"
#include "sandbox/planes/balancer/plane.h"
#include "sandbox/planes/probe/probe.h"

namespace relight::sandbox {
namespace {

int bound(int& fd) {
  fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t n = sizeof a;
  bind(fd, reinterpret_cast<sockaddr*>(&a), n);
  listen(fd, 64);
  getsockname(fd, reinterpret_cast<sockaddr*>(&a), &n);
  return ntohs(a.sin_port);
}

int free_port() {
  int fd, port = bound(fd);
  close(fd);
  return port;
}

// A target that answers its own name and what it was asked with.
class Target {
 public:
  explicit Target(std::string name)
      : name_(std::move(name)), port(bound(fd_)), thread_([this] { serve(); }) {}
  ~Target() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }

 private:
  std::string name_;
  int fd_ = -1;

 public:
  int port;

 private:
  void serve() {
    for (int c; (c = accept(fd_, nullptr, nullptr)) >= 0; close(c)) {
      std::string head;
      char b[4096];
      for (ssize_t n; head.find("\r\n\r\n") == std::string::npos && (n = read(c, b, sizeof b)) > 0;)
        head.append(b, static_cast<size_t>(n));
      std::string body = name_ + "\n" + head;
      std::string out = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                                    body.size(), body);
      static_cast<void>(!write(c, out.data(), out.size()));
    }
  }
  std::thread thread_;
};

struct Haproxy : testing::Test {
  void SetUp() override {
    char dir[] = "/tmp/relight-haproxy-XXXXXX";
    spec.dir = mkdtemp(dir);
    spec.id = "lb-1";
    spec.address = "127.0.0.1";
    spec.listeners = {{free_port(), false, {}, to("web")}};
    spec.pools = {{"web", {}, false, false, 0}};
  }
  void TearDown() override {
    plane->remove(spec.id);
    static_cast<void>(system_disk().remove(spec.dir));
  }
  static BalancerAction to(const std::string& pool) { return {.forward = {{pool, 1}}}; }
  static BalancerAction fixed(int status, std::string body) {
    return {.kind = BalancerAction::Kind::kFixed,
            .status = status,
            .body = std::move(body),
            .content_type = "text/plain"};
  }
  Observation get(const std::string& path = "/", const std::string& host = "app.example.com") {
    return probe({ProbeTarget::Kind::kHttp, "127.0.0.1", spec.listeners[0].port, path, host, "agent"},
                 Millis{5000});
  }
  void apply() {
    auto r = plane->apply(spec);
    ASSERT_TRUE(r) << r.error().text();
  }
  std::vector<BalancerTarget>& targets() { return spec.pools[0].targets; }

  BalancerSpec spec;
  std::unique_ptr<BalancerPlane> plane = make_haproxy_plane();
};

TEST_F(Haproxy, Answers503UntilATargetServesAndAgainWhenItIsGone) {
  apply();
  auto none = get();
  EXPECT_EQ(none.status, 503);
  EXPECT_NE(none.body.find("503 Service Temporarily Unavailable"), std::string::npos) << none.body;
  Target a("a");
  targets() = {{"127.0.0.1", a.port}};
  apply();
  auto served = get();
  EXPECT_EQ(served.status, 200);
  EXPECT_NE(served.body.find("x-forwarded-for: 127.0.0.1"), std::string::npos) << served.body;
  EXPECT_NE(served.body.find("x-forwarded-proto: http\r\n"), std::string::npos);
  EXPECT_NE(served.body.find(fmt::format("x-forwarded-port: {}", spec.listeners[0].port)), std::string::npos);
  targets().clear();
  apply();
  EXPECT_EQ(get().status, 503);
}

TEST_F(Haproxy, ServesHoweverLongThePathOfItsDirectoryIs) {
  auto top = spec.dir;
  spec.dir += "/" + std::string(120, 'd') + "/" + std::string(120, 'e');
  Target a("a");
  targets() = {{"127.0.0.1", a.port}};
  apply();
  EXPECT_EQ(get().status, 200);
  spec.listeners[0].rules.push_back(
      {{}, to("web")});  // a change of rules, so a process that replaces the other
  apply();
  EXPECT_EQ(get().status, 200);
  plane->remove(spec.id);
  spec.dir = top;
}

TEST_F(Haproxy, Answers502WhenTheTargetRefuses) {
  targets() = {{"127.0.0.1", free_port()}};
  apply();
  EXPECT_EQ(get().status, 502);
}

TEST_F(Haproxy, RoutesByEachKindOfCondition) {
  using F = BalancerCondition::Field;
  spec.listeners[0].rules = {{{{F::kPath, "", {"/img/*", "/a.b"}, {}}}, fixed(201, "path")},
                             {{{F::kHost, "", {"*.shop.example.com"}, {}}}, fixed(202, "host")},
                             {{{F::kQuery, "", {}, {{"v", "2*"}}}}, fixed(203, "query")},
                             {{{F::kHeader, "User-Agent", {"*old*"}, {}}}, fixed(404, "header")},
                             {{{F::kMethod, "", {"POST"}, {}}}, fixed(405, "method")},
                             {{{F::kSourceIp, "", {"127.0.0.0/8"}, {}}, {F::kPath, "", {"/both"}, {}}},
                              fixed(206, "it's \"two\" # $x\n%")}};
  spec.listeners[0].fallback = fixed(500, "");
  apply();
  EXPECT_EQ(get("/img/x.png").body, "path");
  EXPECT_EQ(get("/a.b").status, 201);
  EXPECT_EQ(get("/aXb").status, 500);
  EXPECT_EQ(get("/", "A.shop.example.com:80").body, "host");
  EXPECT_EQ(get("/?a=1&v=23").body, "query");
  EXPECT_EQ(get("/?xv=23").status, 500);
  EXPECT_EQ(get("/both").body, "it's \"two\" # $x\n%");
  EXPECT_EQ(get("/").status, 500);
}

TEST_F(Haproxy, RedirectsAndSharesByWeight) {
  Target a("a"), b("b");
  spec.pools = {{"pa", {{"127.0.0.1", a.port}}}, {"pb", {{"127.0.0.1", b.port}}}};
  spec.listeners[0].fallback = {.forward = {{"pa", 1}, {"pb", 1}}};
  spec.listeners[0].rules = {{{{BalancerCondition::Field::kPath, "", {"/old"}, {}}},
                              {.kind = BalancerAction::Kind::kRedirect,
                               .status = 301,
                               .protocol = "HTTPS",
                               .host = "#{host}",
                               .port = "443",
                               .path = "/new/#{path}",
                               .query = "#{query}"}}};
  apply();
  EXPECT_EQ(get("/old?x=1").status, 301);
  std::set<std::string> seen;
  for (int i = 0; i < 200 && seen.size() < 2; ++i) seen.insert(get().body.substr(0, 1));
  EXPECT_EQ(seen, (std::set<std::string>{"a", "b"}));
}

TEST_F(Haproxy, ChangesRulesWithoutFailingARequest) {
  Target a("a");
  targets() = {{"127.0.0.1", a.port}};
  apply();
  std::atomic<bool> done = false;
  std::atomic<int> bad = 0, good = 0;
  std::thread traffic([&] {
    while (!done) (get().status == 200 ? good : bad)++;
  });
  for (int i = 0; i < 5; ++i) {
    spec.listeners[0].rules = {
        {{{BalancerCondition::Field::kPath, "", {fmt::format("/r{}", i)}, {}}}, fixed(418, "tea")}};
    auto r = plane->apply(spec);
    EXPECT_TRUE(r) << r.error().text();
    // The process that left has let go of the listening socket: every connection from now on meets the new
    // rule.
    for (int n = 0; n < 20; ++n) EXPECT_EQ(get(fmt::format("/r{}", i)).status, 418);
  }
  done = true;
  traffic.join();
  EXPECT_EQ(bad, 0);
  EXPECT_GT(good, 0);
  EXPECT_GT(plane->counters(spec.id).requests, 0u);
}

TEST_F(Haproxy, RefusesAtAListenerThatIsGone) {
  int second = free_port();
  spec.listeners.push_back({second, false, {}, fixed(200, "second")});
  apply();
  auto at = [&](int port) {
    return probe({ProbeTarget::Kind::kHttp, "127.0.0.1", port, "/", "app.example.com", "agent"},
                 std::chrono::seconds(5));
  };
  EXPECT_EQ(at(second).status, 200);
  spec.listeners.pop_back();
  apply();
  EXPECT_FALSE(at(second).connected);
  EXPECT_EQ(at(spec.listeners[0].port).status, 503);
}

TEST_F(Haproxy, DrainsAndRemoves) {
  Target a("a");
  targets() = {{"127.0.0.1", a.port}};
  apply();
  targets()[0].draining = true;
  apply();
  EXPECT_EQ(get().status, 503);
  targets()[0].draining = false;
  apply();
  EXPECT_EQ(get().status, 200);
  plane->remove(spec.id);
  EXPECT_FALSE(get().connected);
}

TEST_F(Haproxy, KeepsAVisitorWithItsTargetByCookie) {
  Target a("a"), b("b");
  spec.pools[0].stickiness_seconds = 60;
  targets() = {{"127.0.0.1", a.port}, {"127.0.0.1", b.port}};
  apply();
  Spawn s;
  std::string url = fmt::format("http://127.0.0.1:{}/", spec.listeners[0].port), jar = spec.dir + "/jar";
  s.argv = {"/usr/bin/curl", "-s", "-b", jar, "-c", jar, url, url, url, url};
  auto r = Process::run(s, std::chrono::seconds(20));
  ASSERT_TRUE(r) << r.error().text();
  auto count = [&](const std::string& what) {
    size_t n = 0;
    for (size_t at = 0; (at = r->output.find(what, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_TRUE(count("a\nget ") == 4 || count("b\nget ") == 4 || count("a\nGET ") == 4 ||
              count("b\nGET ") == 4)
      << r->output;
}

TEST_F(Haproxy, SpeaksTlsWithACertificateOfItsOwn) {
  spec.listeners[0].tls = true;
  spec.listeners[0].fallback = fixed(200, "over tls");
  apply();
  auto o = probe({ProbeTarget::Kind::kHttps, "127.0.0.1", spec.listeners[0].port, "/", "app.example.com", ""},
                 Millis{5000});
  EXPECT_EQ(o.body, "over tls") << o.error;
}

TEST_F(Haproxy, SaysWhyItCannotStart) {
  int fd;
  spec.listeners[0].port = bound(fd);
  auto r = plane->apply(spec);
  close(fd);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Balancer.Start");
  EXPECT_NE(r.error().message.find("ind"), std::string::npos) << r.error().message;
}

TEST(Wildcards, AreTheOnlyThingThatIsSpecial) {
  EXPECT_EQ(wildcard_regex("/a.b?/*(c)"), "^/a\\.b./.*\\(c\\)$");
}

}  // namespace
}  // namespace relight::sandbox
