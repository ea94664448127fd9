#include "dr/steps/replica.h"

#include <fmt/format.h>

#include "dr/steps/failover.h"
#include "sql/mariadb_gtid.h"

namespace relight::dr {
namespace {

constexpr int kNoSuchTable = 1146;

std::string field(const sql::Rows& r, std::string_view name) { return r.get(name).value_or(""); }

}  // namespace

Result<ReplicaStatus> read_replica(sql::Connection& db) {
  TRY_ASSIGN(auto rows, db.query("SHOW SLAVE STATUS"));
  ReplicaStatus s;
  if (rows.rows.empty()) return s;
  s.configured = true;
  s.io = field(rows, "Slave_IO_Running");
  s.sql = field(rows, "Slave_SQL_Running");
  s.io_error = field(rows, "Last_IO_Error");
  s.sql_error = field(rows, "Last_SQL_Error");
  if (auto b = rows.get("Seconds_Behind_Master")) s.seconds_behind = std::strtoll(b->c_str(), nullptr, 10);
  s.applied_file = field(rows, "Relay_Master_Log_File");
  s.applied_at = std::strtoull(field(rows, "Exec_Master_Log_Pos").c_str(), nullptr, 10);
  auto using_gtid = field(rows, "Using_Gtid");
  if (using_gtid == "No" || field(rows, "Gtid_IO_Pos").empty()) {
    s.by_file = true;
    s.received = fmt::format("{}:{}", field(rows, "Master_Log_File"), field(rows, "Read_Master_Log_Pos"));
    s.applied =
        fmt::format("{}:{}", field(rows, "Relay_Master_Log_File"), field(rows, "Exec_Master_Log_Pos"));
    return s;
  }
  s.received = field(rows, "Gtid_IO_Pos");
  TRY_ASSIGN(auto applied, db.query("SELECT @@gtid_slave_pos"));
  s.applied = applied.value().value_or("");
  return s;
}

bool denied(const Error& e) {
  // ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR.
  auto n = sql::errno_of(e);
  return n == 1044 || n == 1142 || n == 1227;
}

Result<std::string> applied_position(sql::Connection& db) {
  TRY_ASSIGN(auto r, db.query("SELECT @@gtid_slave_pos"));
  return r.value().value_or("");
}

bool drained(const ReplicaStatus& s) {
  if (s.by_file) return s.received == s.applied;
  auto received = sql::MariaDbPosition::parse(s.received), applied = sql::MariaDbPosition::parse(s.applied);
  return received && applied && applied->contains(*received);
}

std::optional<uint64_t> pending(const ReplicaStatus& s) {
  if (s.by_file) return std::nullopt;
  auto received = sql::MariaDbPosition::parse(s.received), applied = sql::MariaDbPosition::parse(s.applied);
  if (!received || !applied) return std::nullopt;
  return sql::count(received->minus(*applied));
}

Result<uint64_t> bytes_behind(sql::Connection& primary, const ReplicaStatus& s) {
  TRY_ASSIGN(auto logs, primary.query("SHOW BINARY LOGS"));
  uint64_t bytes = 0;
  bool found = false;
  for (size_t i = 0; i < logs.rows.size(); ++i) {
    auto size = std::strtoull(logs.get("File_size", i).value_or("0").c_str(), nullptr, 10);
    if (logs.get("Log_name", i).value_or("") == s.applied_file) {
      found = true;
      bytes = size > s.applied_at ? size - s.applied_at : 0;
    } else if (found) {
      bytes += size;
    }
  }
  if (!found) return fail("Replica.LogGone", "the primary no longer has the binary log " + s.applied_file);
  return bytes;
}

Result<std::optional<Millis>> heartbeat_age(sql::Connection& db) {
  auto r =
      db.query("SELECT TIMESTAMPDIFF(MICROSECOND, at, UTC_TIMESTAMP(6)) FROM relight_heartbeat WHERE id = 1");
  if (!r && sql::errno_of(r.error()) == kNoSuchTable) return std::optional<Millis>();
  if (!r) return fail(r.error());
  if (!r->value()) return std::optional<Millis>();
  return std::optional(Millis(std::max<int64_t>(0, std::strtoll(r->value()->c_str(), nullptr, 10) / 1000)));
}

LossBound bound_by_heartbeat(std::optional<Millis> age, const ReplicaStatus& status) {
  LossBound b{age, {}, ""};
  if (age) return b;
  b.missing = "there is no heartbeat (relight heartbeat --create writes one)";
  if (status.configured && status.io != "Yes")
    b.missing += ", and the replica receives nothing (" + status.io +
                 (status.io_error.empty() ? "" : ": " + status.io_error) + ")";
  return b;
}

Result<> make_heartbeat_table(sql::Connection& db) {
  TRY(db.exec(
      "CREATE TABLE IF NOT EXISTS relight_heartbeat (id INT NOT NULL PRIMARY KEY, at DATETIME(6) NOT NULL) "
      "ENGINE=InnoDB"));
  return {};
}

Result<> beat(sql::Connection& db) {
  TRY(
      db.exec("INSERT INTO relight_heartbeat (id, at) VALUES (1, UTC_TIMESTAMP(6)) "
              "ON DUPLICATE KEY UPDATE at = VALUES(at)"));
  return {};
}

Result<std::optional<EpochRow>> read_epoch(sql::Connection& db) {
  auto r = db.query("SELECT epoch, writer_region, run_id FROM relight_epoch WHERE id = 1");
  if (!r && sql::errno_of(r.error()) == kNoSuchTable) return std::optional<EpochRow>();
  if (!r) return fail(r.error());
  if (r->rows.empty()) return std::optional<EpochRow>();
  return std::optional(EpochRow{std::strtoull(field(*r, "epoch").c_str(), nullptr, 10),
                                field(*r, "writer_region"), field(*r, "run_id")});
}

Result<> write_epoch(sql::Connection& db, const EpochRow& row) {
  TRY_ASSIGN(auto before, read_epoch(db));
  if (!before)
    TRY(db.exec(
        "CREATE TABLE IF NOT EXISTS relight_epoch (id INT NOT NULL PRIMARY KEY, epoch BIGINT UNSIGNED NOT "
        "NULL, "
        "writer_region VARCHAR(32) NOT NULL, run_id VARCHAR(64) NOT NULL, updated_at DATETIME(6) NOT NULL) "
        "ENGINE=InnoDB"));
  // The comparison is the database's own, in the statement that writes: a stale holder cannot win a race. All
  // columns follow epoch, which is therefore assigned last.
  TRY(
      db.exec("INSERT INTO relight_epoch (id, epoch, writer_region, run_id, updated_at) "
              "VALUES (1, ?, ?, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE "
              "writer_region = IF(epoch <= VALUES(epoch), VALUES(writer_region), writer_region), "
              "run_id = IF(epoch <= VALUES(epoch), VALUES(run_id), run_id), "
              "updated_at = IF(epoch <= VALUES(epoch), VALUES(updated_at), updated_at), "
              "epoch = GREATEST(epoch, VALUES(epoch))",
              {row.epoch, row.writer_region, row.run}));
  TRY_ASSIGN(auto after, read_epoch(db));
  if (after && after->epoch == row.epoch && after->run == row.run) return {};
  Error e;
  e.code = "Epoch.Stale";
  e.tried = "write the epoch row";
  e.resource = "relight_epoch";
  e.message = fmt::format("the database holds epoch {} of run {}; ours is {}", after ? after->epoch : 0,
                          after ? after->run : "?", row.epoch);
  e.next = "another orchestrator was here later, or the journal that counted the epochs was lost";
  return fail(std::move(e));
}

Result<bool> read_only(sql::Connection& db) {
  TRY_ASSIGN(auto r, db.query("SELECT @@global.read_only"));
  auto v = r.value().value_or("1");
  return v != "0" && v != "OFF";
}

}  // namespace relight::dr
