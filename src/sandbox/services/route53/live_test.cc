// The whole of it, real: a live world, haproxy in two regions, the DNS server, health checks over loopback,
// dig.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/disk.h"
#include "base/process.h"
#include "sandbox/services/elbv2/service.h"
#include "sandbox/services/route53/service.h"
#include "sandbox/world/live_world.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
namespace e = aws::elbv2;

// Answers its own name over HTTP until it is destroyed.
class Application {
 public:
  explicit Application(std::string name) : name_(std::move(name)) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t n = sizeof a;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&a), n), 0);
    EXPECT_EQ(listen(fd_, 64), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &n);
    port = ntohs(a.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Application() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  int port = 0;

 private:
  void serve() {
    for (int c; (c = accept(fd_, nullptr, nullptr)) >= 0; close(c)) {
      char b[4096];
      if (read(c, b, sizeof b) <= 0) continue;
      std::string out = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                                    name_.size(), name_);
      static_cast<void>(!write(c, out.data(), out.size()));
    }
  }
  std::string name_;
  int fd_ = -1;
  std::thread thread_;
};

struct Live : testing::Test {
  Live() {
    char t[] = "/tmp/relight-live-XXXXXX";
    dir = mkdtemp(t);
    Settings s;
    s.dir = dir;
    s.slot = 11;
    world = std::move(*LiveWorld::open(s, system_clock(), system_rng()));
    route53 = std::make_unique<Route53Service>(*world);
    elbv2 = std::make_unique<Elbv2Service>(*world, *haproxy);
    world->add_service(*route53);
    world->add_service(*elbv2);
    std::lock_guard g(world->lock());
    elbv2->start();
    route53->start();
    port = dns->serve("127.0.0.1", 0, *route53).value_or(0);
  }
  ~Live() override {
    dns->stop();
    {
      std::lock_guard g(world->lock());
      elbv2->stop();
      route53->stop();
    }
    world->stop();
    elbv2.reset();
    route53.reset();
    haproxy.reset();
    world.reset();
    static_cast<void>(system_disk().remove(dir));
  }
  template <class Op>
  typename Op::Output ok(const std::string& region, const typename Op::Input& in) {
    std::lock_guard g(world->lock());
    auto r = world->call<Op>(region, in);
    EXPECT_TRUE(r) << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  e::LoadBalancer balancer(const std::string& region, const Application& app) {
    auto lb =
        ok<e::op::CreateLoadBalancer>(region, {.Name = "web", .Subnets = {{"a", "b"}}}).LoadBalancers->at(0);
    auto tg = *ok<e::op::CreateTargetGroup>(
                   region, {.Name = "tg", .Protocol = "HTTP", .Port = 80, .VpcId = "v", .TargetType = "ip"})
                   .TargetGroups->at(0)
                   .TargetGroupArn;
    ok<e::op::CreateListener>(region, {.LoadBalancerArn = *lb.LoadBalancerArn,
                                       .Protocol = "HTTP",
                                       .Port = 8080,
                                       .DefaultActions = {{{.Type = "forward", .TargetGroupArn = tg}}}});
    ok<e::op::RegisterTargets>(region,
                               {.TargetGroupArn = tg, .Targets = {{{.Id = "127.0.0.1", .Port = app.port}}}});
    return lb;
  }
  std::string dig(const std::string& name) {
    Spawn s;
    s.argv = {"/usr/bin/dig", "@127.0.0.1", "-p", std::to_string(port), "+short", "+tries=1",
              "+time=5",      name,         "A"};
    auto r = Process::run(s, std::chrono::seconds(20));
    std::string out = r ? r->output : "";
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
  // What a visitor gets: name resolved, page asked for.
  std::string visit(const std::string& name) {
    std::string ip = dig(name);
    return ip.empty() ? "no address"
                      : probe({ProbeTarget::Kind::kHttp, ip, 8080, "/", name, "visitor"}, Millis{5000}).body;
  }
  bool until(const std::function<bool()>& wanted) {
    for (int i = 0; i < 2000; ++i, system_clock().sleep(Millis{5}))
      if (wanted()) return true;
    return false;
  }

  std::string dir;
  std::unique_ptr<BalancerPlane> haproxy = make_haproxy_plane();
  std::unique_ptr<dns::DnsPlane> dns = dns::make_embedded_dns_plane();
  std::unique_ptr<LiveWorld> world;
  std::unique_ptr<Route53Service> route53;
  std::unique_ptr<Elbv2Service> elbv2;
  int port = 0;
};

TEST_F(Live, ALostRegionsVisitorsAreSentToTheOtherRegion) {
  Application a("east"), b("west");
  auto east = balancer("us-east-1", a), west = balancer("us-west-2", b);
  auto zone = *ok<m::op::CreateHostedZone>("us-east-1", {.Name = "example.com", .CallerReference = "1"})
                   .HostedZone->Id;
  auto alias = [&](const char* role, const e::LoadBalancer& lb) {
    return m::Change{.Action = "CREATE",
                     .ResourceRecordSet = m::ResourceRecordSet{
                         .Name = "app.example.com",
                         .Type = "A",
                         .SetIdentifier = role,
                         .Failover = role,
                         .AliasTarget = m::AliasTarget{.HostedZoneId = *lb.CanonicalHostedZoneId,
                                                       .DNSName = *lb.DNSName,
                                                       .EvaluateTargetHealth = true}}};
  };
  ok<m::op::ChangeResourceRecordSets>(
      "us-east-1",
      {.HostedZoneId = zone,
       .ChangeBatch = m::ChangeBatch{.Changes = {{alias("PRIMARY", east), alias("SECONDARY", west)}}}});
  EXPECT_TRUE(until([&] { return visit("app.example.com") == "east"; })) << visit("app.example.com");
  {
    std::lock_guard g(world->lock());
    ASSERT_TRUE(world->lose("us-east-1"));
  }
  EXPECT_TRUE(until([&] { return visit("app.example.com") == "west"; })) << visit("app.example.com");
  {
    std::lock_guard g(world->lock());
    ASSERT_TRUE(world->restore("us-east-1"));
  }
  EXPECT_TRUE(until([&] { return visit("app.example.com") == "east"; })) << visit("app.example.com");
}

TEST_F(Live, AHealthCheckThatReallyPollsMovesARecord) {
  auto app = std::make_unique<Application>("primary");
  auto id = *ok<m::op::CreateHealthCheck>(
                 "us-east-1", {.CallerReference = "1",
                               .HealthCheckConfig = m::HealthCheckConfig{.IPAddress = "127.0.0.1",
                                                                         .Port = app->port,
                                                                         .Type = "HTTP_STR_MATCH",
                                                                         .ResourcePath = "/",
                                                                         .SearchString = "primary",
                                                                         .RequestInterval = 10,
                                                                         .FailureThreshold = 1}})
                 .HealthCheck->Id;
  auto zone = *ok<m::op::CreateHostedZone>("us-east-1", {.Name = "example.com", .CallerReference = "1"})
                   .HostedZone->Id;
  auto half = [&](const char* role, const char* ip, std::optional<std::string> check) {
    return m::Change{.Action = "CREATE",
                     .ResourceRecordSet = m::ResourceRecordSet{.Name = "app.example.com",
                                                               .Type = "A",
                                                               .SetIdentifier = role,
                                                               .Failover = role,
                                                               .TTL = 5,
                                                               .ResourceRecords = {{{.Value = ip}}},
                                                               .HealthCheckId = check}};
  };
  ok<m::op::ChangeResourceRecordSets>(
      "us-east-1", {.HostedZoneId = zone,
                    .ChangeBatch = m::ChangeBatch{
                        .Changes = {{half("PRIMARY", "10.0.0.1", id), half("SECONDARY", "10.0.0.2", {})}}}});
  EXPECT_TRUE(until([&] { return dig("app.example.com") == "10.0.0.1"; }));
  app.reset();
  EXPECT_TRUE(until([&] { return dig("app.example.com") == "10.0.0.2"; }));
}

}  // namespace
}  // namespace relight::sandbox
