// PutLogEvents and its limits ("PutLogEvents", API Reference).
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/logs/service.h"

namespace relight::sandbox {
using namespace logs;
namespace op = aws::logs::op;

namespace {

constexpr int64_t kHour = 3'600'000, kDay = 24 * kHour;
constexpr size_t kEventBytes = 262'144, kBatchBytes = 1'048'576, kOverhead = 26;

Result<> check_batch(const std::vector<api::InputLogEvent>& events) {
  if (events.empty() || events.size() > 10'000)
    return invalid("A batch holds between 1 and 10000 log events.");  // wording unverified
  size_t bytes = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    size_t size = events[i].message->size() + kOverhead;
    if (events[i].message->empty()) return invalid("Log events must have a message.");  // wording unverified
    if (size > kEventBytes)
      return invalid(fmt::format("Log event too large: {} bytes exceeds limit of {}", size, kEventBytes));
    bytes += size;
    if (i && *events[i].timestamp < *events[i - 1].timestamp)
      return invalid("Log events in a single PutLogEvents request must be in chronological order.");
  }
  if (bytes > kBatchBytes)
    return invalid(fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, kBatchBytes));
  if (*events.back().timestamp - *events.front().timestamp > kDay)
    return invalid(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  return {};
}

}  // namespace

Result<api::PutLogEventsResponse> LogsService::put(const Call& c, const api::PutLogEventsRequest& in) {
  TRY_ASSIGN(auto* s, stream(c.region, in.logGroupName, in.logStreamName));
  TRY(check_batch(*in.logEvents));
  auto* g = groups_.find(c.region, *in.logGroupName);
  int64_t at = now();
  api::RejectedLogEventsInfo rejected;
  bool any = false;
  for (size_t i = 0; i < in.logEvents->size(); ++i) {
    auto& e = (*in.logEvents)[i];
    auto index = static_cast<int32_t>(i);
    if (*e.timestamp > at + 2 * kHour) {
      if (!rejected.tooNewLogEventStartIndex) rejected.tooNewLogEventStartIndex = index;
    } else if (*e.timestamp < at - 14 * kDay) {
      rejected.tooOldLogEventEndIndex = index + 1;  // the first that is not too old
    } else if (*e.timestamp < horizon(*g)) {
      rejected.expiredLogEventEndIndex = index + 1;
    } else {
      shelf_.add(c.region, s->number, *e.timestamp, at, *e.message);
      any = true;
    }
  }
  if (shelf_.bound(c.region))
    world_.event(c.region, "logs", *in.logGroupName,
                 "oldest log events dropped: the sandbox keeps 2 MiB a stream, 32 MiB a region");
  if (any) s->v.lastIngestionTime = at;
  streams_.save(c.region, *in.logGroupName + "|" + *in.logStreamName, *s);
  api::PutLogEventsResponse out;
  // Sequence tokens are ignored and always given since 2023.
  out.nextSequenceToken = fmt::format("{:056}", at);
  if (rejected.tooNewLogEventStartIndex || rejected.tooOldLogEventEndIndex ||
      rejected.expiredLogEventEndIndex)
    out.rejectedLogEventsInfo = rejected;
  return out;
}

void LogsService::add_put() {
  on<op::PutLogEvents>([this](const Call& c, const auto& in) { return put(c, in); });
}

}  // namespace relight::sandbox
