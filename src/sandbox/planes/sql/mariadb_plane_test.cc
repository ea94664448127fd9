#include "sandbox/planes/sql/mariadb_plane.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <functional>

#include "base/disk.h"
#include "sql/mariadb_gtid.h"

namespace relight::sandbox {
namespace {

#define ASSERT_OK(expr)                                   \
  do {                                                    \
    auto ok_r = (expr);                                   \
    ASSERT_TRUE(ok_r.has_value()) << ok_r.error().text(); \
  } while (0)

constexpr const char* kPassword = "correct-horse-battery";

// One sandbox directory and template for the whole program; databases are made anew by each test.
class MariaDbPlaneTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    char path[] = "/tmp/relight-sql-XXXXXX";
    dir_ = new std::string(::mkdtemp(path));
    ASSERT_EQ(::chmod(path, 0711), 0);
  }
  static void TearDownTestSuite() {
    static_cast<void>(system_disk().remove(*dir_));
    delete dir_;
  }
  Database database(std::string region, uint32_t n, bool replica = false) {
    return {.key = fmt::format("db-{}", n),
            .region = region,
            .address = fmt::format("127.91.{}.1", n),
            .port = 3306,
            .number = n,
            .dir = fmt::format("{}/{}/{}", *dir_, region, n),
            .parameters = {{"read_only", replica ? "1" : "0"}}};
  }
  sql::Connection as_master(const Database& db) {
    auto c = sql::Connection::open({.host = db.address, .user = "admin", .password = kPassword});
    if (!c) throw std::runtime_error(c.error().text());
    return std::move(*c);
  }
  std::string value(const Database& db, std::string_view q) {
    return as_master(db).query(q)->value().value_or("NULL");
  }
  bool eventually(const std::function<bool()>& f) {
    for (int i = 0; i < 2000; ++i, system_clock().sleep(Millis(5)))
      if (f()) return true;
    return false;
  }
  void make_pair() {
    ASSERT_OK(plane_.create(primary_, {"admin", kPassword, "app"}));
    auto c = as_master(primary_);
    ASSERT_OK(c.exec("CREATE TABLE app.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20))"));
    ASSERT_OK(c.exec("INSERT INTO app.t(v) VALUES ('before')"));
    auto r = plane_.replicate(replica_, primary_, link_);
    ASSERT_TRUE(r.has_value()) << r.error().text();
  }

  static std::string* dir_;
  Wan wan_{{.one_way = Millis(5), .partition_reset = Millis(200)}, system_clock()};
  MariaDbPlane plane_{*dir_, wan_, system_clock(), system_rng()};
  Database primary_ = database("us-east-1", 1), replica_ = database("us-west-2", 2, true);
  ReplicaLink link_{"127.91.2.2", 3306};
};
std::string* MariaDbPlaneTest::dir_ = nullptr;

TEST_F(MariaDbPlaneTest, the_master_user_has_rds_privileges_and_no_more) {
  ASSERT_OK(plane_.create(primary_, {"admin", kPassword, "app"}));
  auto c = as_master(primary_);
  EXPECT_TRUE(c.exec("CREATE USER app@'%' IDENTIFIED BY 'x'").has_value());
  auto super = c.exec("SET GLOBAL read_only = 1");
  ASSERT_FALSE(super.has_value());
  EXPECT_EQ(sql::errno_of(super.error()), 1227);
  EXPECT_FALSE(c.query("SELECT LOAD_FILE('/etc/passwd')")->value().has_value());
  EXPECT_TRUE(c.query("SHOW SLAVE STATUS").has_value());
}

TEST_F(MariaDbPlaneTest, the_rds_procedures_work_without_super) {
  ASSERT_OK(plane_.create(primary_, {"admin", kPassword, "app"}));
  auto c = as_master(primary_);
  std::string before = *c.query("SELECT @@gtid_binlog_pos")->value();
  EXPECT_TRUE(c.exec("CALL mysql.rds_set_configuration('binlog retention hours', 24)").has_value());
  EXPECT_FALSE(c.exec("CALL mysql.rds_set_configuration('binlog retention hours', 1000)").has_value());
  EXPECT_EQ(c.query("CALL mysql.rds_show_configuration()")->get("value"), "24");
  EXPECT_EQ(*c.query("SELECT @@gtid_binlog_pos")->value(), before)
      << "a configuration change is not replicated";
  auto other = as_master(primary_);
  EXPECT_TRUE(c.exec("CALL mysql.rds_kill(?)", {other.thread_id()}).has_value());
  EXPECT_FALSE(other.query("SELECT 1").has_value());
  EXPECT_TRUE(
      c.exec("CALL mysql.rds_set_external_master_gtid('127.0.0.1', 9, 'u', 'p', '0-9-1', 0)").has_value());
  EXPECT_TRUE(c.exec("CALL mysql.rds_start_replication()").has_value());
  EXPECT_TRUE(c.exec("CALL mysql.rds_stop_replication()").has_value());
  EXPECT_TRUE(c.exec("CALL mysql.rds_reset_external_master()").has_value());
}

TEST_F(MariaDbPlaneTest, a_replica_follows_across_the_line_and_refuses_writes) {
  make_pair();
  ASSERT_OK(as_master(primary_).exec("INSERT INTO app.t(v) VALUES ('after')"));
  EXPECT_TRUE(eventually([&] { return value(replica_, "SELECT COUNT(*) FROM app.t") == "2"; }));
  auto refused = as_master(replica_).exec("INSERT INTO app.t(v) VALUES ('no')");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(sql::errno_of(refused.error()), 1290);
  EXPECT_EQ(value(replica_, "SELECT @@gtid_slave_pos"), value(primary_, "SELECT @@gtid_binlog_pos"));
  EXPECT_NE(value(replica_, "SELECT @@tmpdir"), value(primary_, "SELECT @@tmpdir"))
      << "a server that starts deletes the temporary tables in it";
}

TEST_F(MariaDbPlaneTest, a_replica_follows_to_where_the_line_stands_after_a_move) {
  make_pair();
  ASSERT_OK(plane_.stop(replica_));
  wan_.close({link_.address, link_.port});
  link_.address = "127.91.2.3";
  ASSERT_OK(plane_.reconnect(replica_, primary_, link_));
  ASSERT_OK(plane_.start(replica_));
  ASSERT_OK(as_master(primary_).exec("INSERT INTO app.t(v) VALUES ('moved')"));
  EXPECT_TRUE(eventually([&] { return value(replica_, "SELECT COUNT(*) FROM app.t") == "2"; }));
}

TEST_F(MariaDbPlaneTest, promotion_after_the_loss_keeps_what_was_received_and_the_difference_is_known) {
  make_pair();
  auto writer = as_master(primary_);
  for (int i = 0; i < 200; ++i) ASSERT_OK(writer.exec("INSERT INTO app.t(v) VALUES (?)", {i}));
  auto written = sql::MariaDbPosition::parse(*writer.query("SELECT @@gtid_binlog_pos")->value()).value();
  plane_.lose("us-east-1");
  EXPECT_FALSE(plane_.running(primary_));
  auto received = sql::MariaDbPosition::parse(plane_.replica_state(replica_)->received).value();
  replica_.parameters["read_only"] = "0";
  auto t0 = system_clock().monotonic();
  auto promoted = plane_.promote(replica_, link_);
  RecordProperty("promotion_ms", static_cast<int>((system_clock().monotonic() - t0).count() / 1'000'000));
  ASSERT_TRUE(promoted.has_value()) << promoted.error().text();
  auto kept = sql::MariaDbPosition::parse(value(replica_, "SELECT @@gtid_slave_pos")).value();
  EXPECT_TRUE(kept.contains(received));
  EXPECT_TRUE(written.contains(kept));
  EXPECT_EQ(std::stoull(value(replica_, "SELECT COUNT(*) FROM app.t")) + sql::count(written.minus(kept)),
            201u);
  EXPECT_TRUE(as_master(replica_).exec("INSERT INTO app.t(v) VALUES ('new primary')").has_value());
  // The old primary comes back as it was, with what never arrived.
  plane_.restore_region("us-east-1");
  ASSERT_OK(plane_.start(primary_));
  EXPECT_EQ(value(primary_, "SELECT COUNT(*) FROM app.t"), "201");
}

TEST_F(MariaDbPlaneTest, a_replica_catches_up_after_its_own_region_was_lost) {
  make_pair();
  plane_.lose("us-west-2");
  ASSERT_OK(as_master(primary_).exec("INSERT INTO app.t(v) VALUES ('meanwhile')"));
  plane_.restore_region("us-west-2");
  ASSERT_OK(plane_.start(replica_));
  EXPECT_TRUE(eventually([&] { return value(replica_, "SELECT COUNT(*) FROM app.t") == "2"; }));
}

TEST_F(MariaDbPlaneTest, a_snapshot_of_a_busy_database_restores_with_its_data) {
  make_pair();
  ASSERT_OK(plane_.snapshot(primary_, *dir_ + "/snapshot"));
  ASSERT_OK(as_master(primary_).exec("DELETE FROM app.t"));
  auto copy = database("us-east-1", 3);
  auto r = plane_.restore(copy, *dir_ + "/snapshot");
  ASSERT_TRUE(r.has_value()) << r.error().text();
  EXPECT_EQ(value(copy, "SELECT v FROM app.t"), "before");
}

TEST_F(MariaDbPlaneTest, parameters_change_as_it_runs_and_passwords_too) {
  ASSERT_OK(plane_.create(primary_, {"admin", kPassword, ""}));
  ASSERT_OK(plane_.set_parameters(primary_, {{"read_only", "1"}, {"wait_timeout", "77"}}));
  EXPECT_EQ(value(primary_, "SELECT @@global.read_only"), "1");
  EXPECT_EQ(value(primary_, "SELECT @@global.wait_timeout"), "77");
  ASSERT_OK(plane_.set_password(primary_, "admin", "another-one"));
  auto old = sql::Connection::open({.host = primary_.address, .user = "admin", .password = kPassword});
  ASSERT_FALSE(old.has_value());
  EXPECT_EQ(sql::errno_of(old.error()), 1045);
}

TEST_F(MariaDbPlaneTest, what_has_just_started_can_be_stopped_even_with_something_to_recover) {
  ASSERT_OK(plane_.create(primary_, {"admin", kPassword, "app"}));
  auto c = as_master(primary_);
  ASSERT_OK(c.exec("CREATE TABLE app.t (id INT PRIMARY KEY)"));
  for (int i = 0; i < 40; ++i) {
    auto other = as_master(primary_);
    ASSERT_OK(other.exec(fmt::format("XA START 'x{}'", i)));
    ASSERT_OK(other.exec(fmt::format("INSERT INTO app.t VALUES ({})", i)));
    ASSERT_OK(other.exec(fmt::format("XA END 'x{}'", i)));
    ASSERT_OK(other.exec(fmt::format("XA PREPARE 'x{}'", i)));
  }
  plane_.lose("us-east-1");
  plane_.restore_region("us-east-1");
  ASSERT_OK(plane_.start(primary_));
  ASSERT_OK(plane_.stop(primary_));
  auto log = system_disk().read(primary_.dir + "/error.log");
  ASSERT_OK(log);
  EXPECT_NE(log->find("Shutdown complete"), std::string::npos) << *log;
}

TEST_F(MariaDbPlaneTest, binlogs_are_purged_unless_retention_holds_them) {
  ASSERT_OK(plane_.create(primary_, {"admin", kPassword, ""}));
  auto c = as_master(primary_);
  // The server itself holds a log for as long as InnoDB's checkpoint is in it.
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(plane_.purge_binlogs(primary_, "", 0).has_value());
    return c.query("SHOW BINARY LOGS")->rows.size() == 1;
  }));
  ASSERT_OK(c.exec("CALL mysql.rds_set_configuration('binlog retention hours', 24)"));
  ASSERT_OK(plane_.stop(primary_));
  ASSERT_OK(plane_.start(primary_));
  ASSERT_OK(plane_.purge_binlogs(primary_, "", 0));
  EXPECT_EQ(as_master(primary_).query("SHOW BINARY LOGS")->rows.size(), 2u);
}

TEST_F(MariaDbPlaneTest, a_replica_that_is_away_finds_its_source_s_binlogs_when_it_returns) {
  make_pair();
  auto readers = [&] {
    return value(primary_,
                 "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'");
  };
  EXPECT_TRUE(eventually([&] { return readers() == "1"; }));
  plane_.lose("us-west-2");
  ASSERT_OK(as_master(primary_).exec("INSERT INTO app.t(v) VALUES ('while away')"));
  EXPECT_TRUE(eventually([&] { return readers() == "0"; }));
  for (int i = 0; i < 100; ++i) ASSERT_OK(plane_.purge_binlogs(primary_, "", 1));
  plane_.restore_region("us-west-2");
  ASSERT_OK(plane_.start(replica_));
  EXPECT_TRUE(eventually([&] { return value(replica_, "SELECT COUNT(*) FROM app.t") == "2"; }))
      << plane_.replica_state(replica_)->error;
  EXPECT_TRUE(eventually([&] {  // with it there they go
    EXPECT_TRUE(plane_.purge_binlogs(primary_, "", 1).has_value());
    return as_master(primary_).query("SHOW BINARY LOGS")->rows.size() == 1;
  }));
}

// A moment after everything so far: the next second has begun.
Instant next_second() {
  auto then = std::chrono::ceil<std::chrono::seconds>(system_clock().now());
  while (system_clock().now() <= then) system_clock().sleep(Millis(5));
  return then;
}

class MomentTest : public MariaDbPlaneTest {
 protected:
  // A database with a row in it, its snapshot, and the logs since.
  void make(uint32_t number) {
    primary_ = database("us-east-1", number);
    back_ = database("us-east-1", number + 1);
    logs_ = fmt::format("{}/logs-{}", *dir_, number);
    snapshot_ = fmt::format("{}/snapshot-{}", *dir_, number);
    ASSERT_OK(system_disk().make_dir(logs_));
    ASSERT_OK(plane_.create(primary_, {"admin", kPassword, "app"}));
    ASSERT_OK(as_master(primary_).exec(
        "CREATE TABLE app.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20), b BLOB)"));
    write("first");
    ASSERT_OK(plane_.snapshot(primary_, snapshot_));
    ASSERT_OK(plane_.keep_binlogs(primary_, logs_));
  }
  void write(const char* v) {
    ASSERT_OK(as_master(primary_).exec("INSERT INTO app.t(v, b) VALUES (?, UNHEX('00FF270A1A5C'))", {v}));
  }
  // Until the server itself no longer has its first log: it holds one for as long as InnoDB's checkpoint is
  // in it.
  void purge_first(const std::string& keep_in) {
    EXPECT_TRUE(eventually([&] {
      EXPECT_TRUE(plane_.purge_binlogs(primary_, keep_in, 0).has_value());
      return as_master(primary_).query("SHOW BINARY LOGS")->rows[0][0] != "mysql-bin-changelog.000001";
    }));
  }
  Result<> restore(Instant until) { return plane_.restore_to(back_, {snapshot_, logs_, until}); }
  std::string rows() { return value(back_, "SELECT GROUP_CONCAT(v ORDER BY id) FROM app.t"); }

  Database back_;
  std::string logs_, snapshot_;
};

TEST_F(MomentTest, what_was_written_before_it_is_there_and_what_came_after_is_not) {
  make(11);
  write("second");
  ASSERT_OK(plane_.keep_binlogs(primary_, logs_));
  ASSERT_OK(plane_.purge_binlogs(primary_, logs_, 0));
  write("third");
  Instant moment = next_second();
  ASSERT_OK(as_master(primary_).exec("DELETE FROM app.t"));
  write("last");
  ASSERT_OK(plane_.purge_binlogs(primary_, logs_, 0));
  purge_first(logs_);
  ASSERT_OK(restore(moment));
  EXPECT_EQ(rows(), "first,second,third");
  EXPECT_EQ(value(back_, "SELECT COUNT(*) FROM app.t WHERE b = UNHEX('00FF270A1A5C')"), "3");
  EXPECT_TRUE(as_master(back_).exec("INSERT INTO app.t(v) VALUES ('own')").has_value());
  ASSERT_OK(restore(next_second()));
  EXPECT_EQ(rows(), "last") << "it may be done again";
  EXPECT_FALSE(system_disk().exists(back_.dir + "/replay.sql"));
}

TEST_F(MomentTest, without_a_write_since_it_is_the_snapshot) {
  make(13);
  ASSERT_OK(restore(next_second()));
  EXPECT_EQ(rows(), "first");
  // A copy of its own, whose binary log is empty: its position is in none of the logs.
  std::string again = snapshot_ + "-again", logs = logs_ + "-again";
  ASSERT_OK(system_disk().make_dir(logs));
  ASSERT_OK(plane_.snapshot(back_, again));
  ASSERT_OK(plane_.keep_binlogs(back_, logs));
  auto third = database("us-east-1", 15);
  ASSERT_OK(plane_.restore_to(third, {again, logs, next_second()}));
  EXPECT_EQ(value(third, "SELECT COUNT(*) FROM app.t"), "1");
}

TEST_F(MomentTest, a_gap_in_the_logs_is_refused) {
  make(16);
  write("second");
  purge_first("");
  write("third");
  ASSERT_OK(system_disk().remove(logs_));
  ASSERT_OK(system_disk().make_dir(logs_));
  ASSERT_OK(plane_.purge_binlogs(primary_, logs_, 0));
  auto r = restore(next_second());
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, "Database.Gap");
}

TEST_F(MomentTest, logs_are_pruned_and_a_directory_that_is_not_there_keeps_none) {
  make(18);
  ASSERT_OK(plane_.purge_binlogs(primary_, logs_, 0));
  write("second");
  ASSERT_OK(plane_.purge_binlogs(primary_, logs_, 0));
  EXPECT_EQ(system_disk().list(logs_)->size(), 3u);
  ASSERT_OK(plane_.prune_binlogs(logs_, Instant{}));
  EXPECT_EQ(system_disk().list(logs_)->size(), 3u);
  ASSERT_OK(plane_.prune_binlogs(logs_, next_second()));
  EXPECT_TRUE(system_disk().list(logs_)->empty());
  ASSERT_OK(plane_.purge_binlogs(primary_, logs_ + "-none", 0));
  EXPECT_FALSE(system_disk().exists(logs_ + "-none"));
}

TEST_F(MariaDbPlaneTest, the_audit_plugin_is_loaded_as_it_runs_set_and_got_rid_of_by_a_restart) {
  primary_ = database("us-east-1", 20);
  ASSERT_OK(plane_.create(primary_, {"admin", kPassword, "app"}));
  // A statement's line follows its answer.
  auto logged = [&](const char* text) {
    return eventually([&] {
      auto log = system_disk().read(primary_.dir + "/audit/server_audit.log");
      return log && log->find(text) != std::string::npos;
    });
  };
  primary_.audit = {{"server_audit_events", "QUERY"},
                    {"server_audit_excl_users", "rdsadmin"},
                    {"server_audit_logging", "ON"},
                    {"server_audit_query_log_limit", "1024"}};
  auto before = as_master(primary_);
  ASSERT_OK(plane_.apply_audit(primary_));
  EXPECT_TRUE(before.query("SELECT 'kept connection'").has_value()) << "it did not restart";
  EXPECT_TRUE(logged("kept connection"));
  EXPECT_FALSE(before.exec("SET GLOBAL server_audit_logging = OFF").has_value());
  ASSERT_OK(plane_.stop(primary_));
  ASSERT_OK(plane_.start(primary_));
  EXPECT_EQ(value(primary_, "SELECT 'after a start'"), "after a start");
  EXPECT_TRUE(logged("after a start"));
  EXPECT_FALSE(as_master(primary_).exec("UNINSTALL SONAME 'server_audit'").has_value());
  primary_.audit.clear();
  ASSERT_OK(plane_.apply_audit(primary_));
  EXPECT_EQ(
      value(primary_, "SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = 'SERVER_AUDIT'"),
      "0");
}

TEST_F(MariaDbPlaneTest, a_server_that_cannot_start_says_why) {
  primary_.parameters["no_such_variable"] = "1";
  auto r = plane_.create(primary_, {"admin", kPassword, ""});
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, "Database.NotStarted");
  EXPECT_NE(r.error().message.find("unknown variable"), std::string::npos) << r.error().text();
}

}  // namespace
}  // namespace relight::sandbox
