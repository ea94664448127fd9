#include "sandbox/planes/sql/simulated_sql_plane.h"

#include <utility>

#include "base/disk.h"

namespace relight::sandbox {

Result<> SimulatedSqlPlane::allowed(const Database& db) {
  if (!fail_next.empty()) return fail("Database.Failed", std::exchange(fail_next, ""));
  if (lost_.contains(db.region)) return fail("Region.Lost", db.region + " is lost");
  return {};
}

Result<SimulatedSqlPlane::Instance*> SimulatedSqlPlane::find(const Database& db) {
  TRY(allowed(db));
  auto it = instances.find(db.key);
  if (it == instances.end()) return fail("Database.Missing", db.key + " has no data directory");
  return &it->second;
}

Result<> SimulatedSqlPlane::create(const Database& db, const MasterUser& master) {
  std::lock_guard g(m_);
  TRY(allowed(db));
  instances[db.key] = {db, master, true, "", {}, db.audit};
  return {};
}
Result<> SimulatedSqlPlane::start(const Database& db) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  i->running = true;
  i->db = db;
  i->audit = db.audit;
  return {};
}
Result<> SimulatedSqlPlane::stop(const Database& db) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  i->running = false;
  return {};
}
Result<> SimulatedSqlPlane::remove(const Database& db) {
  std::lock_guard g(m_);
  TRY(allowed(db));
  instances.erase(db.key);
  return {};
}
bool SimulatedSqlPlane::running(const Database& db) {
  std::lock_guard g(m_);
  auto it = instances.find(db.key);
  return it != instances.end() && it->second.running;
}
Result<> SimulatedSqlPlane::replicate(const Database& replica, const Database& source, const ReplicaLink&) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * from, find(source));
  TRY(allowed(replica));
  if (!from->running) return fail("Database.NotRunning", "the source " + source.key + " is not running");
  instances[replica.key] = {replica, from->master, true, source.key, from->contents, replica.audit};
  return {};
}
Result<> SimulatedSqlPlane::promote(const Database& db, const ReplicaLink&) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  i->source.clear();
  i->db = db;
  i->running = true;
  return {};
}
Result<ReplicaState> SimulatedSqlPlane::replica_state(const Database& db) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  if (!i->running) return fail("Database.NotRunning", "the database is not running");
  ReplicaState out;
  out.configured = !i->source.empty();
  auto source = instances.find(i->source);
  out.io_running = out.configured && source != instances.end() && source->second.running;
  out.sql_running = out.configured;
  if (out.io_running) out.lag_seconds = 0;
  return out;
}
Result<> SimulatedSqlPlane::snapshot(const Database& db, const std::string& dir) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  snapshots[dir] = *i;
  return {};
}
Result<> SimulatedSqlPlane::restore(const Database& db, const std::string& dir) {
  std::lock_guard g(m_);
  TRY(allowed(db));
  auto it = snapshots.find(dir);
  if (it == snapshots.end()) return fail("Database.Missing", "there is no snapshot in " + dir);
  instances[db.key] = {db, it->second.master, true, "", it->second.contents, db.audit};
  return {};
}
Result<> SimulatedSqlPlane::keep_binlogs(const Database& db, const std::string& dir) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  if (!i->running) return fail("Database.NotRunning", "the database is not running");
  kept[dir] = i->contents;
  return {};
}
Result<> SimulatedSqlPlane::prune_binlogs(const std::string& dir, Instant before) {
  std::lock_guard g(m_);
  pruned[dir] = before;
  return {};
}
// Without times in its "rows" it has all that was kept, or the snapshot where nothing was.
Result<> SimulatedSqlPlane::restore_to(const Database& db, const PointInTime& moment) {
  TRY(restore(db, moment.snapshot));
  std::lock_guard g(m_);
  moments.push_back(moment);
  if (auto it = kept.find(moment.binlogs); it != kept.end()) instances[db.key].contents = it->second;
  return {};
}
Result<> SimulatedSqlPlane::purge_binlogs(const Database& db, const std::string& keep_in, size_t) {
  return system_disk().exists(keep_in) ? keep_binlogs(db, keep_in) : Result<>{};
}
Result<> SimulatedSqlPlane::apply_audit(const Database& db) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  i->audit = db.audit;
  return {};
}
Result<> SimulatedSqlPlane::copy_snapshot(const std::string& from_dir, const std::string& to_dir) {
  std::lock_guard g(m_);
  if (!snapshots.contains(from_dir)) return fail("Database.Missing", "there is no snapshot in " + from_dir);
  snapshots[to_dir] = snapshots[from_dir];
  return {};
}
Result<> SimulatedSqlPlane::set_parameters(const Database& db,
                                           const std::map<std::string, std::string>& changed) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  for (auto& [name, value] : changed) i->db.parameters[name] = value;
  return {};
}
Result<> SimulatedSqlPlane::set_password(const Database& db, const std::string&,
                                         const std::string& password) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  i->master.password = password;
  return {};
}
Result<DatabaseLoad> SimulatedSqlPlane::load(const Database& db) {
  std::lock_guard g(m_);
  TRY_ASSIGN(Instance * i, find(db));
  if (!i->running) return fail("Database.NotRunning", "the database is not running");
  return DatabaseLoad{1, 6 << 20, 0.1};
}
void SimulatedSqlPlane::lose(std::string_view region) {
  std::lock_guard g(m_);
  lost_.insert(std::string(region));
  for (auto& [key, i] : instances)
    if (i.db.region == region) i.running = false;
}
void SimulatedSqlPlane::restore_region(std::string_view region) {
  std::lock_guard g(m_);
  lost_.erase(std::string(region));
}

}  // namespace relight::sandbox
