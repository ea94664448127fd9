// The table. The risks are estimates, stated in docs/readiness.md: what it takes to mend the thing by hand on
// the day, and what writes are lost meanwhile.
#include <array>

#include "dr/readiness/families.h"

namespace relight::dr {
namespace {

constexpr Risk kNothingToPromote{std::nullopt, std::nullopt};
constexpr Risk kUnbounded{0, std::nullopt};
constexpr Risk rto(int64_t s) { return {s, 0}; }
constexpr Risk rpo(int64_t s) { return {0, s}; }

// clang-format off
constexpr std::array kChecks{
    Check{1, "replica", "database", "every database has a replica in the recovery region, of the right source, replicating", kNothingToPromote, check_replica},
    Check{2, "replica-lag", "database", "CloudWatch's ReplicaLag is there and within the objective", kUnbounded, check_lag},
    Check{3, "heartbeat", "database", "the heartbeat row that the replica holds is younger than the objective", kUnbounded, check_heartbeat},
    Check{4, "replica-threads", "database", "both replication threads run without an error", kUnbounded, check_threads},
    Check{5, "errant-transactions", "database", "the replica wrote nothing that the primary never did", rto(3600), check_errant},
    Check{6, "backup-window", "database", "no backup begins within 30 minutes on what would be promoted", rto(1800), check_backup_window},
    Check{7, "backups", "database", "the primary is backed up, and its latest restorable time is young", kUnbounded, check_backups},
    Check{8, "size", "database", "the replica's class, storage, IOPS and zones are the primary's, or as relight.yaml chose", rto(1800), check_size},
    Check{9, "class-orderable", "database", "the primary's class can be ordered in the recovery region", rto(1800), check_orderable},
    Check{10, "parameter-groups", "database", "parameters set by hand are equal, and the replica runs with them", rto(900), check_parameters},
    Check{11, "option-groups", "database", "the option groups hold the same options", rto(900), check_options},
    Check{12, "versions", "database", "the replica's version is not older, and no change waits for a window", rto(1800), check_versions},
    Check{13, "replica-read-only", "database", "the replica takes no writes", rpo(3600), check_read_only},
    Check{14, "binary-log", "database", "the primary logs whole rows, and keeps its logs for a salvage", kUnbounded, check_binlog},
    Check{15, "tables", "database", "all tables are InnoDB and have a primary key", rto(900), check_tables},
    Check{16, "storage", "database", "at least a fifth of the replica's storage is free", rto(3600), check_storage},
    Check{17, "database-network", "database", "the subnet group spans two zones, and the recovery region's tasks reach the database", rto(1800), check_database_network},
    Check{18, "certificate-authority", "database", "both databases' certificates are of one authority that has not expired", rto(900), check_authority},
    Check{19, "service-launchable", "compute", "the service there names only what exists, and Fargate's rules hold", rto(1800), check_launchable},
    Check{20, "task-definition", "compute", "it is the primary's after translation", rto(1800), check_task_definition},
    Check{21, "image-digest", "compute", "the exact image is in the recovery region's registry", rto(1800), check_images},
    Check{22, "registry-replication", "compute", "the registry replicates to the recovery region", rto(1800), check_registry},
    Check{23, "image-lifecycle", "compute", "no lifecycle rule will expire the image", rto(1800), check_image_lifecycle},
    Check{24, "primary-names", "compute", "nothing in the task definition names the primary region or what stands there", rto(1800), check_names},
    Check{25, "vcpu-quota", "compute", "the quota of Fargate vCPUs covers what autoscaling may grow to", rto(3600), check_vcpus},
    Check{26, "task-count", "compute", "as many tasks are planned as the primary runs", rto(600), check_task_count},
    Check{27, "autoscaling", "compute", "autoscaling's bounds there hold the planned count", rto(600), check_scaling},
    Check{28, "free-addresses", "compute", "the service's subnets have addresses for twice its tasks", rto(1800), check_addresses},
    Check{29, "egress", "compute", "tasks reach their registry, logs, secrets and buckets through NAT, a public address or endpoints", rto(1800), check_egress},
    Check{30, "roles", "compute", "the roles there may do on their buckets what the primary's may on its own, and tasks may take them", rto(1800), check_roles},
    Check{31, "log-groups", "compute", "the log groups that the containers name are there", rto(900), check_log_groups},
    Check{32, "capacity", "compute", "a canary task could be started there, not long ago", rto(3600), check_canary},
    Check{33, "secrets", "secrets", "replica secrets are in step", rto(900), check_secrets},
    Check{34, "secret-host", "secrets", "the secret's host field names the recovery region's database", rto(900), check_secret_host},
    Check{35, "keys", "secrets", "keys that the recovery region needs are usable there", rto(3600), check_keys},
    Check{36, "parameters", "secrets", "parameters are equal after translation", rto(900), check_parameter_values},
    Check{37, "certificates", "secrets", "certificates there cover the names and do not expire soon", rto(3600), check_certificates},
    Check{38, "load-balancer", "edge", "listeners, rules and target groups are the primary's; visitors reach the balancer, and it the tasks", rto(1800), check_balancers},
    Check{39, "warm-up", "edge", "the load balancer would take the peak at once", rto(300), check_warm_up},
    Check{40, "web-acl", "edge", "the same web ACL protects it", rto(900), check_web_acls},
    Check{41, "vpcs", "edge", "the VPCs' address blocks do not overlap", rto(0), check_vpcs},
    Check{42, "quotas", "edge", "quotas there cover what stands there and a failover makes", rto(3600), check_quotas},
    Check{43, "records", "edge", "the failover record pair leads to both load balancers, without their targets' health, TTL at most 60 s", rto(900), check_records},
    Check{44, "health-check", "edge", "the primary record's health check is inverted, enabled, and watches the flag in the recovery region", rto(900), check_health_check},
    Check{45, "flag", "edge", "the flag is absent, its bucket in the recovery region, and the checkers may read it", rto(900), check_flag},
    Check{46, "delegation", "edge", "the domain is delegated to the captured zone", rto(900), check_delegation},
    Check{47, "replication-rules", "s3", "versioning, an enabled rule to the bucket there, and a role that may", kUnbounded, check_replication_rules},
    Check{48, "objects-behind", "s3", "no object failed, and replication is within the objective", kUnbounded, check_objects},
    Check{49, "objects-before", "s3", "objects older than the rule were copied", kUnbounded, check_objects_before},
    Check{50, "bucket-settings", "s3", "lifecycle, CORS, public access block, ownership and the presence of a policy are equal", rto(900), check_bucket_settings},
    Check{51, "deletions", "s3", "delete markers are replicated", rpo(0), check_deletions},
    Check{52, "function-code", "functions", "code, layers, runtime and environment of functions are equal", rto(900), check_function_code},
    Check{53, "function-off", "functions", "functions are off there until a failover", rpo(900), check_function_off},
    Check{54, "function-concurrency", "functions", "the account's concurrency covers them", rto(900), check_concurrency},
    Check{55, "function-triggers", "functions", "every mapping, rule and notification has its counterpart there, off", rto(900), check_function_triggers},
    Check{56, "independence", "governance", "nothing in the recovery region names what stands in the primary", rto(3600), check_independence},
    Check{57, "regional-sts", "governance", "nothing there is told to ask another region's STS", rto(900), check_regional_sts},
    Check{58, "alarms", "governance", "an alarm in the recovery region watches the replica's lag, and silence", rpo(900), check_alarms},
    Check{59, "notifications", "governance", "somebody confirmed to be told", rpo(900), check_notifications},
    Check{60, "drift", "governance", "the last drift detection found the stack there as deployed", rto(900), check_stack_drift},
    Check{61, "retention", "governance", "the stack keeps what a promotion makes precious", kUnbounded, check_retention},
    Check{62, "lease", "governance", "the lease is free, and no run is unfinished", rto(900), check_lease},
    Check{63, "local-files", "governance", "tasks keep no files in volumes", kUnbounded, check_local_files},
    Check{64, "orphans", "governance", "no drill left anything behind", rto(0), check_left_over},
};
// clang-format on

}  // namespace

std::span<const Check> checks() { return kChecks; }

}  // namespace relight::dr
