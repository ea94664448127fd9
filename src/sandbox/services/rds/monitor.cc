// Metrics, the replication state that DescribeDBInstances shows, and the purge of binary logs.
#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/cloudwatch.h"
#include "base/disk.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace {

using aws::cloudwatch::MetricDatum;

struct Observation {
  Result<ReplicaState> replica;
  Result<DatabaseLoad> load;
  std::optional<Instant> kept;  // until when the binary logs were
  Observation() : replica(ReplicaState{}), load(DatabaseLoad{}) {}
};

// Of a minute's polls. RDS purges binary logs "as soon as possible", some minutes later, and "uploads
// transaction logs for DB instances to Amazon S3 every five minutes" (Restoring a DB instance to a specified
// time).
constexpr uint64_t kLogsEvery = 5;

}  // namespace

void RdsService::watch() {
  if (watching_) return;
  watching_ = true;
  world_.after(world_.poll_interval(std::chrono::minutes(1)), [this] {
    watching_ = false;
    if (stopping_) return;
    ++ticks_;
    for (auto& region : world_.settings.regions) {
      if (!world_.links().up(region)) continue;
      for (auto& [id, i] : t_->instances.in(region))
        if (i.phase.empty() && (i.status() == "available" || i.status() == "backing-up")) observe(i);
      watch_backups(region);
    }
    watch();
  });
}

void RdsService::observe(const Instance& i) {
  auto seen = std::make_shared<Observation>();
  bool replica = i.replica(), keep_logs = ticks_ % kLogsEvery == 0 && i.retention() > 0;
  bool purge = ticks_ % kLogsEvery == 0;
  // One that is away still needs the source's binary logs; RDS keeps them for it.
  auto followers = replicas_of(i);
  size_t replicas = followers.size();
  for (Instance* r : followers) purge = purge && world_.links().connected(i.region, r->region);
  work_on(
      i,
      [this, seen, db = database_of(i), replica, purge, keep_logs, replicas,
       dir = logs_directory(i.region, i.key())]() -> Result<> {
        if (replica) seen->replica = plane_.replica_state(db);
        seen->load = plane_.load(db);
        Instant before = world_.clock.now();
        if (purge)
          TRY(plane_.purge_binlogs(db, dir, replicas));
        else if (keep_logs && system_disk().exists(dir))
          TRY(plane_.keep_binlogs(db, dir));
        if (keep_logs && system_disk().exists(dir)) seen->kept = before;
        return {};
      },
      [this, seen, replica](Instance& now, const Result<>&) {
        if (seen->kept) logs_kept(now, *seen->kept);
        aws::cloudwatch::PutMetricDataInput put{.Namespace = "AWS/RDS"};
        put.MetricData.emplace();
        auto add = [&](const char* name, double value, const char* unit) {
          put.MetricData->push_back({.MetricName = name,
                                     .Dimensions = {{aws::cloudwatch::Dimension{
                                         .Name = "DBInstanceIdentifier", .Value = now.id()}}},
                                     .Timestamp = world_.clock.now(),
                                     .Value = value,
                                     .Unit = unit});
        };
        Seen& last = seen_[now.key()];
        if (replica && now.replica()) {
          last.answered = seen->replica.has_value();
          if (last.answered) last.replica = *seen->replica;
          // "-1 if replication is not active" (ReplicaLag, Amazon RDS metrics).
          bool active = last.answered && last.replica.io_running && last.replica.sql_running;
          add("ReplicaLag", active ? last.replica.lag_seconds.value_or(-1) : -1, "Seconds");
        }
        if (seen->load) {
          double wall = std::chrono::duration<double>(world_.clock.now() - last.at).count();
          double used = seen->load->cpu_seconds - last.cpu_seconds;
          if (last.at != Instant{} && wall > 0 && used >= 0)
            add("CPUUtilization", std::min(100.0, 100 * used / wall), "Percent");
          last.cpu_seconds = seen->load->cpu_seconds;
          last.at = world_.clock.now();
          add("DatabaseConnections", seen->load->connections, "Count");
          double size = static_cast<double>(now.d.AllocatedStorage.value_or(20)) * (1u << 30);
          add("FreeStorageSpace", size - static_cast<double>(seen->load->disk_bytes), "Bytes");
        }
        // Without CloudWatch there is nobody to tell: not this service's failure.
        if (!put.MetricData->empty())
          static_cast<void>(world_.call<aws::cloudwatch::op::PutMetricData>(now.region, put));
      });
}

}  // namespace relight::sandbox
