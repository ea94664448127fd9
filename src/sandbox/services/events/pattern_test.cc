#include "sandbox/services/events/pattern.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relight::sandbox {
namespace {

// The event of "Amazon EventBridge event patterns" (EventBridge User Guide).
constexpr const char* kInstanceEvent = R"({
  "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "EC2 Instance State-change Notification",
  "source": "aws.ec2", "account": "111122223333", "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
  "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
  "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"}})";

bool matched(const std::string& pattern, const std::string& event = kInstanceEvent) {
  auto p = EventPattern::parse(pattern);
  EXPECT_TRUE(p) << pattern << ": " << p.error().text();
  return p && p->matches(nlohmann::json::parse(event));
}
bool refused(const std::string& pattern) { return !EventPattern::parse(pattern); }

TEST(EventPattern, NamesWhatHasToBeThereAndNothingElse) {
  EXPECT_TRUE(matched(
      R"({"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"],"detail":{"state":["terminated"]}})"));
  EXPECT_FALSE(matched(R"({"source":["aws.ec2"],"detail":{"state":["running"]}})"));
  EXPECT_TRUE(matched(R"({"detail":{"state":["running","terminated"]}})"));
  EXPECT_FALSE(matched(R"({"detail":{"nothing":["terminated"]}})"));
  EXPECT_TRUE(
      matched(R"({"resources":["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"]})"));
}

// "Arrays in event patterns": the pattern's and the event's have something in common.
TEST(EventPattern, ArraysMatchWhenTheyIntersect) {
  std::string event = R"({"resources":["arn:aws:autoscaling:x:asg-dev","arn:aws:ec2:x:instance/i-1"]})";
  EXPECT_TRUE(matched(R"({"resources":["arn:aws:ec2:x:instance/i-1","arn:aws:ec2:x:instance/i-2"]})", event));
  EXPECT_FALSE(matched(R"({"resources":["arn:aws:ec2:x:instance/i-3"]})", event));
  EXPECT_TRUE(matched(R"({"records":{"a":[1],"b":[2]}})", R"({"records":[{"a":9,"b":2},{"a":1,"b":2}]})"));
  EXPECT_FALSE(matched(R"({"records":{"a":[1],"b":[2]}})", R"({"records":[{"a":9,"b":2},{"a":1,"b":3}]})"));
}

// "Comparison operators for use in event patterns", one example each.
TEST(EventPattern, OperatorsDoAsTheGuideSays) {
  EXPECT_TRUE(matched(R"({"time":[{"prefix":"2017-12-22"}]})"));
  EXPECT_TRUE(matched(R"({"source":[{"prefix":{"equals-ignore-case":"AWS.e"}}]})"));
  EXPECT_TRUE(matched(R"({"FileName":[{"suffix":".png"}]})", R"({"FileName":"cat.png"})"));
  EXPECT_TRUE(
      matched(R"({"FileName":[{"suffix":{"equals-ignore-case":".png"}}]})", R"({"FileName":"cat.PNG"})"));
  EXPECT_FALSE(matched(R"({"FileName":[{"suffix":".png"}]})", R"({"FileName":"cat.jpg"})"));
  EXPECT_TRUE(matched(R"({"detail":{"state":[{"anything-but":"initializing"}]}})"));
  EXPECT_FALSE(matched(R"({"detail":{"state":[{"anything-but":["stopped","terminated"]}]}})"));
  EXPECT_FALSE(matched(R"({"detail":{"state":[{"anything-but":{"prefix":"term"}}]}})"));
  EXPECT_TRUE(matched(R"({"detail":{"state":[{"anything-but":{"prefix":["init","error"]}}]}})"));
  EXPECT_FALSE(matched(R"({"f":[{"anything-but":{"suffix":".txt"}}]})", R"({"f":"a.txt"})"));
  EXPECT_FALSE(matched(R"({"x":[{"anything-but":[100,200]}]})", R"({"x":100})"));
  EXPECT_TRUE(matched(
      R"({"c-count":[{"numeric":[">",0,"<=",5]}],"d-count":[{"numeric":["<",10]}],"x-limit":[{"numeric":["=",301.8]}]})",
      R"({"c-count":5,"d-count":9.5,"x-limit":3.018e2})"));
  EXPECT_FALSE(matched(R"({"c-count":[{"numeric":[">",0,"<=",5]}]})", R"({"c-count":0})"));
  EXPECT_FALSE(matched(R"({"c-count":[{"numeric":[">",0]}]})", R"({"c-count":"7"})"));
  EXPECT_TRUE(
      matched(R"({"sourceIPAddress":[{"cidr":"10.0.0.0/24"}]})", R"({"sourceIPAddress":"10.0.0.255"})"));
  EXPECT_FALSE(
      matched(R"({"sourceIPAddress":[{"cidr":"10.0.0.0/24"}]})", R"({"sourceIPAddress":"10.0.1.0"})"));
  EXPECT_TRUE(matched(R"({"sourceIPAddress":[{"cidr":"2001:db8::/33"}]})",
                      R"({"sourceIPAddress":"2001:db8:7fff::1"})"));
  EXPECT_FALSE(matched(R"({"sourceIPAddress":[{"cidr":"2001:db8::/33"}]})",
                       R"({"sourceIPAddress":"2001:db8:8000::1"})"));
  EXPECT_TRUE(matched(R"({"EventBusArn":[{"wildcard":"arn:aws:events:us-east-1:*:event-bus/*"}]})",
                      R"({"EventBusArn":"arn:aws:events:us-east-1:1:event-bus/b"})"));
  EXPECT_TRUE(
      matched(R"({"detail-type":[{"equals-ignore-case":"ec2 instance state-change notification"}]})"));
}

TEST(EventPattern, ExistsSpeaksOfLeaves) {
  EXPECT_TRUE(matched(R"({"detail":{"state":[{"exists":true}]}})"));
  EXPECT_TRUE(matched(R"({"detail":{"c-count":[{"exists":false}]}})"));
  EXPECT_FALSE(matched(R"({"detail":{"state":[{"exists":false}]}})"));
  EXPECT_TRUE(matched(R"({"nowhere":{"at":{"all":[{"exists":false}]}}})"));
}

TEST(EventPattern, NullAndTheEmptyTextAreValues) {
  EXPECT_TRUE(matched(R"({"detail":{"x":[null]}})", R"({"detail":{"x":null}})"));
  EXPECT_FALSE(matched(R"({"detail":{"x":[null]}})", R"({"detail":{"x":""}})"));
  EXPECT_TRUE(matched(R"({"detail":{"x":[""]}})", R"({"detail":{"x":""}})"));
  EXPECT_FALSE(matched(R"({"detail":{"x":[null]}})", R"({"detail":{}})"));
}

// "$or matching": {"detail": {"$or": [{"c-count": …}, {"d-count": …}, {"x-limit": …}]}}
TEST(EventPattern, OrIsOneOfThem) {
  std::string pattern =
      R"({"detail":{"$or":[{"c-count":[{"numeric":[">",0,"<=",5]}]},{"d-count":[{"numeric":["<",10]}]}]}})";
  EXPECT_TRUE(matched(pattern, R"({"detail":{"c-count":3}})"));
  EXPECT_TRUE(matched(pattern, R"({"detail":{"d-count":9,"c-count":50}})"));
  EXPECT_FALSE(matched(pattern, R"({"detail":{"d-count":11,"c-count":50}})"));
}

TEST(EventPattern, WhatAwsDoesNotTakeIsRefused) {
  for (auto* bad :
       {"[]", "{", "{}", R"({"source":"aws.ec2"})", R"({"source":[]})", R"({"source":[["a"]]})",
        R"({"a":[{"prefix":1}]})", R"({"a":[{"numeric":[">","0"]}]})", R"({"a":[{"numeric":["<",5,">",0]}]})",
        R"({"a":[{"cidr":"10.0.0.0"}]})", R"({"a":[{"exists":"true"}]})", R"({"a":[{"begins":"x"}]})",
        R"({"a":[{"prefix":"x","suffix":"y"}]})", R"({"$or":[{"a":[1]}]})",
        R"({"a":[{"anything-but":true}]})"})
    EXPECT_TRUE(refused(bad)) << bad;
}

}  // namespace
}  // namespace relight::sandbox
