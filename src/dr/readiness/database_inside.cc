// Checks 13-15: what the databases say of themselves.
#include <fmt/format.h>

#include "dr/readiness/families.h"

namespace relight::dr {
namespace {

bool on(const std::string& v) { return v == "ON" || v == "1"; }

std::string names(const std::vector<std::string>& list) {
  std::string out;
  for (auto& n : list) {
    if (out.size() > 400) return out + ", …";
    out += (out.empty() ? "" : ", ") + n;
  }
  return out;
}

}  // namespace

void check_read_only(const Picture& p, Report& r) {
  Report::About replica{p.topology.recovery.database, p.config.recovery.region};
  auto& v = p.live.recovery_variables;
  if (!r.seen(v, replica, "read_only")) return;
  auto seen = "read_only " + get(*v, "read_only");
  if (get(*v, "read_only").empty())
    r.unknown(replica, "read_only could not be seen", "the server does not name it");
  else if (on(get(*v, "read_only")))
    r.pass(replica, "the replica takes no writes", seen);
  else
    r.fail(replica, "the replica takes writes, so the two histories can part", seen,
           fmt::format(
               "aws --region {} rds reset-db-parameter-group --db-parameter-group-name GROUP --parameters "
               "ParameterName=read_only,ApplyMethod=pending-reboot",
               p.config.recovery.region));
}

void check_binlog(const Picture& p, Report& r) {
  Report::About primary{p.topology.primary.database, p.config.primary.region};
  auto& v = p.live.primary_variables;
  if (!r.seen(v, primary, "the settings of its binary log")) return;
  auto seen = fmt::format(
      "log_bin {}, binlog_format {}, binlog_row_image {}, gtid_strict_mode {}, binlog retention hours {}",
      get(*v, "log_bin"), get(*v, "binlog_format"), get(*v, "binlog_row_image"), get(*v, "gtid_strict_mode"),
      get(*v, "binlog retention hours"));
  auto set = [&](const char* name, const char* value) {
    return fmt::format(
        "aws --region {} rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters "
        "ParameterName={},ParameterValue={},ApplyMethod=immediate",
        p.config.primary.region, name, value);
  };
  auto hours = get(*v, "binlog retention hours");
  if (!on(get(*v, "log_bin")))
    r.fail(primary, "it writes no binary log", seen,
           fmt::format("aws --region {} rds modify-db-instance --db-instance-identifier {} "
                       "--backup-retention-period 7 --apply-immediately",
                       p.config.primary.region, p.topology.primary.database));
  else if (get(*v, "binlog_format") != "ROW")
    r.fail(primary, "its binary log does not hold rows: statements can have another effect on the replica",
           seen, set("binlog_format", "ROW"));
  else if (get(*v, "binlog_row_image") != "FULL")
    r.fail(primary, "its binary log holds parts of rows: what was lost cannot be told from it", seen,
           set("binlog_row_image", "FULL"));
  else if (hours.starts_with("unknown"))
    r.unknown(primary, "how long it keeps its binary logs could not be seen", hours);
  else if (hours.empty() || hours == "NULL" || hours == "0")
    r.warn(primary, "it purges its binary logs at once: what was lost cannot be read from them later", seen,
           fmt::format(
               "mariadb -h {} -u {} -p -e \"CALL mysql.rds_set_configuration('binlog retention hours', 24)\"",
               p.topology.primary.database_host, p.config.database.user));
  else
    r.pass(primary, "its binary log holds whole rows and is kept", seen);
}

void check_tables(const Picture& p, Report& r) {
  Report::About replica{p.topology.recovery.database, p.config.recovery.region};
  auto& t = p.live.tables;
  if (!r.seen(t, replica, "the tables")) return;
  auto sql = [&](const std::string& statement) {
    return fmt::format("mariadb -h {} -u {} -p -e '{}'", p.topology.primary.database_host,
                       p.config.database.user, statement);
  };
  if (!t->other_engine.empty())
    r.fail(replica, "tables that no crash and no transaction spares", names(t->other_engine),
           sql("ALTER TABLE " + t->other_engine.front().substr(0, t->other_engine.front().find(' ')) +
               " ENGINE=InnoDB"));
  if (!t->without_key.empty())
    r.warn(replica,
           "tables without a primary key: each changed row costs the replica a search through the table",
           names(t->without_key),
           sql("ALTER TABLE " + t->without_key.front() +
               " ADD COLUMN id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY"));
  if (r.silent()) r.pass(replica, "all tables are InnoDB and have a primary key");
}

}  // namespace relight::dr
