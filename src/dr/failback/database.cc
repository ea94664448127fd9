#include "dr/failback/database.h"

namespace relight::dr {
namespace {

Result<> reset_read_only(Context& c, Site& s, const std::string& group) {
  std::vector<aws::rds::Parameter> what(1);
  what.front().ParameterName = "read_only";
  what.front().ApplyMethod = "immediate";
  TRY(act(c, "rds:ResetDBParameterGroup", group, [&] {
    return aws::rds::Client(s.aws).ResetDBParameterGroup(
        {.DBParameterGroupName = group, .ResetAllParameters = false, .Parameters = what}, s.in_recovery());
  }));
  return {};
}

}  // namespace

Result<std::optional<aws::rds::DBInstance>> find_database(Site& s, const std::string& id,
                                                          const aws::CallOptions& where) {
  auto r = aws::rds::Client(s.aws).DescribeDBInstances({.DBInstanceIdentifier = id}, where);
  if (!r && r.error().code.starts_with("DBInstanceNotFound")) return std::nullopt;
  if (!r) return std::unexpected(r.error());
  if (!r->DBInstances || r->DBInstances->empty()) return std::nullopt;
  return std::move(r->DBInstances->front());
}

Result<> leave_open(Context& c, Site& s, const aws::rds::DBInstance& db) {
  auto groups = db.DBParameterGroups.value_or(std::vector<aws::rds::DBParameterGroupStatus>{});
  auto group = groups.empty() ? "" : groups.front().DBParameterGroupName.value_or("");
  if (group.empty() || group.starts_with("default.")) return {};
  aws::rds::DescribeDBParametersMessage in{.DBParameterGroupName = group, .Source = "user"};
  do {
    TRY_ASSIGN(auto page, aws::rds::Client(s.aws).DescribeDBParameters(in, s.in_recovery()));
    for (auto& p : page.Parameters.value_or(std::vector<aws::rds::Parameter>{}))
      if (p.ParameterName == "read_only" && p.ParameterValue == "1") return reset_read_only(c, s, group);
    in.Marker = page.Marker;
  } while (in.Marker && !in.Marker->empty());
  return {};
}

}  // namespace relight::dr
