#include "sandbox/services/events/input.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relight::sandbox::rules {
namespace {

// The event of "Amazon EventBridge input transformation" (EventBridge User Guide), cut.
const nlohmann::json kEvent = nlohmann::json::parse(
    R"({"version":"0","id":"7bf73129","detail-type":"EC2 Instance State-change Notification",
  "source":"aws.ec2","account":"123456789012","time":"2015-11-11T21:29:54Z","region":"us-east-1","resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
  "detail":{"instance-id":"i-0123456789","state":"RUNNING"}})");

std::string filled(const std::string& form) {
  aws::events::Target t;
  t.InputTransformer.emplace();
  t.InputTransformer->InputPathsMap = std::map<std::string, std::string>{{"instance", "$.detail.instance-id"},
                                                                         {"state", "$.detail.state"},
                                                                         {"detail", "$.detail"},
                                                                         {"first", "$.resources[0]"},
                                                                         {"nothing", "$.detail.nothing"}};
  t.InputTransformer->InputTemplate = form;
  EXPECT_TRUE(check_input(t));
  return input_for(t, kEvent,
                   {"arn:aws:events:us-east-1:123456789012:rule/example", "example", "2015-11-11T21:29:55Z"});
}

TEST(Input, AVariableBetweenQuotationMarksIsTextAndElsewhereJson) {
  EXPECT_EQ(filled(R"("instance <instance> is in <state>")"), R"("instance i-0123456789 is in RUNNING")");
  EXPECT_EQ(filled(R"({"instance":<instance>,"state":"<state>"})"),
            R"({"instance":"i-0123456789","state":"RUNNING"})");
  EXPECT_EQ(filled(R"({"all":<detail>})"), R"({"all":{"instance-id":"i-0123456789","state":"RUNNING"}})");
  EXPECT_EQ(filled(R"({"first":<first>})"),
            R"({"first":"arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"})");
  EXPECT_EQ(filled(R"("<nothing>")"), R"("")");
}

TEST(Input, TheReservedVariables) {
  EXPECT_EQ(
      filled(
          R"({"rule":<aws.events.rule-name>,"arn":"<aws.events.rule-arn>","at":<aws.events.event.ingestion-time>})"),
      R"({"rule":"example","arn":"arn:aws:events:us-east-1:123456789012:rule/example","at":"2015-11-11T21:29:55Z"})");
  EXPECT_EQ(nlohmann::json::parse(filled("<aws.events.event.json>")), kEvent);
  EXPECT_FALSE(nlohmann::json::parse(filled("<aws.events.event>")).contains("detail"));
}

TEST(Input, OneFormOnly) {
  aws::events::Target t;
  EXPECT_EQ(nlohmann::json::parse(input_for(t, kEvent, {})), kEvent);
  t.InputPath = "$.detail";
  EXPECT_EQ(input_for(t, kEvent, {}), R"({"instance-id":"i-0123456789","state":"RUNNING"})");
  t.Input = R"({"a":1})";
  EXPECT_FALSE(check_input(t));
  t.InputPath.reset();
  EXPECT_EQ(input_for(t, kEvent, {}), R"({"a":1})");
  t.Input = "no JSON";
  EXPECT_FALSE(check_input(t));
}

}  // namespace
}  // namespace relight::sandbox::rules
