#include "dr/capture/topology_capture.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "aws/gen/cloudformation.h"
#include "aws/gen/rds.h"
#include "dr/steps/site.h"

namespace relight::dr {
namespace {

using Field = std::string Resources::*;
constexpr std::array<std::pair<const char*, Field>, 7> kOutputs{
    {{"BalancerName", &Resources::load_balancer},
     {"TargetGroupArn", &Resources::target_group},
     {"ClusterName", &Resources::cluster},
     {"ServiceName", &Resources::service},
     {"DatabaseIdentifier", &Resources::database},
     {"DatabaseEndpoint", &Resources::database_host},
     {"UploadsBucket", &Resources::bucket}}};
// Physical ids that are the very names we need.
constexpr std::array<std::pair<const char*, Field>, 4> kTypes{
    {{"AWS::ECS::Cluster", &Resources::cluster},
     {"AWS::ECS::Service", &Resources::service},
     {"AWS::RDS::DBInstance", &Resources::database},
     {"AWS::ElasticLoadBalancingV2::TargetGroup", &Resources::target_group}}};

struct Found {
  Resources resources;
  std::string flag_bucket, flag_key;
  Resources other;  // what this side's stack was told about the other side
  std::optional<std::vector<Dormant>> dormant;
  std::vector<Error> unseen;
};

void fill(std::string& to, const std::string& from) {
  if (to.empty()) to = from;
}

Result<> by_outputs(aws::cloudformation::Client& cfn, const std::string& stack, const aws::CallOptions& where,
                    Found& f) {
  TRY_ASSIGN(auto r, cfn.DescribeStacks({.StackName = stack}, where));
  if (!r.Stacks || r.Stacks->empty()) return fail("Capture.NoStack", "there is no stack " + stack);
  std::vector<Dormant> dormant;
  for (auto& o : r.Stacks->front().Outputs.value_or(std::vector<aws::cloudformation::Output>{})) {
    auto key = o.OutputKey.value_or(""), value = o.OutputValue.value_or("");
    for (auto& [name, field] : kOutputs)
      if (key == name) fill(f.resources.*field, value);
    if (key == "FlagBucket") fill(f.flag_bucket, value);
    if (key == "FlagKey") fill(f.flag_key, value);
    if (key == "PrimaryDatabaseEndpoint") f.other.database_host = value;
    if (key.starts_with("Dormant")) {
      TRY_ASSIGN(auto some, dormant_from_json(value));
      std::ranges::move(some, std::back_inserter(dormant));
    }
  }
  std::ranges::sort(dormant);
  f.dormant = std::move(dormant);
  for (auto& p : r.Stacks->front().Parameters.value_or(std::vector<aws::cloudformation::Parameter>{}))
    if (p.ParameterKey == "PrimaryBalancerName") f.other.load_balancer = p.ParameterValue.value_or("");
  return {};
}

Result<> by_types(aws::cloudformation::Client& cfn, const std::string& stack, const aws::CallOptions& where,
                  Found& f) {
  bool missing = false;
  for (auto& [type, field] : kTypes) missing |= (f.resources.*field).empty();
  if (!missing) return {};
  TRY_ASSIGN(auto r, cfn.DescribeStackResources({.StackName = stack}, where));
  for (auto& s : r.StackResources.value_or(std::vector<aws::cloudformation::StackResource>{}))
    for (auto& [type, field] : kTypes)
      if (s.ResourceType == type) fill(f.resources.*field, s.PhysicalResourceId.value_or(""));
  return {};
}

Found look(aws::Caller& aws, const Side& side, const aws::CallOptions& where) {
  Found f;
  f.resources = side.resources;
  if (side.stack.empty()) return f;
  aws::cloudformation::Client cfn(aws);
  auto r = by_outputs(cfn, side.stack, where, f);
  if (r) r = by_types(cfn, side.stack, where, f);
  if (!r) f.unseen.push_back(Error(r.error()).on(side.stack));
  return f;
}

// A replica names its source, by ARN when that is in another region: arn:aws:rds:REGION:ACCOUNT:db:NAME.
std::string source_of(aws::Caller& aws, const std::string& replica, const aws::CallOptions& where) {
  auto r = aws::rds::Client(aws).DescribeDBInstances({.DBInstanceIdentifier = replica}, where);
  if (!r || !r->DBInstances || r->DBInstances->empty()) return "";
  auto source = r->DBInstances->front().ReadReplicaSourceDBInstanceIdentifier.value_or("");
  return source.substr(source.rfind(':') + 1);
}

}  // namespace

Captured capture_topology(aws::Caller& aws, const Config& c, Millis primary_deadline) {
  Found p, d;
  side_by_side({[&] {
                  p = look(aws, c.primary, {c.primary.region, primary_deadline});
                },
                [&] {
                  d = look(aws, c.recovery, {c.recovery.region, Millis(10000)});
                }});
  Captured out;
  out.topology = {p.resources, d.resources, c.dns.flag_bucket, "", std::move(d.dormant)};
  fill(out.topology.flag_bucket, d.flag_bucket);
  out.topology.flag_key = c.dns.flag_bucket.empty() && !d.flag_key.empty() ? d.flag_key : c.dns.flag_key;
  // The recovery region alone also tells something about the primary, on the day on which that is silent.
  auto& primary = out.topology.primary;
  fill(primary.load_balancer, d.other.load_balancer);
  fill(primary.database_host, d.other.database_host);
  if (!p.unseen.empty() && primary.database.empty() && !d.resources.database.empty())
    primary.database = source_of(aws, d.resources.database, {c.recovery.region, Millis(10000)});
  for (auto* f : {&p, &d})
    for (auto& e : f->unseen) out.unseen.push_back(e);
  return out;
}

}  // namespace relight::dr
