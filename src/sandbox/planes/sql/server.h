// One mariadbd process and how the plane speaks with it.
#pragma once
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "sandbox/planes/sql/sql_plane.h"
#include "sql/connection.h"

namespace relight::sandbox {

// The plane's own account, the same in every instance of a sandbox.
struct SqlSecrets {
  std::string admin, replication;  // passwords of rdsadmin@localhost and rdsrepladmin@'%'
};

// Thread-safe. start/stop/snapshot-like work of one server is serialised by its owner (`work`); kill() may
// come from any thread at any time.
class Server {
 public:
  Server(std::string data_dir, SqlSecrets secrets, Clock& clock);

  // Starts mariadbd over the data directory and waits until it accepts connections. `extra`: further options.
  // stop: kills it while it is not yet that far. deadline: of the whole start, crash recovery included.
  Result<> start(const Database& db, const std::vector<std::string>& extra, std::stop_token stop,
                 Millis deadline = Millis{60'000});
  // SIGTERM, then SIGKILL at the deadline.
  void stop(Millis deadline = Millis{60'000});
  void kill();         // SIGKILL and reaped
  void signal(int n);  // SIGSTOP, SIGCONT; nothing if not running
  bool running();
  pid_t pid();
  std::string socket();  // a path for programs of this machine, good while it runs

  // As rdsadmin over the Unix socket, outside the binary log.
  Result<sql::Connection> admin(Millis read_deadline = Millis{30'000});
  Result<sql::Connection> connect_as(const std::string& user, const std::string& password,
                                     Millis read_deadline);

  const std::string& data_dir() const { return data_dir_; }
  std::mutex work;  // held by whoever does something longer with this server

 private:
  std::string data_dir_;
  SqlSecrets secrets_;
  Clock& clock_;
  std::mutex m_;  // guards process_, briefly
  Process process_;
};

// The user id that instance runs under: 50,000 + number; -1 (stay who we are) when we are not root or when
// such a user could not reach the directory (one of its parents is closed to others).
int user_id_for(const Database& db, const std::string& dir);

// Where the audit plugin writes; the directory is the server's own and made with it.
std::string audit_directory(const Database& db);
Result<> make_audit_directory(const Database& db, const std::string& data_dir);

// Options of every server; see docs of each at https://mariadb.com/kb/en/server-system-variables/.
std::vector<std::string> server_options(const Database& db, const std::string& data_dir);

}  // namespace relight::sandbox
