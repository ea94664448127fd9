// What AWS's APIs say of the moment, and captures leave out.
#include <nlohmann/json.hpp>
#include <set>

#include "app/check_picture.h"
#include "app/run_verbs.h"
#include "aws/gen/cloudwatch.h"
#include "aws/gen/models.h"
#include "aws/gen/s3.h"
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

// Of the rule that leads to the recovery region's bucket.
Known<dr::ObjectsBehind> objects_behind(Workshop& w, const dr::Site& site, const dr::Walk& primary) {
  using Out = Known<dr::ObjectsBehind>;
  auto &from = site.topology.primary.bucket, &to = site.topology.recovery.bucket;
  if (from.empty() || to.empty()) return Out::not_seen("the buckets' names are not known");
  auto seen = dr::ask(primary, "s3", "GetBucketReplication", Json{{"Bucket", from}}.dump());
  if (!seen) return Out::not_seen(seen.error().text());
  for (auto& rule : seen->value("/ReplicationConfiguration/Rules"_json_pointer, Json::array())) {
    if (rule.value("/Destination/Bucket"_json_pointer, "") != "arn:aws:s3:::" + to) continue;
    if (rule.value("/Destination/Metrics/Status"_json_pointer, "") != "Enabled")
      return Out::not_seen("the rule has no metrics: Destination.Metrics.Status is not Enabled");
    using D = aws::cloudwatch::Dimension;
    std::vector<D> d{{.Name = "SourceBucket", .Value = from},
                     {.Name = "DestinationBucket", .Value = to},
                     {.Name = "RuleId", .Value = rule.value("ID", "")}};
    dr::ObjectsBehind out;
    auto read = [&](const char* name, double& into) {
      auto v = metric(w, site, primary.region, "AWS/S3", name, d);
      if (v) into = *v;
      return v;
    };
    auto pending = read("OperationsPendingReplication", out.pending);
    if (!pending) return Out::not_seen(pending.why);
    read("BytesPendingReplication", out.bytes);
    read("ReplicationLatency", out.latency_s);
    read("OperationsFailedReplication", out.failed);  // published only where something failed
    auto known = Out::of(out);
    known.at = pending.at;
    return known;
  }
  return Out::not_seen("no rule leads to " + to);
}

Known<std::map<std::string, int64_t>> free_addresses(const dr::Walk& w) {
  using Out = Known<std::map<std::string, int64_t>>;
  auto seen = dr::ask(w, "ec2", "DescribeSubnets", "{}");
  if (!seen) return Out::not_seen(seen.error().text());
  std::map<std::string, int64_t> out;
  for (auto& s : seen->value("Subnets", Json::array()))
    if (s.contains("AvailableIpAddressCount"))
      out[s.value("SubnetId", "")] = s["AvailableIpAddressCount"].get<int64_t>();
  return Out::of(std::move(out));
}

Known<bool> flag_there(Workshop& w, const dr::Site& site) {
  auto& t = site.topology;
  if (t.flag_bucket.empty()) return Known<bool>::not_seen("the flag's bucket is not known");
  auto r = aws::s3::Client(w.aws->patient())
               .HeadObject({.Bucket = t.flag_bucket, .Key = t.flag_key}, site.in_recovery());
  if (r) return Known<bool>::of(true);
  return r.error().http_status == 404 ? Known<bool>::of(false) : Known<bool>::not_seen(r.error().text());
}

// The account's own Block Public Access: every region tells the same, so the recovery region is asked.
Known<dr::AccountBlock> account_block(const dr::Walk& w) {
  using Out = Known<dr::AccountBlock>;
  auto caller = dr::ask(w, "sts", "GetCallerIdentity", "{}");
  if (!caller) return Out::not_seen(caller.error().text());
  dr::AccountBlock out{.account = caller->value("Account", "")};
  auto seen = dr::ask(w, "s3control", "GetPublicAccessBlock", Json{{"AccountId", out.account}}.dump());
  // "NoSuchPublicAccessBlockConfiguration": the account has none.
  if (!seen && seen.error().code != "NoSuchPublicAccessBlockConfiguration") return Out::not_seen(seen.error().text());
  if (seen) {
    auto block = seen->value("PublicAccessBlockConfiguration", Json::object());
    out.restricts = block.value("RestrictPublicBuckets", false);
    out.refuses = block.value("BlockPublicPolicy", false);
  }
  return Out::of(std::move(out));
}

Known<dr::LeaseNow> lease_now(Workshop& w, const dr::Site& site) {
  auto l = w.store->lease();
  if (!l) return Known<dr::LeaseNow>::not_seen(l.error().text());
  dr::LeaseNow out;
  out.held = l->held && l->expires > site.clock.now();
  if (out.held) out.holder = "run " + l->run + " on " + l->holder.host + " until " + iso8601(l->expires);
  auto state = unfinished(*w.store);
  if (!state) return Known<dr::LeaseNow>::not_seen(state.error().text());
  if (*state) out.unfinished_run = (*state)->run;
  return Known<dr::LeaseNow>::of(std::move(out));
}

// Asked for the very engine and version that the primary runs.
Known<std::vector<std::string>> orderable(const dr::Walk& primary, const dr::Walk& recovery,
                                          const std::string& id) {
  using Out = Known<std::vector<std::string>>;
  if (id.empty()) return Out::not_seen("the database's name is not known");
  auto seen = dr::ask(primary, "rds", "DescribeDBInstances", Json{{"DBInstanceIdentifier", id}}.dump());
  if (!seen) return Out::not_seen(seen.error().text());
  auto& list = (*seen)["DBInstances"];
  if (!list.is_array() || list.empty()) return Out::not_seen("there is no such database");
  auto options = dr::ask(
      recovery, "rds", "DescribeOrderableDBInstanceOptions",
      Json{{"Engine", list[0].value("Engine", "")}, {"EngineVersion", list[0].value("EngineVersion", "")}}
          .dump());
  if (!options) return Out::not_seen(options.error().text());
  std::set<std::string> classes;
  for (auto& o : options->value("OrderableDBInstanceOptions", Json::array()))
    classes.insert(o.value("DBInstanceClass", ""));
  return Out::of({classes.begin(), classes.end()});
}

}  // namespace

void look_live(Workshop& w, const dr::Site& site, dr::Live& live) {
  auto all = aws::models();
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
                    },
                    [&] {
                      live.recovery_free_bytes = metric(w, site, recovery.region, "AWS/RDS",
                                                        "FreeStorageSpace", of(t.recovery.database));
                    },
                    [&] {
                      live.objects = objects_behind(w, site, primary);
                      if (!live.objects) live.newest_objects = newest_objects(w, site);
                    },
                    [&] { live.left_over = left_over(recovery); },
                    [&] { live.objects_before = objects_before(w, site, primary); },
                    [&] { live.stack_drift = stack_drift(w, recovery, site.config.recovery.stack); },
                    [&] { live.free_addresses = free_addresses(recovery); },
                    [&] { live.account_block = account_block(recovery); },
                    [&] { live.flag_there = flag_there(w, site); },
                    [&] { live.stack_policies = stack_policies(recovery, site.config.recovery.stack); },
                    [&] { live.lease = lease_now(w, site); },
                    [&] { live.orderable_classes = orderable(primary, recovery, t.primary.database); }});
}

}  // namespace relight::app
