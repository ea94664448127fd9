#include "sandbox/services/sqs/service.h"

#include "base/bytes.h"
#include "sandbox/services/sqs/message_attributes.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::sqs;
namespace op = aws::sqs::op;
using namespace std::chrono_literals;
constexpr const char* kEast = "us-east-1";
constexpr const char* kWest = "us-west-2";
using Attributes = std::map<std::string, std::string>;

struct Queues : testing::Test {
  TestWorld world{Settings{.latency = Latency::kAws}};
  SqsService service{world};
  void SetUp() override { world.add(service); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const char* region = kEast) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  std::string queue(const std::string& name, Attributes attributes = {}) {
    return ok<op::CreateQueue>({.QueueName = name, .Attributes = attributes}).QueueUrl.value_or("");
  }
  std::string send(const std::string& url, const std::string& body) {
    return ok<op::SendMessage>({.QueueUrl = url, .MessageBody = body}).MessageId.value_or("");
  }
  std::string send_to(const std::string& url, const std::string& group, const std::string& body,
                      std::optional<std::string> id = {}) {
    api::SendMessageRequest in{.QueueUrl = url, .MessageBody = body};
    in.MessageGroupId = group;
    in.MessageDeduplicationId = id;
    return ok<op::SendMessage>(in).MessageId.value_or("");
  }
  std::vector<api::Message> receive(const std::string& url, int n = 10) {
    api::ReceiveMessageRequest in{.QueueUrl = url};
    in.MaxNumberOfMessages = n;
    in.AttributeNames = {"All"};
    in.MessageAttributeNames = {"All"};
    return ok<op::ReceiveMessage>(in).Messages.value_or(std::vector<api::Message>{});
  }
  std::string bodies(const std::string& url, int n = 10) {
    std::string out;
    for (auto& m : receive(url, n)) out += *m.Body + " ";
    return out;
  }
  std::string attribute(const std::string& url, const std::string& name) {
    auto r = ok<op::GetQueueAttributes>({.QueueUrl = url, .AttributeNames = std::vector<std::string>{name}});
    return r.Attributes && r.Attributes->contains(name) ? r.Attributes->at(name) : "none";
  }
  std::string counts(const std::string& url) {
    return attribute(url, "ApproximateNumberOfMessages") + " " +
           attribute(url, "ApproximateNumberOfMessagesNotVisible") + " " +
           attribute(url, "ApproximateNumberOfMessagesDelayed");
  }
  void remove(const std::string& url, const api::Message& m) {
    ok<op::DeleteMessage>({.QueueUrl = url, .ReceiptHandle = m.ReceiptHandle});
  }
};

TEST_F(Queues, AMessageThatIsNotDeletedComesBackAfterItsVisibilityTimeout) {
  auto url = queue("work", {{"VisibilityTimeout", "60"}});
  send(url, "one");
  auto first = receive(url);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].MD5OfBody, hex(md5("one")));
  EXPECT_EQ(first[0].Attributes->at("ApproximateReceiveCount"), "1");
  EXPECT_EQ(counts(url), "0 1 0");
  world.advance(59s);
  EXPECT_EQ(bodies(url), "");
  world.advance(1s);
  auto second = receive(url);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].Attributes->at("ApproximateReceiveCount"), "2");
  EXPECT_NE(second[0].ReceiptHandle, first[0].ReceiptHandle);
  remove(url, first[0]);  // stale: nothing happens
  EXPECT_EQ(counts(url), "0 1 0");
  EXPECT_EQ(refused<op::ChangeMessageVisibility>(
                {.QueueUrl = url, .ReceiptHandle = first[0].ReceiptHandle, .VisibilityTimeout = 5}),
            "MessageNotInflight");
  remove(url, second[0]);
  EXPECT_EQ(counts(url), "0 0 0");
  EXPECT_EQ(refused<op::DeleteMessage>({.QueueUrl = url, .ReceiptHandle = "nonsense"}),
            "ReceiptHandleIsInvalid");
}

TEST_F(Queues, ADelayHidesAMessageAndAVisibilityOfNothingShowsItAgain) {
  auto url = queue("late", {{"DelaySeconds", "10"}});
  send(url, "slow");
  EXPECT_EQ(counts(url), "0 0 1");
  ok<op::SendMessage>({.QueueUrl = url, .MessageBody = "quick", .DelaySeconds = 0});
  auto got = receive(url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].Body, "quick");
  ok<op::ChangeMessageVisibility>(
      {.QueueUrl = url, .ReceiptHandle = got[0].ReceiptHandle, .VisibilityTimeout = 0});
  EXPECT_EQ(bodies(url), "quick ");
  world.advance(10s);
  EXPECT_EQ(bodies(url), "slow ");
}

TEST_F(Queues, ALongPollIsAnsweredWhenAMessageComesAndEmptyWhenItsTimeIsOver) {
  auto url = queue("poll", {{"ReceiveMessageWaitTimeSeconds", "20"}});
  std::vector<size_t> answers;
  auto poll = [&] {
    world.remote_later<op::ReceiveMessage>(kEast, {.QueueUrl = url},
                                           [&](Result<api::ReceiveMessageResult> r) {
                                             ASSERT_TRUE(r) << r.error().text();
                                             answers.push_back(r->Messages ? r->Messages->size() : 0);
                                           });
  };
  poll();
  world.advance(19s);
  EXPECT_TRUE(answers.empty());
  send(url, "hello");
  EXPECT_EQ(answers, std::vector<size_t>{1});
  poll();
  poll();
  world.advance(10s);
  send(url, "to the first of the two");
  EXPECT_EQ(answers, (std::vector<size_t>{1, 1}));
  world.advance(10s);
  EXPECT_EQ(answers, (std::vector<size_t>{1, 1, 0}));
}

TEST_F(Queues, ALongPollSeesWhatAppearsAfterADelay) {
  auto url = queue("poll", {{"DelaySeconds", "5"}});
  send(url, "later");
  api::ReceiveMessageRequest in{.QueueUrl = url};
  in.WaitTimeSeconds = 20;
  Instant asked = world.clock.now(), answered{};
  world.remote_later<op::ReceiveMessage>(kEast, in, [&](auto r) {
    if (r && r->Messages) answered = world.clock.now();
  });
  world.advance(20s);
  EXPECT_EQ(answered - asked, 5s);
}

TEST_F(Queues, WhatIsReceivedTooOftenGoesToTheDeadLetterQueueWithTheTimeItWasSentAt) {
  auto dead = queue("dead");
  auto url =
      queue("work",
            {{"VisibilityTimeout", "1"},
             {"RedrivePolicy",
              R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"})"}});
  auto id = send(url, "poison");
  auto sent = receive(url)[0].Attributes->at("SentTimestamp");
  world.advance(1s);
  EXPECT_EQ(bodies(url), "poison ");
  world.advance(1s);
  EXPECT_EQ(bodies(url), "");
  auto buried = receive(dead);
  ASSERT_EQ(buried.size(), 1u);
  EXPECT_EQ(buried[0].MessageId, id);
  EXPECT_EQ(buried[0].Attributes->at("SentTimestamp"), sent);
  EXPECT_EQ(buried[0].Attributes->at("DeadLetterQueueSourceArn"), "arn:aws:sqs:us-east-1:000000000000:work");
  EXPECT_EQ(ok<op::ListDeadLetterSourceQueues>({.QueueUrl = dead}).queueUrls, std::vector<std::string>{url});
  EXPECT_EQ(
      refused<op::CreateQueue>(
          {.QueueName = "lost",
           .Attributes =
               Attributes{
                   {"RedrivePolicy",
                    R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:nobody","maxReceiveCount":2})"}}}),
      "InvalidParameterValue");
}

TEST_F(Queues, AFifoQueueKeepsAGroupsOrderAndHoldsTheGroupWhileOneIsInFlight) {
  auto url = queue("a.fifo", {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}});
  for (auto* body : {"x1", "x2", "y1"}) send_to(url, std::string(1, body[0]), body);
  auto one = receive(url, 1);
  EXPECT_EQ(one[0].Body, "x1");
  EXPECT_EQ(bodies(url), "y1 ");  // not x2
  remove(url, one[0]);
  auto next = receive(url);
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].Body, "x2");
  EXPECT_GT(next[0].Attributes->at("SequenceNumber"), one[0].Attributes->at("SequenceNumber"));
  world.advance(30s);
  EXPECT_EQ(refused<op::DeleteMessage>({.QueueUrl = url, .ReceiptHandle = next[0].ReceiptHandle}),
            "InvalidParameterValue");
}

TEST_F(Queues, AFifoQueueTakesTheSameMessageOnceInFiveMinutes) {
  auto url = queue("a.fifo", {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}});
  auto first = send_to(url, "g", "same");
  EXPECT_EQ(send_to(url, "g", "same"), first);
  EXPECT_NE(send_to(url, "g", "same", "of-its-own"), first);
  EXPECT_EQ(send_to(url, "g", "other", "of-its-own"), send_to(url, "h", "third", "of-its-own"));
  EXPECT_EQ(counts(url), "2 0 0");
  world.advance(300s);
  EXPECT_NE(send_to(url, "g", "same"), first);
  EXPECT_EQ(refused<op::SendMessage>({.QueueUrl = url, .MessageBody = "no group"}), "MissingParameter");
  auto plain = queue("plain");
  api::SendMessageRequest in{.QueueUrl = plain, .MessageBody = "x"};
  in.MessageDeduplicationId = "d";
  EXPECT_EQ(refused<op::SendMessage>(in), "InvalidParameterValue");
}

TEST_F(Queues, AttributesTravelWithTheirDigest) {
  auto url = queue("work");
  api::SendMessageRequest in{.QueueUrl = url, .MessageBody = "b"};
  in.MessageAttributes.emplace();
  (*in.MessageAttributes)["City"] = {.StringValue = "Any City", .DataType = "String"};
  (*in.MessageAttributes)["Population"] = {.StringValue = "1250800", .DataType = "Number"};
  (*in.MessageAttributes)["Raw"] = {.BinaryValue = aws::Blob{"\1\2"}, .DataType = "Binary.png"};
  auto sent = ok<op::SendMessage>(in);
  // By hand after "Calculating the MD5 message digest for message attributes": lengths big-endian, 1 for
  // text, 2 for bytes.
  auto text = [](std::string s) { return std::string(3, '\0') + static_cast<char>(s.size()) + s; };
  EXPECT_EQ(
      sent.MD5OfMessageAttributes,
      hex(md5(text("City") + text("String") + "\1" + text("Any City") + text("Population") + text("Number") +
              "\1" + text("1250800") + text("Raw") + text("Binary.png") + "\2" + text("\1\2"))));
  EXPECT_EQ(receive(url)[0].MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
  (*in.MessageAttributes)["Population"].StringValue = "many";
  EXPECT_EQ(refused<op::SendMessage>(in), "InvalidParameterValue");
  in.MessageAttributes->clear();
  (*in.MessageAttributes)["AWS.mine"] = {.StringValue = "x", .DataType = "String"};
  EXPECT_EQ(refused<op::SendMessage>(in), "InvalidParameterValue");
}

TEST_F(Queues, ABatchAnswersForEachEntry) {
  auto url = queue("work", {{"MaximumMessageSize", "1024"}});
  api::SendMessageBatchRequest in{.QueueUrl = url};
  in.Entries.emplace();
  in.Entries->push_back({.Id = "good", .MessageBody = "x"});
  in.Entries->push_back({.Id = "long", .MessageBody = std::string(1025, 'x')});
  auto out = ok<op::SendMessageBatch>(in);
  ASSERT_EQ(out.Successful->size(), 1u);
  ASSERT_EQ(out.Failed->size(), 1u);
  EXPECT_EQ(out.Failed->at(0).Id, "long");
  EXPECT_EQ(out.Failed->at(0).Code, "InvalidParameterValue");
  in.Entries->at(1).Id = "good";
  EXPECT_EQ(refused<op::SendMessageBatch>(in), "BatchEntryIdsNotDistinct");
  in.Entries->clear();
  EXPECT_EQ(refused<op::SendMessageBatch>(in), "EmptyBatchRequest");
  for (int i = 0; i < 11; ++i) in.Entries->push_back({.Id = std::to_string(i), .MessageBody = "x"});
  EXPECT_EQ(refused<op::SendMessageBatch>(in), "TooManyEntriesInBatchRequest");
}

TEST_F(Queues, LimitsAreKept) {
  auto url = queue("work");
  EXPECT_EQ(refused<op::SendMessage>({.QueueUrl = url, .MessageBody = std::string(262'145, 'x')}),
            "InvalidParameterValue");
  EXPECT_EQ(refused<op::SendMessage>({.QueueUrl = url, .MessageBody = "\x01"}), "InvalidMessageContents");
  EXPECT_EQ(refused<op::SendMessage>({.QueueUrl = url, .MessageBody = ""}), "MissingParameter");
  send(url, std::string(262'144, 'x'));
  api::ReceiveMessageRequest in{.QueueUrl = url};
  in.MaxNumberOfMessages = 11;
  EXPECT_EQ(refused<op::ReceiveMessage>(in), "InvalidParameterValue");
  in.MaxNumberOfMessages = 1;
  in.WaitTimeSeconds = 21;
  EXPECT_EQ(refused<op::ReceiveMessage>(in), "InvalidParameterValue");
  EXPECT_EQ(refused<op::CreateQueue>({.QueueName = "a.b"}), "InvalidParameterValue");
  EXPECT_EQ(refused<op::CreateQueue>({.QueueName = "a.fifo"}), "InvalidParameterValue");
  EXPECT_EQ(
      refused<op::CreateQueue>({.QueueName = "x", .Attributes = Attributes{{"VisibilityTimeout", "43201"}}}),
      "InvalidAttributeValue");
  EXPECT_EQ(refused<op::CreateQueue>({.QueueName = "x", .Attributes = Attributes{{"Colour", "red"}}}),
            "InvalidAttributeName");
  EXPECT_EQ(
      refused<op::SendMessage>({.QueueUrl = "http://127.0.0.1:4566/000000000000/nobody", .MessageBody = "x"}),
      "QueueDoesNotExist");
}

TEST_F(Queues, MessagesGoWhenTheirRetentionIsOver) {
  auto url = queue("short", {{"MessageRetentionPeriod", "60"}});
  send(url, "old");
  world.advance(30s);
  send(url, "young");
  world.advance(30s);
  EXPECT_EQ(bodies(url), "young ");
}

TEST_F(Queues, AQueueOfTheSameNameAndAttributesIsTheSameAndANameRestsAMinuteAfterItsDeletion) {
  auto url = queue("work", {{"DelaySeconds", "3"}});
  EXPECT_EQ(queue("work", {{"DelaySeconds", "3"}}), url);
  EXPECT_EQ(queue("work"), url);
  EXPECT_EQ(refused<op::CreateQueue>({.QueueName = "work", .Attributes = Attributes{{"DelaySeconds", "4"}}}),
            "QueueNameExists");
  EXPECT_EQ(url, "http://127.0.0.1:4566/000000000000/work");
  ok<op::DeleteQueue>({.QueueUrl = url});
  EXPECT_EQ(refused<op::CreateQueue>({.QueueName = "work"}), "QueueDeletedRecently");
  world.advance(60s);
  queue("work");
}

TEST_F(Queues, APurgeEmptiesTheQueueOnceAMinute) {
  auto url = queue("work");
  send(url, "gone");
  ok<op::PurgeQueue>({.QueueUrl = url});
  EXPECT_EQ(counts(url), "0 0 0");
  EXPECT_EQ(refused<op::PurgeQueue>({.QueueUrl = url}), "PurgeQueueInProgress");
}

TEST_F(Queues, PermissionsAreStatementsOfThePolicy) {
  auto url = queue("work");
  ok<op::AddPermission>(
      {.QueueUrl = url, .Label = "l", .AWSAccountIds = {{"111122223333"}}, .Actions = {{"SendMessage"}}});
  EXPECT_NE(attribute(url, "Policy").find("SQS:SendMessage"), std::string::npos);
  EXPECT_EQ(
      refused<op::AddPermission>(
          {.QueueUrl = url, .Label = "l", .AWSAccountIds = {{"111122223333"}}, .Actions = {{"SendMessage"}}}),
      "InvalidParameterValue");
  ok<op::RemovePermission>({.QueueUrl = url, .Label = "l"});
  EXPECT_EQ(attribute(url, "Policy"), "none");
}

TEST_F(Queues, EverythingStandsAfterARestart) {
  auto url = queue("a.fifo", {{"FifoQueue", "true"}, {"VisibilityTimeout", "60"}});
  ok<op::TagQueue>({.QueueUrl = url, .Tags = Attributes{{"team", "web"}}});
  auto id = send_to(url, "x", "x1", "d");
  send_to(url, "y", "y1", "e");
  auto held = receive(url, 1);
  TestWorld again(Settings{.latency = Latency::kAws}, world.ground());
  SqsService reborn(again);
  again.add(reborn);
  api::SendMessageRequest repeat{.QueueUrl = url, .MessageBody = "x1"};
  repeat.MessageGroupId = "x";
  repeat.MessageDeduplicationId = "d";
  EXPECT_EQ(again.remote<op::SendMessage>(kEast, repeat)->MessageId, id);
  auto left = again.remote<op::ReceiveMessage>(kEast, {.QueueUrl = url});
  EXPECT_EQ(left->Messages->at(0).Body, "y1");  // x1 is still in flight
  ASSERT_TRUE(
      again.remote<op::DeleteMessage>(kEast, {.QueueUrl = url, .ReceiptHandle = held[0].ReceiptHandle}));
  EXPECT_EQ(again.remote<op::ListQueueTags>(kEast, {.QueueUrl = url})->Tags, (Attributes{{"team", "web"}}));
}

TEST_F(Queues, ALostRegionsQueuesAnswerNobodyAndAreThereWhenItIsBack) {
  auto url = queue("work");
  send(url, "kept");
  bool let_go = false;
  world.remote_later<op::ReceiveMessage>(kWest, {.QueueUrl = url},
                                         [](auto r) { EXPECT_FALSE(r) << "no such queue there"; });
  bodies(url);
  world.remote_later<op::ReceiveMessage>(
      kEast,
      [&] {
        api::ReceiveMessageRequest in{.QueueUrl = url};
        in.WaitTimeSeconds = 20;
        return in;
      }(),
      [&](auto) { let_go = true; });
  world.lose(kEast);
  EXPECT_TRUE(let_go);
  EXPECT_EQ(refused<op::SendMessage>({.QueueUrl = url, .MessageBody = "x"}), "Region.Lost");
  world.restore(kEast);
  world.advance(30s);
  EXPECT_EQ(bodies(url), "kept ");
}

}  // namespace
}  // namespace relight::sandbox
