#pragma once
#include <string>
#include <vector>

namespace relight::sandbox {

// Statements that make RDS's own accounts, tables and mysql.rds_* procedures in a fresh data directory, run
// as root. The procedures run with the rights of rdsadmin, so that a master user without SUPER can recover a
// database
// ("RDS for MariaDB stored procedure reference",
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MariaDB.SQLRef.html).
// Passwords must hold no quotes or backslashes.
std::vector<std::string> rds_statements(const std::string& admin_password,
                                        const std::string& replication_password);

// What the master user may do: "Master user account privileges",
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html.
extern const char* const kMasterPrivileges;

}  // namespace relight::sandbox
