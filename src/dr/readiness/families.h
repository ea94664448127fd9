// The checks by family; docs/readiness.md says what each asks. All are pure.
#pragma once
#include "dr/readiness/check.h"

namespace relight::dr {

// replication.cc
void check_replica(const Picture& p, Report& r);
void check_lag(const Picture& p, Report& r);
void check_heartbeat(const Picture& p, Report& r);
void check_threads(const Picture& p, Report& r);
void check_errant(const Picture& p, Report& r);
// database.cc
void check_backup_window(const Picture& p, Report& r);
void check_backups(const Picture& p, Report& r);
void check_size(const Picture& p, Report& r);
void check_orderable(const Picture& p, Report& r);
void check_parameters(const Picture& p, Report& r);
void check_options(const Picture& p, Report& r);
void check_versions(const Picture& p, Report& r);
void check_storage(const Picture& p, Report& r);
void check_authority(const Picture& p, Report& r);
// database_inside.cc
void check_read_only(const Picture& p, Report& r);
void check_binlog(const Picture& p, Report& r);
void check_tables(const Picture& p, Report& r);
// network_checks.cc
void check_database_network(const Picture& p, Report& r);
void check_addresses(const Picture& p, Report& r);
void check_egress(const Picture& p, Report& r);
void check_balancer_network(const Picture& p, Report& r);  // a part of check 38
void check_vpcs(const Picture& p, Report& r);
// compute.cc
void check_launchable(const Picture& p, Report& r);
void check_task_definition(const Picture& p, Report& r);
void check_names(const Picture& p, Report& r);
void check_task_count(const Picture& p, Report& r);
void check_log_groups(const Picture& p, Report& r);
void check_local_files(const Picture& p, Report& r);
// images.cc
void check_images(const Picture& p, Report& r);
void check_registry(const Picture& p, Report& r);
void check_image_lifecycle(const Picture& p, Report& r);
// quotas.cc
void check_vcpus(const Picture& p, Report& r);
void check_quotas(const Picture& p, Report& r);
void check_concurrency(const Picture& p, Report& r);
// scaling.cc
void check_scaling(const Picture& p, Report& r);
// secrets.cc
void check_secrets(const Picture& p, Report& r);
void check_keys(const Picture& p, Report& r);
// values.cc
void check_parameter_values(const Picture& p, Report& r);
void check_secret_host(const Picture& p, Report& r);
// functions.cc
void check_function_code(const Picture& p, Report& r);
void check_function_off(const Picture& p, Report& r);
void check_function_triggers(const Picture& p, Report& r);
// roles.cc
void check_roles(const Picture& p, Report& r);
// edge.cc
void check_balancers(const Picture& p, Report& r);
void check_certificates(const Picture& p, Report& r);
// firewall.cc
void check_web_acls(const Picture& p, Report& r);
// dns.cc
void check_records(const Picture& p, Report& r);
void check_health_check(const Picture& p, Report& r);
void check_flag(const Picture& p, Report& r);
// delegation.cc
Item zone_of_domain(const Picture& p);  // the captured zone that holds dns.domain; false if none does
void check_delegation(const Picture& p, Report& r);
// objects.cc
void check_objects_before(const Picture& p, Report& r);
// buckets.cc
void check_replication_rules(const Picture& p, Report& r);
void check_objects(const Picture& p, Report& r);
void check_bucket_settings(const Picture& p, Report& r);
void check_deletions(const Picture& p, Report& r);
// governance.cc
void check_independence(const Picture& p, Report& r);
void check_alarms(const Picture& p, Report& r);
void check_retention(const Picture& p, Report& r);
void check_lease(const Picture& p, Report& r);
void check_stack_drift(const Picture& p, Report& r);
// capacity.cc
void check_canary(const Picture& p, Report& r);
void check_warm_up(const Picture& p, Report& r);
// credentials.cc
void check_regional_sts(const Picture& p, Report& r);
// left_over.cc
void check_left_over(const Picture& p, Report& r);
// notifications.cc
void check_notifications(const Picture& p, Report& r);

}  // namespace relight::dr
