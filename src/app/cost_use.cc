#include "app/cost_use.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aws/gen/cloudwatch.h"
#include "dr/planning/cost_meter.h"

namespace relight::app {
namespace {
using Json = nlohmann::json;
constexpr double kGigabyte = 1024.0 * 1024 * 1024;  // as AWS bills it
constexpr double kChangesGb = 10, kNewUploadsGb = 5, kNewUploads = 10000, kCapacityUnits = 1;
constexpr std::chrono::days kMeteredTime{14}, kGrowthTime{30};

struct Series {
  std::vector<dr::Metered> points;
  std::string why;  // none came
};

class Meter {
 public:
  Meter(aws::Caller* aws, Clock& clock, std::string why) : aws_(aws), clock_(clock), why_(std::move(why)) {}

  Series daily(const std::string& region, const char* space, const char* name,
               std::vector<aws::cloudwatch::Dimension> dimensions, std::chrono::days back, bool sum = false) {
    if (!aws_) return {{}, why_};
    auto now = clock_.now();
    auto r = aws::cloudwatch::Client(*aws_).GetMetricStatistics({.Namespace = space,
                                                                 .MetricName = name,
                                                                 .Dimensions = std::move(dimensions),
                                                                 .StartTime = now - back,
                                                                 .EndTime = now,
                                                                 .Period = 86400,
                                                                 .Statistics = {{sum ? "Sum" : "Average"}}},
                                                                {region});
    if (!r) return {{}, "CloudWatch was not asked with success: " + r.error().message};
    Series out{{}, std::string("CloudWatch has no ") + name + " of these days"};
    for (auto& d : r->Datapoints.value_or(std::vector<aws::cloudwatch::Datapoint>{}))
      if (auto v = sum ? d.Sum : d.Average; v && d.Timestamp) out.points.push_back({*d.Timestamp, *v});
    return out;
  }

 private:
  aws::Caller* aws_;
  Clock& clock_;
  std::string why_;
};

std::string text_in(const std::string& properties, const char* key) {
  auto j = Json::parse(properties, nullptr, false);
  auto v = j.is_object() ? j.value(key, Json()) : Json();
  return v.is_string() ? v.get<std::string>() : "";
}

// A replica serves nobody while the pilot is unlit: what it receives is replication. Of several, the sum.
dr::Amount database_changes(Meter& m, const dr::Pilot& pilot) {
  dr::Amount all;
  for (auto& r : pilot.resources) {
    if (r.type != "AWS::RDS::DBInstance") continue;
    auto s =
        m.daily(pilot.region, "AWS/RDS", "NetworkReceiveThroughput",
                {{.Name = "DBInstanceIdentifier", .Value = text_in(r.properties, "DBInstanceIdentifier")}},
                kMeteredTime);
    auto one = dr::month_of(s.points, 1 / kGigabyte, s.why);
    if (!one.known()) return one;
    one.value += all.known() ? all.value : 0;
    all = one;
  }
  if (!all.known()) all.why = "the pilot has no database";
  return all;
}

dr::BucketUse bucket_use(Meter& m, const dr::Config::Cost& stated, const std::string& region,
                         const std::string& bucket, bool uploads) {
  using D = aws::cloudwatch::Dimension;
  auto of = [&](const char* storage) {
    return std::vector<D>{{.Name = "BucketName", .Value = bucket}, {.Name = "StorageType", .Value = storage}};
  };
  auto bytes = m.daily(region, "AWS/S3", "BucketSizeBytes", of("StandardStorage"), kGrowthTime);
  auto objects = m.daily(region, "AWS/S3", "NumberOfObjects", of("AllStorageTypes"), kGrowthTime);
  auto told = [&](const std::optional<double>& v) { return uploads ? v : std::nullopt; };
  return {dr::best_of(dr::latest_of(bytes.points, 1 / kGigabyte, bytes.why), told(stated.uploads_gb), {}),
          dr::best_of(dr::growth_of(bytes.points, 1 / kGigabyte, bytes.why), told(stated.new_uploads_gb),
                      kNewUploadsGb),
          dr::best_of(dr::growth_of(objects.points, 1, objects.why), told(stated.new_uploads), kNewUploads)};
}

// "app/lamp-alb/2", the dimension, of "arn:…:loadbalancer/app/lamp-alb/2".
std::string balancer_dimension(const std::string& arn) {
  auto at = arn.find("loadbalancer/");
  return at == arn.npos ? "" : arn.substr(at + 13);
}

void balancer_use(Meter& m, const dr::Config::Cost& stated, const dr::Inventory& inventory,
                  dr::CostUse& use) {
  double units = 0, hourly = 0;
  dr::Amount unit_amount, traffic;
  for (auto& r : inventory.resources) {
    if (r.key.kind != "elbv2/load-balancer") continue;
    std::vector<aws::cloudwatch::Dimension> d{
        {.Name = "LoadBalancer", .Value = balancer_dimension(r.key.id)}};
    auto lcu = m.daily(r.region, "AWS/ApplicationELB", "ConsumedLCUs", d, kMeteredTime);
    auto bytes = m.daily(r.region, "AWS/ApplicationELB", "ProcessedBytes", d, kMeteredTime, true);
    unit_amount = dr::month_of(lcu.points, 1 / (dr::kHoursOfMonth * 3600), lcu.why);
    traffic = dr::month_of(bytes.points, 1 / (dr::kHoursOfMonth * 3600) / 24 / kGigabyte, bytes.why);
    units += unit_amount.known() ? unit_amount.value : 0;
    hourly += traffic.known() ? traffic.value : 0;
  }
  if (unit_amount.known()) unit_amount.value = units;
  if (traffic.known()) traffic.value = hourly, traffic.why += "; what came in is counted too";
  use.capacity_units = dr::best_of(unit_amount, stated.capacity_units, kCapacityUnits);
  use.visitors_gb_hour = dr::best_of(traffic, stated.visitors_gb_hour, {});
}

}  // namespace

dr::CostUse cost_use(const dr::Config& config, const dr::Inventory& inventory, const dr::Pilot& pilot,
                     aws::Caller* aws, Clock& clock, const std::string& why) {
  Meter m(aws, clock, why);
  auto& stated = config.cost;
  dr::CostUse use;
  use.tasks = config.tasks;
  use.drill_hours = stated.drill_hours.value_or(use.drill_hours);
  use.database_changes_gb = dr::best_of(database_changes(m, pilot), stated.database_changes_gb, kChangesGb);
  auto buckets =
      std::ranges::count_if(inventory.resources, [](auto& r) { return r.key.kind == "s3/bucket"; });
  for (auto& r : inventory.resources)
    if (r.key.kind == "s3/bucket") {
      bool uploads = buckets == 1 || r.key.id == config.primary.resources.bucket;
      use.buckets[r.key.id] = bucket_use(m, stated, r.region, r.key.id, uploads);
    }
  use.images_gb = dr::best_of({dr::Amount::Basis::kUnknown, 0, "the size of images is not captured"},
                              stated.images_gb, {});
  balancer_use(m, stated, inventory, use);
  return use;
}

}  // namespace relight::app
