// RDS for MariaDB.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/gen/rds.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/sql/sql_plane.h"
#include "sandbox/services/rds/instance.h"
#include "sandbox/world/row.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

namespace rds {
struct Backup;
struct ParameterGroup;
struct Tags;
}  // namespace rds

class Authority;

class RdsService final : public Service {
 public:
  // The plane outlives the service and its world's work.
  RdsService(World& world, SqlPlane& plane);
  ~RdsService() override;

  void start() override;  // databases that stood start again; what was under way goes on
  void stop() override;   // databases end orderly
  void region_lost(const std::string& region) override;
  void region_restored(const std::string& region) override;
  void use(Authority& a) { authority_ = &a; }

 private:
  template <class T = void>
  using R = Result<T>;
  using Instance = rds::Instance;
  using Parameters = std::map<std::string, std::string>;
  template <class Op>
  using Out = Result<typename Op::Output>;

  struct Tables;

  // ---- what every operation uses (service.cc) ----
  R<Instance*> find(const std::string& region, std::string_view id);
  Instance* by_key(const std::string& region, const std::string& key);
  Instance* source_of(const Instance& i);
  std::vector<Instance*> replicas_of(const Instance& i);  // in regions that live
  void keep(const Instance& i);
  void become(Instance& i, std::string_view status);
  void publish_name(const Instance& i);
  Parameters parameters_for(const Instance& i);
  Database database_of(const Instance& i) { return rds::database(world_, i, parameters_for(i)); }
  // `blocking` on a worker, then `then` with its outcome, unless the instance or its region has gone
  // meanwhile.
  void work_on(const Instance& i, std::function<Result<>()> blocking,
               std::function<void(Instance&, const Result<>&)> then);
  // After what takes `aws` on AWS.
  void later(const Instance& i, Millis aws, std::function<void(Instance&)> then);
  void event(const Instance& i, std::vector<std::string> categories, std::string message);
  void record(const std::string& region, std::string_view type, std::string_view id, std::string_view arn,
              std::vector<std::string> categories, std::string message);
  void give_tags(const std::string& arn, const std::optional<std::vector<aws::rds::Tag>>& tags);
  std::vector<aws::rds::Tag> tags_of(const std::string& arn);

  // ---- phases (resume.cc): each may be begun again from its start ----
  void enter(Instance& i, std::string phase, std::string argument, std::string_view status);
  void proceed(Instance& i);
  void make(Instance& i);
  void made(Instance& i);
  void settle(Instance& i);  // backing-up if backups are on, then available
  void promoting(Instance& i);
  void restart(Instance& i);
  void starting(Instance& i);
  void stopping(Instance& i);
  void deleting(Instance& i);
  void broken(Instance& i, const Error& e);
  std::string password_file(const Instance& i);
  R<MasterUser> master_of(const Instance& i);
  void boot_region(const std::string& region);

  // ---- operations ----
  R<aws::rds::DBInstance> describe(const Instance& i);
  R<Instance> draft(const Call& c, const std::string& id, const std::string& instance_class);
  R<> check_groups(const Call& c, Instance& i, const std::optional<std::string>& parameter_group,
                   const std::optional<std::string>& subnet_group,
                   const std::optional<std::vector<std::string>>& security_groups,
                   const std::optional<std::string>& option_group);
  Instance& admit(const Call& c, Instance i, std::string phase, std::string argument,
                  const std::optional<std::vector<aws::rds::Tag>>& tags);
  Out<aws::rds::op::CreateDBInstance> create(const Call& c, const aws::rds::CreateDBInstanceMessage& in);
  Out<aws::rds::op::CreateDBInstanceReadReplica> create_replica(
      const Call& c, const aws::rds::CreateDBInstanceReadReplicaMessage& in);
  R<std::optional<std::string>> replica_key(const Call& c, const Instance& source,
                                            const std::optional<std::string>& wanted);
  R<Instance*> replica_source(const Call& c, const std::string& wanted);
  Out<aws::rds::op::RestoreDBInstanceFromDBSnapshot> restore(
      const Call& c, const aws::rds::RestoreDBInstanceFromDBSnapshotMessage& in);
  Out<aws::rds::op::PromoteReadReplica> promote(const Call& c, const aws::rds::PromoteReadReplicaMessage& in);
  Out<aws::rds::op::ModifyDBInstance> modify(const Call& c, const aws::rds::ModifyDBInstanceMessage& in);
  R<> check_modification(const Instance& i, const aws::rds::ModifyDBInstanceMessage& in);
  void begin_modification(const Instance& i, const aws::rds::ModifyDBInstanceMessage& now,
                          const std::string& new_id);
  R<> rename(Instance& i, const std::string& to);
  void modify_now(Instance& i, const aws::rds::ModifyDBInstanceMessage& in);
  Out<aws::rds::op::DeleteDBInstance> remove(const Call& c, const aws::rds::DeleteDBInstanceMessage& in);
  void add_instances();
  void add_lifecycle();
  void add_snapshots();
  void add_snapshot_making();
  void add_snapshot_lists();
  void add_snapshot_copies();
  // encryption.cc: the ARN of the key that is meant, of the region's own if none is.
  // "KMSKeyNotAccessibleFault".
  R<std::string> storage_key(const Call& c, const std::string& region,
                             const std::optional<std::string>& wanted);
  struct SnapshotCopy {
    std::string region, from, name;  // where the source is; the snapshots' names
    aws::rds::DBSnapshot row = {};   // of the copy
  };
  R<SnapshotCopy> copy_of(const Call& c, const aws::rds::CopyDBSnapshotMessage& in);
  void take_snapshot(Instance& i, const std::string& name, std::string_view type);
  void snapshot_taken(Instance& i, const std::string& name, const Result<>& r);
  size_t manual_snapshots(const std::string& region);
  void forget_half_made(const std::string& region);

  // ---- automated backups (backups.cc, automated_backups.cc) ----
  void add_backups();
  void back_up(Instance& i);
  void backed_up(Instance& i, const aws::rds::DBSnapshot& s);
  void logs_kept(Instance& i, Instant at);
  void watch_backups(const std::string& region);
  bool backup_due(const Instance& i);
  void expire(const std::string& region, const std::string& key, int32_t retention, bool spare);
  void drop_backups(const std::string& region, const std::string& key);
  void retain_backups(const Instance& i);
  void drop_snapshot(const std::string& region, const aws::rds::DBSnapshot& s);
  void drop_files(const std::string& region, const std::string& dir);
  void stamp(aws::rds::DBSnapshot& s);
  std::string logs_directory(const std::string& region, const std::string& key);
  std::vector<aws::rds::DBSnapshot> automated_of(const std::string& region, const std::string& key);
  rds::Backup& backup_row(const Instance& i);
  aws::rds::DBInstanceAutomatedBackup shown_backup(const rds::Backup& b, const std::string& region);
  R<rds::Backup*> backup_of(const std::string& region, const std::optional<std::string>& key,
                            const std::optional<std::string>& arn);
  R<rds::Backup*> backup_source(const Call& c, const aws::rds::RestoreDBInstanceToPointInTimeMessage& in);
  R<Instant> moment_of(const aws::rds::DBInstanceAutomatedBackup& from,
                       const aws::rds::RestoreDBInstanceToPointInTimeMessage& in);
  Out<aws::rds::op::RestoreDBInstanceToPointInTime> restore_to(
      const Call& c, const aws::rds::RestoreDBInstanceToPointInTimeMessage& in);
  void add_subnet_groups();
  void add_subnet_group_making();
  void add_subnet_group_lists();
  R<aws::rds::DBSubnetGroup> resolve_subnets(const Call& c, const std::vector<std::string>& subnet_ids);
  void add_parameter_groups();
  void add_parameter_group_making();
  void add_parameter_group_changes();
  void add_parameter_group_reset();
  void add_parameter_group_lists();
  void add_parameter_lists();
  void apply_group(const std::string& region, const std::string& group, const Parameters& immediate);
  void add_events();
  void add_catalogue();
  void add_versions();
  void add_certificates();

  // ---- option groups ----
  void add_option_groups();
  void add_option_group_making();
  void add_option_group_changes();
  void add_option_group_lists();
  R<std::string> option_group_for(const std::string& region, const std::optional<std::string>& name);
  Parameters audit_of(const std::string& region, const std::string& group);
  R<> admit_group(const Call& c, aws::rds::OptionGroup& g,
                  const std::optional<std::vector<aws::rds::Tag>>& tags);
  bool group_in_use(const std::string& region, const std::string& group);
  void options_changed(const std::string& region, const std::string& group, bool immediately);
  void apply_options(Instance& i);
  void join_group(Instance& i, const std::string& group, bool immediately);

  void add_tags();

  // ---- monitor.cc ----
  void watch();
  void observe(const Instance& i);
  struct Seen {
    ReplicaState replica;
    bool answered = false;
    double cpu_seconds = 0;
    Instant at{};
  };
  std::map<std::string, Seen> seen_;      // by key
  std::map<std::string, Instant> tried_;  // by key: when a backup was begun last

  SqlPlane& plane_;
  Authority* authority_ = nullptr;  // none: nobody is refused
  std::unique_ptr<Tables> t_;
  std::map<std::string, uint64_t> generation_;  // by region: bumped when it is lost
  bool watching_ = false, stopping_ = false;
  uint64_t ticks_ = 0;
};

}  // namespace relight::sandbox
