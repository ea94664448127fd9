// Log groups and how long they keep their events.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/logs/page.h"
#include "sandbox/services/logs/service.h"

namespace relight::sandbox {
using namespace logs;
namespace op = aws::logs::op;

void LogsService::add_groups() {
  on<op::CreateLogGroup>([this](const Call& c,
                                const api::CreateLogGroupRequest& in) -> Result<api::CreateLogGroupOutput_> {
    if (groups_.find(c.region, *in.logGroupName))
      return aws_error("ResourceAlreadyExistsException", "The specified log group already exists");
    if (in.kmsKeyId && !in.kmsKeyId->starts_with("arn:aws:kms:"))
      return invalid("The key is named by its ARN.");  // wording unverified
    if (in.tags) TRY(set_tags(c.region, *in.logGroupName, *in.tags));
    Group g;
    g.logGroupName = in.logGroupName;
    g.creationTime = now();
    g.metricFilterCount = 0;
    g.arn = fmt::format("arn:aws:logs:{}:{}:log-group:{}:*", c.region, world_.account(), *in.logGroupName);
    g.kmsKeyId = in.kmsKeyId;
    groups_.put(c.region, *in.logGroupName, std::move(g));
    return {};
  });
  on<op::DeleteLogGroup>(
      [this](const Call& c, const api::DeleteLogGroupRequest& in) -> Result<api::DeleteLogGroupOutput_> {
        TRY(group(c.region, in.logGroupName));
        std::string before = *in.logGroupName + "|";
        std::vector<std::string> streams, filters;
        for (auto& [key, s] : streams_.in(c.region))
          if (key.starts_with(before)) streams.push_back(key.substr(before.size()));
        for (auto& [key, f] : filters_.in(c.region))
          if (key.starts_with(before)) filters.push_back(key);
        for (auto& s : streams) drop_stream(c.region, *in.logGroupName, s);
        for (auto& f : filters) filters_.erase(c.region, f);
        tags_.erase(c.region, *in.logGroupName);
        groups_.erase(c.region, *in.logGroupName);
        return {};
      });
}

void LogsService::add_group_reads() {
  on<op::DescribeLogGroups>(
      [this](const Call& c,
             const api::DescribeLogGroupsRequest& in) -> Result<api::DescribeLogGroupsResponse> {
        if (in.logGroupNamePrefix && in.logGroupNamePattern)
          return invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        std::vector<std::pair<std::string, api::LogGroup>> all;
        for (auto& [name, g] : groups_.in(c.region)) {
          if (in.logGroupNamePrefix && !name.starts_with(*in.logGroupNamePrefix)) continue;
          if (in.logGroupNamePattern && name.find(*in.logGroupNamePattern) == name.npos) continue;
          api::LogGroup shown = g;
          shown.storedBytes = 0;
          shown.metricFilterCount = 0;
          for (auto& [key, s] : streams_.in(c.region))
            if (key.starts_with(name + "|"))
              *shown.storedBytes += static_cast<int64_t>(shelf_.bytes(c.region, s.number));
          for (auto& [key, f] : filters_.in(c.region))
            *shown.metricFilterCount += key.starts_with(name + "|");
          all.emplace_back(name, std::move(shown));
        }
        api::DescribeLogGroupsResponse out;
        TRY_ASSIGN(out.logGroups, page(std::move(all), in.limit, in.nextToken, out.nextToken));
        return out;
      });
}

void LogsService::add_retention() {
  on<op::PutRetentionPolicy>(
      [this](const Call& c,
             const api::PutRetentionPolicyRequest& in) -> Result<api::PutRetentionPolicyOutput_> {
        // "PutRetentionPolicy" (API Reference): no other numbers of days.
        static constexpr int32_t kDays[] = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                            365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
        TRY_ASSIGN(auto* g, group(c.region, in.logGroupName));
        if (std::find(std::begin(kDays), std::end(kDays), *in.retentionInDays) == std::end(kDays))
          return invalid(
              fmt::format("Value '{}' at 'retentionInDays' failed to satisfy constraint: Member must "
                          "satisfy enum value set: [{}]",
                          *in.retentionInDays, fmt::join(kDays, ", ")));
        g->retentionInDays = in.retentionInDays;
        groups_.save(c.region, *in.logGroupName, *g);
        return {};
      });
  on<op::DeleteRetentionPolicy>(
      [this](const Call& c,
             const api::DeleteRetentionPolicyRequest& in) -> Result<api::DeleteRetentionPolicyOutput_> {
        TRY_ASSIGN(auto* g, group(c.region, in.logGroupName));
        g->retentionInDays.reset();
        groups_.save(c.region, *in.logGroupName, *g);
        return {};
      });
}

}  // namespace relight::sandbox
