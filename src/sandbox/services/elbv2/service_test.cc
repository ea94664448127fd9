#include "sandbox/services/elbv2/service.h"

#include <gtest/gtest.h>

#include "sandbox/planes/probe/scheduled_repeater.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;
namespace op = aws::elbv2::op;

const std::string kEast = "us-east-1";

// Fails as often as it is told to, then carries.
struct FailingBalancerPlane : SimulatedBalancerPlane {
  Result<> apply(const BalancerSpec& s) override {
    if (failures > 0 && failures-- > 0) return fail("Balancer.Start", "no room");
    return SimulatedBalancerPlane::apply(s);
  }
  int failures = 0;
};

// A balancer before simulated traffic; `answers` is what each target says to its health checks.
struct Elbv2 : testing::Test {
  Elbv2() {
    world.add(service);
    service.start();
  }
  ~Elbv2() override { service.stop(); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in) {
    auto r = world.call<Op>(kEast, in);
    EXPECT_TRUE(r) << r.error().text();
    world.run_until_idle();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string error(const typename Op::Input& in) {
    auto r = world.call<Op>(kEast, in);
    return r ? "" : r.error().code;
  }
  std::string balancer(const std::string& name = "web") {
    return *ok<op::CreateLoadBalancer>({.Name = name, .Subnets = {{"subnet-a", "subnet-b"}}})
                .LoadBalancers->at(0)
                .LoadBalancerArn;
  }
  std::string group(const std::string& name = "tg") {
    return *ok<op::CreateTargetGroup>(
                {.Name = name, .Protocol = "HTTP", .Port = 80, .VpcId = "vpc-1", .TargetType = "ip"})
                .TargetGroups->at(0)
                .TargetGroupArn;
  }
  static m::Action to(const std::string& tg) { return {.Type = "forward", .TargetGroupArn = tg}; }
  std::string listener(const std::string& lb, const std::string& tg, int port = 80) {
    return *ok<op::CreateListener>(
                {.LoadBalancerArn = lb, .Protocol = "HTTP", .Port = port, .DefaultActions = {{to(tg)}}})
                .Listeners->at(0)
                .ListenerArn;
  }
  void add(const std::string& tg, const std::string& ip) {
    ok<op::RegisterTargets>({.TargetGroupArn = tg, .Targets = {{{.Id = ip}}}});
  }
  m::TargetHealth health(const std::string& tg, size_t i = 0) {
    auto all = *ok<op::DescribeTargetHealth>({.TargetGroupArn = tg}).TargetHealthDescriptions;
    return i < all.size() ? *all[i].TargetHealth : m::TargetHealth{.State = "absent"};
  }
  const BalancerSpec& carried() { return plane.specs.begin()->second; }

  TestWorld world;
  FailingBalancerPlane plane;
  ScheduledRepeater checks{world};
  std::map<std::string, int> answers;
  Elbv2Service service{world, plane, checks, [this](const ProbeTarget& t, Millis) {
                         Observation o;
                         o.status = answers[t.address];
                         if (!o.status) o.error = "refused";
                         return o;
                       }};
};

TEST_F(Elbv2, GoesFromProvisioningToActiveUnderItsName) {
  auto lb = world.call<op::CreateLoadBalancer>(kEast, {.Name = "web", .Subnets = {{"subnet-a", "subnet-b"}}})
                ->LoadBalancers->at(0);
  EXPECT_EQ(lb.State->Code, "provisioning");
  EXPECT_TRUE(lb.DNSName->starts_with("web-") && lb.DNSName->ends_with(".us-east-1.elb.amazonaws.com"))
      << *lb.DNSName;
  EXPECT_TRUE(world.find_name(*lb.DNSName));
  EXPECT_EQ(lb.CanonicalHostedZoneId, "Z35SXDOTRQ7X7K");
  world.run_until_idle();
  EXPECT_EQ(ok<op::DescribeLoadBalancers>({.Names = {{"web"}}}).LoadBalancers->at(0).State->Code, "active");
}

TEST_F(Elbv2, RefusesWhatAwsRefuses) {
  EXPECT_EQ(error<op::CreateLoadBalancer>({.Name = "web", .Subnets = {{"subnet-a"}}}), "ValidationError");
  EXPECT_EQ(error<op::CreateLoadBalancer>({.Name = "internal-web", .Subnets = {{"a", "b"}}}),
            "ValidationError");
  std::string lb = balancer(), tg = group();
  EXPECT_EQ(error<op::CreateLoadBalancer>({.Name = "web", .Subnets = {{"subnet-c", "subnet-d"}}}),
            "DuplicateLoadBalancerName");
  EXPECT_EQ(error<op::DescribeLoadBalancers>({.Names = {{"nope"}}}), "LoadBalancerNotFound");
  EXPECT_EQ(error<op::CreateTargetGroup>(
                {.Name = "tg", .Protocol = "HTTP", .Port = 81, .VpcId = "vpc-1", .TargetType = "ip"}),
            "DuplicateTargetGroupName");
  std::string l = listener(lb, tg);
  EXPECT_EQ(error<op::CreateListener>(
                {.LoadBalancerArn = lb, .Protocol = "HTTP", .Port = 80, .DefaultActions = {{to(tg)}}}),
            "DuplicateListener");
  EXPECT_EQ(error<op::DeleteTargetGroup>({.TargetGroupArn = tg}), "ResourceInUse");
  EXPECT_EQ(error<op::CreateListener>({.LoadBalancerArn = balancer("other"),
                                       .Protocol = "HTTP",
                                       .Port = 80,
                                       .DefaultActions = {{to(tg)}}}),
            "TargetGroupAssociationLimit");
  EXPECT_EQ(error<op::RegisterTargets>({.TargetGroupArn = tg, .Targets = {{{.Id = "not-an-ip"}}}}),
            "ValidationError");
}

TEST_F(Elbv2, ATargetIsUnusedUntilAListenerLeadsToIt) {
  std::string tg = group();
  answers["127.1.9.1"] = 200;
  add(tg, "127.1.9.1");
  EXPECT_EQ(health(tg).Reason, "Target.NotInUse");
  listener(balancer(), tg);
  EXPECT_EQ(health(tg).State, "healthy");
  ASSERT_EQ(carried().pools.at(0).targets.size(), 1u);
  EXPECT_EQ(world.events.back().what, "target healthy");
}

TEST_F(Elbv2, OneSuccessAdmitsANewTargetAndThresholdsRuleAfterwards) {
  std::string tg = group();
  listener(balancer(), tg);
  add(tg, "127.1.9.1");
  EXPECT_EQ(health(tg).State, "initial");
  answers["127.1.9.1"] = 200;
  world.advance(Millis{50});
  EXPECT_EQ(health(tg).State, "healthy");
  answers["127.1.9.1"] = 503;
  world.advance(Millis{50});
  EXPECT_EQ(health(tg).State, "healthy");
  world.advance(Millis{50});
  EXPECT_EQ(health(tg).State, "unhealthy");
  EXPECT_EQ(health(tg).Reason, "Target.ResponseCodeMismatch");
  answers["127.1.9.1"] = 200;
  world.advance(Millis{200});
  EXPECT_EQ(health(tg).State, "unhealthy");
  world.advance(Millis{50});
  EXPECT_EQ(health(tg).State, "healthy");
}

TEST_F(Elbv2, ATargetIsHealthyOnlyOnceTheTrafficReachesIt) {
  auto lb = balancer(), tg = group();
  listener(lb, tg);
  answers["10.0.0.1"] = 200;
  plane.failures = 3;
  auto registered =
      world.call<op::RegisterTargets>(kEast, {.TargetGroupArn = tg, .Targets = {{{.Id = "10.0.0.1"}}}});
  ASSERT_TRUE(registered) << registered.error().text();
  bool impaired = false;
  while (plane.failures > 0) {
    auto seen = world.call<op::DescribeTargetHealth>(kEast, {.TargetGroupArn = tg});
    EXPECT_NE(seen->TargetHealthDescriptions->at(0).TargetHealth->State, "healthy");
    auto state = *world.call<op::DescribeLoadBalancers>(kEast, {})->LoadBalancers->at(0).State;
    if (state.Code == "active_impaired") {
      impaired = true;
      EXPECT_EQ(state.Reason, "no room");
    }
    world.advance(Millis{100});
  }
  world.advance(Millis{1000});
  EXPECT_TRUE(impaired);
  EXPECT_EQ(health(tg).State, "healthy");
  EXPECT_EQ(carried().pools.at(0).targets.size(), 1u);
  EXPECT_EQ(ok<op::DescribeLoadBalancers>({}).LoadBalancers->at(0).State->Code, "active");
}

TEST_F(Elbv2, AGroupOfOnlyUnhealthyTargetsFailsOpen) {
  std::string tg = group();
  listener(balancer(), tg);
  add(tg, "127.1.9.1");
  EXPECT_TRUE(carried().pools.at(0).targets.empty());
  world.advance(Millis{200});
  EXPECT_EQ(health(tg).State, "unhealthy");
  EXPECT_EQ(carried().pools.at(0).targets.size(), 1u);
}

TEST_F(Elbv2, ADeregisteredTargetDrainsForItsDelay) {
  std::string tg = group();
  listener(balancer(), tg);
  answers["127.1.9.1"] = 200;
  add(tg, "127.1.9.1");
  ASSERT_TRUE(
      world.call<op::DeregisterTargets>(kEast, {.TargetGroupArn = tg, .Targets = {{{.Id = "127.1.9.1"}}}}));
  auto d =
      world.call<op::DescribeTargetHealth>(kEast, {.TargetGroupArn = tg})->TargetHealthDescriptions->at(0);
  EXPECT_EQ(d.TargetHealth->State, "draining");
  world.run_until_idle();
  EXPECT_EQ(health(tg).State, "absent");
}

TEST_F(Elbv2, RulesStandByPriority) {
  std::string tg = group(), l = listener(balancer(), tg);
  auto rule = [&](int priority, const char* path) {
    return *ok<op::CreateRule>(
                {.ListenerArn = l,
                 .Conditions = {{{.Field = "path-pattern", .Values = {{path}}}}},
                 .Priority = priority,
                 .Actions = {{{.Type = "fixed-response",
                               .FixedResponseConfig = m::FixedResponseActionConfig{.StatusCode = "404"}}}}})
                .Rules->at(0)
                .RuleArn;
  };
  std::string first = rule(10, "/a"), second = rule(5, "/b");
  EXPECT_EQ(error<op::CreateRule>({.ListenerArn = l,
                                   .Conditions = {{{.Field = "path-pattern", .Values = {{"/c"}}}}},
                                   .Priority = 5,
                                   .Actions = {{to(tg)}}}),
            "PriorityInUse");
  EXPECT_EQ(carried().listeners.at(0).rules.at(0).conditions.at(0).values.at(0), "/b");
  ok<op::SetRulePriorities>({.RulePriorities = {{{.RuleArn = first, .Priority = 1}}}});
  EXPECT_EQ(carried().listeners.at(0).rules.at(0).conditions.at(0).values.at(0), "/a");
  auto all = *ok<op::DescribeRules>({.ListenerArn = l}).Rules;
  EXPECT_EQ(all.back().Priority, "default");
  EXPECT_EQ(error<op::DeleteRule>({.RuleArn = *all.back().RuleArn}), "OperationNotPermitted");
  ok<op::DeleteRule>({.RuleArn = second});
  EXPECT_EQ(carried().listeners.at(0).rules.size(), 1u);
}

TEST_F(Elbv2, PagesThroughWhatItLists) {
  for (int i = 0; i < 5; ++i) group("tg" + std::to_string(i));
  std::optional<std::string> marker;
  size_t seen = 0, pages = 0;
  do {
    auto out = ok<op::DescribeTargetGroups>({.Marker = marker, .PageSize = 2});
    seen += out.TargetGroups->size();
    marker = out.NextMarker;
    ++pages;
  } while (marker);
  EXPECT_EQ(seen, 5u);
  EXPECT_EQ(pages, 3u);
}

TEST_F(Elbv2, ALostRegionCarriesNothingAndComesBackAsItWas) {
  std::string tg = group();
  listener(balancer(), tg);
  answers["127.1.9.1"] = 200;
  add(tg, "127.1.9.1");
  world.lose(kEast);
  EXPECT_TRUE(plane.specs.empty());
  world.restore(kEast);
  world.advance(Millis{100});
  EXPECT_EQ(health(tg).State, "healthy");
  EXPECT_EQ(carried().pools.at(0).targets.size(), 1u);
}

TEST_F(Elbv2, ARestartedSandboxServesWhatStood) {
  std::string tg = group(), lb = balancer();
  listener(lb, tg);
  answers["127.1.9.1"] = 200;
  add(tg, "127.1.9.1");
  TestWorld again({}, world.ground());
  SimulatedBalancerPlane other;
  ScheduledRepeater repeater(again);
  Elbv2Service reborn(again, other, repeater,
                      [](const ProbeTarget&, Millis) { return Observation{.status = 200}; });
  again.add(reborn);
  reborn.start();
  again.advance(Millis{100});
  EXPECT_EQ(other.specs.begin()->second.pools.at(0).targets.size(), 1u);
  EXPECT_EQ(again.call<op::DescribeTags>(kEast, {.ResourceArns = {{lb}}})->TagDescriptions->size(), 1u);
  reborn.stop();
}

}  // namespace
}  // namespace relight::sandbox
