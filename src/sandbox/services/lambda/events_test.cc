// Asynchronous invocation and queues: what is tried again, what is deleted, what is dropped.
#include <deque>

#include "aws/gen/logs.h"
#include "aws/gen/sqs.h"
#include "sandbox/services/lambda/lambda_test.h"
#include "sandbox/services/lambda/on_behalf.h"
#include "sandbox/services/lambda/queue.h"

namespace relight::sandbox {
namespace {
using namespace lambda_test;
namespace sqs = aws::sqs;
const std::string kQueue = "arn:aws:sqs:us-east-1:000000000000:jobs";

// A queue as far as a mapping sees it: what is received is hidden until `show`.
class ToldSqs final : public Service {
 public:
  std::deque<std::string> waiting;
  std::map<std::string, std::string> hidden;  // receipt -> body
  std::vector<std::string> deleted;
  std::string visibility = "30";
  explicit ToldSqs(World& w) : Service(w, aws::sqs::model()) {
    on<sqs::op::GetQueueUrl>(
        [](const Call&, const sqs::op::GetQueueUrl::Input& in) -> Result<sqs::op::GetQueueUrl::Output> {
          if (in.QueueName != "jobs")
            return aws_error("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist",
                             400);
          return sqs::op::GetQueueUrl::Output{.QueueUrl = "http://queue/jobs"};
        });
    on<sqs::op::GetQueueAttributes>(
        [this](const Call&,
               const sqs::op::GetQueueAttributes::Input&) -> Result<sqs::op::GetQueueAttributes::Output> {
          return sqs::op::GetQueueAttributes::Output{
              .Attributes = std::map<std::string, std::string>{{"VisibilityTimeout", visibility}}};
        });
    on<sqs::op::ReceiveMessage>(
        [this](const Call&,
               const sqs::op::ReceiveMessage::Input& in) -> Result<sqs::op::ReceiveMessage::Output> {
          sqs::op::ReceiveMessage::Output out;
          out.Messages.emplace();
          for (int i = 0; i < in.MaxNumberOfMessages.value_or(1) && !waiting.empty(); ++i) {
            std::string body = waiting.front(), receipt = "r-" + body;
            waiting.pop_front();
            hidden[receipt] = body;
            out.Messages->push_back({.MessageId = "m-" + body, .ReceiptHandle = receipt, .Body = body});
          }
          return out;
        });
    on<sqs::op::DeleteMessageBatch>(
        [this](const Call&,
               const sqs::op::DeleteMessageBatch::Input& in) -> Result<sqs::op::DeleteMessageBatch::Output> {
          for (auto& e : *in.Entries)
            deleted.push_back(hidden[*e.ReceiptHandle]), hidden.erase(*e.ReceiptHandle);
          return sqs::op::DeleteMessageBatch::Output{};
        });
  }
};

struct Events : LambdaTest {
  ToldSqs queue{world};
  int calls = 0;
  void SetUp() override {
    LambdaTest::SetUp();
    world.add(queue);
    make("f");
  }
  void answer(const std::string& payload, const std::string& error = "") {
    plane.answer_with([this, payload, error](auto&, auto&) {
      ++calls;
      return function::Outcome{.payload = payload, .error = error};
    });
  }
  void send_event() {
    EXPECT_EQ(ok<op::Invoke>({.FunctionName = "f", .InvocationType = "Event"}).StatusCode, 202);
  }
  std::string map(api::CreateEventSourceMappingRequest in = {}) {
    in.EventSourceArn = kQueue;
    in.FunctionName = "f";
    return *ok<op::CreateEventSourceMapping>(in).UUID;
  }
  std::string state(const std::string& uuid) {
    auto r = world.remote<op::GetEventSourceMapping>(kEast, {.UUID = uuid});
    return r ? *r->State : "gone";
  }
  void rest() { world.advance(Millis{60'000}); }
};

TEST_F(Events, AnEventThatFailsIsTriedThreeTimesAndThenDropped) {
  answer("{}", "Unhandled");
  send_event();
  EXPECT_EQ(calls, 3);  // the waits of one and two minutes take no time in an instant world
  EXPECT_TRUE(happened("event dropped: the function failed 3 times"));
  answer("{}");
  send_event();
  EXPECT_EQ(calls, 4);
}

TEST_F(Events, AnEventForAFunctionThatIsOffIsDroppedAndOneThatIsThrottledWaits) {
  ok<op::PutFunctionConcurrency>({.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  answer("{}");
  send_event();
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(happened("reserved concurrency is 0"));
  ok<op::PutFunctionConcurrency>({.FunctionName = "f", .ReservedConcurrentExecutions = 1});
  plane.answer_with(nullptr);
  send_event();  // under way
  send_event();
  EXPECT_EQ(plane.seen().size(), 1u);
  answer("{}");
  EXPECT_TRUE(plane.finish({.payload = "{}"}));
  rest();
  EXPECT_EQ(calls, 1);
}

TEST_F(Events, AServiceMayInvokeOnlyWithAPermission) {
  answer("{}");
  api::InvocationRequest in{.FunctionName = "f",
                            .InvocationType = "Event",
                            .ClientContext = functions::on_behalf("s3.amazonaws.com", "arn:aws:s3:::photos")};
  auto refused_call = world.call<op::Invoke>(kEast, in);
  ASSERT_FALSE(refused_call);
  EXPECT_EQ(refused_call.error().code, "AccessDeniedException");
  api::AddPermissionRequest allow{.FunctionName = "f",
                                  .StatementId = "s",
                                  .Action = "lambda:InvokeFunction",
                                  .Principal = "s3.amazonaws.com",
                                  .SourceArn = "arn:aws:s3:::photos"};
  ok<op::AddPermission>(allow);
  EXPECT_TRUE(world.call<op::Invoke>(kEast, in));
  world.run_until_idle();
  EXPECT_EQ(calls, 1);
}

TEST_F(Events, AMappingIsCreatingThenEnabledAndHandsBatchesOver) {
  answer("null");
  for (int i = 0; i < 12; ++i) queue.waiting.push_back(std::to_string(i));
  auto made =
      world.remote<op::CreateEventSourceMapping>(kEast, {.EventSourceArn = kQueue, .FunctionName = "f"});
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(made->State, "Creating");
  EXPECT_EQ(made->BatchSize, 10);
  rest();
  EXPECT_EQ(state(*made->UUID), "Enabled");
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(queue.deleted.size(), 12u);
  auto event = nlohmann::json::parse(plane.seen().at(0).request.payload);
  ASSERT_EQ(event["Records"].size(), 10u);
  EXPECT_EQ(event["Records"][0]["body"], "0");
  EXPECT_EQ(event["Records"][0]["eventSourceARN"], kQueue);
  EXPECT_EQ(refused<op::CreateEventSourceMapping>({.EventSourceArn = kQueue, .FunctionName = "f"}),
            "ResourceConflictException");
}

TEST_F(Events, WhatFailsStaysInTheQueue) {
  answer("{}", "Unhandled");
  queue.waiting = {"a"};
  auto id = map();
  rest();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(queue.deleted.empty());
  EXPECT_EQ(queue.hidden.size(), 1u);
}

TEST_F(Events, AFunctionMayNameTheMessagesThatFailed) {
  answer(R"({"batchItemFailures":[{"itemIdentifier":"m-b"}]})");
  queue.waiting = {"a", "b", "c"};
  map({.FunctionResponseTypes = std::vector<std::string>{"ReportBatchItemFailures"}});
  rest();
  EXPECT_EQ(queue.deleted, (std::vector<std::string>{"a", "c"}));
  EXPECT_FALSE(functions::failed_items("{"));
  EXPECT_FALSE(functions::failed_items(R"({"batchItemFailures":[{"itemIdentifier":""}]})"));
  EXPECT_TRUE(functions::failed_items("null")->empty());
}

TEST_F(Events, AMappingIsSwitchedOffAndOnAndDeleted) {
  answer("null");
  auto id = map({.Enabled = false});
  queue.waiting = {"a"};
  rest();
  EXPECT_EQ(state(id), "Disabled");
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(world.remote<op::UpdateEventSourceMapping>(kEast, {.UUID = id, .Enabled = true})->State,
            "Enabling");
  EXPECT_EQ(refused<op::UpdateEventSourceMapping>({.UUID = id, .Enabled = false}), "ResourceInUseException");
  rest();
  EXPECT_EQ(state(id), "Enabled");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(world.remote<op::UpdateEventSourceMapping>(kEast, {.UUID = id, .Enabled = false})->State,
            "Disabling");
  rest();
  queue.waiting = {"b"};
  rest();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(world.remote<op::DeleteEventSourceMapping>(kEast, {.UUID = id})->State, "Deleting");
  rest();
  EXPECT_EQ(state(id), "gone");
}

TEST_F(Events, WhatAMappingCannotDoIsRefused) {
  auto code = [&](const api::CreateEventSourceMappingRequest& in) {
    return refused<op::CreateEventSourceMapping>(in);
  };
  EXPECT_EQ(code({.EventSourceArn = "arn:aws:sqs:us-east-1:000000000000:nothing", .FunctionName = "f"}),
            "InvalidParameterValueException");
  EXPECT_EQ(code({.EventSourceArn = "arn:aws:kinesis:us-east-1:000000000000:stream/s", .FunctionName = "f"}),
            "InvalidParameterValueException");
  EXPECT_EQ(code({.EventSourceArn = kQueue, .FunctionName = "g"}), "ResourceNotFoundException");
  EXPECT_EQ(code({.EventSourceArn = kQueue, .FunctionName = "f", .BatchSize = 11}),
            "InvalidParameterValueException");
  queue.visibility = "2";
  EXPECT_EQ(code({.EventSourceArn = kQueue, .FunctionName = "f"}), "InvalidParameterValueException");
}

TEST_F(Events, AMappingGoesOnWhenItsRegionComesBack) {
  answer("null");
  auto id = map();
  rest();
  world.lose(kEast);
  queue.waiting = {"a"};
  rest();
  EXPECT_EQ(calls, 0);
  world.restore(kEast);
  rest();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace relight::sandbox
