// What the policy moves: the VPC's addresses, and whom the pilot's own alarms tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/planning/pilot.h"
#include "dr/planning/pilot_example.h"
#include "dr/planning/pilot_example_asleep.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

PilotPolicy moved_to(const std::string& cidr) {
  return {.region = "us-west-2",
          .primary_stack = "lamp-primary",
          .stack = "lamp-pilot",
          .flag_key = "relight/failover",
          .cidr = cidr};
}

std::string all_text(const Pilot& p) {
  std::string out;
  for (auto& r : p.resources) out += r.type + " " + r.properties + "\n";
  return out;
}

Json lag_alarm_of(const Pilot& p) {
  for (auto& r : p.resources)
    if (r.type == "AWS::CloudWatch::Alarm" && r.id.ends_with("Behind")) return Json::parse(r.properties);
  return {};
}

std::string refused(const Inventory& i, const std::string& cidr) {
  auto p = plan_pilot(i, moved_to(cidr));
  return p ? "" : p.error().code;
}

void add_rule_of(Inventory& i, const std::string& cidr) {
  for (auto& r : i.resources)
    if (r.key.kind == "ec2/security-group") {
      auto j = Json::parse(r.properties);
      j["IpPermissions"].push_back({{"IpProtocol", "tcp"},
                                    {"FromPort", 22},
                                    {"ToPort", 22},
                                    {"IpRanges", {{{"CidrIp", cidr}}}}});
      r.properties = j.dump();
    }
}

TEST(PilotAddresses, EveryBlockOfTheVpcMovesAndOthersStay) {
  auto i = example_inventory();
  add_rule_of(i, "10.1.77.0/24");
  add_rule_of(i, "192.0.2.0/24");
  auto p = plan_pilot(i, moved_to("10.2.0.0/16"));
  ASSERT_TRUE(p) << p.error().text();
  auto text = all_text(*p);
  EXPECT_EQ(text.find("\"10.1."), text.npos) << text;
  for (auto* there : {R"("CidrBlock":"10.2.0.0/16")", R"("CidrIp":"10.2.77.0/24")", R"("CidrIp":"192.0.2.0/24")"})
    EXPECT_NE(text.find(there), text.npos) << there;
}

TEST(PilotAddresses, WithoutAPolicyTheyAreThePrimarys) {
  auto p = plan_pilot(example_inventory(), moved_to(""));
  ASSERT_TRUE(p);
  EXPECT_NE(all_text(*p).find(R"("CidrBlock":"10.1.0.0/16")"), std::string::npos);
}

TEST(PilotAddresses, ABlockThatHoldsMoreThanTheVpcIsSaid) {
  auto i = example_inventory();
  add_rule_of(i, "10.0.0.0/15");
  auto p = plan_pilot(i, moved_to("10.2.0.0/16"));
  ASSERT_TRUE(p);
  EXPECT_TRUE(std::ranges::any_of(p->untranslated, [](auto& u) { return u.what == "10.0.0.0/15"; }));
}

TEST(PilotAddresses, WhatCannotTakeThePrimarysPlaceIsRefused) {
  auto i = example_inventory();
  for (auto* cidr : {"10.2.0.0/17", "10.1.0.0/16", "10.2.0.1/16", "elsewhere"})
    EXPECT_EQ(refused(i, cidr), "Synth.Addresses") << cidr;
}

TEST(PilotAlarms, ThePilotsOwnTellTheTopicThatTheCapturedOnesTellAndThePolicys) {
  auto i = example_with_functions();
  i.resources.push_back(example_resource(
      "cloudwatch/alarm", "nobody-served",
      {{"AlarmName", "nobody-served"}, {"Namespace", "x"}, {"MetricName", "y"}, {"AlarmActions", {kExampleTopic}}}));
  std::ranges::sort(i.resources, {}, &Resource::key);
  auto policy = moved_to("");
  policy.notify = "arn:aws:sns:us-west-2:111122223333:ops";
  auto p = plan_pilot(i, policy);
  ASSERT_TRUE(p) << p.error().text();
  auto actions = lag_alarm_of(*p)["AlarmActions"];
  ASSERT_EQ(actions.size(), 2u) << actions;
  EXPECT_TRUE(actions[0].contains("Ref"));
  EXPECT_EQ(actions[1], policy.notify);
}

}  // namespace
}  // namespace relight::dr
