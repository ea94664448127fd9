#include "dr/readiness/reachability.h"

#include <gtest/gtest.h>

#include "dr/readiness/reachability_rules.h"

namespace relight::dr {
namespace {

Addresses cidr(const char* text) { return *parse_cidr(text); }
Ports all() { return {}; }

// Two public and two private subnets of one VPC, a NAT gateway, an internet gateway; everything is open.
struct Vpc : testing::Test {
  Network n;
  Place task{"a task", "private-a", {"sg-task"}};
  Place database{"the database", "private-b", {"sg-db"}};
  Place balancer{"the balancer", "public-a", {"sg-lb"}, true, kEphemeralManaged};

  void SetUp() override {
    n.subnets = {{"public-a", "vpc", cidr("10.0.0.0/24")},
                 {"public-b", "vpc", cidr("10.0.1.0/24")},
                 {"private-a", "vpc", cidr("10.0.10.0/24")},
                 {"private-b", "vpc", cidr("10.0.11.0/24")}};
    n.groups = {
        {"sg-task", "vpc", {{true, {80, 80}, {}, {"sg-lb"}, {}}}, {{true, all(), {kAnywhere}, {}, {}}}},
        {"sg-db", "vpc", {{true, {3306, 3306}, {}, {"sg-task"}, {}}}, {}},
        {"sg-lb", "vpc", {{true, {80, 80}, {kAnywhere}, {}, {}}}, {{true, {80, 80}, {}, {"sg-task"}, {}}}}};
    n.acls = {{"acl", "vpc", true, {}, {}}};
    for (bool egress : {false, true}) {
      entry(100, egress, true, kAnywhere, all());
      entry(32767, egress, false, kAnywhere, all());
    }
    n.tables = {{"rtb-main",
                 "vpc",
                 true,
                 {},
                 {{cidr("10.0.0.0/16"), "", "local", false}, {kAnywhere, "", "nat-1", false}}},
                {"rtb-public",
                 "vpc",
                 false,
                 {"public-a", "public-b"},
                 {{cidr("10.0.0.0/16"), "", "local", false}, {kAnywhere, "", "igw-1", false}}}};
    n.nats = {{"nat-1", "public-b", true}};
    n.gateways = {{"igw-1", {"vpc"}}};
  }
  void entry(int number, bool egress, bool allow, Addresses a, Ports p, size_t acl = 0) {
    n.acls[acl].entries.push_back({number, egress, allow, true, a, p});
  }
  void blocked(const Answer& a, const std::string& hop, const std::string& why = "") {
    EXPECT_EQ(a.reach, Reach::kNo) << a.hop << ": " << a.why;
    EXPECT_NE(a.hop.find(hop), std::string::npos) << a.hop;
    EXPECT_NE(a.why.find(why), std::string::npos) << a.why;
  }
  void unknown(const Answer& a, const std::string& says) {
    EXPECT_EQ(a.reach, Reach::kUnknown) << a.hop << ": " << a.why;
    EXPECT_NE((a.hop + ": " + a.why).find(says), std::string::npos) << a.hop << ": " << a.why;
  }
  void open(const Answer& a) { EXPECT_EQ(a.reach, Reach::kYes) << a.hop << ": " << a.why; }
  SecurityGroup& group(size_t i) { return n.groups[i]; }
};

TEST(Cidr, BlocksAreParsedWithTheirHostBitsIgnored) {
  EXPECT_EQ(cidr("10.1.2.3/24"), (Addresses{0x0a010200, 0x0a0102ff}));
  EXPECT_EQ(cidr("0.0.0.0/0"), kAnywhere);
  EXPECT_EQ(cidr("1.2.3.4"), (Addresses{0x01020304, 0x01020304}));
  EXPECT_EQ(prefix_of(cidr("10.0.0.0/9")), 9);
  EXPECT_EQ(prefix_of(kAnywhere), 0);
  EXPECT_EQ(prefix_of(cidr("1.2.3.4/32")), 32);
}

TEST(Cidr, WhatIsNoBlockIsRefused) {
  for (auto* bad : {"", "10.0.0", "10.0.0.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x",
                    "::/0", "a.b.c.d"})
    EXPECT_FALSE(parse_cidr(bad)) << bad;
}

TEST_F(Vpc, ATaskReachesItsDatabaseAndTheAnswerTellsTheWay) {
  auto a = reach(n, task, database, 3306);
  open(a);
  EXPECT_GE(a.path.size(), 6u);
  EXPECT_NE(a.path.front().find("sg-task (egress)"), std::string::npos);
  EXPECT_NE(a.path.back().find("sg-db (ingress)"), std::string::npos);
}

TEST_F(Vpc, WithoutAReferenceToTheTasksGroupTheDatabaseIsShut) {
  group(1).ingress[0].groups = {"sg-other"};
  blocked(reach(n, task, database, 3306), "security group sg-db (ingress)", "3306");
}

TEST_F(Vpc, AnotherPortIsShut) { blocked(reach(n, task, database, 3307), "sg-db (ingress)"); }

TEST_F(Vpc, ARuleOfAnotherProtocolOpensNothing) {
  group(1).ingress[0].tcp = false;
  blocked(reach(n, task, database, 3306), "sg-db (ingress)");
}

TEST_F(Vpc, ABlockThatHoldsTheWholeSubnetOpensAndAPartOfItIsNotKnown) {
  group(1).ingress[0] = {true, {0, 65535}, {cidr("10.0.10.0/23")}, {}, {}};
  open(reach(n, task, database, 3306));
  group(1).ingress[0].addresses = {cidr("10.0.10.128/25")};
  unknown(reach(n, task, database, 3306), "some of the addresses");
  group(1).ingress[0].addresses = {cidr("10.0.99.0/24")};
  blocked(reach(n, task, database, 3306), "sg-db");
}

TEST_F(Vpc, WhatAPrefixListHoldsIsNotKnown) {
  group(1).ingress[0] = {true, {3306, 3306}, {}, {}, {"pl-1"}};
  unknown(reach(n, task, database, 3306), "prefix lists");
}

TEST_F(Vpc, AGroupThatWasNotCapturedIsNotKnownUnlessAnotherOneOpens) {
  database.groups = {"sg-missing"};
  unknown(reach(n, task, database, 3306), "sg-missing was not captured");
  database.groups = {"sg-missing", "sg-db"};
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, EgressOfTheTaskCountsToo) {
  group(0).egress = {{true, {443, 443}, {kAnywhere}, {}, {}}};
  blocked(reach(n, task, database, 3306), "sg-task (egress)");
  group(0).egress.push_back({true, {3306, 3306}, {}, {"sg-db"}, {}});
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, AGroupIsStatefulSoTheDatabaseNeedsNoEgress) {
  group(1).egress.clear();
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, TheLowerNumberOfAnAclDecides) {
  entry(50, false, false, cidr("10.0.10.0/24"), {3306, 3306});
  blocked(reach(n, task, database, 3306), "network ACL acl of private-b (ingress)", "entry 50");
  entry(40, false, true, cidr("10.0.10.0/24"), {3306, 3306});
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, AnAclIsStatelessSoReturnPortsMustBeOpen) {
  entry(50, true, false, cidr("10.0.10.0/24"), {1024, 65535});
  blocked(reach(n, task, database, 3306), "network ACL acl of private-b (egress)");
}

TEST_F(Vpc, APartOfTheReturnPortsShutIsAFailureBecauseEveryPortComesInTime) {
  entry(50, true, false, cidr("10.0.10.0/24"), {40000, 41000});
  blocked(reach(n, task, database, 3306), "(egress)", "40000-41000");
}

TEST_F(Vpc, PortsBelowTheEphemeralOnesMayBeShut) {
  entry(50, true, false, cidr("10.0.10.0/24"), {1, 32767});
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, AnAclThatShutsAPartOfTheSubnetIsNotKnown) {
  entry(50, false, false, cidr("10.0.10.0/25"), {3306, 3306});
  unknown(reach(n, task, database, 3306), "some of the addresses");
}

TEST_F(Vpc, TwoHalvesOfAnAclMakeAWhole) {
  n.acls[0].entries.clear();
  entry(10, false, true, cidr("10.0.0.0/17"), all());
  entry(11, false, true, cidr("10.0.128.0/17"), all());
  entry(10, true, true, cidr("10.0.0.0/16"), {0, 40000});
  entry(11, true, true, cidr("10.0.0.0/16"), {40001, 65535});
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, AnAclWithoutEntriesDenies) {
  n.acls[0].entries.clear();
  blocked(reach(n, task, database, 3306), "network ACL acl");
}

TEST_F(Vpc, ASubnetsOwnAclComesBeforeTheDefaultOne) {
  n.acls.push_back({"acl-own", "vpc", false, {"private-b"}, {}});
  blocked(reach(n, task, database, 3306), "acl-own of private-b");
}

TEST_F(Vpc, WithinASubnetNoAclIsMet) {
  n.acls[0].entries.clear();
  database.subnet = "private-a";
  open(reach(n, task, database, 3306));
}

TEST_F(Vpc, AnAclThatWasNotCapturedIsNotKnownButALaterNoIsStronger) {
  n.acls.clear();
  unknown(reach(n, task, database, 3306), "the network ACL of private-a");
  group(1).ingress.clear();
  blocked(reach(n, task, database, 3306), "sg-db");
}

TEST_F(Vpc, ARouteTableThatWasNotCapturedIsNotKnown) {
  n.tables.clear();
  unknown(reach(n, task, database, 3306), "route table of private-a");
}

TEST_F(Vpc, AMoreSpecificRouteWins) {
  n.tables[0].routes.push_back({cidr("10.0.11.0/24"), "", "eni-firewall", false});
  unknown(reach(n, task, database, 3306), "eni-firewall");
  n.tables[0].routes.back().blackhole = true;
  blocked(reach(n, task, database, 3306), "rtb-main of private-a", "blackhole");
}

TEST_F(Vpc, TheWayBackHasARouteOfItsOwn) {
  n.tables.push_back(
      {"rtb-b",
       "vpc",
       false,
       {"private-b"},
       {{cidr("10.0.10.0/24"), "", "nat-9", true}, {cidr("10.0.0.0/16"), "", "local", false}}});
  blocked(reach(n, task, database, 3306), "rtb-b of private-b", "returning");
}

TEST_F(Vpc, AnotherVpcIsReachedByNoRouteOrByOneThatIsNotKnown) {
  n.subnets.push_back({"far", "vpc-2", cidr("10.9.0.0/24")});
  database.subnet = "far";
  n.tables[0].routes.pop_back();
  blocked(reach(n, task, database, 3306), "rtb-main", "no outward route");
  n.tables[0].routes.push_back({cidr("10.9.0.0/16"), "", "pcx-1", false});
  unknown(reach(n, task, database, 3306), "pcx-1");
}

TEST_F(Vpc, ASubnetThatWasNotCapturedIsNotKnown) {
  database.subnet = "subnet-gone";
  unknown(reach(n, task, database, 3306), "subnet-gone");
}

TEST_F(Vpc, ThePrivateSubnetReachesTheInternetThroughNat) {
  auto a = reach_internet(n, task, 443);
  open(a);
  EXPECT_NE(a.why.find("nat-1"), std::string::npos);
}

TEST_F(Vpc, NatMustStandWhereAnInternetGatewayIs) {
  n.nats[0].subnet = "private-b";
  blocked(reach_internet(n, task, 443), "NAT gateway nat-1", "internet gateway");
}

TEST_F(Vpc, ANatThatIsGoneIsABlackhole) {
  n.tables[0].routes[1].blackhole = true;
  blocked(reach_internet(n, task, 443), "rtb-main", "nat-1, which is gone");
}

TEST_F(Vpc, ANatThatWasNotCapturedOrIsPrivateIsNotKnown) {
  n.nats[0].public_ = false;
  unknown(reach_internet(n, task, 443), "private");
  n.nats.clear();
  unknown(reach_internet(n, task, 443), "NAT gateway nat-1");
}

TEST_F(Vpc, AclOfTheNatsSubnetMustTakeAnswersOnAllOfItsPorts) {
  n.acls.push_back({"acl-nat", "vpc", false, {"public-b"}, {}});
  entry(10, false, true, kAnywhere, {443, 443}, 1);
  entry(11, false, true, kAnywhere, {32768, 60999}, 1);
  entry(10, true, true, kAnywhere, all(), 1);
  blocked(reach_internet(n, task, 443), "acl-nat of public-b (ingress)", "1024-32767");
  entry(12, false, true, kAnywhere, {1024, 65535}, 1);
  open(reach_internet(n, task, 443));
}

TEST_F(Vpc, WithoutADefaultRouteThereIsNoInternet) {
  n.tables[0].routes.pop_back();
  blocked(reach_internet(n, task, 443), "rtb-main", "no default route");
}

TEST_F(Vpc, InAPublicSubnetATaskNeedsAPublicAddress) {
  task.subnet = "public-a";
  blocked(reach_internet(n, task, 443), "a task", "public address");
  task.public_address = true;
  open(reach_internet(n, task, 443));
}

TEST_F(Vpc, AGatewayThatIsNotAttachedLeadsNowhere) {
  n.gateways[0].vpcs.clear();
  blocked(reach_from_internet(n, balancer, 80), "internet gateway igw-1", "not attached");
}

TEST_F(Vpc, EgressToSomeOfTheInternetIsNotKnown) {
  group(0).egress = {{true, {443, 443}, {cidr("52.0.0.0/8")}, {}, {}}};
  unknown(reach_internet(n, task, 443), "sg-task (egress)");
}

TEST_F(Vpc, VisitorsReachABalancerInAPublicSubnetOnly) {
  open(reach_from_internet(n, balancer, 80));
  balancer.subnet = "private-a";
  blocked(reach_from_internet(n, balancer, 80), "subnet private-a", "nat-1");
}

TEST_F(Vpc, VisitorsAreShutOutByAGroupOfAFewAddresses) {
  group(2).ingress[0].addresses = {cidr("203.0.113.0/24")};
  unknown(reach_from_internet(n, balancer, 80), "some of the addresses");
  group(2).ingress.clear();
  blocked(reach_from_internet(n, balancer, 80), "sg-lb (ingress)");
}

TEST_F(Vpc, TheBalancerReachesItsTask) {
  open(reach(n, balancer, task, 80));
  group(2).egress.clear();
  blocked(reach(n, balancer, task, 80), "sg-lb (egress)");
}

TEST_F(Vpc, AnInterfaceEndpointServesWithoutTheInternet) {
  n.tables[0].routes.pop_back();
  blocked(reach_service(n, task, "ecr.api"), "rtb-main", "no endpoint for ecr.api");
  n.endpoints = {{"vpce-1",
                  "vpc",
                  "com.amazonaws.us-west-2.ecr.api",
                  false,
                  true,
                  {"private-a", "private-b"},
                  {"sg-vpce"},
                  {}}};
  n.groups.push_back({"sg-vpce", "vpc", {{true, {443, 443}, {cidr("10.0.0.0/16")}, {}, {}}}, {}});
  open(reach_service(n, task, "ecr.api"));
  blocked(reach_service(n, task, "ecr.dkr"), "rtb-main");
}

TEST_F(Vpc, AnInterfaceEndpointThatIsShutIsTakenAllTheSame) {
  n.endpoints = {
      {"vpce-1", "vpc", "com.amazonaws.us-west-2.ecr.api", false, true, {"private-a"}, {"sg-vpce"}, {}}};
  n.groups.push_back({"sg-vpce", "vpc", {}, {}});
  blocked(reach_service(n, task, "ecr.api"), "sg-vpce (ingress)");
  n.endpoints[0].private_dns = false;
  unknown(reach_service(n, task, "ecr.api"), "private DNS");
}

TEST_F(Vpc, AGatewayEndpointServesTheTablesThatNameIt) {
  n.tables[0].routes.pop_back();
  n.endpoints = {{"vpce-s3", "vpc", "com.amazonaws.us-west-2.s3", true, false, {}, {}, {"rtb-public"}}};
  blocked(reach_service(n, task, "s3"), "rtb-main");
  n.endpoints[0].route_tables.push_back("rtb-main");
  open(reach_service(n, task, "s3"));
  group(0).egress.clear();
  blocked(reach_service(n, task, "s3"), "sg-task (egress)");
}

TEST_F(Vpc, AnEndpointOfAnotherVpcServesNobodyHere) {
  n.tables[0].routes.pop_back();
  n.endpoints = {
      {"vpce-1", "vpc-2", "com.amazonaws.us-west-2.ecr.api", false, true, {"private-a"}, {"sg-db"}, {}}};
  blocked(reach_service(n, task, "ecr.api"), "rtb-main");
}

}  // namespace
}  // namespace relight::dr
