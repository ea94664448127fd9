// What SQL tells about the replica, the heartbeat and the epoch row.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "sql/connection.h"

namespace relight::dr {

// SHOW REPLICA STATUS (https://mariadb.com/kb/en/show-replica-status/) in the terms of this program.
struct ReplicaStatus {
  bool configured = false;  // it has a source
  std::string io, sql;      // Yes, No, Connecting, Preparing
  std::string io_error, sql_error;
  std::string received, applied;  // GTID positions
  std::string applied_file;       // of the source's binary log, and the place in it
  uint64_t applied_at = 0;
  bool by_file = false;  // no GTIDs in use: received/applied are "file:position"
  std::optional<int64_t> seconds_behind;
};
Result<ReplicaStatus> read_replica(sql::Connection& db);
// The user may not ask (MariaDB 10.5.9 and later want SLAVE MONITOR), however often.
bool denied(const Error& e);
// @@gtid_slave_pos, which anybody may read: what is applied, though not what has arrived.
Result<std::string> applied_position(sql::Connection& db);
// Everything received is applied. False if either cannot be read.
bool drained(const ReplicaStatus& s);
// Upper bound of the transactions received but not yet applied; nullopt if it cannot be told.
std::optional<uint64_t> pending(const ReplicaStatus& s);

// Bytes of the primary's binary log that the replica has not applied. SHOW MASTER STATUS and SHOW BINARY LOGS
// need BINLOG MONITOR, which RDS's master user has.
Result<uint64_t> bytes_behind(sql::Connection& primary, const ReplicaStatus& s);

// Age of the heartbeat row by the database's own clock; nullopt if there is no table or no row.
Result<std::optional<Millis>> heartbeat_age(sql::Connection& db);
// What it bounds, or which certainty is missing without it.
struct LossBound;
LossBound bound_by_heartbeat(std::optional<Millis> age, const ReplicaStatus& status);
Result<> make_heartbeat_table(sql::Connection& db);
Result<> beat(sql::Connection& db);

struct EpochRow {
  uint64_t epoch = 0;
  std::string writer_region, run;
};
Result<std::optional<EpochRow>> read_epoch(sql::Connection& db);
// Writes the row; makes the table if it is missing. Error "Epoch.Stale" if a higher epoch is there.
Result<> write_epoch(sql::Connection& db, const EpochRow& row);
Result<bool> read_only(sql::Connection& db);

}  // namespace relight::dr
