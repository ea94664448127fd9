// Metric data in memory: sums a second of what was put, kept for a bounded time. A restart of the sandbox
// begins anew: unlike everything else, data points are not persisted (AWS keeps them for days; nothing here
// looks back so far).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/cloudwatch.h"
#include "base/clock.h"

namespace relight::sandbox {

// A metric's identity: namespace, name, dimensions in order of their names.
struct MetricKey {
  std::string name_space, name;
  std::map<std::string, std::string> dimensions;
  auto operator<=>(const MetricKey&) const = default;
};
MetricKey key_of(const std::optional<std::string>& name_space, const std::optional<std::string>& name,
                 const std::optional<std::vector<aws::cloudwatch::Dimension>>& dimensions);
std::vector<aws::cloudwatch::Dimension> dimensions_of(const MetricKey& k);

struct Bucket {
  double count = 0, sum = 0, min = 0, max = 0;
  void add(double value, double times);
  void add(const Bucket& o);
};

// One value of a statistic: "Average", "Sum", "Minimum", "Maximum", "SampleCount"; none for percentiles and
// others.
std::optional<double> statistic(const Bucket& b, std::string_view name);

class Metrics {
 public:
  static constexpr size_t kMetricsLimit = 20'000;  // the least recently written goes
  static constexpr int64_t kRetentionMs = 15LL * 86'400'000, kBucketsPerMetric = 10'000;

  void put(const MetricKey& k, const std::string& unit, Instant at, const Bucket& b, Instant now);
  // Data of [from, to) in periods that begin at multiples of `period` since the epoch; empty periods are
  // absent.
  std::map<Instant, Bucket> get(const MetricKey& k, const std::optional<std::string>& unit, Instant from,
                                Instant to, Millis period) const;
  std::string unit(const MetricKey& k) const;  // the last one put; "None" if there is none
  struct Series {
    Instant last{};
    std::map<std::string, std::map<int64_t, Bucket>> by_unit;  // second since the epoch -> bucket
    std::string unit = "None";
  };
  const std::map<MetricKey, Series>& all() const { return series_; }

 private:
  std::map<MetricKey, Series> series_;
};

}  // namespace relight::sandbox
