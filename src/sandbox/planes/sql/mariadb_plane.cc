#include "sandbox/planes/sql/mariadb_plane.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "base/disk.h"
#include "sandbox/planes/sql/rds_procedures.h"

namespace relight::sandbox {
namespace {

// With the sandbox, which somebody waits for. One that takes longer, for want of room on its disk for
// instance, recovers when it is started again.
constexpr Millis kEndsWithin{15'000};

}  // namespace

MariaDbPlane::MariaDbPlane(std::string dir, Wan& wan, Clock& clock, Rng& rng)
    : wan_(wan), clock_(clock), template_(dir + "/template", clock, rng, ending_.get_token()) {}

MariaDbPlane::~MariaDbPlane() {
  std::vector<std::thread> all;
  for (auto& [key, e] : servers_) all.emplace_back([s = e.server] { s->stop(kEndsWithin); });
  for (auto& t : all) t.join();
}

Result<std::shared_ptr<Server>> MariaDbPlane::server(const Database& db) {
  TRY(template_.ready());
  TRY_ASSIGN(SqlSecrets secrets, template_.secrets());
  std::lock_guard g(m_);
  auto& e = servers_[db.key];
  if (!e.server) e = {std::make_shared<Server>(db.dir + "/data", secrets, clock_), db.region};
  return e.server;
}

Result<> MariaDbPlane::launch(Server& s, const Database& db, const std::vector<std::string>& extra) {
  auto gone = [&] {
    std::lock_guard g(m_);
    return lost_.contains(db.region);
  };
  if (gone()) return fail("Region.Lost", db.region + " is lost");
  TRY(s.start(db, extra, ending_.get_token()));
  if (!gone()) return {};
  s.kill();  // the region went while it started
  return fail("Region.Lost", db.region + " is lost");
}

Result<> MariaDbPlane::create(const Database& db, const MasterUser& master) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  s->kill();
  TRY(template_.copy(s->data_dir()));
  TRY(launch(*s, db));
  TRY_ASSIGN(auto c, s->admin());
  if (!master.database.empty())
    TRY(c.exec("CREATE DATABASE IF NOT EXISTS " + sql::identifier(master.database)));
  TRY(c.exec("CREATE USER ?@'%' IDENTIFIED BY ?", {master.name, master.password}));
  TRY(c.exec(fmt::format("GRANT {} ON *.* TO ?@'%' WITH GRANT OPTION", kMasterPrivileges), {master.name}));
  return {};
}

Result<> MariaDbPlane::start(const Database& db) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  if (!system_disk().exists(s->data_dir())) {
    return fail("Database.Missing", fmt::format("{} has no data directory", db.key));
  }
  TRY(launch(*s, db));
  std::optional<ReplicaLink> link;
  {
    std::lock_guard g(m_);
    if (auto it = links_.find(db.key); it != links_.end()) link = it->second;
  }
  return link ? follow(*s, *link) : Result<>{};
}

Result<> MariaDbPlane::stop(const Database& db) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  s->stop();
  return {};
}

Result<> MariaDbPlane::remove(const Database& db) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  s->kill();  // nothing of it is kept
  {
    std::lock_guard g(m_);
    servers_.erase(db.key);
    links_.erase(db.key);
  }
  return system_disk().remove(db.dir);
}

bool MariaDbPlane::running(const Database& db) {
  std::shared_ptr<Server> s;
  {
    std::lock_guard g(m_);
    auto it = servers_.find(db.key);
    if (it == servers_.end()) return false;
    s = it->second.server;
  }
  return s->running();
}

Result<> MariaDbPlane::clone(const Database& from, const std::string& to) {
  TRY_ASSIGN(auto s, server(from));
  std::lock_guard work(s->work);
  TRY(system_disk().remove(to));
  TRY(system_disk().make_dir(std::filesystem::path(to).parent_path()));
  // Paused, not locked: the copy is what a power cut would have left, and recovers as such.
  s->signal(SIGSTOP);
  auto copied = copy_tree(s->data_dir(), to, ending_.get_token());
  s->signal(SIGCONT);
  for (auto* left_over : {"/s", "/pid", "/tc.log"}) static_cast<void>(system_disk().remove(to + left_over));
  return copied;
}

Result<> MariaDbPlane::snapshot(const Database& db, const std::string& dir) {
  return clone(db, dir + "/data");
}

// Leaves the copy running; answers the GTID position that it had reached.
Result<std::string> MariaDbPlane::put_back(Server& s, const Database& db, const std::string& dir) {
  s.kill();
  TRY(system_disk().remove(s.data_dir()));
  TRY(system_disk().make_dir(db.dir));
  TRY(copy_tree(dir + "/data", s.data_dir(), ending_.get_token()));
  return adopt(s, db);
}

Result<> MariaDbPlane::restore(const Database& db, const std::string& dir) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY(put_back(*s, db, dir));
  return {};
}

Result<> MariaDbPlane::copy_snapshot(const std::string& from_dir, const std::string& to_dir) {
  TRY(system_disk().remove(to_dir));
  TRY(system_disk().make_dir(
      std::filesystem::path(to_dir).parent_path()));  // another region may have none yet
  return copy_tree(from_dir, to_dir, ending_.get_token());
}

Result<> MariaDbPlane::set_parameters(const Database& db, const std::map<std::string, std::string>& changed) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY_ASSIGN(auto c, s->admin());
  for (auto& [name, value] : changed) {
    bool number = !value.empty() && value.find_first_not_of("-0123456789.") == std::string::npos;
    TRY(c.exec(fmt::format("SET GLOBAL {} = {}", sql::identifier(name), number ? value : c.quote(value))));
  }
  return {};
}

Result<> MariaDbPlane::set_password(const Database& db, const std::string& user,
                                    const std::string& password) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  TRY_ASSIGN(auto c, s->admin());
  // A source's replicas get the new password through replication; a replica must not write its own history.
  TRY_ASSIGN(auto replica, c.query("SHOW SLAVE STATUS"));
  if (replica.rows.empty()) TRY(c.exec("SET sql_log_bin = 1"));
  TRY(c.exec("ALTER USER ?@'%' IDENTIFIED BY ?", {user, password}));
  // "If you accidentally delete the permissions for the master user, you can restore them by … setting a new
  // master user password" (Master user account privileges).
  TRY(c.exec(fmt::format("GRANT {} ON *.* TO ?@'%' WITH GRANT OPTION", kMasterPrivileges), {user}));
  return {};
}

Result<DatabaseLoad> MariaDbPlane::load(const Database& db) {
  TRY_ASSIGN(auto s, server(db));
  DatabaseLoad out;
  TRY_ASSIGN(auto c, s->admin(Millis{2000}));
  TRY_ASSIGN(auto r, c.query("SELECT COUNT(*) FROM information_schema.processlist WHERE user NOT IN "
                             "('rdsadmin', 'rdsrepladmin', 'system user', 'event_scheduler')"));
  out.connections = std::atoi(r.value().value_or("0").c_str());
  for (auto& e : everything_below(s->data_dir())) {
    std::error_code gone;
    auto size = e.directory ? 0 : std::filesystem::file_size(e.path, gone);
    if (!gone) out.disk_bytes += size;
  }
  if (auto stat = system_disk().read(fmt::format("/proc/{}/stat", s->pid()))) {
    // utime and stime are fields 14 and 15; the 12th and 13th after the name's closing bracket.
    size_t at = stat->rfind(')');
    for (int field = 0; field < 12 && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
    if (at != std::string::npos) {
      char* end = nullptr;
      double user = std::strtod(stat->c_str() + at, &end), system = std::strtod(end, nullptr);
      out.cpu_seconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
  }
  return out;
}

void MariaDbPlane::lose(std::string_view region) {
  wan_.lose(region);  // first: what was in flight must not arrive
  std::lock_guard g(m_);
  lost_.insert(std::string(region));
  for (auto& [key, e] : servers_)
    if (e.region == region) e.server->signal(SIGKILL);
  for (auto& [key, e] : servers_)
    if (e.region == region) e.server->kill();
}

void MariaDbPlane::restore_region(std::string_view region) {
  wan_.restore(region);
  std::lock_guard g(m_);
  lost_.erase(std::string(region));
}

}  // namespace relight::sandbox
