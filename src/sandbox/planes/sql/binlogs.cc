// Binary logs: dropped as RDS drops them, kept beside the snapshots, and replayed up to a moment.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/disk.h"
#include "base/process.h"
#include "sandbox/planes/sql/mariadb_plane.h"

namespace relight::sandbox {
namespace {

constexpr Millis kReplayLimit{600'000};

std::unexpected<Error> binlog_error(std::string_view what, const std::string& file) {
  return fail("Database.Failed", fmt::format("{} {}", what, file));
}

// A binary log only grows: what the copy lacks is added to it. `size` ends at an event group.
Result<> copy_growth(const std::string& from, const std::string& to, uint64_t size) {
  std::error_code none;
  uint64_t have = std::filesystem::file_size(to, none);
  // Longer than the log itself: of another log of that name.
  if (none || have > size) {
    have = 0;
    TRY(system_disk().remove(to));
  }
  if (have == size) return {};
  std::ifstream in(from, std::ios::binary);
  std::ofstream out(to, std::ios::binary | std::ios::app);
  in.seekg(static_cast<std::streamoff>(have));
  std::vector<char> piece(1u << 16);
  for (uint64_t left = size - have; left > 0 && in && out; left -= static_cast<uint64_t>(in.gcount())) {
    in.read(piece.data(), static_cast<std::streamsize>(std::min<uint64_t>(piece.size(), left)));
    if (in.gcount() == 0) return binlog_error("it ended early:", from);
    out.write(piece.data(), in.gcount());
  }
  out.close();
  return out ? Result<>{} : binlog_error("could not write", to);
}

Result<> keep_all(Server& s, const sql::Rows& logs, const std::string& dir) {
  for (auto& row : logs.rows) {
    std::string name = row.at(0).value_or("");
    TRY(copy_growth(s.data_dir() + "/" + name, dir + "/" + name,
                    std::strtoull(row.at(1).value_or("0").c_str(), nullptr, 10)));
  }
  return {};
}

bool is_log(const std::string& name) {
  return name.starts_with("mysql-bin-changelog.") && !name.ends_with(".index");
}

}  // namespace

Result<> MariaDbPlane::purge_binlogs(const Database& db, const std::string& keep_in, size_t replicas) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY_ASSIGN(auto c, s->admin());
  // The server itself refuses to drop what a connected replica still reads; of one that is to come back it
  // knows nothing. Asked here: what was seen some seconds ago may be from before its loss.
  TRY_ASSIGN(auto connected, c.query("SHOW SLAVE HOSTS"));
  TRY_ASSIGN(auto kept,
             c.query("SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'"));
  auto hours = kept.value();
  bool all_here = connected.rows.size() >= replicas;
  if (!hours && all_here) TRY(c.exec("FLUSH BINARY LOGS"));
  TRY_ASSIGN(auto logs, c.query("SHOW BINARY LOGS"));
  if (!keep_in.empty() && system_disk().exists(keep_in)) TRY(keep_all(*s, logs, keep_in));
  if (hours) {
    TRY(c.exec(fmt::format("PURGE BINARY LOGS BEFORE NOW() - INTERVAL {} HOUR", std::atoi(hours->c_str()))));
    return {};
  }
  // Again: a rotation is news for the replicas' threads here, and such as have lost their replica end of it.
  if (!all_here) return {};
  TRY_ASSIGN(connected, c.query("SHOW SLAVE HOSTS"));
  if (connected.rows.size() < replicas) return {};
  if (logs.rows.size() > 1) TRY(c.exec("PURGE BINARY LOGS TO ?", {logs.rows.back()[0].value_or("")}));
  return {};
}

Result<> MariaDbPlane::keep_binlogs(const Database& db, const std::string& dir) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY_ASSIGN(auto c, s->admin());
  TRY_ASSIGN(auto logs, c.query("SHOW BINARY LOGS"));
  return keep_all(*s, logs, dir);
}

Result<> MariaDbPlane::prune_binlogs(const std::string& dir, Instant before) {
  if (!system_disk().exists(dir)) return {};
  TRY_ASSIGN(auto names, system_disk().list(dir));
  for (auto& name : names) {
    std::error_code gone;
    auto grew = std::chrono::file_clock::to_sys(std::filesystem::last_write_time(dir + "/" + name, gone));
    // A copy grows after its log did: all of it is from before then.
    if (is_log(name) && !gone && grew < before) TRY(system_disk().remove(dir + "/" + name));
  }
  return {};
}

// https://mariadb.com/kb/en/mariadb-binlog-options/: a GTID position as --start-position leaves out what the
// copy holds, and is refused when the logs begin after it. The stop is exclusive: "at first event having a
// datetime equal or posterior to the argument".
Result<> MariaDbPlane::restore_to(const Database& db, const PointInTime& moment) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY_ASSIGN(std::string reached, put_back(*s, db, moment.snapshot));
  std::string file = db.dir + "/replay.sql";
  Spawn read{
      .argv = {"/usr/bin/mariadb-binlog", "--no-defaults", "--result-file=" + file, "--local-load=" + db.dir,
               fmt::format("--stop-datetime={:%Y-%m-%d %H:%M:%S}",
                           std::chrono::floor<std::chrono::seconds>(moment.until))},
      .env = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}, {"TZ", "UTC"}}};
  if (!reached.empty()) read.argv.push_back("--start-position=" + reached);
  size_t options = read.argv.size();
  if (system_disk().exists(moment.binlogs)) {
    TRY_ASSIGN(auto names, system_disk().list(moment.binlogs));
    for (auto& name : names)
      if (is_log(name)) read.argv.push_back(moment.binlogs + "/" + name);
  }
  if (read.argv.size() == options) return {};  // nothing was written since
  TRY(system_disk().write(file, "", 0600));    // it holds the rows
  auto done = Process::run(read, kReplayLimit, ending_.get_token());
  auto replayed = [&]() -> Result<> {
    if (!done) return std::unexpected(done.error());
    if (done->code == 0) return replay(*s, db, file);
    // The copy is as new as the newest log.
    if (done->output.find("never reached expected GTID state") != std::string::npos) return {};
    return fail("Database.Gap",
                fmt::format("the binary logs do not lead from the snapshot to that moment: {}",
                            done->output.substr(0, 400)));
  }();
  TRY(system_disk().remove(file));
  return replayed;
}

Result<> MariaDbPlane::replay(Server& s, const Database& db, const std::string& file) {
  TRY_ASSIGN(SqlSecrets secrets, template_.secrets());
  // --binary-mode reads what mariadb-binlog writes as it is, and takes no `source`: hence the shell.
  TRY_ASSIGN(Exit done,
             Process::run({.argv = {"/bin/sh", "-c",
                                    "exec /usr/bin/mariadb --no-defaults --binary-mode "
                                    "--max-allowed-packet=1G --user=rdsadmin --socket=\"$1\" < \"$2\"",
                                    "sh", s.socket(), file},
                           .env = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}, {"MYSQL_PWD", secrets.admin}}},
                          kReplayLimit, ending_.get_token()));
  if (done.code == 0) return {};
  Error e;
  e.code = "Database.Failed";
  e.tried = "replay binary logs";
  e.resource = db.key;
  e.region = db.region;
  e.message = fmt::format("it ended with {}: {}", done.code, done.output.substr(0, 400));
  return fail(std::move(e));
}

}  // namespace relight::sandbox
