// What the databases say of themselves: replication threads, heartbeat, variables, GTID states, tables.
#include "app/check_picture.h"
#include "dr/steps/replica.h"

namespace relight::app {
namespace {
using dr::Known;

template <class T>
Known<T> known(Result<T> r) {
  return r ? Known<T>::of(std::move(*r)) : Known<T>::not_seen(r.error().text());
}

Result<dr::ReplicaNow> replica_now(sql::Connection& db) {
  TRY_ASSIGN(auto s, dr::read_replica(db));
  return dr::ReplicaNow{s.configured, s.io,       s.sql,     s.io_error,
                        s.sql_error,  s.received, s.applied, dr::pending(s)};
}

// Variables, and RDS's own setting of how long binary logs are kept under the name that RDS gives it.
Result<dr::Facts> variables(sql::Connection& db) {
  TRY_ASSIGN(
      auto rows,
      db.query(
          "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'binlog_format', 'binlog_row_image', "
          "'log_bin', 'gtid_strict_mode', 'version', 'event_scheduler')"));
  dr::Facts out;
  for (size_t i = 0; i < rows.rows.size(); ++i)
    out[rows.get("Variable_name", i).value_or("")] = rows.get("Value", i).value_or("");
  auto kept = db.query("SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'");
  out["binlog retention hours"] = !kept ? "unknown: " + kept.error().message : kept->value().value_or("");
  return out;
}

Result<std::string> binlog_state(sql::Connection& db) {
  TRY_ASSIGN(auto rows, db.query("SELECT @@gtid_binlog_state"));
  return rows.value().value_or("");
}

Result<dr::Tables> tables(sql::Connection& db) {
  static constexpr std::string_view kOurs =
      "t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN ('mysql', 'information_schema', "
      "'performance_schema', 'sys')";
  dr::Tables out;
  TRY_ASSIGN(auto other, db.query("SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME, ' (', t.ENGINE, ')') "
                                  "FROM information_schema.TABLES t "
                                  "WHERE " +
                                  std::string(kOurs) + " AND t.ENGINE <> 'InnoDB' ORDER BY 1 LIMIT 100"));
  TRY_ASSIGN(
      auto keyless,
      db.query("SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) FROM information_schema.TABLES t LEFT JOIN "
               "information_schema.TABLE_CONSTRAINTS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = "
               "t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY' WHERE " +
               std::string(kOurs) +
               " AND c.CONSTRAINT_NAME IS NULL AND t.ENGINE = 'InnoDB' ORDER BY 1 LIMIT 100"));
  for (auto& r : other.rows) out.other_engine.push_back(r[0].value_or(""));
  for (auto& r : keyless.rows) out.without_key.push_back(r[0].value_or(""));
  return out;
}

}  // namespace

void look_sql(const dr::Site& site, dr::Live& live) {
  auto replica = site.connect(site.topology.recovery.database_host, dr::Site::kProbe);
  if (replica) {
    live.replica = known(replica_now(*replica));
    live.heartbeat_age = known(dr::heartbeat_age(*replica));
    live.recovery_variables = known(variables(*replica));
    live.tables = known(tables(*replica));
    // Before the primary's: whatever arrives between the two is then on both.
    live.recovery_binlog_state = known(binlog_state(*replica));
  } else {
    auto why = replica.error().text();
    live.replica = {std::nullopt, why, std::nullopt};
    live.heartbeat_age = {std::nullopt, why, std::nullopt};
    live.recovery_variables = {std::nullopt, why, std::nullopt};
    live.tables = {std::nullopt, why, std::nullopt};
    live.recovery_binlog_state = {std::nullopt, why, std::nullopt};
  }
  auto primary = site.connect(site.topology.primary.database_host, dr::Site::kProbe);
  if (primary) {
    live.primary_variables = known(variables(*primary));
    live.primary_binlog_state = known(binlog_state(*primary));
  } else {
    live.primary_variables = {std::nullopt, primary.error().text(), std::nullopt};
    live.primary_binlog_state = {std::nullopt, primary.error().text(), std::nullopt};
  }
}

}  // namespace relight::app
