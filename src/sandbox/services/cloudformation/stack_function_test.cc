// Stacks with functions.
#include <filesystem>

#include "aws/gen/lambda.h"
#include "aws/gen/sqs.h"
#include "base/bytes.h"
#include "sandbox/planes/function/simulated_function_plane.h"
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace fn = aws::lambda;

struct FunctionStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    lambda_ = std::make_unique<LambdaService>(*world_, plane_);
    world_->add(*lambda_);
  }
  fn::FunctionConfiguration function(const std::string& name) {
    auto r = world_->remote<fn::op::GetFunctionConfiguration>(kHome, {.FunctionName = name});
    return r ? *r : fn::FunctionConfiguration{};
  }
  std::string found(const std::string& name) {
    auto r = world_->remote<fn::op::GetFunctionConfiguration>(kHome, {.FunctionName = name});
    return r ? "found" : r.error().code;
  }
  function::SimulatedFunctionPlane plane_;
  std::unique_ptr<LambdaService> lambda_;
};

std::string thumbs(const std::string& more = "", const std::string& resources = "", const std::string& text = "def handler(e, c): return 1") {
  return "Resources:\n  Thumbs:\n    Type: AWS::Lambda::Function\n    Properties:\n      FunctionName: thumbs\n      Runtime: python3.12\n"
         "      Handler: index.handler\n      Role: arn:aws:iam::000000000000:role/thumbs\n      Code: {ZipFile: '" + text + "'}\n" + more + resources +
         "Outputs:\n  Arn: {Value: !GetAtt Thumbs.Arn}\n";
}
const std::string kOff = "      ReservedConcurrentExecutions: 0\n      Environment: {Variables: {COLOUR: blue}}\n      Tags: [{Key: a, Value: b}]\n";

TEST_F(FunctionStackTest, AnInlineFunctionComesChangesAndGoes) {
  create("s", thumbs(kOff));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(output("s", "Arn"), "arn:aws:lambda:us-east-1:000000000000:function:thumbs");
  auto first = function("thumbs");
  EXPECT_EQ(first.State, "Active");
  EXPECT_EQ(first.Environment->Variables->at("COLOUR"), "blue");
  EXPECT_EQ(world_->remote<fn::op::GetFunctionConcurrency>(kHome, {.FunctionName = "thumbs"})->ReservedConcurrentExecutions, 0);
  EXPECT_EQ(world_->remote<fn::op::ListTags>(kHome, {.Resource = *first.FunctionArn})->Tags->at("a"), "b");
  EXPECT_EQ(update("s", thumbs("      Timeout: 9\n", "", "def handler(e, c): return 2")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  auto second = function("thumbs");
  EXPECT_EQ(second.Timeout, 9);
  EXPECT_NE(second.CodeSha256, first.CodeSha256);
  EXPECT_FALSE(second.Environment);
  EXPECT_FALSE(world_->remote<fn::op::GetFunctionConcurrency>(kHome, {.FunctionName = "thumbs"})->ReservedConcurrentExecutions);
  EXPECT_TRUE(world_->remote<fn::op::ListTags>(kHome, {.Resource = *first.FunctionArn})->Tags->empty());
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_EQ(found("thumbs"), "ResourceNotFoundException");
}

TEST_F(FunctionStackTest, VersionsAliasesAndPermissionsStandBesideIt) {
  std::string rest =
      "  V1:\n    Type: AWS::Lambda::Version\n    Properties: {FunctionName: !Ref Thumbs}\n"
      "  Live:\n    Type: AWS::Lambda::Alias\n    Properties: {FunctionName: !Ref Thumbs, FunctionVersion: !GetAtt V1.Version, Name: live}\n"
      "  Ask:\n    Type: AWS::Lambda::Permission\n    Properties: {FunctionName: !Ref Thumbs, Action: 'lambda:InvokeFunction', Principal: s3.amazonaws.com, SourceArn: 'arn:aws:s3:::photos'}\n";
  create("s", thumbs("", rest));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(physical("s", "V1"), "arn:aws:lambda:us-east-1:000000000000:function:thumbs:1");
  EXPECT_EQ(physical("s", "Live"), "arn:aws:lambda:us-east-1:000000000000:function:thumbs:live");
  EXPECT_EQ(function("thumbs:live").Version, "1");
  EXPECT_TRUE(world_->remote<fn::op::GetPolicy>(kHome, {.FunctionName = "thumbs"}));
  EXPECT_EQ(update("s", thumbs()), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(found("thumbs:live"), "ResourceNotFoundException");
  EXPECT_EQ(found("thumbs:1"), "ResourceNotFoundException");
  EXPECT_FALSE(world_->remote<fn::op::GetPolicy>(kHome, {.FunctionName = "thumbs"}));
}

// A queue that is there and always empty.
class EmptySqs final : public Service {
 public:
  explicit EmptySqs(World& w) : Service(w, aws::sqs::model()) {
    namespace sqs = aws::sqs::op;
    on<sqs::GetQueueUrl>([](const Call&, const sqs::GetQueueUrl::Input& in) -> Result<sqs::GetQueueUrl::Output> {
      return sqs::GetQueueUrl::Output{.QueueUrl = "http://queue/" + *in.QueueName};
    });
    on<sqs::ReceiveMessage>([](const Call&, const sqs::ReceiveMessage::Input&) -> Result<sqs::ReceiveMessage::Output> { return sqs::ReceiveMessage::Output{}; });
  }
};

TEST_F(FunctionStackTest, AMappingIsSwitchedByItsTemplate) {
  EmptySqs queue(*world_);
  world_->add(queue);
  auto mapping = [](const std::string& enabled) {
    return "  Jobs:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties: {FunctionName: !Ref Thumbs, EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:jobs', Enabled: " + enabled + "}\n";
  };
  auto state = [&](const std::string& id) {
    auto r = world_->remote<fn::op::GetEventSourceMapping>(kHome, {.UUID = id});
    return r ? *r->State : r.error().code;
  };
  create("s", thumbs("", mapping("true")));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  std::string id = physical("s", "Jobs");
  EXPECT_EQ(state(id), "Enabled");
  EXPECT_EQ(update("s", thumbs("", mapping("false"))), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(state(id), "Disabled");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_EQ(state(id), "ResourceNotFoundException");
}

TEST_F(FunctionStackTest, APackageThatIsNoneFailsTheStack) {
  plane_.fail_unpacking("damaged");
  create("s", thumbs());
  EXPECT_EQ(status("s"), "ROLLBACK_COMPLETE");
  EXPECT_EQ(found("thumbs"), "ResourceNotFoundException");
}

}  // namespace
}  // namespace relight::sandbox::cfn
