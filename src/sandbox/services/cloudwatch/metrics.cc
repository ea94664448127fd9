#include "sandbox/services/cloudwatch/metrics.h"

#include <algorithm>

namespace relight::sandbox {
namespace cw = aws::cloudwatch;

MetricKey key_of(const std::optional<std::string>& name_space, const std::optional<std::string>& name,
                 const std::optional<std::vector<cw::Dimension>>& dimensions) {
  MetricKey k{name_space.value_or(""), name.value_or(""), {}};
  if (dimensions)
    for (auto& d : *dimensions) k.dimensions[d.Name.value_or("")] = d.Value.value_or("");
  return k;
}

std::vector<cw::Dimension> dimensions_of(const MetricKey& k) {
  std::vector<cw::Dimension> out;
  for (auto& [name, value] : k.dimensions) out.push_back({.Name = name, .Value = value});
  return out;
}

void Bucket::add(double value, double times) { add(Bucket{times, value * times, value, value}); }

void Bucket::add(const Bucket& o) {
  if (o.count == 0) return;
  min = count == 0 ? o.min : std::min(min, o.min);
  max = count == 0 ? o.max : std::max(max, o.max);
  count += o.count;
  sum += o.sum;
}

std::optional<double> statistic(const Bucket& b, std::string_view name) {
  if (b.count == 0) return std::nullopt;
  if (name == "Average") return b.sum / b.count;
  if (name == "Sum") return b.sum;
  if (name == "Minimum") return b.min;
  if (name == "Maximum") return b.max;
  if (name == "SampleCount") return b.count;
  return std::nullopt;
}

void Metrics::put(const MetricKey& k, const std::string& unit, Instant at, const Bucket& b, Instant now) {
  if (series_.size() >= kMetricsLimit && !series_.contains(k)) {
    auto oldest = std::min_element(series_.begin(), series_.end(),
                                   [](auto& x, auto& y) { return x.second.last < y.second.last; });
    series_.erase(oldest);
  }
  Series& s = series_[k];
  s.last = now;
  s.unit = unit;
  auto& buckets = s.by_unit[unit];
  buckets[at.time_since_epoch().count() / 1000].add(b);
  int64_t horizon = (now.time_since_epoch().count() - kRetentionMs) / 1000;
  buckets.erase(buckets.begin(), buckets.lower_bound(horizon));
  while (buckets.size() > static_cast<size_t>(kBucketsPerMetric)) buckets.erase(buckets.begin());
}

std::map<Instant, Bucket> Metrics::get(const MetricKey& k, const std::optional<std::string>& unit,
                                       Instant from, Instant to, Millis period) const {
  std::map<Instant, Bucket> out;
  auto it = series_.find(k);
  if (it == series_.end()) return out;
  int64_t first = from.time_since_epoch().count() / 1000, last = (to.time_since_epoch().count() + 999) / 1000;
  int64_t step = std::max<int64_t>(1, period.count() / 1000);
  for (auto& [u, buckets] : it->second.by_unit) {
    if (unit && *unit != u) continue;
    for (auto b = buckets.lower_bound(first); b != buckets.end() && b->first < last; ++b)
      out[Instant{std::chrono::seconds(b->first / step * step)}].add(b->second);
  }
  return out;
}

std::string Metrics::unit(const MetricKey& k) const {
  auto it = series_.find(k);
  return it == series_.end() ? "None" : it->second.unit;
}

}  // namespace relight::sandbox
