// Checks 6-12, 16 and 18: is what would be promoted as good as what it replaces.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/model/duration.h"
#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::string modify(const Item& db, const std::string& what) {
  return fmt::format(
      "aws --region {} rds modify-db-instance --db-instance-identifier {} {} --apply-immediately",
      db.region(), db.id(), what);
}

// Pairs of which both sides were captured; the others say so themselves.
std::vector<Pair> both(const Picture& p, Report& r) {
  std::vector<Pair> out;
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return out;
  for (auto& pair : database_pairs(p)) {
    if (!pair.recovery)
      r.unknown(pair.primary, "there is nothing to compare it with", "it has no replica (check 1)");
    else if (r.seen(pair.primary, "") && r.seen(pair.recovery, ""))
      out.push_back(pair);
  }
  return out;
}

std::string property(const Item& i, const char* pointer) { return text_at(*i.properties, pointer); }

// "07:00-07:30" in minutes of the day, UTC.
std::optional<std::pair<int, int>> window_of(const std::string& text) {
  int h1, m1, h2, m2;
  if (std::sscanf(text.c_str(), "%d:%d-%d:%d", &h1, &m1, &h2, &m2) != 4) return std::nullopt;
  return std::pair(h1 * 60 + m1, h2 * 60 + m2);
}

// Minutes until it begins; 0 within it.
int minutes_to(std::pair<int, int> window, Instant now) {
  auto minute =
      int(std::chrono::duration_cast<std::chrono::minutes>(now - std::chrono::floor<std::chrono::days>(now))
              .count());
  constexpr int kDay = 24 * 60;
  int length = (window.second - window.first + kDay) % kDay, since = (minute - window.first + kDay) % kDay;
  return since < length ? 0 : kDay - since;
}

const Json* group_of(const Estate& e, const Item& db) {
  auto group = e.find("rds/parameter-group", property(db, "/DBParameterGroups/0/DBParameterGroupName"));
  return group && why_unseen(group, "Parameters").empty() ? group.properties : nullptr;
}

Facts parameters_of(const Json& group) {
  Facts out;
  for (auto& p : list_at(group, "/Parameters"))
    out[text_at(p, "/ParameterName")] = text_at(p, "/ParameterValue");
  return out;
}

// These make a replica apply faster and are rightly other there; they cost durability of the machine, not of
// the application's rules.
bool of_the_machine(const std::string& name) {
  static const std::set<std::string> kOwn{"innodb_flush_log_at_trx_commit",
                                          "sync_binlog",
                                          "read_only",
                                          "slave_parallel_threads",
                                          "slave_parallel_mode",
                                          "innodb_buffer_pool_size",
                                          "max_connections"};
  return kOwn.contains(name);
}

struct Differences {
  std::string matter, own;
  std::string first, value;  // a parameter that matters, and the primary's value
};
Differences compare(const Facts& primary, const Facts& recovery) {
  Differences d;
  auto all = primary;
  all.insert(recovery.begin(), recovery.end());
  for (auto& [name, unused] : all) {
    auto a = get(primary, name), b = get(recovery, name);
    if (a == b) continue;
    auto& list = of_the_machine(name) ? d.own : d.matter;
    list += fmt::format("{}{}: {} -> {}", list.empty() ? "" : ", ", name, a.empty() ? "default" : a,
                        b.empty() ? "default" : b);
    if (&list == &d.matter && d.first.empty()) d.first = name, d.value = a;
  }
  return d;
}

void groups_equal(const Picture& p, const Pair& pair, Report& r) {
  auto status = property(pair.recovery, "/DBParameterGroups/0/ParameterApplyStatus");
  auto *ours = group_of(p.primary, pair.primary), *theirs = group_of(p.recovery, pair.recovery);
  if (!ours || !theirs) {
    r.unknown(pair.recovery, "its parameters could not be compared", "a parameter group was not captured");
    return;
  }
  auto d = compare(parameters_of(*ours), parameters_of(*theirs));
  auto group = property(pair.recovery, "/DBParameterGroups/0/DBParameterGroupName");
  if (!d.matter.empty()) {
    auto mend =
        d.value.empty()
            ? fmt::format(
                  "aws --region {} rds reset-db-parameter-group --db-parameter-group-name {} --parameters "
                  "ParameterName={},ApplyMethod=pending-reboot",
                  pair.recovery.region(), group, d.first)
            : fmt::format(
                  "aws --region {} rds modify-db-parameter-group --db-parameter-group-name {} --parameters "
                  "ParameterName={},ParameterValue={},ApplyMethod=pending-reboot",
                  pair.recovery.region(), group, d.first, d.value);
    r.fail(pair.recovery, "its parameter group differs from the primary's", d.matter, mend);
  } else if (!status.empty() && status != "in-sync") {
    r.warn(pair.recovery, "it does not run with its parameter group yet", "apply status " + status,
           fmt::format("aws --region {} rds reboot-db-instance --db-instance-identifier {}",
                       pair.recovery.region(), pair.recovery.id()));
  } else {
    r.pass(pair.recovery, "its parameters are the primary's",
           d.own.empty() ? "equal" : "on purpose other: " + d.own);
  }
}

// "MARIADB_AUDIT_PLUGIN SERVER_AUDIT_EVENTS" -> its value, for every option and setting of a group.
Facts options_of(const Json& group) {
  Facts out;
  for (auto& o : list_at(group, "/Options")) {
    auto name = text_at(o, "/OptionName");
    out[name] = "there";
    for (auto& s : list_at(o, "/OptionSettings"))
      out[name + " " + text_at(s, "/Name")] = text_at(s, "/Value");
  }
  return out;
}

// What differs, or empty.
std::string options_compared(const Json& primary, const Json& recovery) {
  auto ours = options_of(primary), theirs = options_of(recovery), all = ours;
  all.insert(theirs.begin(), theirs.end());
  std::string out;
  for (auto& [name, unused] : all) {
    auto a = get(ours, name), b = get(theirs, name);
    // Of an option that one side lacks, its settings say nothing more.
    auto option = name.substr(0, name.find(' '));
    if (a == b || (name != option && (!ours.contains(option) || !theirs.contains(option)))) continue;
    out += fmt::format("{}{}: {} -> {}", out.empty() ? "" : ", ", name, a.empty() ? "none" : a,
                       b.empty() ? "none" : b);
  }
  return out;
}

std::vector<int> version_of(const std::string& text) {
  std::vector<int> out;
  for (size_t at = 0; at < text.size();) {
    out.push_back(std::atoi(text.c_str() + at));
    auto dot = text.find('.', at);
    at = dot == text.npos ? text.size() : dot + 1;
  }
  return out;
}

}  // namespace

void check_backup_window(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  for (auto& db : p.recovery.all("rds/db-instance")) {
    if (!r.seen(db, "")) continue;
    auto window = property(db, "/PreferredBackupWindow");
    auto parsed = window_of(window);
    bool backs_up = number_at(*db.properties, "/BackupRetentionPeriod") > 0;
    auto left = parsed && backs_up ? minutes_to(*parsed, p.observed_at) : 24 * 60;
    auto seen = fmt::format("window {} UTC, retention {} days", window,
                            number_at(*db.properties, "/BackupRetentionPeriod"));
    if (!backs_up)
      r.pass(db, "it takes no backups that could delay a promotion", seen);
    else if (!parsed)
      r.unknown(db, "its backup window could not be read", seen);
    else if (left <= 30)
      r.warn(db,
             left ? "its backup begins soon, and it cannot be promoted while it backs up"
                  : "it may be backing up, and cannot be promoted then",
             seen, modify(db, "--preferred-backup-window HH:MM-HH:MM"));
    else
      r.pass(db, "its backup is not near", seen);
  }
}

void check_backups(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  for (auto& pair : database_pairs(p)) {
    auto& db = pair.primary;
    if (!r.seen(db, "")) continue;
    auto days = number_at(*db.properties, "/BackupRetentionPeriod");
    if (days == 0) {
      r.fail(db, "it keeps no backups", "BackupRetentionPeriod 0", modify(db, "--backup-retention-period 7"));
      continue;
    }
    if (db.id() != p.topology.primary.database) {
      r.unknown(db, "whether a backup exists was not looked at",
                "only the database that relight.yaml names is asked");
      continue;
    }
    auto& now = p.live.primary_instance;
    if (!r.seen(now, db, "its latest restorable time")) continue;
    if (!now->latest_restorable) {
      r.fail(db, "there is no backup yet", "no LatestRestorableTime",
             fmt::format("aws --region {0} rds create-db-snapshot --db-instance-identifier {1} "
                         "--db-snapshot-identifier {1}-now",
                         db.region(), db.id()));
      continue;
    }
    auto age = p.observed_at - *now->latest_restorable;
    auto seen = fmt::format("retention {} days, restorable to {}", days, iso8601(*now->latest_restorable));
    if (age > std::chrono::hours(24))
      r.warn(db, "its latest backup is more than a day old", seen,
             modify(db, fmt::format("--backup-retention-period {}", days)));
    else if (days < 2)
      r.warn(db, "it keeps its backups for one day only", seen, modify(db, "--backup-retention-period 7"));
    else
      r.pass(db, "it is backed up", seen);
  }
}

void check_size(const Picture& p, Report& r) {
  for (auto& [ours, theirs] : both(p, r)) {
    auto space = [&](const Item& i) { return number_at(*i.properties, "/AllocatedStorage"); };
    auto iops = [&](const Item& i) { return number_at(*i.properties, "/Iops"); };
    auto shape = [&](const Item& i) {
      return fmt::format("{}, {} GiB {}, {} IOPS, {}", property(i, "/DBInstanceClass"), space(i),
                         property(i, "/StorageType"), iops(i),
                         flag_at(*i.properties, "/MultiAZ") ? "Multi-AZ" : "one zone");
    };
    auto seen = fmt::format("primary {}; replica {}", shape(ours), shape(theirs));
    auto chosen = property(theirs, "/DBInstanceClass");
    if (space(theirs) < space(ours))
      r.fail(theirs, "it has less storage than the primary", seen,
             modify(theirs, fmt::format("--allocated-storage {}", space(ours))));
    else if (chosen != property(ours, "/DBInstanceClass") && chosen != p.config.pilot.replica_class)
      r.warn(theirs, "it is of another class than the primary", seen,
             modify(theirs, "--db-instance-class " + property(ours, "/DBInstanceClass")));
    else if (iops(theirs) < iops(ours) || property(theirs, "/StorageType") != property(ours, "/StorageType"))
      r.warn(theirs, "its storage is of another kind than the primary's", seen,
             modify(theirs, fmt::format("--storage-type {}{}", property(ours, "/StorageType"),
                                        iops(ours) ? fmt::format(" --iops {}", iops(ours)) : "")));
    else if (flag_at(*ours.properties, "/MultiAZ") && !flag_at(*theirs.properties, "/MultiAZ"))
      r.warn(theirs, "the primary spans zones and it does not", seen, modify(theirs, "--multi-az"));
    else
      r.pass(theirs, "it is of the primary's size", seen);
  }
}

void check_orderable(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  for (auto& pair : database_pairs(p)) {
    auto cls = property(pair.primary, "/DBInstanceClass");
    if (!r.seen(pair.primary, "") ||
        !r.seen(p.live.orderable_classes, pair.primary, "what the recovery region offers"))
      continue;
    Report::About there{pair.primary.id(), p.config.recovery.region};
    if (std::ranges::find(*p.live.orderable_classes, cls) != p.live.orderable_classes->end())
      r.pass(there, cls + " can be ordered there");
    else
      r.fail(there, cls + " cannot be ordered in the recovery region",
             fmt::format("{} classes are offered for this engine version", p.live.orderable_classes->size()),
             fmt::format("aws --region {} rds describe-orderable-db-instance-options --engine {}   # choose "
                         "one, then pilot.replica_class in relight.yaml",
                         p.config.recovery.region, property(pair.primary, "/Engine")));
  }
}

void check_parameters(const Picture& p, Report& r) {
  for (auto& pair : both(p, r)) groups_equal(p, pair, r);
}

void check_options(const Picture& p, Report& r) {
  for (auto& [ours, theirs] : both(p, r)) {
    auto a = property(ours, "/OptionGroupMemberships/0/OptionGroupName"),
         b = property(theirs, "/OptionGroupMemberships/0/OptionGroupName");
    auto status = property(theirs, "/OptionGroupMemberships/0/Status");
    auto seen = fmt::format("primary {}, replica {}", a, b);
    auto *ag = p.primary.find("rds/option-group", a).properties,
         *bg = p.recovery.find("rds/option-group", b).properties;
    auto differ = ag && bg ? options_compared(*ag, *bg) : "";
    if (a.empty() || b.empty())
      r.unknown(theirs, "its option group is not known", seen);
    else if (!(a == b && a.starts_with("default:")) && (!ag || !bg))
      r.unknown(theirs, "the options could not be compared", seen + ": an option group was not captured");
    else if (!differ.empty())
      r.fail(theirs, "its option group holds other options than the primary's", seen + ": " + differ,
             modify(theirs, "--option-group-name NAME"));
    else if (!status.empty() && status != "in-sync")
      r.warn(theirs, "it does not run with its option group yet", fmt::format("{}; status {}", seen, status),
             modify(theirs, "--option-group-name " + b));
    else
      r.pass(theirs,
             a == b && a.starts_with("default:") ? "both have the engine's own option group"
                                                 : "both option groups hold the same options",
             seen);
  }
}

void check_versions(const Picture& p, Report& r) {
  for (auto& [ours, theirs] : both(p, r)) {
    auto a = property(ours, "/EngineVersion"), b = property(theirs, "/EngineVersion");
    auto seen = fmt::format("primary {}, replica {}", a, b);
    if (version_of(b) < version_of(a)) {
      r.fail(theirs, "it is older than the primary", seen, modify(theirs, "--engine-version " + a));
      continue;
    }
    std::string waiting;
    if (theirs.id() == p.topology.recovery.database && ours.id() == p.topology.primary.database) {
      if (!r.seen(p.live.recovery_instance, theirs, "what waits to be changed on it")) continue;
      for (auto& [name, value] : p.live.recovery_instance->pending)
        waiting += fmt::format("{}{} -> {}", waiting.empty() ? "" : ", ", name, value);
    }
    if (!waiting.empty())
      r.warn(theirs, "changes wait for its next maintenance window", waiting, modify(theirs, ""));
    else if (a != b)
      r.warn(theirs, "it is newer than the primary: fine for a failover, not for the way back", seen,
             modify(ours, "--engine-version " + b));
    else
      r.pass(theirs, "both run the same version, and no change waits", seen);
  }
}

void check_storage(const Picture& p, Report& r) {
  for (auto& [ours, theirs] : both(p, r)) {
    if (theirs.id() != p.topology.recovery.database) {
      r.unknown(theirs, "its free storage was not looked at",
                "only the database that relight.yaml names is asked");
      continue;
    }
    auto& free = p.live.recovery_free_bytes;
    if (!r.seen(free, theirs, "its free storage")) continue;
    auto whole = double(number_at(*theirs.properties, "/AllocatedStorage")) * 1073741824.0;
    auto share = whole > 0 ? *free / whole : 0;
    auto seen = fmt::format("{:.1f} GiB free of {:.0f}", *free / 1073741824.0, whole / 1073741824.0);
    auto mend = modify(theirs, fmt::format("--allocated-storage {}",
                                           number_at(*theirs.properties, "/AllocatedStorage") * 3 / 2));
    if (share < 0.1)
      r.fail(theirs, "its storage is nearly full", seen, mend);
    else if (share < 0.2)
      r.warn(theirs, "its storage runs short", seen, mend);
    else
      r.pass(theirs, "its storage has room", seen);
  }
}

void check_authority(const Picture& p, Report& r) {
  for (auto& [ours, theirs] : both(p, r)) {
    auto a = property(ours, "/CACertificateIdentifier"), b = property(theirs, "/CACertificateIdentifier");
    auto seen = fmt::format("primary {}, replica {}", a, b);
    if (b.empty())
      r.unknown(theirs, "its certificate authority is not known", seen);
    else if (b == "rds-ca-2019")  // "Rotating your SSL/TLS certificate" (RDS User Guide): it expired in
                                  // August 2024
      r.fail(theirs, "its certificate authority has expired", seen,
             modify(theirs, "--ca-certificate-identifier rds-ca-rsa2048-g1"));
    else if (a != b)
      r.warn(theirs, "its certificate is of another authority than the primary's", seen,
             modify(theirs, "--ca-certificate-identifier " + a));
    else
      r.pass(theirs, "both certificates are of one authority", seen);
  }
}

}  // namespace relight::dr
