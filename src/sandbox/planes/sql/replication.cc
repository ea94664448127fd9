// The plane's replication: a replica is a copy of its source that was told where to go on from.
#include <fmt/format.h>

#include "base/disk.h"
#include "sandbox/planes/sql/mariadb_plane.h"
#include "sql/mariadb_gtid.h"

namespace relight::sandbox {
namespace {

constexpr Millis kDrainLimit{20'000};

Wan::Address at(const ReplicaLink& l) { return {l.address, l.port}; }

// gtid_current_pos leaves out what other servers wrote, which in a copy is everything.
Result<std::string> position(sql::Connection& c) {
  TRY_ASSIGN(auto r, c.query("SELECT @@gtid_slave_pos, @@gtid_binlog_pos"));
  TRY_ASSIGN(auto applied, sql::MariaDbPosition::parse(r.rows.at(0).at(0).value_or("")));
  TRY_ASSIGN(auto written, sql::MariaDbPosition::parse(r.rows.at(0).at(1).value_or("")));
  return applied.joined(written).text();
}

}  // namespace

// First start of a copy: it recovers, forgets whom it followed and whose binary logs it holds, and keeps the
// position it had reached. Leaves it running and returns that position.
Result<std::string> MariaDbPlane::adopt(Server& s, const Database& db) {
  TRY(launch(s, db, {"--skip-slave-start"}));
  TRY_ASSIGN(auto c, s.admin());
  TRY_ASSIGN(std::string reached, position(c));
  TRY(c.exec("STOP SLAVE"));
  TRY(c.exec("RESET SLAVE ALL"));
  TRY(c.exec("RESET MASTER"));
  TRY(c.exec("SET GLOBAL gtid_slave_pos = ?", {reached}));
  return reached;
}

Result<> MariaDbPlane::replicate(const Database& replica, const Database& source, const ReplicaLink& link) {
  TRY_ASSIGN(auto s, server(replica));
  std::lock_guard work(s->work);
  if (!running(source))
    return fail("Database.NotRunning", fmt::format("the source {} is not running", source.key));
  s->kill();
  TRY(clone(source, s->data_dir()));
  TRY(reconnect(replica, source, link));
  TRY(adopt(*s, replica));
  TRY_ASSIGN(SqlSecrets secrets, template_.secrets());
  TRY_ASSIGN(auto c, s->admin());
  TRY(
      c.exec("CHANGE MASTER TO MASTER_HOST=?, MASTER_PORT=?, MASTER_USER='rdsrepladmin', MASTER_PASSWORD=?, "
             "MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=2",
             {link.address, static_cast<int>(link.port), secrets.replication}));
  TRY(c.exec("START SLAVE"));
  return {};
}

// The line stands elsewhere than when the replica was told: the whole sandbox has another block of addresses.
// What was received and not applied is thrown away with the old name, and comes again from the source.
Result<> MariaDbPlane::follow(Server& s, const ReplicaLink& link) {
  TRY_ASSIGN(auto c, s.admin());
  TRY_ASSIGN(auto r, c.query("SHOW SLAVE STATUS"));
  if (r.rows.empty() ||
      (r.get("Master_Host") == link.address && r.get("Master_Port") == std::to_string(link.port)))
    return {};
  bool ran = r.get("Slave_IO_Running") != "No";
  TRY(c.exec("STOP SLAVE"));
  TRY(c.exec("CHANGE MASTER TO MASTER_HOST=?, MASTER_PORT=?, MASTER_USE_GTID=slave_pos",
             {link.address, static_cast<int>(link.port)}));
  if (ran) TRY(c.exec("START SLAVE"));
  return {};
}

Result<> MariaDbPlane::reconnect(const Database& replica, const Database& source, const ReplicaLink& link) {
  {
    std::lock_guard g(m_);
    links_.insert_or_assign(replica.key, link);
  }
  if (link.address == source.address) return {};
  return wan_.open(at(link), {source.address, source.port}, replica.region, source.region);
}

Result<ReplicaState> MariaDbPlane::replica_state(const Database& db) {
  TRY_ASSIGN(auto s, server(db));
  TRY_ASSIGN(auto c, s->admin(Millis{2000}));
  TRY_ASSIGN(auto r, c.query("SHOW SLAVE STATUS"));
  ReplicaState out;
  if (r.rows.empty()) return out;
  out.configured = true;
  out.io_running = r.get("Slave_IO_Running") == "Yes";
  out.sql_running = r.get("Slave_SQL_Running") == "Yes";
  if (auto lag = r.get("Seconds_Behind_Master")) out.lag_seconds = std::atoi(lag->c_str());
  out.received = r.get("Gtid_IO_Pos").value_or("");
  out.error = r.get("Last_SQL_Error").value_or("");
  if (out.error.empty()) out.error = r.get("Last_IO_Error").value_or("");
  TRY_ASSIGN(auto applied, c.query("SELECT @@gtid_slave_pos"));
  out.applied = applied.value().value_or("");
  return out;
}

Result<> MariaDbPlane::promote(const Database& db, const ReplicaLink& link) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY(launch(*s, db));
  {
    TRY_ASSIGN(auto c, s->admin());
    TRY(c.exec("STOP SLAVE IO_THREAD"));
    for (auto end = clock_.monotonic() + kDrainLimit; clock_.monotonic() < end; clock_.sleep(Millis(2))) {
      TRY_ASSIGN(ReplicaState now, replica_state(db));
      if (!now.configured || !now.sql_running) break;
      auto received = sql::MariaDbPosition::parse(now.received),
           applied = sql::MariaDbPosition::parse(now.applied);
      if (!received || !applied || applied->contains(*received)) break;
    }
    TRY(c.exec("STOP SLAVE"));
    TRY(c.exec("RESET SLAVE ALL"));
  }
  {
    std::lock_guard g(m_);
    links_.erase(db.key);
  }
  if (!link.address.empty()) wan_.close(at(link));
  s->stop();
  return launch(*s, db);
}

}  // namespace relight::sandbox
