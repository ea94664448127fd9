// Log streams.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/logs/page.h"
#include "sandbox/services/logs/service.h"

namespace relight::sandbox {
using namespace logs;
namespace op = aws::logs::op;

void LogsService::drop_stream(Region r, Name group_name, Name name) {
  std::string key = group_name + "|" + name;
  if (auto* s = streams_.find(r, key)) shelf_.forget(r, s->number);
  streams_.erase(r, key);
}

void LogsService::add_streams() {
  on<op::CreateLogStream>(
      [this](const Call& c, const api::CreateLogStreamRequest& in) -> Result<api::CreateLogStreamOutput_> {
        TRY(group(c.region, in.logGroupName));
        std::string key = *in.logGroupName + "|" + *in.logStreamName;
        if (streams_.find(c.region, key))
          return aws_error("ResourceAlreadyExistsException", "The specified log stream already exists");
        logs::Stream s;
        s.number = next_stream_++;
        s.v.logStreamName = in.logStreamName;
        s.v.creationTime = now();
        s.v.arn = fmt::format("arn:aws:logs:{}:{}:log-group:{}:log-stream:{}", c.region, world_.account(),
                              *in.logGroupName, *in.logStreamName);
        streams_.put(c.region, key, std::move(s));
        return {};
      });
  on<op::DeleteLogStream>(
      [this](const Call& c, const api::DeleteLogStreamRequest& in) -> Result<api::DeleteLogStreamOutput_> {
        TRY(stream(c.region, in.logGroupName, in.logStreamName));
        drop_stream(c.region, *in.logGroupName, *in.logStreamName);
        return {};
      });
  on<op::DescribeLogStreams>(
      [this](const Call& c,
             const api::DescribeLogStreamsRequest& in) -> Result<api::DescribeLogStreamsResponse> {
        if (in.logGroupIdentifier)
          return invalid("logGroupIdentifier is not built in this sandbox: give logGroupName.");
        TRY(group(c.region, in.logGroupName));
        bool by_time = in.orderBy == "LastEventTime";
        if (by_time && in.logStreamNamePrefix)
          return invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        std::vector<std::pair<std::string, api::LogStream>> all;
        for (auto& [key, s] : streams_.in(c.region)) {
          if (!key.starts_with(*in.logGroupName + "|")) continue;
          if (in.logStreamNamePrefix && !s.v.logStreamName->starts_with(*in.logStreamNamePrefix)) continue;
          auto shown = s.v;
          shown.storedBytes = 0;  // "DescribeLogStreams": always zero since 2019
          if (auto& events = shelf_.of(c.region, s.number); !events.empty()) {
            shown.firstEventTimestamp = events.begin()->first.time;
            shown.lastEventTimestamp = events.rbegin()->first.time;
          }
          all.emplace_back(*s.v.logStreamName, std::move(shown));
        }
        if (by_time)
          std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) {
            return a.second.lastEventTimestamp.value_or(0) < b.second.lastEventTimestamp.value_or(0);
          });
        if (in.descending.value_or(false)) std::reverse(all.begin(), all.end());
        api::DescribeLogStreamsResponse out;
        TRY_ASSIGN(out.logStreams, page(std::move(all), in.limit, in.nextToken, out.nextToken));
        return out;
      });
}

}  // namespace relight::sandbox
