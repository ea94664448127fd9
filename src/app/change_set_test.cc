// A stack's change followed through a CloudFormation that tells its events newest first and in pages.
#include "app/change_set.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace relight::app {
namespace {
namespace cf = aws::cloudformation;

cf::StackEvent stack_event(int n, const std::string& status, const std::string& reason = "") {
  cf::StackEvent e;
  e.EventId = std::to_string(n);
  e.LogicalResourceId = "R" + std::to_string(n);
  e.ResourceStatus = status;
  if (!reason.empty()) e.ResourceStatusReason = reason;
  return e;
}

class ToldInPages final : public aws::Caller {
 public:
  static constexpr size_t kPage = 3;
  std::vector<cf::StackEvent> events;  // newest first
  std::string status;
  size_t looks = 0;

  Result<> invoke(const aws::ServiceModel&, const aws::Operation& op, const void* given, void* out,
                  const aws::CallOptions&) override {
    if (op.name == "DescribeStacks") {
      cf::Stack s;
      s.StackStatus = status;
      static_cast<cf::DescribeStacksOutput*>(out)->Stacks = std::vector{s};
    }
    if (op.name == "DescribeStackEvents") {
      ++looks;
      auto& token = static_cast<const cf::DescribeStackEventsInput*>(given)->NextToken;
      auto& answer = *static_cast<cf::DescribeStackEventsOutput*>(out);
      size_t from = token ? std::stoul(*token) : 0, to = std::min(events.size(), from + kPage);
      answer.StackEvents = std::vector(events.begin() + long(from), events.begin() + long(to));
      if (to < events.size()) answer.NextToken = std::to_string(to);
    }
    return {};
  }
};

TEST(StackChange, AReasonIsFoundBehindAPageOfWhatWasRolledBackForIt) {
  ToldInPages aws;
  aws.events = {stack_event(3, "CREATE_COMPLETE"), stack_event(2, "CREATE_COMPLETE"),
                stack_event(1, "CREATE_IN_PROGRESS")};
  StackChange change(aws, system_clock(), "us-west-2", "lamp-pilot");
  aws.status = "CREATE_COMPLETE";
  ASSERT_TRUE(change.settle());
  for (int n = 4; n < 12; ++n)
    aws.events.insert(aws.events.begin(), n == 5 ? stack_event(n, "UPDATE_FAILED", "it may not")
                                                 : stack_event(n, "DELETE_COMPLETE"));
  aws.status = "UPDATE_ROLLBACK_COMPLETE";
  aws.looks = 0;
  auto done = change.execute();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("R5: it may not"), std::string::npos) << done.error().text();
  EXPECT_EQ(aws.looks, 3u) << "pages: as far as the last event that was told";
}

TEST(StackChange, OfAFailedStackTheLastOperationIsTold) {
  ToldInPages aws;
  auto begun = stack_event(7, "UPDATE_IN_PROGRESS");
  begun.ResourceType = "AWS::CloudFormation::Stack";
  begun.LogicalResourceId = begun.StackName = "lamp-pilot";
  aws.events = {stack_event(9, "UPDATE_FAILED", "nobody may"), stack_event(8, "UPDATE_COMPLETE"), begun,
                stack_event(6, "UPDATE_FAILED", "of last year")};
  aws.status = "UPDATE_ROLLBACK_FAILED";
  StackChange change(aws, system_clock(), "us-west-2", "lamp-pilot");
  auto stands = change.settle();
  ASSERT_FALSE(stands);
  EXPECT_NE(stands.error().message.find("R9: nobody may"), std::string::npos) << stands.error().text();
}

}  // namespace
}  // namespace relight::app
