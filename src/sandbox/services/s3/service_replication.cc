// Replication that really copies: what a region's store has queued is carried to the destination's store once
// the line's one-way delay has passed and both regions can see each other. Whatever waits when a region is
// lost stays in that region's index and goes on from there when it returns.
#include <fmt/format.h>

#include <algorithm>

#include "aws/codec/codec.h"
#include "aws/gen/cloudwatch.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/replication.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
namespace cw = aws::cloudwatch;
using s3::refuse;
namespace {
constexpr size_t kBatch = 256;
}

void S3Service::kick(const std::string& region, Millis delay) {
  std::lock_guard g(world_.lock());
  Pump& p = pumps_[region];
  if (p.scheduled || stopping_) return;
  p.scheduled = true;
  world_.after(delay, [this, region, alive = alive_] {
    if (*alive) pump(region);
  });
}

// Under the world's lock, which may not wait for disks: the reading and copying is a worker's.
void S3Service::pump(const std::string& region) {
  if (stopping_ || !world_.links().up(region)) {
    pumps_[region].scheduled = false;  // region_restored and start() kick again
    return;
  }
  struct Outcome {
    std::vector<object::Pending> batch;
    bool moved = false, waiting = false;
  };
  auto out = std::make_shared<Outcome>();  // shared by the worker's half and the lock's half
  world_.work(
      [this, region, out] {
        if (stopping_) return;
        Millis delay{world_.settings.wan_one_way_ms};
        auto due = store(region).pending(world_.clock.now() - delay, kBatch);
        if (due) out->batch = std::move(*due);
        for (auto& p : out->batch) {
          std::string status = deliver(p, region);
          if (status.empty())
            out->waiting = true;
          else
            out->moved = store(region).settle(p, status).has_value() || out->moved;
        }
      },
      [this, out, region, alive = alive_] {
        if (!*alive) return;
        pumps_[region].scheduled = false;  // first: a write from now on kicks by itself
        auto oldest = store(region).oldest_pending();
        if (!oldest || !*oldest) return;
        Instant next = **oldest + Millis{world_.settings.wan_one_way_ms};
        Millis wait = std::max(Millis{1}, std::chrono::duration_cast<Millis>(next - world_.clock.now()));
        kick(region, out->waiting && !out->moved ? world_.poll_interval(Millis{30'000}) : wait);
      });
}

std::optional<std::string> S3Service::key_of_rule(const object::Pending& p) {
  s3::BucketRef from = buckets_.find(p.bucket);
  if (!from || !from->replication) return std::nullopt;
  for (auto& r : from->replication->Rules.value_or(std::vector<model::ReplicationRule>{}))
    if (r.ID == p.to.rule) return s3::replica_key(r);
  return std::nullopt;
}

std::string S3Service::deliver(const object::Pending& p, const std::string& from) {
  s3::BucketRef to = buckets_.find(p.to.bucket);
  if (!to || !to->versioned() || !stores_.contains(to->region)) return "FAILED";
  auto reachable = [&] {
    return to->region == from ? world_.links().up(from) : world_.links().connected(from, to->region);
  };
  if (!reachable()) return "";
  auto found = store(from).read(p.bucket, p.key, p.id);
  if (!found) return "";
  if (!*found) return "COMPLETED";  // deleted meanwhile
  object::NewVersion v{.bucket = to->name,
                       .key = p.key,
                       .id = p.id,
                       .marker = (*found)->version.marker,
                       .etag = (*found)->version.etag,
                       .modified = (*found)->version.modified,
                       .attributes = (*found)->version.attributes};
  v.attributes[std::string(object::kReplication)] = "REPLICA";
  if (s3::is_under_kms(v.attributes)) {
    auto key = key_of_rule(p);
    if (!key) return "FAILED";  // the rule went meanwhile, or takes none of these any more
    v.attributes["kms-key"] = *key;
  }
  auto& there = store(to->region);
  auto known = there.find(to->name, p.key, p.id);
  if (known && *known) return "COMPLETED";  // an earlier try that was cut off before it was noted
  auto content = there.stage((*found)->body);
  if (!content) return "";
  if (!reachable()) return "";  // the disaster came while the bytes were on the line
  auto made = there.put(v, std::move(*content));
  if (!made) return made.error().code == "NoSuchBucket" ? "FAILED" : "";
  // A replica is an object that was put, to who listens at its bucket. Not documented by AWS; what its users
  // report. Whether a replicated delete marker is told is unverified, and it is not told here.
  Call replication{to->region, world_.rng.uuid(),
                   fmt::format("arn:aws:iam::{}:s3-replication", world_.account()), nullptr};
  if (!v.marker) notify(replication, *to, "ObjectCreated:Put", "PutObject", *made);
  world_.event(to->region, "s3", fmt::format("{}/{}", to->name, p.key),
               v.marker ? "delete marker replicated" : fmt::format("replicated version {}", p.id));
  return "COMPLETED";
}

void S3Service::register_replication() {
  on<PutBucketReplication>(
      [this](const Call& c, const PutBucketReplication::Input& in) -> Result<PutBucketReplication::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutReplicationConfiguration", {}, in.ExpectedBucketOwner));
        GetBucketReplication::Output kept{.ReplicationConfiguration = in.ReplicationConfiguration};
        TRY(s3::check_replication(*b, buckets_, *kept.ReplicationConfiguration, world_.rng));
        std::string json = aws::codec::to_json(*shape_of(&kept), &kept);
        TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
          if (!x.versioned())
            return refuse("InvalidRequest",
                          "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
          x.config["replication"] = json;
          return {};
        }));
        return PutBucketReplication::Output{};
      });
  on<GetBucketReplication>(
      [this](const Call& c, const GetBucketReplication::Input& in) -> Result<GetBucketReplication::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetReplicationConfiguration", {}, in.ExpectedBucketOwner));
        if (!b->replication)
          return refuse("ReplicationConfigurationNotFoundError",
                        "The replication configuration was not found", 404);
        return GetBucketReplication::Output{.ReplicationConfiguration = b->replication};
      });
}

namespace {

cw::MetricDatum datum(const char* name, const std::vector<cw::Dimension>& dimensions, double value,
                      const char* unit, Instant now) {
  cw::MetricDatum d;
  d.MetricName = name;
  d.Dimensions = dimensions;
  d.Timestamp = now;
  d.Value = value;
  d.Unit = unit;
  return d;
}

bool metrics_enabled(const model::ReplicationRule& r) {
  return r.Status == "Enabled" && r.Destination && r.Destination->Metrics &&
         r.Destination->Metrics->Status == "Enabled";
}

}  // namespace

// "S3 Replication metrics" (S3 User Guide), for rules that have them enabled. Published in the source's
// region (unverified), so a lost region publishes nothing.
void S3Service::publish_metrics() {
  auto backlogs =
      std::make_shared<std::map<std::string, std::vector<object::Backlog>>>();  // worker's, then ours
  world_.work(
      [this, backlogs] {
        for (auto& [region, s] : stores_)
          if (auto b = s->backlog()) (*backlogs)[region] = std::move(*b);
      },
      [this, backlogs, alive = alive_] {
        if (!*alive || stopping_) return;
        Instant now = world_.clock.now();
        for (auto& b : buckets_.all()) {
          if (!b->replication || !world_.links().up(b->region)) continue;
          for (auto& r : b->replication->Rules.value_or(std::vector<model::ReplicationRule>{})) {
            if (!metrics_enabled(r)) continue;
            object::Backlog sum{.oldest = now};
            for (auto& x : (*backlogs)[b->region])
              if (x.bucket == b->name && x.to.rule == r.ID) sum = x;
            std::string to = s3::bucket_of_arn(r.Destination->Bucket.value_or(""));
            std::vector<cw::Dimension> d{{.Name = "SourceBucket", .Value = b->name},
                                         {.Name = "DestinationBucket", .Value = to},
                                         {.Name = "RuleId", .Value = r.ID}};
            double seconds = static_cast<double>((now - sum.oldest).count()) / 1000.0;
            cw::PutMetricDataInput in;
            in.Namespace = "AWS/S3";
            in.MetricData = {
                datum("BytesPendingReplication", d, static_cast<double>(sum.bytes), "Bytes", now),
                datum("OperationsPendingReplication", d, static_cast<double>(sum.operations), "Count", now),
                datum("ReplicationLatency", d, std::max(0.0, seconds), "Seconds", now)};
            static_cast<void>(
                world_.call<cw::op::PutMetricData>(b->region, in));  // best effort, as CloudWatch's are
          }
        }
        world_.after(world_.poll_interval(Millis{60'000}), [this, alive] {
          if (*alive && !stopping_) publish_metrics();
        });
      });
}

}  // namespace relight::sandbox
