#include "sandbox/services/logs/service.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::logs;
namespace op = aws::logs::op;
constexpr const char* kEast = "us-east-1";
constexpr int64_t kHour = 3'600'000, kDay = 24 * kHour;

struct Logs : testing::Test {
  TestWorld world;
  LogsService service{world};
  void SetUp() override {
    world.add(service);
    service.start();
    ok<op::CreateLogGroup>({.logGroupName = "/app"});
    ok<op::CreateLogStream>({.logGroupName = "/app", .logStreamName = "web/1"});
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  int64_t now() { return world.clock.now().time_since_epoch().count(); }
  static api::PutLogEventsRequest batch(std::vector<std::pair<int64_t, std::string>> events,
                                        const std::string& stream = "web/1") {
    api::PutLogEventsRequest in{.logGroupName = "/app", .logStreamName = stream};
    in.logEvents.emplace();
    for (auto& [at, text] : events) in.logEvents->push_back({.timestamp = at, .message = text});
    return in;
  }
  std::vector<std::string> texts(const api::GetLogEventsResponse& r) {
    std::vector<std::string> out;
    for (auto& e : *r.events) out.push_back(*e.message);
    return out;
  }
  api::GetLogEventsRequest page(int32_t limit, std::optional<std::string> token = {}, bool head = true) {
    return {.logGroupName = "/app",
            .logStreamName = "web/1",
            .nextToken = token,
            .limit = limit,
            .startFromHead = head};
  }
  std::vector<std::string> found(const std::string& pattern) {
    std::vector<std::string> out;
    auto r = ok<op::FilterLogEvents>({.logGroupName = "/app", .filterPattern = pattern});
    for (auto& e : *r.events) out.push_back(*e.message);
    return out;
  }
  using Texts = std::vector<std::string>;
};

TEST_F(Logs, AStreamIsReadForwardsToItsEndAndBackwardsToItsBeginning) {
  ok<op::PutLogEvents>(
      batch({{now(), "a"}, {now() + 1, "b"}, {now() + 1, "c"}, {now() + 2, "d"}, {now() + 3, "e"}}));
  auto first = ok<op::GetLogEvents>(page(2));
  EXPECT_EQ(texts(first), (Texts{"a", "b"}));
  auto second = ok<op::GetLogEvents>(page(2, first.nextForwardToken));
  EXPECT_EQ(texts(second), (Texts{"c", "d"}));
  EXPECT_EQ(texts(ok<op::GetLogEvents>(page(2, second.nextBackwardToken))), (Texts{"a", "b"}));
  auto third = ok<op::GetLogEvents>(page(2, second.nextForwardToken));
  EXPECT_EQ(texts(third), Texts{"e"});
  auto end = ok<op::GetLogEvents>(page(2, third.nextForwardToken));
  EXPECT_TRUE(end.events->empty());
  EXPECT_EQ(end.nextForwardToken, third.nextForwardToken) << "the same token says: the end";
  ok<op::PutLogEvents>(batch({{now() + 4, "f"}}));
  EXPECT_EQ(texts(ok<op::GetLogEvents>(page(2, end.nextForwardToken))), Texts{"f"});
  EXPECT_EQ(texts(ok<op::GetLogEvents>(page(2, {}, false))), (Texts{"e", "f"}))
      << "the newest, unless from the head";
  EXPECT_EQ(refused<op::GetLogEvents>(page(2, "x")), "InvalidParameterException");
}

TEST_F(Logs, ABatchKeepsToTheOrderAndTheLimits) {
  EXPECT_EQ(refused<op::PutLogEvents>(batch({{now(), "a"}, {now() - 1, "b"}})), "InvalidParameterException");
  EXPECT_EQ(refused<op::PutLogEvents>(batch({{now() - kDay - 1, "a"}, {now(), "b"}})),
            "InvalidParameterException");
  EXPECT_EQ(refused<op::PutLogEvents>(batch({{now(), std::string(262'144, 'x')}})),
            "InvalidParameterException");
  std::vector<std::pair<int64_t, std::string>> much(5, {now(), std::string(230'000, 'x')});
  EXPECT_EQ(refused<op::PutLogEvents>(batch(much)), "InvalidParameterException");
  EXPECT_EQ(refused<op::PutLogEvents>(batch({{now(), "a"}}, "none")), "ResourceNotFoundException");
}

TEST_F(Logs, WhatIsTooOldOrTooNewIsRejectedAloneAndSaid) {
  auto old =
      ok<op::PutLogEvents>(batch({{now() - 14 * kDay - kHour, "old"}, {now() - 14 * kDay + kHour, "just"}}));
  ASSERT_TRUE(old.rejectedLogEventsInfo);
  EXPECT_EQ(old.rejectedLogEventsInfo->tooOldLogEventEndIndex, 1);
  auto early = ok<op::PutLogEvents>(batch({{now(), "now"}, {now() + 3 * kHour, "later"}}));
  EXPECT_EQ(early.rejectedLogEventsInfo->tooNewLogEventStartIndex, 1);
  EXPECT_EQ(found(""), (Texts{"just", "now"}));
  ok<op::PutRetentionPolicy>({.logGroupName = "/app", .retentionInDays = 1});
  auto expired = ok<op::PutLogEvents>(batch({{now() - kDay - kHour, "expired"}}));
  EXPECT_EQ(expired.rejectedLogEventsInfo->expiredLogEventEndIndex, 1);
}

TEST_F(Logs, RetentionRunsOnTheSandboxsClock) {
  ok<op::PutLogEvents>(batch({{now(), "kept for a day"}}));
  ok<op::PutRetentionPolicy>({.logGroupName = "/app", .retentionInDays = 1});
  EXPECT_EQ(refused<op::PutRetentionPolicy>({.logGroupName = "/app", .retentionInDays = 2}),
            "InvalidParameterException");
  EXPECT_EQ(found(""), Texts{"kept for a day"});
  EXPECT_GT(*(*ok<op::DescribeLogGroups>({}).logGroups)[0].storedBytes, 0);
  world.advance(Millis{kDay + kHour});
  EXPECT_TRUE(found("").empty());
  EXPECT_EQ((*ok<op::DescribeLogGroups>({}).logGroups)[0].storedBytes, 0) << "gone from the disk too";
}

TEST_F(Logs, AGroupIsSearchedOverItsStreamsInPages) {
  ok<op::CreateLogStream>({.logGroupName = "/app", .logStreamName = "web/2"});
  ok<op::PutLogEvents>(batch({{now(), "ERROR one"}, {now() + 2, "ERROR three"}}));
  ok<op::PutLogEvents>(batch({{now() + 1, "ERROR two"}, {now() + 3, "fine"}}, "web/2"));
  EXPECT_EQ(found("ERROR"), (Texts{"ERROR one", "ERROR two", "ERROR three"}));
  auto first = ok<op::FilterLogEvents>({.logGroupName = "/app", .filterPattern = "ERROR", .limit = 2});
  ASSERT_EQ(first.events->size(), 2u);
  auto rest = ok<op::FilterLogEvents>(
      {.logGroupName = "/app", .filterPattern = "ERROR", .nextToken = first.nextToken, .limit = 2});
  ASSERT_EQ(rest.events->size(), 1u);
  EXPECT_EQ((*rest.events)[0].message, "ERROR three");
  EXPECT_FALSE(rest.nextToken);
  auto one = ok<op::FilterLogEvents>({.logGroupName = "/app", .logStreamNamePrefix = "web/2"});
  EXPECT_EQ(one.events->size(), 2u);
  EXPECT_EQ(refused<op::FilterLogEvents>({.logGroupName = "/app", .filterPattern = "{ $.x = 1 }"}),
            "InvalidParameterException");
  EXPECT_EQ(refused<op::FilterLogEvents>({.logGroupName = "/none"}), "ResourceNotFoundException");
}

TEST_F(Logs, GroupsAndStreamsAreListedAndGoWithAllTheyHold) {
  EXPECT_EQ(refused<op::CreateLogGroup>({.logGroupName = "/app"}), "ResourceAlreadyExistsException");
  EXPECT_EQ(refused<op::CreateLogStream>({.logGroupName = "/app", .logStreamName = "web/1"}),
            "ResourceAlreadyExistsException");
  ok<op::CreateLogGroup>({.logGroupName = "/other",
                          .kmsKeyId = "arn:aws:kms:us-east-1:000000000000:key/k",
                          .tags = std::map<std::string, std::string>{{"team", "a"}}});
  auto groups = *ok<op::DescribeLogGroups>({.logGroupNamePrefix = "/o"}).logGroups;
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].arn, "arn:aws:logs:us-east-1:000000000000:log-group:/other:*");
  EXPECT_TRUE(groups[0].kmsKeyId);
  std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:/other";
  ok<op::TagResource>({.resourceArn = arn, .tags = std::map<std::string, std::string>{{"cost", "b"}}});
  ok<op::UntagResource>({.resourceArn = arn, .tagKeys = std::vector<std::string>{"team"}});
  EXPECT_EQ(*ok<op::ListTagsForResource>({.resourceArn = arn}).tags,
            (std::map<std::string, std::string>{{"cost", "b"}}));
  ok<op::PutLogEvents>(batch({{now(), "a"}}));
  auto streams = *ok<op::DescribeLogStreams>({.logGroupName = "/app"}).logStreams;
  EXPECT_EQ(streams[0].lastEventTimestamp, now());
  ok<op::DeleteLogGroup>({.logGroupName = "/app"});
  EXPECT_EQ(refused<op::DescribeLogStreams>({.logGroupName = "/app"}), "ResourceNotFoundException");
  ok<op::CreateLogGroup>({.logGroupName = "/app"});
  EXPECT_TRUE(ok<op::DescribeLogStreams>({.logGroupName = "/app"}).logStreams->empty());
}

TEST_F(Logs, MetricFiltersAreKept) {
  api::PutMetricFilterRequest in{.logGroupName = "/app", .filterName = "errors", .filterPattern = "ERROR"};
  in.metricTransformations = {
      api::MetricTransformation{.metricName = "Errors", .metricNamespace = "App", .metricValue = "1"}};
  ok<op::PutMetricFilter>(in);
  EXPECT_EQ(ok<op::DescribeMetricFilters>({.logGroupName = "/app"}).metricFilters->size(), 1u);
  EXPECT_EQ((*ok<op::DescribeLogGroups>({}).logGroups)[0].metricFilterCount, 1);
  ok<op::DeleteMetricFilter>({.logGroupName = "/app", .filterName = "errors"});
  EXPECT_EQ(refused<op::DeleteMetricFilter>({.logGroupName = "/app", .filterName = "errors"}),
            "ResourceNotFoundException");
}

TEST_F(Logs, SurvivesARestart) {
  ok<op::PutLogEvents>(batch({{now(), "kept"}}));
  TestWorld again({}, world.ground());
  LogsService restarted{again};
  again.add(restarted);
  restarted.start();
  auto r = again.remote<op::FilterLogEvents>(kEast, {.logGroupName = "/app"});
  ASSERT_EQ(r->events->size(), 1u);
  EXPECT_EQ((*r->events)[0].message, "kept");
  ASSERT_TRUE(again.remote<op::CreateLogStream>(kEast, {.logGroupName = "/app", .logStreamName = "new"}));
  auto fresh = again.remote<op::GetLogEvents>(kEast, {.logGroupName = "/app", .logStreamName = "new"});
  EXPECT_TRUE(fresh->events->empty()) << "a new stream takes no old one's number";
}

}  // namespace
}  // namespace relight::sandbox
