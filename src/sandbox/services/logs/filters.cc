// Metric filters: kept and listed; no metric is made of them.
#include <fmt/format.h>

#include "sandbox/services/logs/page.h"
#include "sandbox/services/logs/service.h"

namespace relight::sandbox {
using namespace logs;
namespace op = aws::logs::op;

void LogsService::add_metric_filters() {
  on<op::PutMetricFilter>(
      [this](const Call& c, const api::PutMetricFilterRequest& in) -> Result<api::PutMetricFilterOutput_> {
        TRY(group(c.region, in.logGroupName));
        std::string key = *in.logGroupName + "|" + *in.filterName;
        size_t there = 0;
        for (auto& [k, f] : filters_.in(c.region)) there += k.starts_with(*in.logGroupName + "|") && k != key;
        if (there >= 100)
          return aws_error("LimitExceededException", "A log group has at most 100 metric filters.");
        Filter f;
        f.filterName = in.filterName;
        f.filterPattern = in.filterPattern;
        f.metricTransformations = in.metricTransformations;
        f.creationTime = now();
        f.logGroupName = in.logGroupName;
        filters_.put(c.region, key, std::move(f));
        return {};
      });
  on<op::DeleteMetricFilter>(
      [this](const Call& c,
             const api::DeleteMetricFilterRequest& in) -> Result<api::DeleteMetricFilterOutput_> {
        TRY(group(c.region, in.logGroupName));
        std::string key = *in.logGroupName + "|" + *in.filterName;
        if (!filters_.find(c.region, key))
          return aws_error("ResourceNotFoundException", "The specified metric filter does not exist.");
        filters_.erase(c.region, key);
        return {};
      });
  on<op::DescribeMetricFilters>(
      [this](const Call& c,
             const api::DescribeMetricFiltersRequest& in) -> Result<api::DescribeMetricFiltersResponse> {
        if (in.logGroupName) TRY(group(c.region, in.logGroupName));
        if (in.metricName.has_value() != in.metricNamespace.has_value())
          return invalid("metricName and metricNamespace go together.");  // wording unverified
        std::vector<std::pair<std::string, api::MetricFilter>> all;
        for (auto& [key, f] : filters_.in(c.region)) {
          auto& t = f.metricTransformations->front();
          if ((in.logGroupName && f.logGroupName != in.logGroupName) ||
              (in.filterNamePrefix && !f.filterName->starts_with(*in.filterNamePrefix)) ||
              (in.metricName && (t.metricName != in.metricName || t.metricNamespace != in.metricNamespace)))
            continue;
          all.emplace_back(key, f);
        }
        api::DescribeMetricFiltersResponse out;
        TRY_ASSIGN(out.metricFilters, page(std::move(all), in.limit, in.nextToken, out.nextToken));
        return out;
      });
  on<op::DescribeSubscriptionFilters>([this](const Call& c, const api::DescribeSubscriptionFiltersRequest& in)
                                          -> Result<api::DescribeSubscriptionFiltersResponse> {
    TRY(group(c.region, in.logGroupName));
    return api::DescribeSubscriptionFiltersResponse{.subscriptionFilters =
                                                        std::vector<api::SubscriptionFilter>{}};
  });
}

}  // namespace relight::sandbox
