// The databases behind RDS instances. Every function may block (processes, SQL, file copies): call it from
// World::work, never under the world's lock, but for those marked "quick".
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox {

// What the plane must know of one instance.
struct Database {
  std::string key;  // stable for life, whatever the instance is called ("db-ABC…")
  std::string region;
  std::string address;  // a loopback address of its own
  uint16_t port = 3306;
  uint32_t number = 0;  // unique in the sandbox: server id and user id derive from it; 1 to 50,000
  std::string dir;      // absolute; everything of the instance lies below it
  std::map<std::string, std::string> parameters;  // final values ("read_only" -> "1"), by server variable
  std::map<std::string, std::string> audit;  // of the audit plugin, by server variable; empty: not loaded
};

// What a database was at a moment: a snapshot from before it, and what was written since.
struct PointInTime {
  std::string snapshot;  // a directory of snapshot()
  std::string binlogs;   // the directory that keep_binlogs() fills
  Instant until;         // a whole second: what was written in it or later is left out
};

struct MasterUser {
  std::string name, password;
  std::string database;  // made with it; empty: none
};

// Where a replica finds its source: the source itself, or the replica's end of the line between the regions.
struct ReplicaLink {
  std::string address;
  uint16_t port = 3306;
};

struct ReplicaState {
  bool configured = false, io_running = false, sql_running = false;
  std::optional<int> lag_seconds;  // Seconds_Behind_Master; none when it cannot be known
  std::string received, applied;   // GTID positions
  std::string error;               // of either thread; empty if none
};

struct DatabaseLoad {
  int connections = 0;  // clients, not counting the plane itself
  uint64_t disk_bytes = 0;
  double cpu_seconds = 0;  // used by the process so far
};

// Thread-safe; calls for one key follow one another. Errors: "Sql.<errno>" of the database, "Process.…",
// "Database.…".
class SqlPlane {
 public:
  virtual ~SqlPlane() = default;
  // The sandbox ends: what is being made, copied or started is given up ("Process.Abandoned",
  // "Database.NotStarted"), and nothing of the kind begins any more. Databases that run do so until the plane
  // goes. Quick.
  virtual void shut() {}

  // Makes now what the first create() would have to make.
  virtual Result<> prepare() { return {}; }
  // A new, empty database with its master user, started. A half-made one of the same key is made anew.
  virtual Result<> create(const Database& db, const MasterUser& master) = 0;
  // Starts what stands on disk and waits until it answers. Running already: success.
  virtual Result<> start(const Database& db) = 0;
  virtual Result<> stop(const Database& db) = 0;    // orderly; not running: success
  virtual Result<> remove(const Database& db) = 0;  // stops it, its files go
  virtual bool running(const Database& db) = 0;     // quick

  // A copy of the running `source` that follows it through `link`. When it returns the copy runs and its
  // replication is started, not necessarily caught up.
  virtual Result<> replicate(const Database& replica, const Database& source, const ReplicaLink& link) = 0;
  // Opens the line of an existing replica again after the sandbox itself restarted. Quick.
  virtual Result<> reconnect(const Database& replica, const Database& source, const ReplicaLink& link) = 0;
  // Ends replication for good: what was received is applied first (bounded), then the database restarts with
  // db.parameters. Safe to repeat.
  virtual Result<> promote(const Database& db, const ReplicaLink& link) = 0;
  virtual Result<ReplicaState> replica_state(const Database& db) = 0;

  // Crash-consistent copy of a running or stopped database into `dir`, and a new database from such a copy.
  virtual Result<> snapshot(const Database& db, const std::string& dir) = 0;
  virtual Result<> restore(const Database& db, const std::string& dir) = 0;
  virtual Result<> copy_snapshot(const std::string& from_dir, const std::string& to_dir) = 0;
  // Adds to the directory what the running database's binary logs got since the last time. The directory
  // exists: that is what says that the logs of a database are kept.
  virtual Result<> keep_binlogs(const Database& db, const std::string& dir) = 0;
  // Drops what is only of use to restore to before that moment.
  virtual Result<> prune_binlogs(const std::string& dir, Instant before) = 0;
  // A new database as another was. Error "Database.Gap": the kept logs do not reach from there to there.
  virtual Result<> restore_to(const Database& db, const PointInTime& moment) = 0;

  // SET GLOBAL for parameters that the server can change as it runs.
  virtual Result<> set_parameters(const Database& db, const std::map<std::string, std::string>& changed) = 0;
  virtual Result<> set_password(const Database& db, const std::string& user, const std::string& password) = 0;
  // Makes a running database audit as db.audit says: at once, but that it restarts to be rid of the plugin.
  virtual Result<> apply_audit(const Database& db) = 0;
  virtual Result<DatabaseLoad> load(const Database& db) = 0;
  // Drops binary logs that neither a replica nor mysql.rds_configuration's retention holds: none at all while
  // fewer than `replicas` are connected. They are kept first in the directory of keep_binlogs, if that
  // exists.
  virtual Result<> purge_binlogs(const Database& db, const std::string& keep_in, size_t replicas) = 0;

  // The region's end and return: quick. After lose() nothing of the region runs, nor starts until restore().
  virtual void lose(std::string_view region) = 0;
  virtual void restore_region(std::string_view region) = 0;
};

}  // namespace relight::sandbox
