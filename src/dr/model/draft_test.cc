// A first relight.yaml of what was seen: it reads as it stands, and says what it could not find.
#include "dr/model/draft.h"

#include <gtest/gtest.h>

namespace relight::dr {
namespace {

const ResourceKey kService{"ecs/service", "arn:aws:ecs:us-east-1:0:service/lamp/web"};
const ResourceKey kTask{"ecs/task-definition", "arn:aws:ecs:us-east-1:0:task-definition/web"};
const ResourceKey kTargets{"elbv2/target-group", "arn:aws:elasticloadbalancing:us-east-1:0:targetgroup/t/1"};
const ResourceKey kBalancer{"elbv2/load-balancer",
                            "arn:aws:elasticloadbalancing:us-east-1:0:loadbalancer/app/b/2"};
const ResourceKey kDatabase{"rds/db-instance", "lamp-db"};
const ResourceKey kBucket{"s3/bucket", "lamp-uploads"};

Resource seen(const ResourceKey& key, std::string properties, std::vector<ResourceKey> uses = {}) {
  return {key, "us-east-1", std::move(properties), std::move(uses), {}};
}

Inventory lamp() {
  Inventory i{.application = "lamp", .region = "us-east-1"};
  i.resources = {
      seen(
          kService,
          R"({"clusterArn":"arn:aws:ecs:us-east-1:0:cluster/lamp","serviceName":"web","desiredCount":2,"loadBalancers":[{"targetGroupArn":")" +
              kTargets.id + R"("}]})",
          {kTask, kTargets}),
      seen(kTask, "{}", {kDatabase, kBucket}),
      seen(kTargets, R"({"TargetGroupName":"t","LoadBalancerArns":[")" + kBalancer.id + R"("]})"),
      seen(kBalancer, R"({"LoadBalancerName":"b","DNSName":"b-1.elb.example"})"),
      seen(
          kDatabase,
          R"({"DBInstanceIdentifier":"lamp-db","MasterUsername":"root1","DBName":"shop","Engine":"mariadb","Endpoint":{"Address":"db.example","Port":3307}})"),
      seen(kBucket, "{}"),
      seen({"route53/record-set", "Z/www.lamp.example/A"}, R"({"Name":"www.lamp.example.","Type":"A"})",
           {kBalancer})};
  return i;
}

const DraftOrder kOrder{"lamp", "us-east-1", "us-west-2", "", {}, "not in us-west-2 yet"};

Config read(const Draft& d) {
  auto c = parse_config(d.yaml, "relight.yaml", ".");
  EXPECT_TRUE(c) << (c ? "" : c.error().text()) << "\n" << d.yaml;
  return c ? *c : Config{};
}

bool says(const std::vector<std::string>& lines, const std::string& what) {
  for (auto& l : lines)
    if (l.find(what) != l.npos) return true;
  return false;
}

TEST(Draft, OfAWholeApplicationReadsAsItStandsAndMissesNothing) {
  auto d = draft_config(lamp(), kOrder);
  auto c = read(d);
  EXPECT_TRUE(d.missing.empty()) << d.missing.front();
  EXPECT_TRUE(enough_to_fail_over(c));
  EXPECT_EQ(c.application, "lamp");
  EXPECT_EQ(c.recovery.stack, "lamp-pilot");
  EXPECT_EQ(c.primary.resources, (Resources{"lamp", "web", "lamp-db", "db.example", "b-1.elb.example",
                                            kTargets.id, "lamp-uploads"}));
  EXPECT_EQ(c.database.user, "root1");
  EXPECT_EQ(c.database.name, "shop");
  EXPECT_EQ(c.database.port, 3307);
  EXPECT_EQ(c.dns.domain, "www.lamp.example");
  EXPECT_EQ(c.tasks, 2);
}

TEST(Draft, LeavesToTheStackWhatItsOutputsTell) {
  auto order = kOrder;
  order.stack = "lamp-primary";
  order.known = read(draft_config(lamp(), kOrder)).primary.resources;
  order.known.bucket.clear();
  auto d = draft_config(lamp(), order);
  auto c = read(d);
  EXPECT_EQ(c.primary.stack, "lamp-primary");
  EXPECT_EQ(c.primary.resources.cluster, "");
  EXPECT_EQ(c.primary.resources.bucket, "lamp-uploads");
  EXPECT_TRUE(d.missing.empty());
}

TEST(Draft, WhatWasNotFoundIsACommentThatSaysSo) {
  Inventory nothing{.application = "lamp", .region = "us-east-1"};
  auto d = draft_config(nothing, kOrder);
  auto c = read(d);
  EXPECT_FALSE(enough_to_fail_over(c));
  for (auto* key : {"resources.primary.service", "resources.primary.bucket", "database", "dns.domain",
                    "capacity.tasks"}) {
    EXPECT_TRUE(says(d.missing, key)) << key;
    EXPECT_NE(d.yaml.find("# MISSING " + std::string(key)), std::string::npos) << d.yaml;
  }
}

TEST(Draft, ADatabaseWithoutASchemaIsWrittenAsACommentToComplete) {
  auto i = lamp();
  i.resources[4].properties =
      R"({"DBInstanceIdentifier":"lamp-db","MasterUsername":"root1","Engine":"mariadb"})";
  auto d = draft_config(i, kOrder);
  auto c = read(d);
  EXPECT_EQ(c.database.user, "");
  EXPECT_TRUE(says(d.missing, "database.name"));
  EXPECT_NE(d.yaml.find("# database:\n#   user: root1"), std::string::npos) << d.yaml;
}

TEST(Draft, TakesTheServiceBehindTheBalancerAndSaysWhichItLeftOut) {
  auto i = lamp();
  i.resources.insert(i.resources.begin(), seen({"ecs/service", "arn:aws:ecs:us-east-1:0:service/lamp/cron"},
                                               R"({"serviceName":"cron","loadBalancers":[]})"));
  auto d = draft_config(i, kOrder);
  EXPECT_EQ(read(d).primary.resources.service, "web");
  ASSERT_EQ(d.left_out.size(), 1u);
  EXPECT_NE(d.left_out[0].key.id.find("cron"), std::string::npos);
}

TEST(Draft, AReplicaAndAWildcardAreNotChosen) {
  auto i = lamp();
  i.resources[4].properties.insert(1, R"("ReadReplicaSourceDBInstanceIdentifier":"elsewhere",)");
  i.resources[6].properties = R"({"Name":"\\052.lamp.example.","Type":"A"})";
  auto d = draft_config(i, kOrder);
  auto c = read(d);
  EXPECT_EQ(c.primary.resources.database, "");
  EXPECT_EQ(c.dns.domain, "");
}

TEST(Draft, QuotesWhatYamlWouldReadOtherwise) {
  auto order = kOrder;
  order.application = "12: #lamp \"x\"";
  EXPECT_EQ(read(draft_config(lamp(), order)).application, order.application);
}

TEST(Draft, SaysThatAnotherEngineIsNotPromoted) {
  auto i = lamp();
  auto& p = i.resources[4].properties;
  p.replace(p.find("mariadb"), 7, "postgres");
  EXPECT_NE(draft_config(i, kOrder).yaml.find("# The engine is postgres"), std::string::npos);
}

}  // namespace
}  // namespace relight::dr
