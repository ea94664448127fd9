// The pilot light beside other ways of being ready, the hour lit, the drill, and what each saving costs. The
// ways' orders of RTO and RPO are those of AWS's "Disaster Recovery of Workloads on AWS: Recovery in the
// Cloud".
#include <fmt/format.h>

#include <algorithm>

#include "dr/planning/cost_sheet.h"

namespace relight::dr {
namespace {
constexpr double kMonth = kHoursOfMonth;

// What every way keeps: data, images, secrets, names.
void add_kept(const CostPicture& p, CostSheet& s) {
  for (auto* b : p.of("AWS::S3::Bucket")) s.bucket(*b);
  s.replication_of_databases();
  s.images();
  s.secrets();
  s.names();
}

// What stands in the recovery region beside databases and tasks.
void add_standing(const CostPicture&, CostSheet& s) {
  s.balancers(kMonth);
  s.endpoints(kMonth);
  s.alarms();
  s.functions_and_keys();
  s.firewall();
  s.others();
}

CostSum backup_and_restore(const CostPicture& p) {
  CostSum sum{.name = "backup and restore", .rto = "hours", .rpo = "up to the age of the last copy: a day"};
  sum.note = "nothing stands but copies; the region is built, and the database restored, after the disaster";
  CostSheet s(p, sum);
  for (auto& d : p.databases) s.snapshot(d, kMonth);
  add_kept(p, s);
  return sum;
}

CostSum warm_standby(const CostPicture& p) {
  CostSum sum{.name = "warm standby", .rto = "minutes: no task has to start first", .rpo = "seconds"};
  sum.note = "one task of each service runs, the replica is as large as the primary";
  CostSheet s(p, sum);
  for (auto& d : p.databases) s.database(d, d.primary_class, false, kMonth);
  for (auto& t : p.tasks) s.tasks(t, std::min(1, t.tasks), kMonth);
  s.nat(kMonth, true, true);
  add_kept(p, s);
  add_standing(p, s);
  return sum;
}

CostSum active_active(const CostPicture& p) {
  CostSum sum{
      .name = "active-active", .rto = "none for reads; writes wait for a new writer", .rpo = "seconds"};
  sum.note = "all of the primary a second time; one database still takes all writes";
  CostSheet s(p, sum);
  for (auto& d : p.databases) s.database(d, d.primary_class, d.primary_two_zones, kMonth);
  for (auto& t : p.tasks) s.tasks(t, t.tasks, kMonth);
  s.nat(kMonth, true, true);
  add_kept(p, s);
  add_standing(p, s);
  return sum;
}

// The difference that `change` makes, or nothing when a line of it is not known.
template <class Change>
std::optional<double> worth(const CostPicture& p, Change change) {
  CostSum sum;
  CostSheet s(p, sum);
  change(s);
  return sum.whole() ? std::optional(sum.usd()) : std::nullopt;
}

std::optional<double> less(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(*a - *b) : std::nullopt;
}

void database_savings(const CostPicture& p, std::vector<Saving>& out) {
  for (auto& d : p.databases) {
    auto whole = [&](const std::string& type, bool two) {
      return worth(p, [&](CostSheet& s) { s.database(d, type, two, kMonth); });
    };
    if (d.replica_class != d.primary_class)
      out.push_back(
          {fmt::format("{}: the replica is a {}, not a {}", d.from.id, d.replica_class, d.primary_class),
           less(whole(d.primary_class, d.replica_two_zones), whole(d.replica_class, d.replica_two_zones)),
           true, "5 to 10 minutes and a restart to enlarge it, or slower answers until then",
           "none while it keeps up; a replica too small to keep up falls behind"});
    if (d.primary_two_zones && !d.replica_two_zones)
      out.push_back({d.from.id + ": the replica stands in one zone, not in two",
                     less(whole(d.replica_class, true), whole(d.replica_class, false)), true,
                     "none; but after a failover the loss of a zone is an outage until it is made Multi-AZ",
                     "the same"});
    out.push_back({d.from.id + ": copies of snapshots instead of a replica",
                   less(whole(d.replica_class, d.replica_two_zones),
                        worth(p, [&](CostSheet& s) { s.snapshot(d, kMonth); })),
                   false, "a restore: half an hour to hours, by its size",
                   "from seconds to the age of the last copy: a day"});
  }
}

void standing_savings(const CostPicture& p, std::vector<Saving>& out) {
  for (auto& t : p.tasks)
    if (t.tasks > 0)
      out.push_back({fmt::format("{}: no task runs, not {}", t.name, t.tasks),
                     worth(p, [&](CostSheet& s) { s.tasks(t, t.tasks, kMonth); }), true,
                     "about 90 seconds for tasks to start, and nobody holds their capacity", "none"});
  if (auto nats = p.of("AWS::EC2::NatGateway"); !nats.empty()) {
    bool lit = p.lit_only(*nats.front()->resource);
    out.push_back(
        {"NAT gateways only when lit", worth(p, [&](CostSheet& s) { s.nat(kMonth, lit, !lit); }), lit,
         "2 to 3 minutes until they are made, before tasks of private subnets reach the internet", "none"});
  }
  auto balancers = worth(p, [&](CostSheet& s) { s.balancers(kMonth); });
  if (!p.of("AWS::ElasticLoadBalancingV2::LoadBalancer").empty())
    out.push_back({"load balancers only when lit", balancers, false,
                   "3 to 5 minutes, and the standby record needs Route 53's control plane in us-east-1",
                   "none"});
  auto endpoints = worth(p, [&](CostSheet& s) { s.endpoints(kMonth); });
  if (endpoints.value_or(1) > 0)
    out.push_back({"interface endpoints only when lit", endpoints, false,
                   "2 to 5 minutes before tasks reach the services behind them", "none"});
}

void data_savings(const CostPicture& p, std::vector<Saving>& out) {
  for (auto* b : p.of("AWS::S3::Bucket"))
    if (!b->resource->from.kind.empty())
      out.push_back({b->resource->from.id + ": not replicated", worth(p, [&](CostSheet& s) { s.bucket(*b); }),
                     false, "none", "every object of it"});
}

}  // namespace

void price_pilot_light(const CostPicture& p, CostSum& sum) {
  sum = {.name = "pilot light", .rto = "minutes (relight failover --plan says which)", .rpo = "seconds"};
  sum.note = "the database replicates, everything else stands unlit";
  CostSheet s(p, sum);
  for (auto& d : p.databases) s.database(d, d.replica_class, d.replica_two_zones, kMonth);
  s.nat(kMonth, false, true);
  add_kept(p, s);
  add_standing(p, s);
}

std::vector<CostSum> price_other_ways(const CostPicture& p) {
  return {backup_and_restore(p), warm_standby(p), active_active(p)};
}

CostSum price_lit_hour(const CostPicture& p) {
  CostSum sum{.name = "an hour lit", .note = "beside what the pilot costs anyhow"};
  CostSheet s(p, sum);
  for (auto& t : p.tasks) s.tasks(t, p.use.tasks, 1);
  s.nat(1, true, false);
  auto balancers = p.of("AWS::ElasticLoadBalancingV2::LoadBalancer");
  if (!balancers.empty()) {
    auto& from = balancers.front()->resource->from;
    s.add("load balancers' capacity units", from,
          {"AWSELB", "Load Balancer-Application", p.pilot.region, "LCUUsage", {}}, p.use.capacity_units,
          "LCU hours");
    s.add("to visitors", from,
          {"AWSDataTransfer", "Data Transfer", p.pilot.region, "DataTransfer-Out-Bytes", {}},
          p.use.visitors_gb_hour, "GB");
  }
  return sum;
}

CostSum price_drill(const CostPicture& p) {
  double hours = p.use.drill_hours;
  CostSum sum{.name = fmt::format("a drill of {:g} hours", hours)};
  sum.note =
      "a snapshot of the replica restored beside it, tasks and a load balancer in a network of their own";
  CostSheet s(p, sum);
  for (auto& d : p.databases) {
    s.database(d, d.primary_class, false, hours);
    s.snapshot(d, hours);
  }
  for (auto& t : p.tasks) s.tasks(t, p.use.tasks, hours);
  s.nat(hours, true, true);
  s.balancers(hours);
  return sum;
}

std::vector<Saving> price_savings(const CostPicture& p) {
  std::vector<Saving> out;
  database_savings(p, out);
  standing_savings(p, out);
  data_savings(p, out);
  return out;
}

}  // namespace relight::dr
