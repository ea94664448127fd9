// Everything the checks look at, as one value: both regions as captured now, and what only the moment knows.
// Made by `relight check`, or by a test.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dr/model/config.h"
#include "dr/model/facts.h"
#include "dr/model/topology.h"
#include "dr/readiness/estate.h"

namespace relight::dr {

// A value, or why there is none.
template <class T>
struct Known {
  std::optional<T> value;
  std::string why = "it was not looked at";
  std::optional<Instant> at;  // when it was true, where that differs from the picture's own time
  explicit operator bool() const { return value.has_value(); }
  const T* operator->() const { return &*value; }
  const T& operator*() const { return *value; }
  static Known of(T v) { return {std::move(v), "", std::nullopt}; }
  static Known not_seen(std::string why) { return {std::nullopt, std::move(why), std::nullopt}; }
};

// rds:DescribeDBInstances of the moment, which a capture leaves out.
struct InstanceNow {
  std::string status;       // DBInstanceStatus
  std::string source;       // ReadReplicaSourceDBInstanceIdentifier; an ARN when it is in another region
  std::string replication;  // StatusInfos of "read replication": "replicating", "error", …; "" none
  Facts pending;            // PendingModifiedValues by name; a password's value is not kept
  std::optional<Instant> latest_restorable;
};

// SHOW REPLICA STATUS.
struct ReplicaNow {
  bool configured = false;
  std::string io, sql, io_error, sql_error, received, applied;
  std::optional<uint64_t> pending;  // transactions received and not applied
};

struct Tables {
  std::vector<std::string> other_engine;  // "schema.table (MyISAM)"
  std::vector<std::string> without_key;   // InnoDB tables without a primary key
};

// "S3 Replication metrics" (S3 User Guide); there only for rules that have them enabled.
struct ObjectsBehind {
  double pending = 0, bytes = 0, latency_s = 0, failed = 0;
};

// What the deployed template says of a resource: "Retain", "RetainExceptOnCreate", "Snapshot", "Delete";
// empty: nothing.
struct StackPolicy {
  std::string type;         // "AWS::RDS::DBInstance"
  std::string deletion;     // DeletionPolicy
  std::string replacement;  // UpdateReplacePolicy
  bool versioned = false;   // a bucket that keeps versions, as one must that receives the primary's objects
};

// Both buckets' lists of names compared, up to a bound.
struct ObjectsBefore {
  int64_t compared = 0, missing = 0;
  bool whole = true;                  // all were compared
  std::vector<std::string> examples;  // of those missing, the first few
};

// What HeadObject says of those written last: "x-amz-replication-status" (HeadObject, Amazon S3 API
// Reference).
struct NewestObjects {
  int64_t listed = 0;  // names that the newest were chosen of
  bool whole = true;   // these were all
  int64_t arrived = 0, waiting = 0, failed = 0, without = 0;  // without: replication does not know of it
  std::optional<Instant> oldest_waiting;
  std::string failed_name;  // one of them
};

// What `relight check --canary` has kept of the last task that was started there to see whether one can be.
struct CanaryNow {
  bool ran = false;             // RUNNING was seen
  int64_t seconds = 0;          // until then, or until it was given up
  std::string why;              // what ECS says of one that did not
  std::string task_definition;  // ARN
};

// How much the primary's load balancers had to carry in their busiest time.
struct BusiestNow {
  double units = 0;      // load balancer capacity units, or what the requests cannot have been more than
  std::string evidence;  // of which metric, of what time
};

// Something in the recovery region that says it was made by a drill.
struct LeftOver {
  std::string what, id, drill;
};

// What the `host` member of a secret's JSON is to the recovery region's database. The value itself is never
// kept.
struct SecretHost {
  enum class Field { kUnread, kNone, kRecovery, kPrimary, kOther } field = Field::kUnread;
  std::string why;  // kUnread
};

// "DetectStackDrift" is not started by a check: what the last detection found.
struct StackDriftNow {
  std::string status;  // IN_SYNC, DRIFTED, UNKNOWN, NOT_CHECKED
  std::optional<Instant> checked_at;
  // DRIFTED: "MODIFIED TYPE ID: PATH, PATH" for each resource; none where all that differs is how a key is named.
  Known<std::vector<std::string>> changed = {};
};

// The account's own S3 Block Public Access, as S3 Control tells, as far as it keeps a bucket's public policy from
// holding; both false where the account has no such block.
struct AccountBlock {
  std::string account;
  bool restricts = false;  // RestrictPublicBuckets: nobody anonymous reads
  bool refuses = false;    // BlockPublicPolicy: a public policy is not put any more; one that stands holds
};

struct LeaseNow {
  bool held = false;
  std::string holder;
  std::optional<std::string> unfinished_run;
};

struct Live {
  Known<InstanceNow> primary_instance, recovery_instance;
  Known<ReplicaNow> replica;
  Known<double> replica_lag_s;  // CloudWatch's ReplicaLag, the latest; -1: replication is not active
  Known<std::optional<Millis>> heartbeat_age;          // nullopt: there is no heartbeat row
  Known<Facts> primary_variables, recovery_variables;  // lower-case names of SHOW GLOBAL VARIABLES
  Known<std::string> primary_binlog_state, recovery_binlog_state;  // @@gtid_binlog_state
  Known<Tables> tables;                                            // of the replica, which is what will serve
  Known<double> recovery_free_bytes;                               // CloudWatch's FreeStorageSpace
  Known<std::map<std::string, int64_t>> free_addresses;            // by subnet of the recovery region
  Known<AccountBlock> account_block;
  Known<bool> flag_there;
  Known<ObjectsBehind> objects;
  Known<NewestObjects> newest_objects;  // asked only where `objects` is not known
  Known<ObjectsBefore> objects_before;
  Known<CanaryNow> canary;
  Known<BusiestNow> busiest;
  Known<std::vector<LeftOver>> left_over;
  Known<std::vector<std::string>> name_servers;            // that DNS answers for the domain's zone
  Known<Facts> primary_parameters, recovery_parameters;    // values by name, of String and StringList
  Known<std::map<std::string, SecretHost>> secret_hosts =  // by ARN, of the recovery region
      Known<std::map<std::string, SecretHost>>::not_seen(
          "secrets are read only when told: relight check --read-secrets, which keeps nothing of them");
  Known<StackDriftNow> stack_drift;  // of the recovery region's stack
  Known<LeaseNow> lease;
  Known<std::map<std::string, StackPolicy>> stack_policies;  // of the recovery stack, by logical id
  Known<std::vector<std::string>> orderable_classes;  // DBInstanceClass of the primary's engine in recovery
};

struct Picture {
  Config config;
  Topology topology;
  Instant observed_at{};
  Estate primary = Estate::unseen("", "it was not looked at");
  Estate recovery = Estate::unseen("", "it was not looked at");
  Live live;
};

}  // namespace relight::dr
