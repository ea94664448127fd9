#include "sandbox/services/rds/option_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sandbox/gateway/service.h"
#include "sandbox/services/rds/instance.h"

namespace relight::sandbox::rds {
namespace {

struct SettingSpec {
  const char* name;
  const char* default_value;
  const char* allowed;  // "A,B", "1-100", "" anything
  bool integer, collection, modifiable;
  const char* description;
};

// "Audit Plugin option settings" (Amazon RDS User Guide, Appendix.MariaDB.Options). That the path and the
// switch cannot be set otherwise is their one valid value.
const std::vector<SettingSpec> kSettings{
    {"SERVER_AUDIT_EVENTS", "CONNECT,QUERY",
     "CONNECT,QUERY,TABLE,QUERY_DDL,QUERY_DML,QUERY_DML_NO_SELECT,QUERY_DCL", false, true, true,
     "The types of activity to record"},
    {"SERVER_AUDIT_EXCL_USERS", "", "", false, true, true, "Users whose activity is left out"},
    {"SERVER_AUDIT_FILE_PATH", "/rdsdbdata/log/audit/", "/rdsdbdata/log/audit/", false, false, false,
     "Where the log is"},
    {"SERVER_AUDIT_FILE_ROTATE_SIZE", "1000000", "1-1000000000", true, false, true,
     "The size in bytes at which the file rotates"},
    {"SERVER_AUDIT_FILE_ROTATIONS", "9", "0-100", true, false, true, "The number of rotated files"},
    {"SERVER_AUDIT_INCL_USERS", "", "", false, true, true, "The only users whose activity is recorded"},
    {"SERVER_AUDIT_LOGGING", "ON", "ON", false, false, false, "Whether logging is on"},
    {"SERVER_AUDIT_QUERY_LOG_LIMIT", "1024", "0-2147483647", true, false, true,
     "The longest query that is recorded whole"}};

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= list.size();) {
    size_t end = std::min(list.find(',', at), list.size());
    out.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool fits(const SettingSpec& s, const std::string& value) {
  std::string_view allowed = s.allowed;
  if (s.integer) {
    uint64_t low = 0, high = 0, v = 0;
    size_t cut = allowed.find('-');
    std::from_chars(allowed.data(), allowed.data() + cut, low);
    std::from_chars(allowed.data() + cut + 1, allowed.data() + allowed.size(), high);
    auto [end, err] = std::from_chars(value.data(), value.data() + value.size(), v);
    return err == std::errc{} && end == value.data() + value.size() && v >= low && v <= high;
  }
  // Users: what a shell or a server's command line takes as it is.
  if (allowed.empty()) return value.size() <= 1024 && value.find_first_of(" \n\r\t'\"\\;") == value.npos;
  if (!s.collection) return value == allowed;
  auto known = words_of(allowed), given = words_of(value);
  return std::ranges::all_of(given, [&](auto& w) { return std::ranges::find(known, w) != known.end(); });
}

aws::rds::OptionSetting setting(const SettingSpec& s, std::string value) {
  aws::rds::OptionSetting out{.Name = s.name,
                              .DefaultValue = s.default_value,
                              .Description = s.description,
                              .ApplyType = "DYNAMIC",
                              .DataType = s.integer ? "INTEGER" : "STRING",
                              .AllowedValues = s.allowed,
                              .IsModifiable = s.modifiable,
                              .IsCollection = s.collection};
  out.Value = std::move(value);
  return out;
}

Result<> set_option(aws::rds::Option& option, const aws::rds::OptionSetting& wanted) {
  std::string name = wanted.Name.value_or(""), value = wanted.Value.value_or("");
  auto spec = std::ranges::find(kSettings, name, [](auto& s) { return std::string(s.name); });
  if (spec == kSettings.end())
    return aws_error("InvalidParameterValue",
                     fmt::format("Unknown option setting {} of the option {}", name, kAuditPlugin));
  if (!fits(*spec, value))
    return aws_error("InvalidParameterValue",
                     fmt::format("Invalid value {} for the option setting {}. Allowed values are: {}",
                                 value.substr(0, 100), name, spec->allowed));
  auto row = std::ranges::find(*option.OptionSettings, name, [](auto& s) { return *s.Name; });
  row->Value = value;
  return {};
}

}  // namespace

aws::rds::OptionGroupOption audit_offered() {
  aws::rds::OptionGroupOption o{.Name = std::string(kAuditPlugin),
                                .Description = "MariaDB Audit Plugin",
                                .EngineName = "mariadb",
                                .MajorEngineVersion = "10.11",
                                .PortRequired = false,
                                .Persistent = false,
                                .Permanent = false,
                                .RequiresAutoMinorEngineVersionUpgrade = false,
                                .VpcOnly = false};
  o.OptionsDependedOn.emplace();
  o.OptionsConflictsWith.emplace();
  o.OptionGroupOptionSettings.emplace();
  for (auto& s : kSettings)
    o.OptionGroupOptionSettings->push_back({.SettingName = s.name,
                                            .SettingDescription = s.description,
                                            .DefaultValue = s.default_value,
                                            .ApplyType = "DYNAMIC",
                                            .AllowedValues = s.allowed,
                                            .IsModifiable = s.modifiable,
                                            .IsRequired = false});
  return o;
}

Result<aws::rds::Option> audit_option(const aws::rds::OptionConfiguration& wanted,
                                      const aws::rds::Option* before) {
  if (wanted.OptionName != kAuditPlugin)
    return aws_error("InvalidParameterValue",
                     fmt::format("The option {} is not available for mariadb 10.11", *wanted.OptionName));
  bool groups = (wanted.VpcSecurityGroupMemberships && !wanted.VpcSecurityGroupMemberships->empty()) ||
                (wanted.DBSecurityGroupMemberships && !wanted.DBSecurityGroupMemberships->empty());
  if (wanted.Port || groups)
    return aws_error("InvalidParameterCombination",
                     fmt::format("The option {} takes neither a port nor security groups", kAuditPlugin));
  if (wanted.OptionVersion)
    return aws_error("InvalidParameterValue", fmt::format("The option {} has no versions", kAuditPlugin));
  aws::rds::Option out{.OptionName = std::string(kAuditPlugin),
                       .OptionDescription = "MariaDB Audit Plugin",
                       .Persistent = false,
                       .Permanent = false};
  out.OptionSettings.emplace();
  for (auto& s : kSettings) out.OptionSettings->push_back(setting(s, s.default_value));
  if (before) out.OptionSettings = before->OptionSettings;
  for (auto& s : wanted.OptionSettings.value_or(std::vector<aws::rds::OptionSetting>{}))
    TRY(set_option(out, s));
  return out;
}

std::map<std::string, std::string> audit_variables(const aws::rds::Option& option) {
  std::map<std::string, std::string> out;
  for (auto& s : option.OptionSettings.value_or(std::vector<aws::rds::OptionSetting>{}))
    if (s.Name != "SERVER_AUDIT_FILE_PATH") out[lower(*s.Name)] = s.Value.value_or("");
  return out;
}

}  // namespace relight::sandbox::rds
