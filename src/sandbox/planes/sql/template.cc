#include "sandbox/planes/sql/template.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/disk.h"
#include "sandbox/planes/sql/rds_procedures.h"

namespace relight::sandbox {
namespace {

constexpr const char* kPath = "/usr/sbin:/usr/bin:/sbin:/bin";

Result<> run(std::vector<std::string> argv, std::string_view what, std::stop_token stop) {
  TRY_ASSIGN(Exit done, Process::run({.argv = std::move(argv), .env = {{"PATH", kPath}, {"LC_ALL", "C"}}},
                                     Millis{120'000}, std::move(stop)));
  if (done.code == 0) return {};
  Error e;
  e.code = "Database.Failed";
  e.tried = what;
  e.message = fmt::format("it ended with {}: {}", done.code, done.output.substr(0, 400));
  return fail(std::move(e));
}

}  // namespace

Result<> copy_tree(const std::string& from, const std::string& to, std::stop_token stop) {
  return run({"/bin/cp", "-a", "--sparse=always", from, to}, "copy a data directory", std::move(stop));
}

Result<SqlSecrets> Template::secrets() {
  TRY_ASSIGN(std::string text, system_disk().read(dir_ + "/secrets"));
  size_t cut = text.find('\n');
  if (cut == std::string::npos) return fail("Database.Failed", "the template's secrets are damaged");
  return SqlSecrets{text.substr(0, cut), text.substr(cut + 1)};
}

Result<> Template::ready() {
  std::lock_guard g(m_);
  if (ready_) return {};
  if (!system_disk().exists(dir_ + "/complete")) TRY(make());
  ready_ = true;
  return {};
}

Result<> Template::make() {
  TRY(system_disk().remove(dir_));
  TRY(system_disk().make_dir(dir_));
  SqlSecrets s{rng_.hex(40), rng_.hex(40)};
  TRY(system_disk().write(dir_ + "/secrets", s.admin + "\n" + s.replication, 0600));
  std::string data = dir_ + "/data";
  TRY(system_disk().make_dir(data));
  Database db{.key = "template",
              .region = "",
              .address = "127.0.0.1",
              .port = 3306,
              .number = 50'000,
              .dir = dir_,
              .parameters = {{"innodb_fast_shutdown", "0"}}};
  TRY(system_disk().make_dir(dir_ + "/tmp"));
  TRY(run({"/usr/bin/mariadb-install-db", "--no-defaults", "--user=root", "--datadir=" + data,
           "--tmpdir=" + dir_ + "/tmp",  // see Server::start
           "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=16M",
           "--innodb-buffer-pool-size=32M"},
          "make the databases' template", stop_));
  Server server(data, s, clock_);
  TRY(server.start(db, {"--skip-networking", "--skip-log-bin"}, stop_));
  TRY_ASSIGN(auto root, server.connect_as("root", "", Millis{30'000}));
  for (auto& statement : rds_statements(s.admin, s.replication)) TRY(root.exec(statement));
  server.stop();
  return system_disk().write(dir_ + "/complete", "");
}

Result<> Template::copy(const std::string& to) {
  TRY(system_disk().remove(to));
  TRY(system_disk().make_dir(std::filesystem::path(to).parent_path()));
  return copy_tree(dir_ + "/data", to, stop_);
}

}  // namespace relight::sandbox
