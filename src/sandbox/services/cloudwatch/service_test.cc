#include "sandbox/services/cloudwatch/service.h"

#include "sandbox/services/cloudwatch/evaluate.h"
#include "sandbox/services/sns/service.h"
#include "sandbox/services/sqs/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace cw = aws::cloudwatch;
namespace op = aws::cloudwatch::op;

const std::string kEast = "us-east-1";

cw::PutMetricDataInput lag(double seconds) {
  cw::PutMetricDataInput in;
  in.Namespace = "AWS/RDS";
  cw::MetricDatum d;
  d.MetricName = "ReplicaLag";
  d.Dimensions.emplace().push_back(cw::Dimension{.Name = "DBInstanceIdentifier", .Value = "db"});
  d.Value = seconds;
  d.Unit = "Seconds";
  in.MetricData.emplace().push_back(d);
  return in;
}

cw::PutMetricAlarmInput alarm() {
  cw::PutMetricAlarmInput in;
  in.AlarmName = "lagging";
  in.Namespace = "AWS/RDS";
  in.MetricName = "ReplicaLag";
  in.Dimensions.emplace().push_back(cw::Dimension{.Name = "DBInstanceIdentifier", .Value = "db"});
  in.Statistic = "Maximum";
  in.Period = 60;
  in.EvaluationPeriods = 1;
  in.Threshold = 5;
  in.ComparisonOperator = "GreaterThanThreshold";
  in.AlarmActions = std::vector<std::string>{"arn:aws:sns:us-east-1:000000000000:page"};
  return in;
}

struct CloudWatch : testing::Test {
  TestWorld world;
  CloudWatchService service{world};
  void SetUp() override {
    world.add(service);
    service.start();
  }
  std::string state() {
    auto r = world.remote<op::DescribeAlarms>(kEast, {});
    return r && !r->MetricAlarms->empty() ? *r->MetricAlarms->at(0).StateValue : "none";
  }
};

TEST_F(CloudWatch, AnAlarmsTopicIsTold) {
  SnsService topics(world);
  SqsService queues(world);
  world.add(topics);
  world.add(queues);
  std::string topic = *world.remote<aws::sns::op::CreateTopic>(kEast, {.Name = "page"})->TopicArn;
  std::string policy =
      R"({"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}})";
  ASSERT_TRUE(world.remote<aws::sqs::op::CreateQueue>(
      kEast, {.QueueName = "pager", .Attributes = std::map<std::string, std::string>{{"Policy", policy}}}));
  ASSERT_TRUE(world.remote<aws::sns::op::Subscribe>(
      kEast, {.TopicArn = topic,
              .Protocol = "sqs",
              .Endpoint = "arn:aws:sqs:us-east-1:000000000000:pager",
              .Attributes = std::map<std::string, std::string>{{"RawMessageDelivery", "true"}}}));
  ASSERT_TRUE(world.remote<op::PutMetricAlarm>(kEast, alarm()));
  ASSERT_TRUE(world.remote<op::SetAlarmState>(
      kEast, {.AlarmName = "lagging", .StateValue = "ALARM", .StateReason = "tried"}));
  auto got = world.remote<aws::sqs::op::ReceiveMessage>(
      kEast, {.QueueUrl = "http://127.0.0.1:4566/000000000000/pager"});
  ASSERT_TRUE(got && got->Messages);
  std::string body = *got->Messages->at(0).Body;
  EXPECT_NE(body.find(R"("AlarmName":"lagging")"), body.npos) << body;
  EXPECT_NE(body.find(R"("NewStateValue":"ALARM")"), body.npos) << body;
  EXPECT_NE(body.find(R"("OldStateValue":"INSUFFICIENT_DATA")"), body.npos) << body;
  ASSERT_TRUE(world.remote<op::SetAlarmState>(
      kEast, {.AlarmName = "lagging", .StateValue = "OK", .StateReason = "tried"}));
  EXPECT_FALSE(world
                   .remote<aws::sqs::op::ReceiveMessage>(
                       kEast, {.QueueUrl = "http://127.0.0.1:4566/000000000000/pager"})
                   ->Messages)
      << "it has no action for OK";
}

TEST_F(CloudWatch, OnlyTheServicesThemselvesWriteBelowAws) {
  auto remote = world.remote<op::PutMetricData>(kEast, lag(1));
  ASSERT_FALSE(remote);
  EXPECT_EQ(remote.error().code, "InvalidParameterValue");
  EXPECT_TRUE(world.call<op::PutMetricData>(kEast, lag(1)));
  EXPECT_EQ(world.remote<op::ListMetrics>(kEast, {})->Metrics->size(), 1u);
  EXPECT_TRUE(world.remote<op::ListMetrics>("us-west-2", {})->Metrics->empty())
      << "metrics are a region's own";
}

TEST_F(CloudWatch, StatisticsAreTakenOverPeriods) {
  for (double v : {1.0, 3.0, 8.0}) ASSERT_TRUE(world.call<op::PutMetricData>(kEast, lag(v)));
  cw::GetMetricStatisticsInput in;
  in.Namespace = "AWS/RDS";
  in.MetricName = "ReplicaLag";
  in.Dimensions.emplace().push_back(cw::Dimension{.Name = "DBInstanceIdentifier", .Value = "db"});
  in.StartTime = world.clock.now() - Millis{600'000};
  in.EndTime = world.clock.now() + Millis{60'000};
  in.Period = 60;
  in.Statistics = std::vector<std::string>{"Average", "Maximum", "SampleCount"};
  auto r = world.remote<op::GetMetricStatistics>(kEast, in);
  ASSERT_TRUE(r) << r.error().text();
  ASSERT_EQ(r->Datapoints->size(), 1u);
  EXPECT_EQ(r->Datapoints->at(0).Average, 4.0);
  EXPECT_EQ(r->Datapoints->at(0).Maximum, 8.0);
  EXPECT_EQ(r->Datapoints->at(0).SampleCount, 3.0);
  EXPECT_FALSE(r->Datapoints->at(0).Sum);
  EXPECT_EQ(r->Datapoints->at(0).Unit, "Seconds");
  cw::GetMetricDataInput data;
  data.StartTime = in.StartTime;
  data.EndTime = in.EndTime;
  cw::MetricStat stat{
      .Metric = cw::Metric{.Namespace = "AWS/RDS", .MetricName = "ReplicaLag", .Dimensions = in.Dimensions},
      .Period = 60,
      .Stat = "Sum"};
  data.MetricDataQueries.emplace().push_back({.Id = "m1", .MetricStat = stat});
  auto d = world.remote<op::GetMetricData>(kEast, data);
  ASSERT_TRUE(d) << d.error().text();
  EXPECT_EQ(d->MetricDataResults->at(0).Values->at(0), 12.0);
}

TEST_F(CloudWatch, AnAlarmFollowsItsMetric) {
  ASSERT_TRUE(world.remote<op::PutMetricAlarm>(kEast, alarm()));
  EXPECT_EQ(state(), "INSUFFICIENT_DATA");
  ASSERT_TRUE(world.call<op::PutMetricData>(kEast, lag(9)));
  world.advance(Millis{1'000});
  EXPECT_EQ(state(), "ALARM");
  world.advance(Millis{120'000});
  ASSERT_TRUE(world.call<op::PutMetricData>(kEast, lag(0)));
  world.advance(Millis{1'000});
  EXPECT_EQ(state(), "OK");
  auto history = world.remote<op::DescribeAlarmHistory>(kEast, {});
  EXPECT_EQ(history->AlarmHistoryItems->at(0).HistorySummary, "Alarm updated from ALARM to OK");
  EXPECT_TRUE(std::any_of(history->AlarmHistoryItems->begin(), history->AlarmHistoryItems->end(),
                          [](auto& i) { return i.HistoryItemType == "Action"; }));
  EXPECT_EQ(world.events.back().what, "alarm OK");
}

TEST_F(CloudWatch, SilenceMakesAnAlarmInsufficientUnlessItSaysOtherwise) {
  ASSERT_TRUE(world.remote<op::PutMetricAlarm>(kEast, alarm()));
  ASSERT_TRUE(world.call<op::PutMetricData>(kEast, lag(1)));
  world.advance(Millis{1'000});
  EXPECT_EQ(state(), "OK");
  world.advance(Millis{600'000});
  EXPECT_EQ(state(), "INSUFFICIENT_DATA");
  auto strict = alarm();
  strict.TreatMissingData = "breaching";
  ASSERT_TRUE(world.remote<op::PutMetricAlarm>(kEast, strict));
  world.advance(Millis{1'000});
  EXPECT_EQ(state(), "ALARM");
}

TEST_F(CloudWatch, ALostRegionsAlarmsAreNotEvaluated) {
  ASSERT_TRUE(world.remote<op::PutMetricAlarm>(kEast, alarm()));
  ASSERT_TRUE(world.call<op::PutMetricData>(kEast, lag(9)));
  world.lose(kEast);
  world.advance(Millis{10'000});
  world.restore(kEast);
  EXPECT_EQ(state(), "INSUFFICIENT_DATA");
}

TEST_F(CloudWatch, WrongAlarmsAndDataAreRefused) {
  auto a = alarm();
  a.Period = 45;
  EXPECT_EQ(world.remote<op::PutMetricAlarm>(kEast, a).error().code, "ValidationError");
  a = alarm();
  a.DatapointsToAlarm = 2;
  EXPECT_EQ(world.remote<op::PutMetricAlarm>(kEast, a).error().code, "ValidationError");
  auto d = lag(1);
  d.MetricData->at(0).Timestamp = world.clock.now() + Millis{3 * 3'600'000};
  EXPECT_EQ(world.call<op::PutMetricData>(kEast, d).error().code, "InvalidParameterValue");
  cw::DeleteAlarmsInput gone;
  gone.AlarmNames = std::vector<std::string>{"none"};
  EXPECT_EQ(world.remote<op::DeleteAlarms>(kEast, gone).error().code, "ResourceNotFound");
}

TEST_F(CloudWatch, AlarmsSurviveARestart) {
  ASSERT_TRUE(world.remote<op::PutMetricAlarm>(kEast, alarm()));
  TestWorld again({}, world.ground());
  CloudWatchService restarted(again);
  again.add(restarted);
  auto r = again.remote<op::DescribeAlarms>(kEast, {});
  ASSERT_EQ(r->MetricAlarms->size(), 1u);
  EXPECT_EQ(r->MetricAlarms->at(0).Threshold, 5.0);
}

using Points = std::vector<std::optional<double>>;
std::string judged(int m, int n, std::string missing, const Points& p) {
  return evaluate_alarm({.evaluation_periods = n,
                         .datapoints_to_alarm = m,
                         .comparison = "GreaterThanThreshold",
                         .threshold = 5,
                         .missing = missing},
                        p)
      .state;
}

TEST(Evaluate, MOutOfNDatapoints) {
  EXPECT_EQ(judged(2, 3, "missing", {9, 1, 9}), "ALARM");
  EXPECT_EQ(judged(2, 3, "missing", {1, 1, 9}), "OK");
  EXPECT_EQ(judged(3, 3, "missing", {9, 9, 9}), "ALARM");
}

// The table of "How alarm state is evaluated when data is missing": three periods, three datapoints to alarm.
TEST(Evaluate, MissingDataAsDocumented) {
  const std::optional<double> none;
  EXPECT_EQ(judged(3, 3, "missing", {none, none, none, none, none}), "INSUFFICIENT_DATA");
  EXPECT_EQ(judged(3, 3, "breaching", {none, none, none, none, none}), "ALARM");
  EXPECT_EQ(judged(3, 3, "notBreaching", {none, none, none, none, none}), "OK");
  EXPECT_EQ(judged(3, 3, "ignore", {none, none, none, none, none}), "");
  EXPECT_EQ(judged(3, 3, "missing", {1, none, none, none, none}), "OK");
  EXPECT_EQ(judged(3, 3, "breaching", {1, none, none, none, none}), "OK");
}

}  // namespace
}  // namespace relight::sandbox
