// Whether an alarm's data says OK, ALARM or INSUFFICIENT_DATA ("Evaluating an alarm" and "Configuring how
// CloudWatch alarms treat missing data", Amazon CloudWatch User Guide). Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace relight::sandbox {

struct AlarmRule {
  int evaluation_periods = 1, datapoints_to_alarm = 1;
  std::string comparison;  // "GreaterThanOrEqualToThreshold"
  double threshold = 0;
  std::string missing = "missing";  // "breaching", "notBreaching", "ignore"
};

struct Verdict {
  std::string state;   // empty: stays as it is
  std::string reason;  // as DescribeAlarms shows it
};

// `points`: newest last, one a period; absent where no data came. May hold more than the evaluation periods:
// older points stand in for missing newer ones, as on AWS. The last evaluation_periods entries are the range.
Verdict evaluate_alarm(const AlarmRule& rule, const std::vector<std::optional<double>>& points);

}  // namespace relight::sandbox
