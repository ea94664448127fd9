#include "dr/view/diagram.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dr/planning/pilot_example.h"

namespace relight::dr::view {
namespace {
using Kind = Diagram::Edge::Kind;

constexpr const char* kService = "arn:aws:ecs:us-east-1:111122223333:service/lamp/web";

// The example with what each resource uses, as the walk writes it.
Inventory used_example() {
  Inventory i = example_inventory();
  auto uses = [&](const std::string& id, std::vector<ResourceKey> keys) {
    for (auto& r : i.resources)
      if (r.key.id == id) {
        r.uses.insert(r.uses.end(), keys.begin(), keys.end());
        std::ranges::sort(r.uses);
      }
  };
  uses(kService, {{"ecs/task-definition", kExampleFamily},
                  {"elbv2/target-group", kExampleTargets},
                  {"ec2/subnet", "subnet-a"}});
  uses(kExampleTargets, {{"elbv2/load-balancer", kExampleBalancer}, {"ec2/vpc", "vpc-1"}});
  uses(kExampleBalancer, {{"ec2/subnet", "subnet-a"}});
  uses("subnet-a", {{"ec2/vpc", "vpc-1"}});
  uses("lamp-primary-db", {{"rds/subnet-group", "lamp-subnets"}});
  uses("lamp-subnets", {{"ec2/subnet", "subnet-a"}});
  return i;
}

Diagram drawn(const Inventory& i) {
  auto p = plan_pilot(i, {.region = "us-west-2",
                          .primary_stack = "lamp-primary",
                          .stack = "lamp-pilot",
                          .domain = "www.lamp.example",
                          .flag_key = "relight/failover"});
  EXPECT_TRUE(p) << p.error().text();
  return p ? draw(i, *p, "www.lamp.example") : Diagram{};
}

// side: "p", "r", or "" for what stands in neither. Both regions' boxes of one captured resource share the
// rest of their id; a title is the primary's.
const Diagram::Node* find(const Diagram& d, const std::string& side, const std::string& title) {
  std::string id;
  for (auto& n : d.nodes)
    if (n.title == title && (side.empty() || n.id.starts_with("p")))
      id = side.empty() ? n.id : side + n.id.substr(1);
  for (auto& n : d.nodes)
    if (n.id == id) return &n;
  return nullptr;
}

bool arrow(const Diagram& d, const Diagram::Node* from, const Diagram::Node* to, Kind kind) {
  return from && to && std::any_of(d.edges.begin(), d.edges.end(), [&](auto& e) {
           return e.from == from->id && e.to == to->id && e.kind == kind;
         });
}

TEST(Diagram, BothRegionsStandWithWhatRunsInThemAndTheUnlitToldApart) {
  auto d = drawn(used_example());
  auto *lit = find(d, "p", "web"), *unlit = find(d, "r", "web");
  ASSERT_TRUE(lit && unlit);
  EXPECT_TRUE(lit->lit);
  EXPECT_FALSE(unlit->lit);
  EXPECT_EQ(lit->lines.at(0), "ECS service, 3 tasks");
  EXPECT_EQ(find(d, "r", "lamp-primary-db")->lines.at(0), "read replica");
  EXPECT_TRUE(find(d, "r", "lamp-primary-db")->lit);
  EXPECT_EQ(find(d, "r", kExampleBucket)->title.find("us-east-1"), std::string::npos);
}

TEST(Diagram, DataFlowsReplicationAndTheWayAfterAFailoverAreArrowsOfTheirOwn) {
  auto d = drawn(used_example());
  auto side = [&](const std::string& s, const std::string& title) { return find(d, s, title); };
  auto* dns = find(d, "", "www.lamp.example");
  for (std::string s : {"p", "r"}) {
    EXPECT_TRUE(arrow(d, side(s, "lamp-alb"), side(s, "web"), Kind::kFlow)) << s;
    EXPECT_TRUE(arrow(d, side(s, "web"), side(s, "lamp-primary-db"), Kind::kFlow)) << s;
    EXPECT_TRUE(arrow(d, side(s, "web"), side(s, kExampleBucket), Kind::kFlow)) << s;
  }
  EXPECT_TRUE(arrow(d, dns, side("p", "lamp-alb"), Kind::kFlow));
  EXPECT_TRUE(arrow(d, dns, side("r", "lamp-alb"), Kind::kFailover));
  EXPECT_TRUE(arrow(d, side("p", "lamp-primary-db"), side("r", "lamp-primary-db"), Kind::kReplication));
  EXPECT_TRUE(arrow(d, side("p", kExampleBucket), side("r", kExampleBucket), Kind::kReplication));
  EXPECT_FALSE(arrow(d, side("r", "lamp-primary-db"), side("p", "lamp-primary-db"), Kind::kReplication));
}

TEST(Diagram, WhatStandsInANetworkIsDrawnInItAndABucketIsNot) {
  auto d = drawn(used_example());
  auto group = [&](const std::string& id) {
    return std::find_if(d.groups.begin(), d.groups.end(), [&](auto& g) { return g.id == id; });
  };
  auto* service = find(d, "p", "web");
  ASSERT_NE(group(service->group), d.groups.end());
  EXPECT_EQ(group(service->group)->title, "VPC 10.1.0.0/16");
  EXPECT_EQ(group(service->group)->parent, "p");
  EXPECT_EQ(find(d, "p", "lamp-primary-db")->group, service->group);
  EXPECT_EQ(find(d, "p", kExampleBucket)->group, "p");
}

TEST(Diagram, ManyOfAKindAreFoldedAndItIsSaid) {
  auto i = used_example();
  for (int n = 0; n < 30; ++n)
    i.resources.push_back(
        example_resource("lambda/function", "f" + std::to_string(n), {{"FunctionName", "f"}}));
  std::ranges::sort(i.resources, {}, &Resource::key);
  auto d = draw(i, {.region = "us-west-2"}, "");
  auto functions =
      std::count_if(d.nodes.begin(), d.nodes.end(), [](auto& n) { return n.title.starts_with("f"); });
  EXPECT_EQ(functions, static_cast<long>(kDrawnOfAKind));
  EXPECT_TRUE(std::any_of(d.notes.begin(), d.notes.end(),
                          [](auto& n) { return n == "12 of 30 lambda/function are drawn"; }));
}

TEST(Diagram, TheSameInventoryIsTheSameText) {
  EXPECT_EQ(dot(drawn(used_example())), dot(drawn(used_example())));
  EXPECT_EQ(mermaid(drawn(used_example())), mermaid(drawn(used_example())));
}

TEST(Diagram, NamesThatMeanSomethingInTheLanguageAreQuoted) {
  Diagram d{.title = "a \"b\" <c>"};
  d.nodes = {{"n", "", "x<y>&\"z\"#1", {}, Diagram::Node::Shape::kBucket}};
  EXPECT_NE(dot(d).find("x&lt;y&gt;&amp;&quot;z&quot;"), std::string::npos) << dot(d);
  EXPECT_NE(dot(d).find("a &quot;b&quot; &lt;c&gt;"), std::string::npos);
  EXPECT_EQ(mermaid(d).find("#1"), std::string::npos);
}

}  // namespace
}  // namespace relight::dr::view
