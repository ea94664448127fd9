#include "app/lit.h"

#include <fmt/format.h>

#include "aws/gen/ecs.h"
#include "aws/gen/rds.h"
#include "dr/capture/topology_capture.h"

namespace relight::app {
namespace {

Error is_lit(const Workshop& w, const std::string& resource, std::string why) {
  return {.code = "Deploy.Lit",
          .message = std::move(why),
          .tried = "change the pilot",
          .resource = resource,
          .region = w.config.recovery.region,
          .next = "it serves, or is about to: nothing was changed. 'relight failback' makes a pilot of it again"};
}

}  // namespace

Result<> not_lit(Workshop& w) {
  auto& aws = w.aws->caller();
  aws::CallOptions where{w.config.recovery.region, Millis(20000)};
  auto seen = dr::capture_topology(aws, w.config);
  for (auto& e : seen.unseen)
    if (e.resource == w.config.recovery.stack) return fail(e);
  auto& r = seen.topology.recovery;
  if (!r.database.empty()) {
    TRY_ASSIGN(auto d,
               aws::rds::Client(aws).DescribeDBInstances({.DBInstanceIdentifier = r.database}, where));
    if (!d.DBInstances || d.DBInstances->empty() ||
        d.DBInstances->front().ReadReplicaSourceDBInstanceIdentifier.value_or("").empty())
      return fail(
          is_lit(w, r.database, "the recovery region's database is no replica any more: it was promoted"));
  }
  if (r.cluster.empty() || r.service.empty()) return {};
  TRY_ASSIGN(auto s, aws::ecs::Client(aws).DescribeServices(
                         {.cluster = r.cluster, .services = std::vector<std::string>{r.service}}, where));
  int wanted = s.services && !s.services->empty() ? s.services->front().desiredCount.value_or(0) : 0;
  if (wanted > 0) return fail(is_lit(w, r.service, fmt::format("{} tasks are wanted there", wanted)));
  return {};
}

}  // namespace relight::app
