// DB snapshots: real copies of the data.
#include <fmt/format.h>

#include <algorithm>

#include "base/disk.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

// The row is there at once, "creating"; the copy is made on a worker. A deletion waiting for it goes on
// afterwards.
void RdsService::take_snapshot(Instance& i, const std::string& name, std::string_view type) {
  api::DBSnapshot s;
  s.DBSnapshotIdentifier = name;
  s.DBInstanceIdentifier = i.id();
  s.Engine = i.d.Engine;
  s.EngineVersion = i.d.EngineVersion;
  s.AllocatedStorage = i.d.AllocatedStorage;
  s.Status = "creating";
  s.Port = i.d.DbInstancePort;
  s.AvailabilityZone = i.d.AvailabilityZone;
  if (i.d.DBSubnetGroup) s.VpcId = i.d.DBSubnetGroup->VpcId;
  s.InstanceCreateTime = i.d.InstanceCreateTime;
  s.MasterUsername = i.d.MasterUsername;
  s.LicenseModel = i.d.LicenseModel;
  s.SnapshotType = type;
  s.PercentProgress = 0;
  s.StorageType = i.d.StorageType;
  s.Encrypted = i.d.StorageEncrypted;
  s.KmsKeyId = i.d.KmsKeyId;
  s.DBSnapshotArn = rds::arn(world_, i.region, "snapshot", name);
  s.DbiResourceId = i.key();
  s.IAMDatabaseAuthenticationEnabled = false;
  s.SnapshotTarget = "region";
  s.OptionGroupName = i.option_group();
  t_->snapshots.put(i.region, name, s);
  if (i.d.CopyTagsToSnapshot.value_or(false)) give_tags(*s.DBSnapshotArn, tags_of(*i.d.DBInstanceArn));
  std::string dir = rds::snapshot_directory(world_, i.region, name);
  std::string logs = type == "automated" ? logs_directory(i.region, i.key()) : "";
  work_on(
      i,
      [this, db = database_of(i), dir, logs]() -> Result<> {
        // From before the copy on no binary log is dropped unkept: none is missing after it.
        if (!logs.empty()) TRY(system_disk().make_dir(logs));
        TRY(plane_.snapshot(db, dir));
        return logs.empty() ? Result<>{} : plane_.keep_binlogs(db, logs);
      },
      [this, name](Instance& now, const Result<>& r) { snapshot_taken(now, name, r); });
}

void RdsService::snapshot_taken(Instance& i, const std::string& name, const Result<>& r) {
  if (auto* row = t_->snapshots.find(i.region, name)) {
    bool automated = row->SnapshotType == "automated";
    row->Status = r ? "available" : "failed";
    row->PercentProgress = r ? 100 : 0;
    stamp(*row);
    t_->snapshots.save(i.region, name, *row);
    std::string_view kind = automated ? "Automated" : "Manual";
    record(i.region, "db-snapshot", name, *row->DBSnapshotArn, {"creation"},
           r ? fmt::format("{} snapshot created", kind) : "Snapshot failed: " + r.error().message);
    if (automated && r) backed_up(i, *row);
    if (automated && !r) drop_snapshot(i.region, api::DBSnapshot(*row));
  }
  if (i.phase == "delete") {
    if (name == i.argument) r ? proceed(i) : broken(i, r.error());
    return;
  }
  if (i.status() == "backing-up" && i.phase.empty()) become(i, "available");
}

// A copy that was under way when the sandbox or the region ended.
void RdsService::forget_half_made(const std::string& region) {
  std::vector<api::DBSnapshot> half;
  for (auto& [name, s] : t_->snapshots.in(region))
    if (*s.Status == "creating") half.push_back(s);
  for (auto& s : half) {
    if (s.SnapshotType == "automated") {
      drop_snapshot(region, s);
      continue;
    }
    s.Status = "failed";
    t_->snapshots.put(region, *s.DBSnapshotIdentifier, s);
  }
}

size_t RdsService::manual_snapshots(const std::string& region) {
  return static_cast<size_t>(std::ranges::count_if(
      t_->snapshots.in(region), [](auto& row) { return row.second.SnapshotType == "manual"; }));
}

void RdsService::add_snapshot_making() {
  on<api::op::CreateDBSnapshot>([this](const Call& c, const auto& in) -> R<api::CreateDBSnapshotResult> {
    TRY_ASSIGN(std::string name, rds::identifier("DBSnapshotIdentifier", *in.DBSnapshotIdentifier, 255));
    TRY_ASSIGN(Instance * i, find(c.region, *in.DBInstanceIdentifier));
    if (t_->snapshots.find(c.region, name)) {
      return aws_error("DBSnapshotAlreadyExists",
                       fmt::format("Cannot create the snapshot because a snapshot with the "
                                   "identifier {} already exists.",
                                   name));
    }
    if (manual_snapshots(c.region) >= rds::kSnapshotLimit) {
      return aws_error("SnapshotQuotaExceeded", "The quota of 100 manual snapshots would be exceeded");
    }
    if (!i->available()) {
      return aws_error("InvalidDBInstanceState",
                       fmt::format("Cannot create a snapshot because the database instance {} "
                                   "is not currently in the available state.",
                                   i->id()));
    }
    become(*i, "backing-up");
    take_snapshot(*i, name, "manual");
    give_tags(rds::arn(world_, c.region, "snapshot", name), in.Tags);
    return api::CreateDBSnapshotResult{.DBSnapshot = *t_->snapshots.find(c.region, name)};
  });
}

void RdsService::add_snapshot_lists() {
  on<api::op::DescribeDBSnapshots>([this](const Call& c, const auto& in) -> R<api::DBSnapshotMessage> {
    std::vector<api::DBSnapshot> all;
    std::string wanted = rds::lower(in.DBSnapshotIdentifier.value_or(""));
    if (wanted.starts_with("arn:")) {
      TRY_ASSIGN(rds::Arn a, rds::parse_arn(wanted));
      wanted = a.name;
    }
    for (auto& [name, s] : t_->snapshots.in(c.region)) {
      if (!wanted.empty() && name != wanted) continue;
      if (in.DBInstanceIdentifier && *s.DBInstanceIdentifier != rds::lower(*in.DBInstanceIdentifier))
        continue;
      if (in.SnapshotType && *s.SnapshotType != *in.SnapshotType) continue;
      if (in.DbiResourceId && *s.DbiResourceId != *in.DbiResourceId) continue;
      api::DBSnapshot shown = s;
      shown.TagList = tags_of(*s.DBSnapshotArn);
      all.push_back(std::move(shown));
    }
    if (!wanted.empty() && all.empty()) {
      return aws_error("DBSnapshotNotFound", fmt::format("DBSnapshot {} not found.", wanted), 404);
    }
    api::DBSnapshotMessage out;
    TRY_ASSIGN(out.DBSnapshots, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                         [](auto& s) { return *s.DBSnapshotIdentifier; }));
    return out;
  });
  on<api::op::DeleteDBSnapshot>([this](const Call& c, const auto& in) -> R<api::DeleteDBSnapshotResult> {
    auto* s = t_->snapshots.find(c.region, rds::lower(*in.DBSnapshotIdentifier));
    if (!s)
      return aws_error("DBSnapshotNotFound",
                       fmt::format("DBSnapshot not found: {}", *in.DBSnapshotIdentifier), 404);
    // The words are unverified.
    if (s->SnapshotType == "automated")
      return aws_error("InvalidDBSnapshotState", "Only manual snapshots may be deleted.");
    if (*s->Status == "creating")
      return aws_error("InvalidDBSnapshotState", "Cannot delete the snapshot: it is creating");
    api::DBSnapshot gone = *s;
    gone.Status = "deleted";
    drop_snapshot(c.region, gone);
    return api::DeleteDBSnapshotResult{.DBSnapshot = gone};
  });
}

// "CopyDBSnapshot" of the API: another region's snapshot is named by its ARN, and an encrypted one gets a key
// of the region it comes to.
Result<RdsService::SnapshotCopy> RdsService::copy_of(const Call& c, const api::CopyDBSnapshotMessage& in) {
  SnapshotCopy out{.region = c.region};
  TRY_ASSIGN(out.name, rds::identifier("TargetDBSnapshotIdentifier", *in.TargetDBSnapshotIdentifier, 255));
  out.from = rds::lower(*in.SourceDBSnapshotIdentifier);
  if (out.from.starts_with("arn:")) {
    TRY_ASSIGN(rds::Arn a, rds::parse_arn(out.from));
    out.region = a.region;
    out.from = a.name;
  }
  if (out.region != c.region && !world_.links().connected(c.region, out.region))
    return aws_error("InternalFailure", "The region " + out.region + " does not answer", 500);
  auto* source = t_->snapshots.find(out.region, out.from);
  if (!source) return aws_error("DBSnapshotNotFound", "DBSnapshot not found: " + out.from, 404);
  if (*source->Status != "available")
    return aws_error("InvalidDBSnapshotState", "The snapshot is " + *source->Status);
  if (t_->snapshots.find(c.region, out.name))
    return aws_error("DBSnapshotAlreadyExists", "Snapshot exists: " + out.name);
  if (manual_snapshots(c.region) >= rds::kSnapshotLimit)
    return aws_error("SnapshotQuotaExceeded", "The quota of 100 manual snapshots would be exceeded");
  if (out.region != c.region && source->Encrypted.value_or(false) && !in.KmsKeyId)
    return aws_error("InvalidParameterValue",
                     "KmsKeyId is required to copy an encrypted snapshot from another region");
  out.row = *source;
  out.row.DBSnapshotIdentifier = out.name;
  out.row.DBSnapshotArn = rds::arn(world_, c.region, "snapshot", out.name);
  out.row.SourceDBSnapshotIdentifier = *source->DBSnapshotArn;
  // "If your DB instance uses a nondefault option group, specify the option group to use": another region
  // does not have it.
  std::optional<std::string> group = out.region == c.region ? source->OptionGroupName : std::nullopt;
  TRY_ASSIGN(out.row.OptionGroupName,
             option_group_for(c.region, in.OptionGroupName ? in.OptionGroupName : group));
  if (out.region != c.region) {
    out.row.SourceRegion = out.region;
    out.row.VpcId = std::nullopt;
    out.row.AvailabilityZone = std::nullopt;
  }
  if (source->KmsKeyId) TRY(storage_key(c, out.region, source->KmsKeyId));
  if (in.KmsKeyId) {
    TRY_ASSIGN(out.row.KmsKeyId, storage_key(c, c.region, in.KmsKeyId));
    out.row.Encrypted = true;
  }
  out.row.SnapshotType = "manual";
  out.row.Status = "creating";
  out.row.PercentProgress = 0;
  return out;
}

void RdsService::add_snapshot_copies() {
  on<api::op::CopyDBSnapshot>([this](const Call& c, const auto& in) -> R<api::CopyDBSnapshotResult> {
    TRY_ASSIGN(auto copy, copy_of(c, in));
    auto& s = copy.row;
    bool tags = in.CopyTags.value_or(false);
    give_tags(*s.DBSnapshotArn, tags ? tags_of(*s.SourceDBSnapshotIdentifier) : in.Tags);
    t_->snapshots.put(c.region, copy.name, s);
    auto from = rds::snapshot_directory(world_, copy.region, copy.from);
    auto to = rds::snapshot_directory(world_, c.region, copy.name);
    auto outcome = std::make_shared<Result<>>();
    world_.work([this, outcome, from, to] { *outcome = plane_.copy_snapshot(from, to); },
                [this, outcome, region = c.region, source = copy.region, name = copy.name] {
                  auto* row = t_->snapshots.find(region, name);
                  if (!row) return;
                  // What a lost region had not sent yet does not arrive.
                  bool whole = *outcome && (source == region || world_.links().connected(region, source));
                  row->Status = whole ? "available" : "failed";
                  row->PercentProgress = whole ? 100 : 0;
                  row->SnapshotCreateTime = world_.clock.now();
                  t_->snapshots.save(region, name, *row);
                });
    return api::CopyDBSnapshotResult{.DBSnapshot = s};
  });
}

void RdsService::add_snapshots() {
  add_snapshot_making();
  add_snapshot_lists();
  add_snapshot_copies();
}

}  // namespace relight::sandbox
