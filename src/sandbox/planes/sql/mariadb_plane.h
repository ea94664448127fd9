// The real plane: one mariadbd per instance.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

#include "sandbox/planes/sql/server.h"
#include "sandbox/planes/sql/sql_plane.h"
#include "sandbox/planes/sql/template.h"
#include "sandbox/planes/wan/wan.h"

namespace relight::sandbox {

class MariaDbPlane final : public SqlPlane {
 public:
  // dir: for what the plane keeps for itself (the template). The Wan outlives the plane.
  MariaDbPlane(std::string dir, Wan& wan, Clock& clock, Rng& rng);
  ~MariaDbPlane() override;  // stops what still runs, orderly and side by side

  void shut() override { ending_.request_stop(); }
  Result<> prepare() override { return template_.ready(); }
  Result<> create(const Database& db, const MasterUser& master) override;
  Result<> start(const Database& db) override;
  Result<> stop(const Database& db) override;
  Result<> remove(const Database& db) override;
  bool running(const Database& db) override;
  Result<> replicate(const Database& replica, const Database& source, const ReplicaLink& link) override;
  Result<> reconnect(const Database& replica, const Database& source, const ReplicaLink& link) override;
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

 private:
  struct Entry {
    std::shared_ptr<Server> server;
    std::string region;
  };
  // The server of a database, made when first asked for.
  Result<std::shared_ptr<Server>> server(const Database& db);
  Result<> launch(Server& s, const Database& db, const std::vector<std::string>& extra = {});
  Result<> clone(const Database& from, const std::string& to);
  Result<std::string> adopt(Server& s, const Database& db);
  Result<std::string> put_back(Server& s, const Database& db, const std::string& dir);
  Result<> replay(Server& s, const Database& db, const std::string& file);
  Result<> follow(Server& s, const ReplicaLink& link);

  Wan& wan_;
  Clock& clock_;
  std::stop_source ending_;
  Template template_;
  std::mutex m_;                              // guards the three below
  std::map<std::string, ReplicaLink> links_;  // of replicas, by key
  std::map<std::string, Entry> servers_;
  std::set<std::string, std::less<>> lost_;
};

}  // namespace relight::sandbox
