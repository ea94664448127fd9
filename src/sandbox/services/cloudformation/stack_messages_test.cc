// Stacks that hold queues, topics and rules.
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/events/service.h"
#include "sandbox/services/sns/service.h"
#include "sandbox/services/sqs/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace sqs = aws::sqs;
namespace sns = aws::sns;
namespace ev = aws::events;

struct MessageStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    queues_ = std::make_unique<SqsService>(*world_);
    topics_ = std::make_unique<SnsService>(*world_);
    rules_ = std::make_unique<EventsService>(*world_);
    world_->add(*queues_);
    world_->add(*topics_);
    world_->add(*rules_);
  }
  std::string attribute(const std::string& logical, const std::string& name) {
    auto r = world_->remote<sqs::op::GetQueueAttributes>(kHome, {.QueueUrl = physical("s", logical), .AttributeNames = std::vector{name}});
    if (!r) return r.error().code;
    return r->Attributes && r->Attributes->contains(name) ? r->Attributes->at(name) : "none";
  }
  size_t received(const std::string& logical) {
    auto r = world_->remote<sqs::op::ReceiveMessage>(kHome, {.QueueUrl = physical("s", logical)});
    return r && r->Messages ? r->Messages->size() : 0;
  }
  std::unique_ptr<SqsService> queues_;
  std::unique_ptr<SnsService> topics_;
  std::unique_ptr<EventsService> rules_;
};

const std::string kQueues = R"(
Resources:
  Dead:
    Type: AWS::SQS::Queue
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
      Tags: [{Key: team, Value: web}]
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Work]
      PolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: [sns.amazonaws.com, events.amazonaws.com]}, Action: 'sqs:SendMessage', Resource: !GetAtt Work.Arn}]
)";
const std::string kTopic = R"(  News:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: news}
  Reader:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Work.Arn, FilterPolicy: {kind: [order]}}
  Clock:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(5 minutes)
      State: ENABLED
      Targets: [{Id: work, Arn: !GetAtt Work.Arn, Input: '{"do":"clean"}'}]
)";

TEST_F(MessageStackTest, AQueueWithItsDeadLettersAndPolicyComesUpChangesAndGoes) {
  create("s", kQueues);
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(attribute("Work", "VisibilityTimeout"), "60");
  EXPECT_NE(attribute("Work", "RedrivePolicy").find("s-Dead-"), std::string::npos);
  EXPECT_NE(attribute("Work", "Policy").find("sns.amazonaws.com"), std::string::npos);
  auto url = physical("s", "Work");
  std::string changed = kQueues;
  changed.replace(changed.find("VisibilityTimeout: 60"), 21, "DelaySeconds: 5");
  EXPECT_EQ(update("s", changed), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(physical("s", "Work"), url);
  EXPECT_EQ(attribute("Work", "VisibilityTimeout"), "30");
  EXPECT_EQ(attribute("Work", "DelaySeconds"), "5");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
}

TEST_F(MessageStackTest, ATopicAndARuleFeedTheQueueOfTheirStack) {
  create("s", kQueues + kTopic);
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  sns::PublishInput in;
  in.TopicArn = physical("s", "News");
  in.Message = "x";
  in.MessageAttributes = std::map<std::string, sns::MessageAttributeValue>{{"kind", {.DataType = "String", .StringValue = "order"}}};
  ASSERT_TRUE(world_->remote<sns::op::Publish>(kHome, in));
  EXPECT_EQ(received("Work"), 1u);
  world_->advance(std::chrono::minutes(5));
  EXPECT_GE(received("Work"), 1u);
  std::string off = kQueues + kTopic;
  off.replace(off.find("State: ENABLED"), 14, "State: DISABLED");
  EXPECT_EQ(update("s", off), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(world_->remote<ev::op::DescribeRule>(kHome, {.Name = physical("s", "Clock")})->State, "DISABLED");
  EXPECT_EQ(update("s", kQueues), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_TRUE(world_->remote<ev::op::ListRules>(kHome, {})->Rules->empty());
  EXPECT_TRUE(world_->remote<sns::op::ListTopics>(kHome, {})->Topics->empty());
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
}

}  // namespace
}  // namespace relight::sandbox::cfn
