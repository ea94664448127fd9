// A plane without databases: it keeps what it was told, so that the control plane can be tested and simulated
// fast.
#pragma once
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sandbox/planes/sql/sql_plane.h"

namespace relight::sandbox {

class SimulatedSqlPlane final : public SqlPlane {
 public:
  struct Instance {
    Database db;
    MasterUser master;
    bool running = false;
    std::string source;                        // key of the database it follows
    std::vector<std::string> contents;         // "rows": copied by replicate, snapshot and restore
    std::map<std::string, std::string> audit;  // as the running server does
  };

  Result<> create(const Database& db, const MasterUser& master) override;
  Result<> start(const Database& db) override;
  Result<> stop(const Database& db) override;
  Result<> remove(const Database& db) override;
  bool running(const Database& db) override;
  Result<> replicate(const Database& replica, const Database& source, const ReplicaLink& link) override;
  Result<> reconnect(const Database&, const Database&, const ReplicaLink&) override { return {}; }
  Result<> promote(const Database& db, const ReplicaLink& link) override;
  Result<ReplicaState> replica_state(const Database& db) override;
  Result<> snapshot(const Database& db, const std::string& dir) override;
  Result<> restore(const Database& db, const std::string& dir) override;
  Result<> copy_snapshot(const std::string& from_dir, const std::string& to_dir) override;
  Result<> keep_binlogs(const Database& db, const std::string& dir) override;
  Result<> prune_binlogs(const std::string& dir, Instant before) override;
  Result<> restore_to(const Database& db, const PointInTime& moment) override;
  Result<> set_parameters(const Database& db, const std::map<std::string, std::string>& changed) override;
  Result<> set_password(const Database& db, const std::string& user, const std::string& password) override;
  Result<> apply_audit(const Database& db) override;
  Result<DatabaseLoad> load(const Database& db) override;
  Result<> purge_binlogs(const Database& db, const std::string& keep_in, size_t replicas) override;
  void lose(std::string_view region) override;
  void restore_region(std::string_view region) override;

  // For tests: what stands, and the next call of anything that can fail fails.
  std::map<std::string, Instance> instances;
  std::map<std::string, Instance> snapshots;  // by directory
  std::map<std::string, std::vector<std::string>>
      kept;  // by directory: the contents when logs were kept last
  std::map<std::string, Instant> pruned;
  std::vector<PointInTime> moments;  // that restore_to was asked for
  std::string fail_next;

 private:
  Result<Instance*> find(const Database& db);
  Result<> allowed(const Database& db);
  std::mutex m_;
  std::set<std::string, std::less<>> lost_;
};

}  // namespace relight::sandbox
