// Is the primary down? Three observers that fail differently: its API, its load balancer, and the replica's
// own connection to it. None of them alone decides, and "cannot see" is not "down".
#include "aws/gen/rds.h"
#include "dr/steps/failover.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

// "up", "down" (it answered, and badly), or "silent: why".
std::string api_says(Site& s, std::string& backup_days) {
  aws::rds::DescribeDBInstancesMessage in;
  if (!s.topology.primary.database.empty()) in.DBInstanceIdentifier = s.topology.primary.database;
  auto r = aws::rds::Client(s.aws).DescribeDBInstances(in, s.in_primary());
  if (r && r->DBInstances && r->DBInstances->size() == 1)
    if (auto days = r->DBInstances->front().BackupRetentionPeriod) backup_days = std::to_string(*days);
  if (r) return "up";
  return r.error().http_status > 0 && r.error().http_status < 500 ? "up" : "silent: " + r.error().code;
}

std::string edge_says(Site& s) {
  if (s.topology.primary.load_balancer.empty()) return "unknown";
  auto r = s.look(s.topology.primary.load_balancer, s.config.dns.domain, "", Site::kProbe);
  if (!r) return "silent: " + r.error().code;
  return r->status < 500 ? "up" : "down: " + std::to_string(r->status);
}

std::string replica_says(Site& s) {
  auto db = s.connect(s.topology.recovery.database_host, Site::kProbe);
  if (!db) return "unknown";
  auto status = read_replica(*db);
  if (!status || !status->configured) return "unknown";
  return status->io == "Yes" ? "up" : "silent: " + (status->io.empty() ? "?" : status->io);
}

class Detect final : public Step {
 public:
  explicit Detect(Site& s) : s_(s) {}
  Outcome advance(Context&) override {
    Facts f;
    std::string api, edge, replica, backup_days;
    side_by_side({[&] { api = api_says(s_, backup_days); }, [&] { edge = edge_says(s_); },
                  [&] { replica = replica_says(s_); }});
    int against = 0, up = 0;
    for (auto* word : {&api, &edge, &replica}) {
      against += *word != "up" && *word != "unknown";
      up += *word == "up";
    }
    f["api"] = api;
    if (!backup_days.empty()) f["backup_days"] = backup_days;
    f["edge"] = edge;
    f["replica_io"] = replica;
    // The load balancer is what users reach: while it serves, the primary is up whatever else is silent.
    f["verdict"] = edge == "up" ? "up" : against >= 2 ? "down" : up >= 2 ? "up" : "unclear";
    return Done{f};
  }

 private:
  Site& s_;
};

}  // namespace

std::unique_ptr<Step> make_detect(Site& site) { return std::make_unique<Detect>(site); }

}  // namespace relight::dr
