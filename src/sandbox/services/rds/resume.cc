// The phases of an instance's life. Each is begun by an operation and again by a restart of the sandbox or
// the return of a region: it must be right to run it a second time.
#include <fmt/format.h>

#include <sstream>

#include "base/disk.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

void RdsService::enter(Instance& i, std::string phase, std::string argument, std::string_view status) {
  i.phase = std::move(phase);
  i.argument = std::move(argument);
  become(i, status);
  proceed(i);
}

void RdsService::proceed(Instance& i) {
  const std::string& p = i.phase;
  if (p == "create" || p == "replica" || p == "restore" || p == "moment") return make(i);
  if (p == "promote") return promoting(i);
  if (p == "reboot") return restart(i);
  if (p == "start") return starting(i);
  if (p == "stop") return stopping(i);
  if (p == "delete") return deleting(i);
}

// Every database of a region that should run. Sources first is not needed: a replica tries again by itself.
void RdsService::boot_region(const std::string& region) {
  std::vector<std::string> ids;
  for (auto& [id, i] : t_->instances.in(region)) ids.push_back(id);
  for (auto& id : ids) {
    Instance* i = t_->instances.find(region, id);
    if (!i || i->status() == "stopped" || i->status() == "failed" || i->status() == "incompatible-restore")
      continue;
    if (Instance* source = source_of(*i)) {
      auto line =
          plane_.reconnect(database_of(*i), database_of(*source), rds::replica_link(world_, *i, *source));
      if (!line) event(*i, {"failure"}, line.error().text());
    }
    if (i->d.OptionGroupMemberships && i->d.OptionGroupMemberships->front().Status == "applying") {
      i->audit = audit_of(region, i->option_group());
      i->d.OptionGroupMemberships->front().Status = "in-sync";
      keep(*i);
    }
    if (!i->phase.empty()) {
      proceed(*i);
      continue;
    }
    work_on(
        *i, [this, db = database_of(*i)] { return plane_.start(db); },
        [this](Instance& now, const Result<>& r) {
          if (!r) return broken(now, r.error());
          if (now.status() != "available") become(now, "available");
          world_.event(now.region, "rds", now.id(), "running");
        });
  }
}

std::string RdsService::password_file(const Instance& i) { return database_of(i).dir + "/master"; }

Result<MasterUser> RdsService::master_of(const Instance& i) {
  TRY_ASSIGN(std::string password, system_disk().read(password_file(i)));
  return MasterUser{i.d.MasterUsername.value_or(""), password, i.d.DBName.value_or("")};
}

void RdsService::make(Instance& i) {
  Database db = database_of(i);
  std::function<Result<>()> blocking;
  if (i.phase == "create") {
    auto master = master_of(i);
    if (!master) return broken(i, master.error());
    blocking = [this, db, m = *master] { return plane_.create(db, m); };
  } else if (i.phase == "restore") {
    blocking = [this, db, dir = i.argument] { return plane_.restore(db, dir); };
  } else if (i.phase == "moment") {
    std::istringstream lines(i.argument);
    PointInTime moment;
    int64_t second = 0;
    std::getline(lines, moment.snapshot);
    std::getline(lines, moment.binlogs);
    lines >> second;
    moment.until = Instant(std::chrono::seconds(second));
    blocking = [this, db, moment] { return plane_.restore_to(db, moment); };
  } else {
    Instance* source = source_of(i);
    if (!source || !world_.links().connected(i.region, source->region)) {
      return broken(i, fail("InvalidDBInstanceState", "the source DB instance cannot be reached").error());
    }
    blocking = [this, db, from = database_of(*source), link = rds::replica_link(world_, i, *source)] {
      return plane_.replicate(db, from, link);
    };
  }
  auto started_with = db.parameters;
  work_on(i, std::move(blocking), [this, started_with](Instance& now, const Result<>& r) {
    if (!r) return broken(now, r.error());
    now.running_parameters = started_with;
    keep(now);
    later(now, std::chrono::minutes(4), [this](Instance& then) { made(then); });
  });
}

void RdsService::made(Instance& i) {
  i.d.Endpoint = aws::rds::Endpoint{.Address = rds::endpoint_name(world_, i.region, i.id()),
                                    .Port = i.d.DbInstancePort.value_or(3306),
                                    .HostedZoneId = rds::hosted_zone_id(i.region)};
  i.d.InstanceCreateTime = world_.clock.now();
  publish_name(i);
  bool replica = i.phase == "replica";
  std::string_view said = i.phase == "restore"  ? "Restored from snapshot"
                          : i.phase == "moment" ? "Restored to a point in time"
                                                : "DB instance created";
  i.phase.clear();
  i.argument.clear();
  keep(i);
  event(i, {"creation"}, std::string(said));
  world_.event(i.region, "rds", i.id(), replica ? "replica running" : "running");
  settle(i);
}

void RdsService::settle(Instance& i) {
  if (i.retention() == 0) return become(i, "available");
  become(i, "backing-up");
  event(i, {"backup"}, "Backing up DB instance");
  backup_row(i);
  later(i, std::chrono::minutes(1), [this](Instance& now) {
    if (now.status() == "backing-up" && now.phase.empty() && now.retention() > 0) back_up(now);
  });
}

// available -> modifying -> rebooting -> (backing-up ->) available. When PromoteReadReplica returns, the
// status still reads "available" (RECOVERY: "it reads available before it changes").
void RdsService::promoting(Instance& i) {
  later(i, std::chrono::seconds(20), [this](Instance& now) {
    become(now, "modifying");
    later(now, std::chrono::minutes(1), [this](Instance& then) {
      become(then, "rebooting");
      Instance alone = then;
      alone.source_key.clear();  // its parameters are a primary's
      Database db = database_of(alone);
      ReplicaLink link;
      if (then.source_region != then.region) {
        link = {world_.take_address(then.region, "rds-line/" + then.key()).value_or(""), db.port};
      }
      work_on(
          then, [this, db, link] { return plane_.promote(db, link); },
          [this, parameters = db.parameters](Instance& done, const Result<>& r) {
            if (!r) return broken(done, r.error());
            world_.event(done.region, "rds", done.id(), "promoted: accepts writes");
            done.source_key.clear();
            done.source_region.clear();
            done.d.ReadReplicaSourceDBInstanceIdentifier.reset();
            done.d.ReplicaMode.reset();
            done.d.StatusInfos.reset();
            done.d.BackupRetentionPeriod = std::atoi(done.argument.c_str());
            done.d.PendingModifiedValues.reset();
            done.running_parameters = parameters;
            done.phase.clear();
            done.argument.clear();
            world_.release_address(done.region, "rds-line/" + done.key());
            event(done, {"read replica"}, "Replication has stopped.");
            event(done, {"availability"}, "DB instance restarted");
            event(done, {"read replica"},
                  "Promoted Read Replica instance to a stand-alone database instance");
            settle(done);
          });
    });
  });
}

void RdsService::restart(Instance& i) {
  Database db = database_of(i);
  work_on(
      i,
      [this, db]() -> Result<> {
        TRY(plane_.stop(db));
        return plane_.start(db);
      },
      [this, parameters = db.parameters](Instance& now, const Result<>& r) {
        if (!r) return broken(now, r.error());
        now.running_parameters = parameters;
        if (now.d.DBParameterGroups)
          for (auto& g : *now.d.DBParameterGroups) g.ParameterApplyStatus = "in-sync";
        keep(now);
        later(now, std::chrono::minutes(1), [this](Instance& then) {
          then.phase.clear();
          event(then, {"availability"}, "DB instance restarted");
          become(then, "available");
        });
      });
}

void RdsService::starting(Instance& i) {
  Database db = database_of(i);
  work_on(
      i, [this, db] { return plane_.start(db); },
      [this, parameters = db.parameters](Instance& now, const Result<>& r) {
        if (!r) return broken(now, r.error());
        now.running_parameters = parameters;
        keep(now);
        later(now, std::chrono::minutes(4), [this](Instance& then) {
          then.phase.clear();
          event(then, {"notification"}, "DB instance started");
          become(then, "available");
        });
      });
}

void RdsService::stopping(Instance& i) {
  work_on(
      i, [this, db = database_of(i)] { return plane_.stop(db); },
      [this](Instance& now, const Result<>& r) {
        if (!r) return broken(now, r.error());
        later(now, std::chrono::minutes(2), [this](Instance& then) {
          then.phase.clear();
          event(then, {"notification"}, "DB instance stopped");
          become(then, "stopped");
        });
      });
}

void RdsService::deleting(Instance& i) {
  // The data goes only when the final snapshot that was asked for stands.
  if (!i.argument.empty()) {
    auto* s = t_->snapshots.find(i.region, i.argument);
    if (!s || *s->Status != "available") return take_snapshot(i, i.argument, "manual");
  }
  Database db = database_of(i);
  work_on(
      i, [this, db] { return plane_.remove(db); },
      [this](Instance& now, const Result<>& r) {
        if (!r) world_.event(now.region, "rds", now.id(), "could not remove its files: " + r.error().text());
        later(now, std::chrono::minutes(2), [this](Instance& gone) {
          event(gone, {"deletion"}, "DB instance deleted");
          world_.drop_name(rds::endpoint_name(world_, gone.region, gone.id()));
          world_.release_address(gone.region, "rds/" + gone.key());
          if (gone.replica()) world_.release_address(gone.region, "rds-line/" + gone.key());
          t_->tags.erase(gone.region, *gone.d.DBInstanceArn);
          seen_.erase(gone.key());
          gone.keeps_backups && t_->backups.find(gone.region, gone.key())
              ? retain_backups(gone)
              : drop_backups(gone.region, gone.key());
          world_.event(gone.region, "rds", gone.id(), "deleted");
          std::string region = gone.region, id = gone.id();
          t_->instances.erase(region, id);
        });
      });
}

void RdsService::broken(Instance& i, const Error& e) {
  world_.event(i.region, "rds", i.id(), "failed: " + e.text());
  event(i, {"failure"}, "DB instance " + i.id() + " failed: " + e.message);
  // "incompatible-restore: Amazon RDS can't do a point-in-time restore" (Viewing DB instance status).
  std::string_view status = i.phase == "moment" ? "incompatible-restore" : "failed";
  i.phase.clear();
  i.argument.clear();
  become(i, status);
}

}  // namespace relight::sandbox
