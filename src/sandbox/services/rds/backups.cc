// Automated backups: a snapshot when an instance is made and in each day's backup window, kept for the
// retention period, with the binary logs between them. "Introduction to backups" and "Working with automated
// backups" of the Amazon RDS User Guide.
#include "sandbox/services/rds/backups.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/disk.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;
using std::chrono::days, std::chrono::minutes, std::chrono::seconds;

namespace rds {

Result<BackupWindow> parse_backup_window(std::string_view text) {
  auto number = [&](size_t at) {
    bool digits =
        text.size() == 11 && text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
    return digits ? (text[at] - '0') * 10 + (text[at + 1] - '0') : -1;
  };
  int h1 = number(0), m1 = number(3), h2 = number(6), m2 = number(9);
  bool ok = h1 >= 0 && h1 < 24 && m1 >= 0 && m1 < 60 && h2 >= 0 && h2 < 24 && m2 >= 0 && m2 < 60 &&
            text[2] == ':' && text[5] == '-' && text[8] == ':';
  BackupWindow w{minutes(h1 * 60 + m1), minutes(h2 * 60 + m2) - minutes(h1 * 60 + m1)};
  if (w.length < minutes(0)) w.length += days(1);
  if (ok && w.length >= minutes(30)) return w;
  return aws_error("InvalidParameterValue",
                   fmt::format("Invalid backup window {}. It must be in the format hh24:mi-hh24:mi, in UTC, "
                               "and at least 30 minutes long.",
                               text));
}

std::optional<Instant> window_begun(const BackupWindow& w, Instant now) {
  auto midnight = std::chrono::floor<days>(now);
  for (auto day : {midnight, midnight - days(1)})  // yesterday's may go over midnight
    if (Instant begin = day + w.begin; begin <= now && now < begin + w.length) return begin;
  return std::nullopt;
}

}  // namespace rds

std::string RdsService::logs_directory(const std::string& region, const std::string& key) {
  return world_.dir(region, "sql") + "/binlogs/" + key;
}

// Oldest first; those that are being made come last.
std::vector<api::DBSnapshot> RdsService::automated_of(const std::string& region, const std::string& key) {
  std::vector<api::DBSnapshot> out;
  for (auto& [name, s] : t_->snapshots.in(region))
    if (s.DbiResourceId == key && s.SnapshotType == "automated") out.push_back(s);
  std::ranges::stable_sort(out, {}, [](auto& s) { return s.SnapshotCreateTime.value_or(Instant::max()); });
  return out;
}

// Whole seconds, so that what is shown can be asked for: its data are from before.
void RdsService::stamp(api::DBSnapshot& s) {
  Instant now = world_.clock.now();
  if (s.SnapshotType == "automated") now = std::chrono::ceil<seconds>(now);
  s.SnapshotCreateTime = s.OriginalSnapshotCreateTime = now;
}

rds::Backup& RdsService::backup_row(const Instance& i) {
  if (auto* b = t_->backups.find(i.region, i.key())) return *b;
  rds::Backup b;
  b.d.DbiResourceId = i.key();
  b.d.DBInstanceAutomatedBackupsArn = rds::arn(world_, i.region, "auto-backup", "ab-" + world_.rng.hex(26));
  return t_->backups.put(i.region, i.key(), std::move(b));
}

// The instance is backing-up.
void RdsService::back_up(Instance& i) {
  Instant now = world_.clock.now();
  tried_[i.key()] = now;
  auto name = fmt::format("rds:{}-{:%Y-%m-%d-%H-%M}", i.id(), std::chrono::floor<seconds>(now));
  if (t_->snapshots.find(i.region, name)) return become(i, "available");  // the next minute has another name
  take_snapshot(i, name, "automated");
}

void RdsService::backed_up(Instance& i, const api::DBSnapshot& s) {
  i.d.LatestRestorableTime = std::max(i.d.LatestRestorableTime.value_or(Instant{}), *s.SnapshotCreateTime);
  event(i, {"backup"}, "Finished DB Instance backup");
  keep(i);
}

// Up to there everything is in the kept logs. Second by second: a second that is not over is not restorable.
void RdsService::logs_kept(Instance& i, Instant at) {
  auto all = automated_of(i.region, i.key());
  if (i.retention() == 0 || all.empty() || all.front().Status != "available") return;
  auto whole = std::chrono::floor<seconds>(at);
  if (i.d.LatestRestorableTime && *i.d.LatestRestorableTime >= whole) return;
  i.d.LatestRestorableTime = whole;
  keep(i);
}

void RdsService::drop_snapshot(const std::string& region, const api::DBSnapshot& s) {
  std::string name = *s.DBSnapshotIdentifier;
  t_->tags.erase(region, *s.DBSnapshotArn);
  t_->snapshots.erase(region, name);
  drop_files(region, rds::snapshot_directory(world_, region, name));
}

// Not while an instance is being made of them.
void RdsService::drop_files(const std::string& region, const std::string& dir) {
  for (auto& [id, i] : t_->instances.in(region)) {
    if ((i.phase != "restore" && i.phase != "moment") || i.argument.find(dir) == std::string::npos) continue;
    world_.after(std::max(world_.pace(minutes(1)), Millis(1000)), [this, region, dir] {
      if (!stopping_) drop_files(region, dir);
    });
    return;
  }
  auto gone = std::make_shared<Result<>>();
  world_.work([dir, gone] { *gone = system_disk().remove(dir); },
              [this, region, dir, gone] {
                if (!*gone) world_.event(region, "rds", dir, "its files stay: " + gone->error().text());
              });
}

// "Setting the backup retention period to 0 disables automated backups", and those there are go.
void RdsService::drop_backups(const std::string& region, const std::string& key) {
  for (auto& s : automated_of(region, key)) drop_snapshot(region, s);
  t_->backups.erase(region, key);
  tried_.erase(key);
  drop_files(region, logs_directory(region, key));
  if (Instance* i = by_key(region, key)) {
    i->d.LatestRestorableTime.reset();
    keep(*i);
  }
}

// "Retaining automated backups": they expire as they would have.
void RdsService::retain_backups(const Instance& i) {
  for (auto& s : automated_of(i.region, i.key()))
    if (s.Status != "available") drop_snapshot(i.region, s);
  rds::Backup now = backup_row(i);
  now.d = shown_backup(now, i.region);
  now.d.Status = "retained";
  now.instance_class = i.d.DBInstanceClass.value_or("");
  t_->backups.put(i.region, i.key(), std::move(now));
}

void RdsService::expire(const std::string& region, const std::string& key, int32_t retention, bool spare) {
  auto all = automated_of(region, key);
  bool gone = false;
  for (size_t n = 0; n < all.size(); ++n) {
    bool last = n + 1 == all.size() || all[n + 1].Status != "available";
    if (all[n].Status != "available" || (last && spare)) break;
    if (*all[n].SnapshotCreateTime + days(retention) > world_.clock.now()) break;
    drop_snapshot(region, all[n]);
    gone = true;
  }
  if (!gone) return;
  all = automated_of(region, key);
  if (all.empty()) return drop_backups(region, key);
  auto before = all.front().SnapshotCreateTime.value_or(world_.clock.now());
  auto pruned = std::make_shared<Result<>>();
  world_.work([this, pruned, dir = logs_directory(region, key), before] { *pruned = plane_.prune_binlogs(dir, before); },
              [this, pruned, region, key] {
                if (!*pruned) world_.event(region, "rds", key, "old binary logs stay: " + pruned->error().text());
              });
}

bool RdsService::backup_due(const Instance& i) {
  Instant now = world_.clock.now();
  if (auto it = tried_.find(i.key()); it != tried_.end() && now - it->second < minutes(1)) return false;
  auto all = automated_of(i.region, i.key());
  if (all.empty()) return true;
  auto window = rds::parse_backup_window(i.d.PreferredBackupWindow.value_or(""));
  auto begun = window ? rds::window_begun(*window, now) : std::nullopt;
  return begun && all.back().SnapshotCreateTime.value_or(now) < *begun;
}

void RdsService::watch_backups(const std::string& region) {
  // "Automated backups don't occur while your DB instance is in a state other than available."
  std::vector<std::string> due, kept;
  for (auto& [id, i] : t_->instances.in(region))
    if (i.available() && i.retention() > 0 && backup_due(i)) due.push_back(id);
  for (auto& id : due) settle(*t_->instances.find(region, id));
  for (auto& [key, b] : t_->backups.in(region)) kept.push_back(key);
  for (auto& key : kept) {
    // The newest of an instance stays: what was stopped for long can still be restored.
    Instance* i = by_key(region, key);
    int32_t left = t_->backups.find(region, key)->d.BackupRetentionPeriod.value_or(1);
    expire(region, key, i ? i->retention() : left, i != nullptr);
  }
}

api::DBInstanceAutomatedBackup RdsService::shown_backup(const rds::Backup& b, const std::string& region) {
  auto d = b.d;
  auto all = automated_of(region, *d.DbiResourceId);
  bool whole = !all.empty() && all.front().Status == "available";
  std::optional<Instant> latest = d.RestoreWindow ? d.RestoreWindow->LatestTime : std::nullopt;
  if (Instance* i = by_key(region, *d.DbiResourceId)) {
    auto& from = i->d;
    d.DBInstanceArn = from.DBInstanceArn;
    d.Region = region;
    d.DBInstanceIdentifier = i->id();
    d.AllocatedStorage = from.AllocatedStorage;
    d.Status = whole ? "active" : "creating";
    d.Port = from.DbInstancePort;
    d.AvailabilityZone = from.AvailabilityZone;
    if (from.DBSubnetGroup) d.VpcId = from.DBSubnetGroup->VpcId;
    d.InstanceCreateTime = from.InstanceCreateTime;
    d.MasterUsername = from.MasterUsername;
    d.Engine = from.Engine;
    d.EngineVersion = from.EngineVersion;
    d.LicenseModel = from.LicenseModel;
    d.Iops = from.Iops;
    d.OptionGroupName = i->option_group();
    d.Encrypted = from.StorageEncrypted;
    d.StorageType = from.StorageType;
    d.KmsKeyId = from.KmsKeyId;
    d.IAMDatabaseAuthenticationEnabled = from.IAMDatabaseAuthenticationEnabled;
    d.BackupRetentionPeriod = i->retention();
    d.BackupTarget = "region";
    latest = from.LatestRestorableTime;
  }
  if (whole && latest)
    d.RestoreWindow =
        api::RestoreWindow{.EarliestTime = all.front().SnapshotCreateTime, .LatestTime = latest};
  return d;
}

}  // namespace relight::sandbox
