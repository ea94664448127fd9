// The options of RDS for MariaDB that this sandbox has: the audit plugin.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/rds.h"
#include "base/result.h"

namespace relight::sandbox::rds {

inline constexpr std::string_view kAuditPlugin = "MARIADB_AUDIT_PLUGIN";
inline constexpr std::string_view kDefaultOptions = "default:mariadb-10-11";

// As DescribeOptionGroupOptions lists it.
aws::rds::OptionGroupOption audit_offered();
// The option with these settings over the defaults, or over what `before` has. Errors as RDS says them.
Result<aws::rds::Option> audit_option(const aws::rds::OptionConfiguration& wanted,
                                      const aws::rds::Option* before);
// What the server is told.
std::map<std::string, std::string> audit_variables(const aws::rds::Option& option);

}  // namespace relight::sandbox::rds
