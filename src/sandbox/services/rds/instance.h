// A DB instance as the service keeps it, and the rules of its names.
#pragma once
#include <map>
#include <string>

#include "aws/gen/rds.h"
#include "sandbox/planes/sql/sql_plane.h"
#include "sandbox/world/row.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::rds {

namespace api = aws::rds;

// What is under way with an instance; kept with it, so that a restart goes on from here.
//   ""         nothing
//   "create"   argument: ""                      a new database
//   "replica"  argument: ""                      a copy of the source
//   "restore"  argument: the snapshot's directory
//   "moment"   argument: the snapshot's directory, that of the kept binary logs and the second, a line each
//   "promote"  argument: retention in days
//   "reboot" "start" "stop" "delete"             argument: final snapshot's name, or empty
struct Instance {
  api::DBInstance d;
  std::string region;
  uint32_t number = 0;  // of the sandbox's databases
  std::string phase, argument;
  std::string source_region, source_key;                  // whom it replicates; empty if it is no replica
  std::map<std::string, std::string> running_parameters;  // what the server was started with or told since
  std::map<std::string, std::string> audit;               // the options in effect, as the plane takes them
  bool keeps_backups = false;                             // when it is gone: DeleteAutomatedBackups=false

  const std::string& id() const { return *d.DBInstanceIdentifier; }
  const std::string& key() const { return *d.DbiResourceId; }
  const std::string& status() const { return *d.DBInstanceStatus; }
  bool replica() const { return !source_key.empty(); }
  int32_t retention() const { return d.BackupRetentionPeriod.value_or(0); }
  std::string option_group() const {  // the one in effect comes first
    return d.OptionGroupMemberships && !d.OptionGroupMemberships->empty()
               ? d.OptionGroupMemberships->front().OptionGroupName.value_or("")
               : "";
  }
  bool available() const { return status() == "available" && phase.empty(); }

  std::string save() const;
  static Result<Instance> load(const std::string& json);
};

std::string lower(std::string_view s);
// "arn:aws:rds:REGION:ACCOUNT:KIND:NAME"
std::string arn(const World& w, std::string_view region, std::string_view kind, std::string_view name);
// The parts of such an ARN; Error if it is none.
struct Arn {
  std::string region, kind, name;
};
Result<Arn> parse_arn(std::string_view text);

// The directory of a snapshot's data.
std::string snapshot_directory(World& w, const std::string& region, const std::string& name);

// 1 to 63 letters, digits and hyphens, first a letter, no double and no final hyphen; answered in lower case.
Result<std::string> identifier(std::string_view what, std::string_view text, size_t limit = 63);
// An instance's endpoint: "<id>.<hash of account and region>.<region>.rds.amazonaws.com".
std::string endpoint_name(const World& w, std::string_view region, std::string_view id);
std::string hosted_zone_id(std::string_view region);  // of RDS endpoints, as AWS publishes them

// What the plane must know; takes the instance's address (stable for its life).
Database database(World& w, const Instance& i, const std::map<std::string, std::string>& parameters);
ReplicaLink replica_link(World& w, const Instance& replica, const Instance& source);

}  // namespace relight::sandbox::rds
