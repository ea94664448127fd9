// How much the primary's load balancers carried in the busiest time that CloudWatch remembers.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/check_picture.h"
#include "aws/gen/cloudwatch.h"

namespace relight::app {
namespace {

constexpr auto kBack = std::chrono::days(14);
// 1,440 datapoints are the most that one answer has (GetMetricStatistics, Amazon CloudWatch API Reference).
constexpr int kQuarter = 900;

// "app/lamp/0123", the dimension, of "arn:…:loadbalancer/app/lamp/0123".
std::string dimension_of(const std::string& arn) {
  auto at = arn.find("loadbalancer/");
  return at == arn.npos ? arn : arn.substr(at + 13);
}

struct Peak {
  double value = 0;
  bool any = false;
};

Result<Peak> peak(Workshop& w, const dr::Site& site, const dr::Item& balancer, const char* name, bool sum) {
  auto now = site.clock.now();
  TRY_ASSIGN(auto r, aws::cloudwatch::Client(w.aws->patient())
                         .GetMetricStatistics({.Namespace = "AWS/ApplicationELB",
                                               .MetricName = name,
                                               .Dimensions = {{{.Name = "LoadBalancer",
                                                                .Value = dimension_of(balancer.id())}}},
                                               .StartTime = now - kBack,
                                               .EndTime = now,
                                               .Period = kQuarter,
                                               .Statistics = {{sum ? "Sum" : "Maximum"}}},
                                              {balancer.region()}));
  Peak out;
  for (auto& d : r.Datapoints.value_or(std::vector<aws::cloudwatch::Datapoint>{}))
    if (auto v = sum ? d.Sum : d.Maximum) out = {std::max(out.value, *v), true};
  return out;
}

}  // namespace

// PeakLCUs is what AWS advises to go by. Where it is not told, the requests bound it: a unit is 25 new
// connections a second and no request wants more than one ("Elastic Load Balancing pricing"); bytes are not
// bounded by them. "Elastic Load Balancing reports metrics to CloudWatch only when requests are flowing
// through the load balancer" ("CloudWatch metrics for your Application Load Balancer").
dr::Known<dr::BusiestNow> busiest(Workshop& w, const dr::Site& site, const dr::Estate& primary) {
  using Out = dr::Known<dr::BusiestNow>;
  constexpr double kConnectionsOfUnit = 25;
  if (!primary.seen()) return Out::not_seen(primary.why());
  dr::BusiestNow out;
  double units = 0, requests = 0;
  bool told = false;
  for (auto& b : primary.all("elbv2/load-balancer")) {
    auto lcu = peak(w, site, b, "PeakLCUs", false);
    if (!lcu) return Out::not_seen(lcu.error().text());
    auto count = peak(w, site, b, "RequestCount", true);
    if (!count) return Out::not_seen(count.error().text());
    units += lcu->value;
    requests += count->value / kQuarter;
    told = told || lcu->any;
  }
  out.units = told ? units : requests / kConnectionsOfUnit;
  out.evidence = told ? fmt::format("PeakLCUs of the last 14 days: {:.3g}", units)
                 : requests > 0
                     ? fmt::format("{:.3g} requests a second in the busiest quarter of an hour of 14 days", requests)
                     : "CloudWatch has no RequestCount of the last 14 days: no full minute with a request";
  return Out::of(std::move(out));
}

}  // namespace relight::app
