// Stacks with log groups.
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/logs/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace lop = aws::logs::op;

struct LogStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    logs_ = std::make_unique<LogsService>(*world_);
    world_->add(*logs_);
  }
  std::vector<aws::logs::LogGroup> groups() { return *call<lop::DescribeLogGroups>({})->logGroups; }
  std::map<std::string, std::string> tags() { return *call<lop::ListTagsLogGroup>({.logGroupName = "/app"})->tags; }
  std::unique_ptr<LogsService> logs_;
};

std::string log_group(const std::string& more) {
  return "Resources:\n  Log:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      LogGroupName: /app\n" + more +
         "Outputs:\n  Arn: {Value: !GetAtt Log.Arn}\n";
}

TEST_F(LogStackTest, AGroupsRetentionAndTagsFollowTheTemplateUntilItGoes) {
  create("s", log_group("      RetentionInDays: 30\n      Tags: [{Key: team, Value: a}]\n"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  ASSERT_EQ(groups().size(), 1u);
  EXPECT_EQ(groups()[0].retentionInDays, 30);
  EXPECT_EQ(physical("s", "Log"), "/app");
  EXPECT_EQ(output("s", "Arn"), "arn:aws:logs:us-east-1:000000000000:log-group:/app:*");
  EXPECT_EQ(update("s", log_group("      RetentionInDays: 7\n      Tags: [{Key: cost, Value: b}]\n")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(groups()[0].retentionInDays, 7);
  EXPECT_EQ(tags(), (std::map<std::string, std::string>{{"cost", "b"}}));
  EXPECT_EQ(update("s", log_group("")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_FALSE(groups()[0].retentionInDays);
  EXPECT_TRUE(tags().empty());
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status("s"), "gone");
  EXPECT_TRUE(groups().empty());
}

}  // namespace
}  // namespace relight::sandbox::cfn
