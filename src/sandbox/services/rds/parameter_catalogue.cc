#include "sandbox/services/rds/parameter_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::rds {
namespace {

// "Parameters for MariaDB" (Amazon RDS User Guide, Appendix.MariaDB.Parameters) for which are dynamic and
// modifiable; a part of RDS's list, the part that a recovery and a LAMP application touch.
const std::vector<ParameterSpec> kCatalogue{
    {"autocommit", "", true, true, "boolean", "0,1", "Sets the autocommit mode"},
    {"binlog_cache_size", "32768", true, true, "integer", "4096-18446744073709547520",
     "Size of the cache to hold the SQL statements for the binary log during a transaction"},
    {"binlog_format", "MIXED", true, true, "string", "ROW,STATEMENT,MIXED",
     "Binary logging format for replication"},
    {"binlog_row_image", "", true, true, "string", "FULL,MINIMAL,NOBLOB", "Which columns a row event holds"},
    {"character_set_client", "", true, true, "string", "",
     "The character set for statements that arrive from the client"},
    {"character_set_server", "", true, true, "string", "", "The server's default character set"},
    {"collation_server", "", true, true, "string", "", "The server's default collation"},
    {"connect_timeout", "", true, true, "integer", "2-31536000",
     "Seconds that the server waits for a connect packet"},
    {"event_scheduler", "OFF", true, true, "string", "ON,OFF", "Indicates the status of the Event Scheduler"},
    {"expire_logs_days", "", true, false, "integer", "0-99", "Days after which binary logs are removed"},
    {"general_log", "", true, true, "boolean", "0,1", "Whether the general query log is enabled"},
    {"gtid_domain_id", "", true, true, "integer", "0-4294967295", "GTID domain of new transactions"},
    {"gtid_strict_mode", "", true, true, "boolean", "0,1", "Refuses out-of-order GTIDs"},
    {"innodb_buffer_pool_size", "{DBInstanceClassMemory*3/4}", false, true, "integer",
     "5242880-18446744073709551615",
     "The size in bytes of the memory buffer InnoDB uses to cache data and indexes of its tables"},
    {"innodb_flush_log_at_trx_commit", "1", true, true, "integer", "0-3",
     "Determines Innodb transaction durability"},
    {"innodb_lock_wait_timeout", "", true, true, "integer", "1-1073741824",
     "Seconds that a transaction waits for a row lock"},
    {"innodb_read_only", "", false, false, "boolean", "0,1", "Starts InnoDB in read-only mode"},
    {"interactive_timeout", "", true, true, "integer", "1-31536000",
     "Seconds that the server waits on an interactive connection"},
    {"local_infile", "", true, true, "boolean", "0,1",
     "Controls whether LOCAL is supported for LOAD DATA INFILE"},
    {"log_bin_trust_function_creators", "", true, true, "boolean", "0,1",
     "Enforces restrictions on stored functions and triggers"},
    {"log_slave_updates", "1", false, false, "boolean", "0,1", "Whether a replica logs what it applies"},
    {"long_query_time", "", true, true, "integer", "0-31536000", "Seconds after which a query is slow"},
    {"max_allowed_packet", "", true, true, "integer", "1024-1073741824", "Largest packet"},
    {"max_connections", "{DBInstanceClassMemory/25165760}", true, true, "integer", "1-100000",
     "The number of simultaneous client connections allowed"},
    {"max_user_connections", "", true, true, "integer", "0-4294967295", "Connections for one account"},
    {"net_read_timeout", "", true, true, "integer", "1-31536000", "Seconds to wait for more data"},
    {"net_write_timeout", "", true, true, "integer", "1-31536000",
     "Seconds to wait for a block to be written"},
    {"performance_schema", "0", false, true, "boolean", "0,1", "Enables the Performance Schema"},
    {"port", "{EndPointPort}", false, false, "integer", "1150-65535", "TCP port"},
    {"read_only", "{TrueIfReplica}", true, true, "string", "0,1,{TrueIfReplica}",
     "When it is enabled, the server permits no updates except from updates performed by replica threads"},
    {"require_secure_transport", "", true, true, "boolean", "0,1", "Whether connections must use TLS"},
    {"server_audit_logging", "", true, false, "string", "ON,OFF", "Audit"},
    {"server_id", "{ServerId}", false, false, "integer", "1-4294967295",
     "Integer value used to identify the instance in a replication group"},
    {"slave_parallel_mode", "", true, true, "string", "none,minimal,conservative,optimistic,aggressive",
     "How a replica applies in parallel"},
    {"slave_parallel_threads", "", true, true, "integer", "0-16383", "Threads that apply in parallel"},
    {"slow_query_log", "", true, true, "boolean", "0,1", "Whether the slow query log is enabled"},
    {"sql_mode", "", true, true, "string", "", "Current SQL Server Mode"},
    {"sync_binlog", "1", true, true, "integer", "0-18446744073709547520",
     "Sync binlog (MariaDB flush to disk or rely on OS)"},
    {"time_zone", "", true, true, "string", "", "The server time zone"},
    {"tx_isolation", "", true, true, "string", "READ-UNCOMMITTED,READ-COMMITTED,REPEATABLE-READ,SERIALIZABLE",
     "The default transaction isolation level"},
    {"wait_timeout", "", true, true, "integer", "1-31536000",
     "Seconds that the server waits on a connection before it closes it"},
};

bool in_list(std::string_view list, std::string_view value) {
  for (size_t at = 0; at <= list.size();) {
    size_t end = std::min(list.find(',', at), list.size());
    if (list.substr(at, end - at) == value) return true;
    at = end + 1;
  }
  return false;
}

bool in_range(std::string_view range, std::string_view value) {
  size_t cut = range.find('-');
  uint64_t low = 0, high = 0, v = 0;
  std::from_chars(range.data(), range.data() + cut, low);
  std::from_chars(range.data() + cut + 1, range.data() + range.size(), high);
  auto [end, err] = std::from_chars(value.data(), value.data() + value.size(), v);
  return err == std::errc{} && end == value.data() + value.size() && v >= low && v <= high;
}

}  // namespace

const std::vector<ParameterSpec>& parameter_catalogue() { return kCatalogue; }

const ParameterSpec* find_parameter(std::string_view name) {
  auto it = std::find_if(kCatalogue.begin(), kCatalogue.end(), [&](auto& p) { return p.name == name; });
  return it == kCatalogue.end() ? nullptr : &*it;
}

Result<> check_parameter(const ParameterSpec& spec, std::string_view value) {
  std::string_view allowed = spec.allowed, type = spec.type;
  bool ok = value.size() <= 1024;
  if (type == "integer")
    ok = ok && in_range(allowed, value);
  else if (!allowed.empty())
    ok = ok && in_list(allowed, value);
  else
    ok = ok && value.find_first_of("\n\r\0'\"\\;") == value.npos;
  if (ok) return {};
  return aws_error("InvalidParameterValue",
                   fmt::format("Invalid parameter value: {} for: {} allowed values are: {}",
                               value.substr(0, 100), spec.name, allowed));
}

}  // namespace relight::sandbox::rds
