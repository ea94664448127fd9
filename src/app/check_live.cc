// What AWS's APIs say of the moment, and captures leave out.
#include <nlohmann/json.hpp>

#include "app/check_picture.h"
#include "app/models.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/ec2.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "aws/gen/sts.h"
#include "dr/capture/ask.h"

namespace relight::app {
namespace {
using dr::Known;
using Json = nlohmann::json;

dr::Walk asking(Workshop& w, const std::string& region, const std::vector<const aws::ServiceModel*>& all) {
  return {w.aws->patient(), all, region};
}

dr::Facts pending_of(const Json& instance) {
  dr::Facts out;
  auto it = instance.find("PendingModifiedValues");
  if (it == instance.end() || !it->is_object()) return out;
  for (auto& [name, value] : it->items())
    if (!value.is_null() && !(value.is_structured() && value.empty()))
      out[name] = name == "MasterUserPassword" ? "(withheld)"
                  : value.is_string()          ? value.get<std::string>()
                                               : value.dump();
  return out;
}

Known<dr::InstanceNow> instance_now(const dr::Walk& w, const std::string& id) {
  if (id.empty()) return Known<dr::InstanceNow>::not_seen("the database's name is not known");
  auto seen = dr::ask(w, "rds", "DescribeDBInstances", Json{{"DBInstanceIdentifier", id}}.dump());
  if (!seen) return Known<dr::InstanceNow>::not_seen(seen.error().text());
  auto& list = (*seen)["DBInstances"];
  if (!list.is_array() || list.empty()) return Known<dr::InstanceNow>::not_seen("there is no such database");
  auto& i = list[0];
  dr::InstanceNow now;
  now.status = i.value("DBInstanceStatus", "");
  now.source = i.value("ReadReplicaSourceDBInstanceIdentifier", "");
  for (auto& s : i.value("StatusInfos", Json::array()))
    if (s.value("StatusType", "") == "read replication") now.replication = s.value("Status", "");
  now.pending = pending_of(i);
  if (auto t = parse_iso8601(i.value("LatestRestorableTime", ""))) now.latest_restorable = *t;
  return Known<dr::InstanceNow>::of(std::move(now));
}

// The latest value of the last quarter of an hour.
Known<double> metric(Workshop& w, const dr::Site& site, const std::string& region, const char* space,
                     const char* name, std::vector<aws::cloudwatch::Dimension> dimensions) {
  auto now = site.clock.now();
  auto r = aws::cloudwatch::Client(w.aws->patient())
               .GetMetricStatistics({.Namespace = space,
                                     .MetricName = name,
                                     .Dimensions = std::move(dimensions),
                                     .StartTime = now - std::chrono::minutes(15),
                                     .EndTime = now + std::chrono::minutes(1),
                                     .Period = 60,
                                     .Statistics = {{"Maximum"}}},
                                    {region});
  if (!r) return Known<double>::not_seen(r.error().text());
  Known<double> out{std::nullopt,
                    std::string("CloudWatch has no value of ") + name + " of the last 15 minutes",
                    std::nullopt};
  for (auto& d : r->Datapoints.value_or(std::vector<aws::cloudwatch::Datapoint>{}))
    if (d.Timestamp && d.Maximum && (!out.at || *d.Timestamp > *out.at)) {
      out.value = *d.Maximum;
      out.at = *d.Timestamp;
    }
  return out;
}

}  // namespace

void look_live(Workshop& w, const dr::Site& site, dr::Live& live) {
  auto all = models();
  auto& t = site.topology;
  auto primary = asking(w, site.config.primary.region, all),
       recovery = asking(w, site.config.recovery.region, all);
  auto of = [](const std::string& id) {
    return std::vector{aws::cloudwatch::Dimension{.Name = "DBInstanceIdentifier", .Value = id}};
  };
  dr::side_by_side({[&] { live.primary_instance = instance_now(primary, t.primary.database); },
                    [&] { live.recovery_instance = instance_now(recovery, t.recovery.database); },
                    [&] {
                      live.replica_lag_s =
                          metric(w, site, recovery.region, "AWS/RDS", "ReplicaLag", of(t.recovery.database));
                    }});
}

}  // namespace relight::app
