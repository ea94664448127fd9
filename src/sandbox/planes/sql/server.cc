#include "sandbox/planes/sql/server.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/disk.h"

namespace relight::sandbox {
namespace {

constexpr const char* kProgram = "/usr/sbin/mariadbd";
constexpr const char* kSocket = "s";  // in the data directory, which is the server's working directory

// The server's socket by way of its working directory: a Unix socket's path may have 107 bytes only, and the
// sandbox's directory can lie anywhere.
std::string socket_path(pid_t pid) { return fmt::format("/proc/{}/cwd/{}", pid, kSocket); }

// Ready is a server that greets. mariadbd's socket takes connections while it still recovers prepared
// transactions, and a SIGTERM in that time is taken and forgotten: what stops or renames the instance just
// then would wait for its whole deadline.
class Greeting {
 public:
  explicit Greeting(const std::string& path) {
    a_.sun_family = AF_UNIX;
    path.copy(a_.sun_path, sizeof a_.sun_path - 1);
  }
  ~Greeting() { close(); }
  Greeting(const Greeting&) = delete;
  Greeting& operator=(const Greeting&) = delete;

  // True once the server has said its first byte; false after at most 2 ms without one.
  bool arrived() {
    if (fd_ < 0 && !connected()) return false;
    pollfd p{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, 2) <= 0) return false;
    char first = 0;
    if (::recv(fd_, &first, 1, 0) == 1) return true;
    close();  // hung up on: the next look connects again
    return false;
  }

 private:
  bool connected() {
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ >= 0 && ::connect(fd_, reinterpret_cast<sockaddr*>(&a_), sizeof a_) == 0) return true;
    close();
    return false;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  sockaddr_un a_{};
  int fd_ = -1;
};

// The end of the server's own log: why it did not start.
std::string last_error(const std::string& log) {
  auto text = system_disk().read(log);
  if (!text) return "it left no log";
  size_t began = text->rfind("Starting MariaDB");
  size_t at = text->find("[ERROR]", began == std::string::npos ? 0 : began);
  if (at == std::string::npos) return text->substr(text->size() - std::min<size_t>(text->size(), 200));
  return text->substr(at + 8, std::min(text->find('\n', at), at + 300) - at - 8);
}

void give(const std::string& dir, int uid) {
  if (uid < 0) return;
  auto own = static_cast<uid_t>(uid);
  if (::lchown(dir.c_str(), own, own) != 0) return;
  for (auto& e : everything_below(dir))
    if (::lchown(e.path.c_str(), own, own) != 0) return;
}

}  // namespace

int user_id_for(const Database& db, const std::string& dir) {
  if (::geteuid() != 0) return -1;
  for (std::filesystem::path p = std::filesystem::path(dir).parent_path();; p = p.parent_path()) {
    struct stat st {};
    if (::stat(p.c_str(), &st) != 0 || (st.st_mode & S_IXOTH) == 0) return -1;
    if (p == p.root_path() || p.empty()) break;
  }
  return static_cast<int>(50'000 + db.number);
}

std::vector<std::string> server_options(const Database& db, const std::string& data_dir) {
  // What RDS's parameter groups set comes last and wins.
  std::vector<std::string> out{
      "--no-defaults", "--datadir=" + data_dir, fmt::format("--socket={}", kSocket), "--pid-file=pid",
      "--bind-address=" + db.address, fmt::format("--port={}", db.port), "--skip-name-resolve",
      fmt::format("--server-id={}", 1'000'000 + db.number), "--report-host=" + db.address,
      "--log-bin=mysql-bin-changelog", "--relay-log=relaylog", "--binlog-format=MIXED",
      "--gtid-strict-mode=ON", "--log-slave-updates=ON", "--sync-binlog=1",
      "--innodb-flush-log-at-trx-commit=1", "--slave-parallel-threads=4", "--slave-net-timeout=10",
      "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M",
      "--innodb-buffer-pool-load-at-startup=OFF", "--innodb-buffer-pool-dump-at-shutdown=OFF",
      // Writes by plain pwrite: a paused process then has no write in flight, which copies rely on.
      "--innodb-use-native-aio=OFF", "--innodb-flush-method=fsync",
      "--innodb-temp-data-file-path=ibtmp1:1M:autoextend", "--performance-schema=OFF", "--key-buffer-size=1M",
      "--aria-pagecache-buffer-size=8M", "--max-connections=60", "--table-open-cache=200"};
  for (auto& [name, value] : db.parameters) {
    std::string flag = name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    out.push_back(fmt::format("--{}={}", flag, value));
  }
  if (db.audit.empty()) return out;
  // For good: its users may not unload what watches them.
  for (auto* o : {"--plugin-load-add=server_audit", "--server-audit=FORCE_PLUS_PERMANENT"}) out.push_back(o);
  out.push_back(fmt::format("--server-audit-file-path={}/server_audit.log", audit_directory(db)));
  for (auto& [name, value] : db.audit) {
    std::string flag = name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    out.push_back(fmt::format("--{}={}", flag, value));
  }
  return out;
}

std::string audit_directory(const Database& db) { return db.dir + "/audit"; }

Result<> make_audit_directory(const Database& db, const std::string& data_dir) {
  if (db.audit.empty()) return {};
  TRY(system_disk().make_dir(audit_directory(db)));
  give(audit_directory(db), user_id_for(db, data_dir));
  return {};
}

Server::Server(std::string data_dir, SqlSecrets secrets, Clock& clock)
    : data_dir_(std::move(data_dir)), secrets_(std::move(secrets)), clock_(clock) {}

Result<> Server::start(const Database& db, const std::vector<std::string>& extra, std::stop_token stop,
                       Millis deadline) {
  if (running()) return {};
  Spawn how;
  how.argv = {kProgram};
  for (auto& o : server_options(db, data_dir_)) how.argv.push_back(o);
  for (auto& o : extra) how.argv.push_back(o);
  how.uid = how.gid = user_id_for(db, data_dir_);
  if (how.uid < 0 && ::geteuid() == 0) how.argv.push_back("--user=root");
  // A directory of its own: mariadbd begins by deleting every temporary table it finds in its --tmpdir, and
  // in a shared one they are another server's.
  std::string tmp = data_dir_ + "/../tmp";
  TRY(system_disk().make_dir(tmp));
  how.argv.push_back("--tmpdir=" + tmp);
  give(data_dir_, how.uid);
  give(tmp, how.uid);
  TRY(make_audit_directory(db, data_dir_));
  how.env = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LC_ALL", "C"}};
  how.cwd = data_dir_;
  how.output = data_dir_ + "/../error.log";
  std::error_code ignored;
  std::filesystem::remove(data_dir_ + "/" + kSocket, ignored);
  {
    std::lock_guard g(m_);
    TRY_ASSIGN(process_, Process::start(how));
  }
  Greeting greeting(socket_path(pid()));
  auto end = clock_.monotonic() + deadline;
  while (!greeting.arrived()) {
    bool alive = running();
    if (alive && !stop.stop_requested() && clock_.monotonic() < end) {
      clock_.sleep(Millis(2));
      continue;
    }
    kill();
    Error e;
    e.code = "Database.NotStarted";
    e.tried = "start mariadbd";
    e.resource = db.key;
    e.region = db.region;
    e.message = !alive                  ? last_error(how.output)
                : stop.stop_requested() ? "it is not needed any more"
                                        : fmt::format("it did not answer within {} ms", deadline.count());
    e.next = "read " + how.output;
    return fail(std::move(e));
  }
  return {};
}

void Server::stop(Millis deadline) {
  signal(SIGCONT);
  signal(SIGTERM);
  auto end = clock_.monotonic() + deadline;
  while (running() && clock_.monotonic() < end) clock_.sleep(Millis(2));
  kill();
}

void Server::kill() {
  std::lock_guard g(m_);
  process_.kill();
}
void Server::signal(int n) {
  std::lock_guard g(m_);
  process_.signal(n);
}
bool Server::running() {
  std::lock_guard g(m_);
  return process_.running();
}
pid_t Server::pid() {
  std::lock_guard g(m_);
  return process_.pid();
}

std::string Server::socket() { return socket_path(pid()); }

Result<sql::Connection> Server::connect_as(const std::string& user, const std::string& password,
                                           Millis read_deadline) {
  if (!running()) return fail("Database.NotRunning", "the database is not running");
  return sql::Connection::open({.host = {},
                                .socket = socket_path(pid()),
                                .user = user,
                                .password = password,
                                .connect_deadline = Millis{10'000},
                                .read_deadline = read_deadline});
}

Result<sql::Connection> Server::admin(Millis read_deadline) {
  TRY_ASSIGN(auto c, connect_as("rdsadmin", secrets_.admin, read_deadline));
  TRY(c.exec("SET sql_log_bin = 0"));
  return c;
}

}  // namespace relight::sandbox
