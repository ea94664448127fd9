// CloudWatch: metrics as services and people put them, and alarms that really evaluate. Actions that name a topic publish to it;
// others are recorded in the alarm's history and not carried out.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "aws/gen/cloudwatch.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudwatch/metrics.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

class CloudWatchService final : public Service {
 public:
  explicit CloudWatchService(World& w);
  void start() override;  // begins to evaluate alarms

 private:
  void add_metrics();
  void add_statistics();
  void add_alarms();
  void add_alarm_reads();
  void add_alarm_states();
  void add_history();
  void add_tags();

  Result<> put_alarm(const Call& c, const aws::cloudwatch::PutMetricAlarmInput& in);
  Result<aws::cloudwatch::MetricDataResult> one_result(const Call& c,
                                                       const aws::cloudwatch::MetricDataQuery& q,
                                                       Instant from, Instant to, bool newest_first);
  void evaluate_all();  // every poll_interval(60 s), each living region's alarms
  void evaluate(const std::string& region, Row<aws::cloudwatch::MetricAlarm>& a);
  void set_state(const std::string& region, Row<aws::cloudwatch::MetricAlarm>& a, const std::string& state,
                 const std::string& reason, const std::string& data);
  // Carries an action out, or not; what the alarm's history says of it.
  std::string act(const std::string& region, const aws::cloudwatch::MetricAlarm& a, const std::string& before,
                  const std::string& action);
  void remember(const std::string& region, const std::string& alarm, std::string_view type,
                std::string summary);
  // The period of an alarm or query as the sandbox's time runs: AWS's seconds are not shortened, but with the
  // instant profile an alarm looks at data at once instead of when the minute is over.
  std::vector<std::optional<double>> recent(const std::string& region, const aws::cloudwatch::MetricAlarm& a);
  std::string alarm_arn(const std::string& region, const std::string& name) const;

  static constexpr size_t kAlarmsPerRegion = 5000, kHistoryPerRegion = 10'000;
  std::map<std::string, Metrics> metrics_;  // by region
  Table<Row<aws::cloudwatch::MetricAlarm>> alarms_;
  Table<Row<aws::cloudwatch::ListTagsForResourceOutput>> tags_;  // by ARN
  std::map<std::string, std::deque<aws::cloudwatch::AlarmHistoryItem>>
      history_;  // newest first; not persisted
};

}  // namespace relight::sandbox
