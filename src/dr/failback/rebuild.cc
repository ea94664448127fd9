// A replica in the place of a database that was put aside, like it in everything that RDS lets a replica
// choose.
#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/rds.h"
#include "dr/failback/database.h"
#include "dr/failback/failback.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {
namespace rds = aws::rds;

constexpr Millis kRebuildPatience{24 * 3600 * 1000};  // a copy of terabytes takes hours

std::vector<rds::Tag> own_tags(const rds::DBInstance& like) {
  std::vector<rds::Tag> out;
  for (auto& t : like.TagList.value_or(std::vector<rds::Tag>{}))
    if (!t.Key.value_or("").starts_with("aws:")) out.push_back(t);  // reserved
  return out;
}

std::optional<std::vector<std::string>> security_groups(const rds::DBInstance& like) {
  std::vector<std::string> out;
  for (auto& g : like.VpcSecurityGroups.value_or(std::vector<rds::VpcSecurityGroupMembership>{}))
    out.push_back(g.VpcSecurityGroupId.value_or(""));
  if (out.empty()) return std::nullopt;
  return out;
}

// What RDS makes of a replica by itself is not said again.
rds::CreateDBInstanceReadReplicaMessage replica_like(const rds::DBInstance& like,
                                                     const rds::DBInstance& source) {
  rds::CreateDBInstanceReadReplicaMessage in;
  in.SourceDBInstanceIdentifier = source.DBInstanceArn;
  in.DBInstanceClass = like.DBInstanceClass;
  if (like.DBSubnetGroup) in.DBSubnetGroupName = like.DBSubnetGroup->DBSubnetGroupName;
  if (like.DBParameterGroups && !like.DBParameterGroups->empty())
    in.DBParameterGroupName = like.DBParameterGroups->front().DBParameterGroupName;
  if (like.OptionGroupMemberships && !like.OptionGroupMemberships->empty()) {
    auto name = like.OptionGroupMemberships->front().OptionGroupName.value_or("");
    if (!name.starts_with("default:")) in.OptionGroupName = name;
  }
  in.VpcSecurityGroupIds = security_groups(like);
  if (source.StorageEncrypted.value_or(false)) in.KmsKeyId = like.KmsKeyId.value_or("alias/aws/rds");
  in.PubliclyAccessible = like.PubliclyAccessible;
  in.AutoMinorVersionUpgrade = like.AutoMinorVersionUpgrade;
  in.CopyTagsToSnapshot = like.CopyTagsToSnapshot;
  if (like.MultiAZ.value_or(false)) in.MultiAZ = true;
  if (like.DeletionProtection.value_or(false)) in.DeletionProtection = true;
  if (like.Iops.value_or(0) > 0) in.Iops = like.Iops;
  if (auto type = like.StorageType.value_or(""); type != "gp2" && type != "standard" && !type.empty())
    in.StorageType = type;
  if (like.MaxAllocatedStorage.value_or(0) > 0) in.MaxAllocatedStorage = like.MaxAllocatedStorage;
  if (like.IAMDatabaseAuthenticationEnabled.value_or(false)) in.EnableIAMDatabaseAuthentication = true;
  if (like.MonitoringInterval.value_or(0) > 0) {
    in.MonitoringInterval = like.MonitoringInterval;
    in.MonitoringRoleArn = like.MonitoringRoleArn;
  }
  if (like.PerformanceInsightsEnabled.value_or(false)) in.EnablePerformanceInsights = true;
  if (auto& logs = like.EnabledCloudwatchLogsExports; logs && !logs->empty())
    in.EnableCloudwatchLogsExports = logs;
  if (auto tags = own_tags(like); !tags.empty()) in.Tags = std::move(tags);
  return in;
}

class Rebuild final : public Step {
 public:
  Rebuild(Site& s, std::string kept) : s_(s), rds_(s.aws), kept_(std::move(kept)) {}

  Outcome advance(Context& c) override {
    auto out = step(c);
    if (out) return *out;
    if (may_pass(out.error()) && c.elapsed() < kRebuildPatience)
      return Waiting{"RDS to answer: " + out.error().code};
    return Failed{out.error(), {"relight resume"}};
  }

 private:
  Result<Outcome> step(Context& c) {
    auto& id = s_.topology.recovery.database;
    TRY_ASSIGN(auto source,
               find_database(s_, s_.topology.primary.database, {s_.config.primary.region, Millis(10000)}));
    if (!source) return fail(gone(s_.topology.primary.database, s_.config.primary.region));
    TRY_ASSIGN(auto now, find_database(s_, id, s_.in_recovery()));
    if (!now) return make(c, *source);
    auto from = now->ReadReplicaSourceDBInstanceIdentifier.value_or("");
    if (from != source->DBInstanceArn)
      return fail(Error{.code = "Failback.OtherSource",
                        .message = from.empty() ? "it is no replica" : "it is a replica of " + from,
                        .tried = "make a replica of " + source->DBInstanceArn.value_or(""),
                        .resource = id,
                        .region = s_.config.recovery.region,
                        .next = "somebody made it meanwhile: rename or delete it, then relight resume"});
    auto status = now->DBInstanceStatus.value_or("?");
    if (status != "available" && status != "backing-up")
      return late(c, id + " to be available (" + status + ")");
    return replicating(c, *now);
  }

  Result<Outcome> make(Context& c, const rds::DBInstance& source) {
    auto name = get(c.facts(kept_), "kept");
    TRY_ASSIGN(auto like, find_database(s_, name, s_.in_recovery()));
    if (!like) return fail(gone(name, s_.config.recovery.region));
    // This replica is to be promoted one day.
    if (!opened_) TRY(leave_open(c, s_, *like));
    opened_ = true;
    auto& id = s_.topology.recovery.database;
    auto in = replica_like(*like, source);
    in.DBInstanceIdentifier = id;
    auto sent = act(c, "rds:CreateDBInstanceReadReplica", id,
                    [&] { return rds_.CreateDBInstanceReadReplica(in, s_.in_recovery()); });
    if (!sent && sent.error().code.starts_with("InvalidDBInstanceState"))
      return late(c, s_.topology.primary.database + " to allow a replica: " + sent.error().message);
    // What was made is not always listed at once.
    if (!sent && !sent.error().code.starts_with("DBInstanceAlreadyExists"))
      return std::unexpected(sent.error());
    return Outcome{Waiting{"RDS to make the replica " + id}};
  }

  // By its own word, and where SQL cannot reach it by RDS's.
  Result<Outcome> replicating(Context& c, const rds::DBInstance& now) {
    auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
    if (!db) return by_api(c, now, db.error());
    auto status = read_replica(*db);
    if (!status && denied(status.error())) return by_api(c, now, status.error());
    if (!status) return late(c, "the replica to answer: " + status.error().code);
    if (!status->configured || status->io != "Yes" || status->sql != "Yes") {
      auto& why = status->io_error.empty() ? status->sql_error : status->io_error;
      return late(
          c, "the replica to replicate (receiving: " + status->io + (why.empty() ? ")" : "; " + why + ")"));
    }
    if (drained(*status)) return Outcome{Done{{{"applied", status->applied}}}};
    auto left = pending(*status);
    return late(c, left ? fmt::format("the replica to catch up ({} transactions)", *left)
                        : std::string("the replica to catch up"));
  }

  Result<Outcome> by_api(Context& c, const rds::DBInstance& now, const Error& why) {
    for (auto& i : now.StatusInfos.value_or(std::vector<rds::DBInstanceStatusInfo>{}))
      if (i.StatusType == "read replication" && i.Status == "replicating")
        return Outcome{Done{{{"certainty_lost", "how far the new replica is (" + why.code + ")"}}}};
    return late(c, "RDS to call it replicating");
  }

  Result<Outcome> late(Context& c, std::string what) const {
    if (c.elapsed() < kRebuildPatience) return Outcome{Waiting{std::move(what)}};
    return fail(Error{.code = "Failback.NoReplica",
                      .message = "after 24 hours still waiting for " + what,
                      .tried = "make a replica",
                      .resource = s_.topology.recovery.database,
                      .region = s_.config.recovery.region,
                      .next = "'aws rds describe-events' names the cause; mend it, then relight resume"});
  }

  static Error gone(const std::string& id, const std::string& region) {
    return {.code = "Failback.NoDatabase",
            .message = "the database is gone",
            .tried = "make a replica",
            .resource = id,
            .region = region,
            .next = "without it nothing can be rebuilt: restore it, then relight resume"};
  }

  Site& s_;
  rds::Client rds_;
  std::string kept_;
  bool opened_ = false;
};

}  // namespace

std::unique_ptr<Step> make_rebuild(Site& site, std::string kept) {
  return std::make_unique<Rebuild>(site, std::move(kept));
}

}  // namespace relight::dr
