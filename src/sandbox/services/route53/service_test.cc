#include "sandbox/services/route53/service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sandbox/planes/probe/scheduled_repeater.h"
#include "sandbox/services/elbv2/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
namespace op = aws::route53::op;
namespace elb = aws::elbv2;

const std::string kEast = "us-east-1";

struct Route53 : testing::Test {
  Route53() {
    world.add(service);
    world.add(balancers);
    service.start();
    balancers.start();
    static_cast<void>(dns.serve("", 53, service));
  }
  ~Route53() override {
    service.stop();
    balancers.stop();
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kEast) {
    auto r = world.call<Op>(region, in);
    EXPECT_TRUE(r) << r.error().text();
    world.run_until_idle();
    return r ? *r : typename Op::Output{};
  }
  std::string zone(const std::string& name = "example.com") {
    return *ok<op::CreateHostedZone>({.Name = name, .CallerReference = name}).HostedZone->Id;
  }
  static m::Change change(const std::string& action, m::ResourceRecordSet s) {
    return {.Action = action, .ResourceRecordSet = std::move(s)};
  }
  static m::ResourceRecordSet record(const std::string& name, const std::string& type,
                                     const std::string& value, int64_t ttl = 60) {
    return {.Name = name, .Type = type, .TTL = ttl, .ResourceRecords = {{{.Value = value}}}};
  }
  std::string put(const std::string& zone_id, std::vector<m::Change> changes) {
    auto r = world.call<op::ChangeResourceRecordSets>(
        kEast, {.HostedZoneId = zone_id, .ChangeBatch = m::ChangeBatch{.Changes = std::move(changes)}});
    world.run_until_idle();
    return r ? "" : r.error().code + ": " + r.error().message;
  }
  std::string check(m::HealthCheckConfig c) {
    return *ok<op::CreateHealthCheck>({.CallerReference = std::to_string(++calls), .HealthCheckConfig = c})
                .HealthCheck->Id;
  }
  static m::HealthCheckConfig http(const std::string& ip) {
    return {.IPAddress = ip,
            .Port = 80,
            .Type = "HTTP",
            .ResourcePath = "/healthz",
            .RequestInterval = 10,
            .FailureThreshold = 3};
  }
  // The answer in short: "NXDOMAIN", or each A record's last byte and each other record's type.
  std::string ask(const std::string& name, uint16_t type = dns::kA) {
    auto a = dns.ask(name, type);
    if (!a) return a.error().text();
    std::string out = a->rcode == dns::Rcode::kNxDomain  ? "NXDOMAIN"
                      : a->rcode == dns::Rcode::kRefused ? "REFUSED"
                                                         : "";
    for (auto& r : a->answers)
      out += (out.empty() ? "" : " ") + (r.type == dns::kA
                                             ? std::to_string(static_cast<unsigned char>(r.rdata.back()))
                                             : dns::type_name(r.type));
    for (auto& r : a->authority) out += (out.empty() ? "/" : " /") + dns::type_name(r.type);
    return out;
  }

  TestWorld world;
  ScheduledRepeater checkers{world};
  SimulatedBalancerPlane balancer_plane;
  std::map<std::string, int> answers;
  Prober prober = [this](const ProbeTarget& t, Millis) {
    Observation o;
    o.status = answers[t.address];
    o.connected = o.status != 0;
    if (!o.status) o.error = "refused";
    return o;
  };
  Route53Service service{world, checkers, prober};
  Elbv2Service balancers{world, balancer_plane, checkers, prober};
  dns::SimulatedDnsPlane dns;
  int calls = 0;
};

TEST_F(Route53, AZoneIsBornWithItsNameServersAndAnswersRight) {
  std::string z = zone();
  EXPECT_EQ(ask("example.com", dns::kNs), "NS NS NS NS");
  EXPECT_EQ(ask("example.com", dns::kSoa), "SOA");
  EXPECT_EQ(put(z, {change("CREATE", record("www.example.com", "A", "10.0.0.7")),
                    change("CREATE", record("a.b.example.com", "TXT", "\"x\"")),
                    change("CREATE", record("*.w.example.com", "A", "10.0.0.9")),
                    change("CREATE", record("c.example.com", "CNAME", "www.example.com")),
                    change("CREATE", record("sub.example.com", "NS", "ns.elsewhere.net"))}),
            "");
  EXPECT_EQ(ask("WWW.example.com"), "7");
  EXPECT_EQ(ask("www.example.com", dns::kAaaa), "/SOA");
  EXPECT_EQ(ask("b.example.com"), "/SOA");
  EXPECT_EQ(ask("nope.example.com"), "NXDOMAIN /SOA");
  EXPECT_EQ(ask("x.w.example.com"), "9");
  EXPECT_EQ(ask("c.example.com"), "CNAME 7");
  EXPECT_EQ(ask("host.sub.example.com"), "/NS");
  EXPECT_EQ(ask("example.org"), "REFUSED");
  EXPECT_EQ(ask("gone.us-east-1.elb.amazonaws.com"), "NXDOMAIN /SOA");
}

TEST_F(Route53, ABatchIsAllOrNothingAndSaysEachThingThatIsWrong) {
  std::string z = zone();
  EXPECT_EQ(put(z, {change("CREATE", record("a.example.com", "A", "10.0.0.1"))}), "");
  EXPECT_EQ(put(z, {change("CREATE", record("b.example.com", "A", "10.0.0.2")),
                    change("CREATE", record("a.example.com", "A", "10.0.0.1")),
                    change("DELETE", record("c.example.com", "A", "10.0.0.1")),
                    change("CREATE", record("d.example.org", "A", "10.0.0.1"))}),
            "InvalidChangeBatch: [Tried to create resource record set [name='a.example.com.', type='A'] but "
            "it already exists, "
            "Tried to delete resource record set [name='c.example.com.', type='A'] but it was not found, "
            "RRSet with DNS name d.example.org is not permitted in zone example.com.]");
  EXPECT_EQ(ask("b.example.com"), "NXDOMAIN /SOA");
  EXPECT_NE(put(z, {change("DELETE", record("a.example.com", "A", "10.0.0.9"))}).find("do not match"),
            std::string::npos);
  EXPECT_NE(put(z, {change("CREATE", record("a.example.com", "CNAME", "b.example.com"))}).find("conflicts"),
            std::string::npos);
  EXPECT_NE(put(z, {change("CREATE", record("example.com", "CNAME", "b.example.com"))}).find("apex"),
            std::string::npos);
  EXPECT_NE(put(z, {change("CREATE", record("e.example.com", "A", "1.2.3"))}).find("IPv4"),
            std::string::npos);
  EXPECT_NE(put(z, {change("CREATE", {.Name = "e.example.com", .Type = "A"})}).find("InvalidInput"),
            std::string::npos);
  EXPECT_EQ(put(z, {change("UPSERT", record("a.example.com", "A", "10.0.0.8"))}), "");
  EXPECT_EQ(ask("a.example.com"), "8");
}

TEST_F(Route53, AChangeIsPendingUntilItIsInSync) {
  auto r = world.call<op::CreateHostedZone>(kEast, {.Name = "example.com", .CallerReference = "1"});
  ASSERT_TRUE(r);
  EXPECT_EQ(r->ChangeInfo->Status, "PENDING");
  world.run_until_idle();
  EXPECT_EQ(ok<op::GetChange>({.Id = *r->ChangeInfo->Id}).ChangeInfo->Status, "INSYNC");
  EXPECT_EQ(
      world.call<op::CreateHostedZone>(kEast, {.Name = "example.org", .CallerReference = "1"}).error().code,
      "HostedZoneAlreadyExists");
}

TEST_F(Route53, ListsByReversedLabelsInPages) {
  std::string z = zone();
  EXPECT_EQ(put(z, {change("CREATE", record("z.a.example.com", "A", "10.0.0.1")),
                    change("CREATE", record("b.example.com", "A", "10.0.0.1")),
                    change("CREATE", record("*.example.com", "A", "10.0.0.1")),
                    change("CREATE", record("a.example.com", "A", "10.0.0.1"))}),
            "");
  std::string all;
  m::ListResourceRecordSetsRequest in{.HostedZoneId = z, .MaxItems = "2"};
  for (bool more = true; more;) {
    auto out = ok<op::ListResourceRecordSets>(in);
    for (auto& r : *out.ResourceRecordSets) all += *r.Name + *r.Type + " ";
    more = *out.IsTruncated;
    in.StartRecordName = out.NextRecordName;
    in.StartRecordType = out.NextRecordType;
  }
  EXPECT_EQ(all,
            "example.com.NS example.com.SOA \\052.example.com.A a.example.com.A z.a.example.com.A "
            "b.example.com.A ");
}

TEST_F(Route53, FailsOverWhenThePrimarysCheckFailsAndBack) {
  answers = {{"10.0.0.1", 200}, {"10.0.0.2", 200}};
  std::string z = zone(), primary = check(http("10.0.0.1")), secondary = check(http("10.0.0.2"));
  auto half = [&](const char* which, const std::string& id, const char* ip) {
    m::ResourceRecordSet s = record("app.example.com", "A", ip);
    s.SetIdentifier = which;
    s.Failover = which;
    s.HealthCheckId = id;
    return change("CREATE", s);
  };
  EXPECT_EQ(put(z, {half("PRIMARY", primary, "10.0.0.1"), half("SECONDARY", secondary, "10.0.0.2")}), "");
  EXPECT_EQ(ask("app.example.com"), "1");
  answers["10.0.0.1"] = 503;
  world.advance(Millis{120});
  EXPECT_EQ(ask("app.example.com"), "1");
  world.advance(Millis{100});
  EXPECT_EQ(ask("app.example.com"), "2");
  EXPECT_EQ(world.events.back().what, "dns answer is now SECONDARY (10.0.0.2)");
  answers["10.0.0.2"] = 0;
  world.advance(Millis{200});
  EXPECT_EQ(ask("app.example.com"), "1");
}

TEST_F(Route53, AnInvertedCheckOnAFlagMovesTrafficByHand) {
  std::string z = zone();
  m::HealthCheckConfig flag = http("10.0.0.50");
  flag.Inverted = true;
  answers["10.0.0.50"] = 404;
  std::string id = check(flag);
  EXPECT_EQ(put(z, {change("CREATE", {.Name = "app.example.com",
                                      .Type = "A",
                                      .SetIdentifier = "p",
                                      .Failover = "PRIMARY",
                                      .TTL = 10,
                                      .ResourceRecords = {{{.Value = "10.0.0.1"}}},
                                      .HealthCheckId = id}),
                    change("CREATE", {.Name = "app.example.com",
                                      .Type = "A",
                                      .SetIdentifier = "s",
                                      .Failover = "SECONDARY",
                                      .TTL = 10,
                                      .ResourceRecords = {{{.Value = "10.0.0.2"}}}})}),
            "");
  EXPECT_EQ(ask("app.example.com"), "2");  // a new inverted check is unhealthy until there is data
  world.advance(Millis{200});
  EXPECT_EQ(ask("app.example.com"), "1");
  answers["10.0.0.50"] = 200;
  world.advance(Millis{200});
  EXPECT_EQ(ask("app.example.com"), "2");
}

TEST_F(Route53, AnAliasFollowsItsBalancersTargetsAndRegion) {
  auto stand = [&](const std::string& region, const std::string& ip) {
    auto lb = ok<elb::op::CreateLoadBalancer>({.Name = "web", .Subnets = {{"a", "b"}}}, region)
                  .LoadBalancers->at(0);
    auto tg = *ok<elb::op::CreateTargetGroup>(
                   {.Name = "tg", .Protocol = "HTTP", .Port = 80, .VpcId = "v", .TargetType = "ip"}, region)
                   .TargetGroups->at(0)
                   .TargetGroupArn;
    ok<elb::op::CreateListener>({.LoadBalancerArn = *lb.LoadBalancerArn,
                                 .Protocol = "HTTP",
                                 .Port = 80,
                                 .DefaultActions = {{{.Type = "forward", .TargetGroupArn = tg}}}},
                                region);
    answers[ip] = 200;
    ok<elb::op::RegisterTargets>({.TargetGroupArn = tg, .Targets = {{{.Id = ip}}}}, region);
    return lb;
  };
  auto east = stand("us-east-1", "127.1.9.1"), west = stand("us-west-2", "127.1.9.2");
  auto alias = [&](const char* role, const elb::LoadBalancer& lb) {
    return change("CREATE", {.Name = "app.example.com",
                             .Type = "A",
                             .SetIdentifier = role,
                             .Failover = role,
                             .AliasTarget = m::AliasTarget{.HostedZoneId = *lb.CanonicalHostedZoneId,
                                                           .DNSName = *lb.DNSName,
                                                           .EvaluateTargetHealth = true}});
  };
  EXPECT_EQ(put(zone(), {alias("PRIMARY", east), alias("SECONDARY", west)}), "");
  world.advance(Millis{100});
  auto last = [&](const elb::LoadBalancer& lb) {
    return world.find_name(*lb.DNSName)->substr(world.find_name(*lb.DNSName)->rfind('.') + 1);
  };
  EXPECT_EQ(ask("app.example.com"), last(east));
  EXPECT_EQ(ask("app.example.com", dns::kAaaa), "/SOA");
  answers["127.1.9.1"] = 500;
  world.advance(Millis{300});
  EXPECT_EQ(ask("app.example.com"), last(west));
  answers["127.1.9.1"] = 200;
  world.advance(Millis{1000});
  EXPECT_EQ(ask("app.example.com"), last(east));
  world.lose("us-east-1");
  world.run_until_idle();
  EXPECT_EQ(ask("app.example.com"), last(west));
  EXPECT_EQ(world.events.back().region, "us-west-2");
}

TEST_F(Route53, CalculatedAndDisabledChecksCount) {
  answers = {{"10.0.0.1", 200}, {"10.0.0.2", 500}};
  std::string a = check(http("10.0.0.1")), b = check(http("10.0.0.2"));
  auto both = [&](int threshold) {
    return check({.Type = "CALCULATED", .HealthThreshold = threshold, .ChildHealthChecks = {{a, b}}});
  };
  std::string one = both(1), two = both(2), z = zone();
  auto weighted = [&](const char* id, const std::string& c, const char* ip) {
    return change("CREATE", {.Name = "w.example.com",
                             .Type = "A",
                             .SetIdentifier = id,
                             .Weight = 10,
                             .TTL = 5,
                             .ResourceRecords = {{{.Value = ip}}},
                             .HealthCheckId = c});
  };
  EXPECT_EQ(put(z, {weighted("one", one, "10.0.0.1"), weighted("two", two, "10.0.0.2")}), "");
  world.advance(Millis{300});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask("w.example.com"), "1");
  ok<op::UpdateHealthCheck>({.HealthCheckId = b, .Disabled = true});
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(ask("w.example.com"));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(
      world.call<op::UpdateHealthCheck>(kEast, {.HealthCheckId = b, .HealthCheckVersion = 1}).error().code,
      "HealthCheckVersionMismatch");
}

TEST_F(Route53, ShowsWhatItsCheckersSawAndThatTheyAreSimulated) {
  std::string id = check(http("10.0.0.1"));
  auto seen = *ok<op::GetHealthCheckStatus>({.HealthCheckId = id}).HealthCheckObservations;
  EXPECT_EQ(seen.size(), 8u);
  EXPECT_TRUE(seen[0].StatusReport->Status->starts_with("Failure: refused")) << *seen[0].StatusReport->Status;
  EXPECT_NE(seen[0].StatusReport->Status->find("simulated checker"), std::string::npos);
  EXPECT_EQ(world
                .call<op::CreateHealthCheck>(
                    kEast, {.CallerReference = "x",
                            .HealthCheckConfig =
                                m::HealthCheckConfig{.Port = 80, .Type = "HTTP", .RequestInterval = 10}})
                .error()
                .code,
            "InvalidInput");
}

TEST_F(Route53, RefusesToDeleteAZoneThatIsNotEmptyAndKeepsAllThroughARestart) {
  std::string z = zone();
  EXPECT_EQ(put(z, {change("CREATE", record("a.example.com", "A", "10.0.0.4"))}), "");
  EXPECT_EQ(world.call<op::DeleteHostedZone>(kEast, {.Id = z}).error().code, "HostedZoneNotEmpty");
  TestWorld again({}, world.ground());
  ScheduledRepeater repeater(again);
  Route53Service reborn(again, repeater, prober);
  again.add(reborn);
  reborn.start();
  dns::SimulatedDnsPlane plane;
  static_cast<void>(plane.serve("", 53, reborn));
  EXPECT_EQ(plane.ask("a.example.com", dns::kA)->answers.size(), 1u);
  reborn.stop();
  EXPECT_EQ(put(z, {change("DELETE", record("a.example.com", "A", "10.0.0.4"))}), "");
  ok<op::DeleteHostedZone>({.Id = z});
  EXPECT_EQ(ask("example.com"), "REFUSED");
}

}  // namespace
}  // namespace relight::sandbox
