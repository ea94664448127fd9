// relight.yaml as values; docs/config.md is its page and schema/relight.schema.json its schema.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dr/model/validation.h"

namespace relight::dr {

// Names of one region's resources. Empty: found through the region's CloudFormation stack.
struct Resources {
  std::string cluster, service;             // ECS
  std::string database, database_host;      // DBInstanceIdentifier; endpoint
  std::string load_balancer, target_group;  // DNS name of the ALB; ARN
  std::string bucket;                       // uploads
  bool operator==(const Resources&) const = default;
};

struct Side {
  std::string region, stack;
  Resources resources;
};

// A step of one's own: before or after one of relight's, and one of command, approval, url and function.
struct CustomStep {
  std::string name;
  std::string before, after;         // one of failover_step_names()
  std::vector<std::string> command;  // the program and its arguments; no shell
  std::string approval;              // the question that a person answers
  std::string url;                   // GET until it answers `status`
  int status = 200;
  std::string function, payload;  // of Lambda, in the recovery region: a name or ARN; JSON, may be empty
  Millis deadline{0};
};

struct Config {
  std::string file, dir;  // where it was read; relative paths are relative to dir
  std::string application;
  Side primary, recovery;
  Millis rto{0}, rpo{0};  // objectives
  struct Database {
    std::string user, name, password_env, password_file, ca_file;
    int port = 3306;
  } database;
  struct Dns {
    std::string domain, flag_bucket, flag_key = "relight/failover";
    std::vector<std::string> servers;  // addresses; empty: the system's
  } dns;
  struct Coordination {
    std::string sqlite;          // path
    std::string bucket, prefix;  // S3 of the recovery region instead; bucket empty: sqlite
    Millis lease{15000};
  } coordination;
  struct Pilot {
    std::string replica_class;     // empty: as the primary's database
    std::string nat = "when-lit";  // or "always"
    std::string hosted_zone;       // the domain's public zone; empty: the captured one, else a new one
    std::string cidr;    // "10.2.0.0/16": the VPC's addresses there; empty: the primary's, which overlaps
    std::string notify;  // ARN of a topic there that the pilot's own alarms notify besides
  } pilot;
  struct Sync {
    int keep_snapshots = 0;  // copies of the primary's snapshots in the recovery region; 0: none is made
  } sync;
  // What `relight cost` assumes where nothing was metered. GB a month unless said.
  struct Cost {
    std::optional<double> database_changes_gb, uploads_gb, new_uploads_gb, new_uploads, images_gb;
    std::optional<double> capacity_units, visitors_gb_hour;  // while lit
    std::optional<double> drill_hours;
  } cost;
  int tasks = 1;                              // running in the recovery region after a failover
  std::map<std::string, std::string> canary;  // environment of the task that check --canary starts, besides
  // How long an unreachable primary is tried; 0: as long as its tasks need to stop, else kFence.
  static constexpr Millis kFence{5000};
  Millis fence_deadline{0};
  Millis drain_deadline{600000};
  Millis antiflap{900000};  // after a failover the next one waits so long, unless --yes-again
  std::string url;          // the application as users see it
  std::vector<CustomStep> steps;
  Validation validation;
};

// In the order in which they are listed.
std::span<const std::string_view> failover_step_names();

// Errors "Config.Malformed", "Config.Unknown", "Config.Missing" with resource "file:line:column" and what was
// expected there. `dir` is the file's directory.
Result<Config> parse_config(std::string_view text, const std::string& file, const std::string& dir);
// Capturing wants only the regions and something to begin with; a failover wants the database and the domain
// too. Error "Config.Missing".
Result<> enough_to_fail_over(const Config& c);

}  // namespace relight::dr
