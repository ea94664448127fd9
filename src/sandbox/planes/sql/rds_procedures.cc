#include "sandbox/planes/sql/rds_procedures.h"

#include <fmt/format.h>

namespace relight::sandbox {

// SLAVE MONITOR: SHOW REPLICA STATUS needs it since 10.5; that RDS grants it with REPLICATION CLIENT is
// unverified.
const char* const kMasterPrivileges =
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW "
    "DATABASES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE "
    "ROUTINE, "
    "ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, REPLICATION SLAVE, SLAVE MONITOR";

namespace {

// Every change of mysql.* by a procedure stays out of the binary log: on a replica it would be an errant
// transaction.
std::vector<std::string> configuration() {
  return {
      "CREATE TABLE mysql.rds_configuration (name VARCHAR(100) NOT NULL PRIMARY KEY, value VARCHAR(100), "
      "description VARCHAR(300)) ENGINE=InnoDB",
      "INSERT INTO mysql.rds_configuration VALUES "
      "('binlog retention hours', NULL, 'binlog retention hours specifies the duration in hours before "
      "binary logs "
      "are automatically deleted.'), "
      "('source delay', '0', 'source delay specifies replication delay in seconds between current instance "
      "and its "
      "master.'), "
      "('target delay', '0', 'target delay specifies replication delay in seconds between current instance "
      "and its "
      "future read-replica.')",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_set_configuration(IN p_name VARCHAR(100), IN p_value INT)
SQL SECURITY DEFINER MODIFIES SQL DATA
BEGIN
  DECLARE logged INT DEFAULT @@sql_log_bin;
  IF NOT EXISTS (SELECT 1 FROM mysql.rds_configuration WHERE name = p_name) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Invalid configuration parameter name.';
  END IF;
  IF p_name = 'binlog retention hours' AND p_value IS NOT NULL AND (p_value < 1 OR p_value > 168) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'For binlog retention hours the value must be between 1 and 168 or be NULL';
  END IF;
  IF p_name <> 'binlog retention hours' AND (p_value IS NULL OR p_value < 0 OR p_value > 86400) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The value must be between 0 and 86400';
  END IF;
  SET sql_log_bin = 0;
  UPDATE mysql.rds_configuration SET value = p_value WHERE name = p_name;
  COMMIT;
  SET sql_log_bin = logged;
END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_show_configuration()
SQL SECURITY DEFINER READS SQL DATA
BEGIN SELECT name, value, description FROM mysql.rds_configuration ORDER BY name; END)"};
}

std::string kill_procedure(const char* name, const char* verb) {
  return fmt::format(R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.{}(IN thread BIGINT)
SQL SECURITY DEFINER READS SQL DATA
BEGIN
  DECLARE who VARCHAR(128) DEFAULT (SELECT user FROM information_schema.processlist WHERE id = thread);
  IF who IN ('rdsadmin', 'rdsrepladmin', 'system user') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Cannot KILL RDSADMIN SESSION';
  END IF;
  {} thread;
END)",
                     name, verb);
}

std::vector<std::string> replication() {
  return {
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_stop_replication()
SQL SECURITY DEFINER
BEGIN STOP SLAVE; SELECT 'Slave is down or disabled' AS Message; END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_start_replication()
SQL SECURITY DEFINER
BEGIN START SLAVE; SELECT 'Slave running normally.' AS Message; END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_skip_repl_error()
SQL SECURITY DEFINER
BEGIN
  DECLARE threads INT DEFAULT @@global.slave_parallel_threads;
  STOP SLAVE;
  SET GLOBAL slave_parallel_threads = 0;
  SET GLOBAL sql_slave_skip_counter = 1;
  START SLAVE;
  DO SLEEP(0.5);
  STOP SLAVE;
  EXECUTE IMMEDIATE CONCAT('SET GLOBAL slave_parallel_threads = ', threads);
  START SLAVE;
  SELECT 'Statement in error has been skipped' AS Message;
END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_set_external_master(IN host VARCHAR(255), IN port INT,
  IN usr VARCHAR(80), IN pass VARCHAR(255), IN log_file VARCHAR(80), IN log_pos BIGINT, IN ssl_encryption INT)
SQL SECURITY DEFINER
BEGIN
  EXECUTE IMMEDIATE CONCAT('CHANGE MASTER TO MASTER_HOST=', QUOTE(host), ', MASTER_PORT=', port, ', MASTER_USER=',
    QUOTE(usr), ', MASTER_PASSWORD=', QUOTE(pass), ', MASTER_LOG_FILE=', QUOTE(log_file), ', MASTER_LOG_POS=', log_pos,
    ', MASTER_SSL=', IF(ssl_encryption = 0, 0, 1), ', MASTER_USE_GTID=no, MASTER_CONNECT_RETRY=1');
END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_set_external_master_gtid(IN host VARCHAR(255), IN port INT,
  IN usr VARCHAR(80), IN pass VARCHAR(255), IN gtid VARCHAR(2000), IN ssl_encryption INT)
SQL SECURITY DEFINER
BEGIN
  EXECUTE IMMEDIATE CONCAT('SET GLOBAL gtid_slave_pos = ', QUOTE(gtid));
  EXECUTE IMMEDIATE CONCAT('CHANGE MASTER TO MASTER_HOST=', QUOTE(host), ', MASTER_PORT=', port, ', MASTER_USER=',
    QUOTE(usr), ', MASTER_PASSWORD=', QUOTE(pass), ', MASTER_SSL=', IF(ssl_encryption = 0, 0, 1),
    ', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1');
END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_reset_external_master()
SQL SECURITY DEFINER
BEGIN STOP SLAVE; RESET SLAVE ALL; SELECT 'Slave has been reset' AS Message; END)",
      R"(CREATE DEFINER=rdsadmin@localhost PROCEDURE mysql.rds_next_master_log(IN curr_master_log INT)
SQL SECURITY DEFINER
BEGIN
  STOP SLAVE;
  EXECUTE IMMEDIATE CONCAT('CHANGE MASTER TO MASTER_LOG_FILE=\'mysql-bin-changelog.', LPAD(curr_master_log + 1, 6, '0'),
    '\', MASTER_LOG_POS=4, MASTER_USE_GTID=no');
  START SLAVE;
  SELECT 'Master Log Position has been set to start of next log' AS Message;
END)"};
}

}  // namespace

std::vector<std::string> rds_statements(const std::string& admin_password,
                                        const std::string& replication_password) {
  std::vector<std::string> out{"SET sql_log_bin = 0",
                               "CREATE USER rdsadmin@localhost IDENTIFIED BY '" + admin_password + "'",
                               "GRANT ALL PRIVILEGES ON *.* TO rdsadmin@localhost WITH GRANT OPTION",
                               "CREATE USER rdsrepladmin@'%' IDENTIFIED BY '" + replication_password + "'",
                               "GRANT REPLICATION SLAVE ON *.* TO rdsrepladmin@'%'"};
  for (auto& s : configuration()) out.push_back(s);
  out.push_back(kill_procedure("rds_kill", "KILL"));
  out.push_back(kill_procedure("rds_kill_query", "KILL QUERY"));
  for (auto& s : replication()) out.push_back(s);
  // Last: whoever else the installation made, root included.
  out.push_back("DELETE FROM mysql.global_priv WHERE User IN ('root', '', 'mysql')");
  out.push_back("DELETE FROM mysql.proxies_priv");
  out.push_back("FLUSH PRIVILEGES");
  return out;
}

}  // namespace relight::sandbox
