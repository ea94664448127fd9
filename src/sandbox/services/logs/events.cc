// Reading events: a stream in pages, or a group by pattern.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "sandbox/services/logs/pattern.h"
#include "sandbox/services/logs/service.h"

namespace relight::sandbox {
using namespace logs;
namespace op = aws::logs::op;

namespace {

constexpr size_t kAnswerBytes = 1'048'576, kAnswerEvents = 10'000;

// "f/TIME.NUMBER/s": what comes after that place; "b/…" what came before it.
std::string place_token(char direction, const Place& p) {
  return fmt::format("{}/{:030}.{:025}/s", direction, p.time, p.number);
}

Result<std::pair<char, Place>> place_of(const std::string& token) {
  char direction = 0;
  long long time = 0;
  unsigned long long number = 0;
  if (std::sscanf(token.c_str(), "%c/%30lld.%25llu/s", &direction, &time, &number) != 3 ||
      (direction != 'f' && direction != 'b'))
    return invalid("The specified nextToken is invalid.");
  return std::pair(direction, Place{time, number});
}

struct Window {
  int64_t from, to;  // [from, to)
};

}  // namespace

// "GetLogEvents": without a token the newest, unless startFromHead; the same token again means the end.
Result<api::GetLogEventsResponse> LogsService::get(const Call& c, const api::GetLogEventsRequest& in) {
  if (in.logGroupIdentifier)
    return invalid("logGroupIdentifier is not built in this sandbox: give logGroupName.");
  TRY_ASSIGN(auto* s, stream(c.region, in.logGroupName, in.logStreamName));
  auto& all = shelf_.of(c.region, s->number);
  Window w{std::max(in.startTime.value_or(0), horizon(*groups_.find(c.region, *in.logGroupName))),
           in.endTime.value_or(INT64_MAX)};
  auto low = all.lower_bound(Place{w.from, 0}), high = all.lower_bound(Place{std::max(w.from, w.to), 0});
  bool forward = in.startFromHead.value_or(false);
  if (in.nextToken) {
    TRY_ASSIGN(auto token, place_of(*in.nextToken));
    forward = token.first == 'f';
    auto& [time, number] = token.second;
    auto at = forward ? all.upper_bound(token.second) : all.lower_bound(token.second);
    if (forward)
      low = token.second < Place{w.from, 0} ? low : (Place{time, number} >= Place{w.to, 0} ? high : at);
    if (!forward) high = token.second >= Place{w.to, 0} ? high : (token.second < Place{w.from, 0} ? low : at);
  }
  std::vector<std::map<Place, Kept>::const_iterator> chosen;
  size_t bytes = 0, most = static_cast<size_t>(in.limit.value_or(kAnswerEvents));
  while (low != high && chosen.size() < most) {
    auto it = forward ? low : std::prev(high);
    bytes += it->second.message.size() + 26;
    if (!chosen.empty() && bytes > kAnswerBytes) break;
    chosen.push_back(it);
    forward ? void(++low) : void(--high);
  }
  if (!forward) std::reverse(chosen.begin(), chosen.end());
  api::GetLogEventsResponse out;
  out.events.emplace();
  for (auto it : chosen)
    out.events->push_back(
        {.timestamp = it->first.time, .message = it->second.message, .ingestionTime = it->second.ingested});
  Place first, last;
  if (!chosen.empty()) {
    first = chosen.front()->first, last = chosen.back()->first;
  } else if (in.nextToken) {
    first = last = place_of(*in.nextToken)->second;
  } else if (!all.empty()) {
    first = last = forward ? all.rbegin()->first : all.begin()->first;
  }
  out.nextForwardToken = place_token('f', last);
  out.nextBackwardToken = place_token('b', first);
  return out;
}

Result<std::map<std::string, logs::Stream*>> LogsService::searched(Region r,
                                                                   const api::FilterLogEventsRequest& in) {
  if (in.logStreamNames && in.logStreamNamePrefix)
    return invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
  std::map<std::string, logs::Stream*> out;
  for (auto& name : in.logStreamNames.value_or(std::vector<std::string>{})) {
    TRY_ASSIGN(out[name], stream(r, in.logGroupName, name));
  }
  if (!in.logStreamNames)
    for (auto& [key, s] : streams_.in(r))
      if (key.starts_with(*in.logGroupName + "|" + in.logStreamNamePrefix.value_or("")))
        out[*s.v.logStreamName] = &s;
  return out;
}

// All streams' events in the order of time; a page ends at its limit and goes on behind its last event.
Result<api::FilterLogEventsResponse> LogsService::filter(const Call& c,
                                                         const api::FilterLogEventsRequest& in) {
  if (in.logGroupIdentifier)
    return invalid("logGroupIdentifier is not built in this sandbox: give logGroupName.");
  TRY_ASSIGN(auto* g, group(c.region, in.logGroupName));
  TRY_ASSIGN(Pattern pattern, Pattern::parse(in.filterPattern.value_or("")));
  TRY_ASSIGN(auto streams, searched(c.region, in));
  Place after{std::max(in.startTime.value_or(0), horizon(*g)), 0};
  if (in.nextToken) {
    TRY_ASSIGN(auto token, place_of(*in.nextToken));
    after = std::max(after, Place{token.second.time, token.second.number + 1});
  }
  // "FilterLogEvents": endTime itself is not excluded by its text; GetLogEvents' is. Here neither is given
  // (unverified).
  int64_t end = in.endTime.value_or(INT64_MAX);
  struct Found {
    Place place;
    const std::string* stream;
    const Kept* event;
  };
  std::vector<Found> found;
  for (auto& [name, s] : streams) {
    auto& all = shelf_.of(c.region, s->number);
    for (auto it = all.lower_bound(after); it != all.end() && it->first.time < end; ++it)
      if (pattern.matches(it->second.message)) found.push_back({it->first, &name, &it->second});
  }
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.place < b.place; });
  api::FilterLogEventsResponse out;
  out.events.emplace(), out.searchedLogStreams.emplace();
  size_t bytes = 0, most = static_cast<size_t>(in.limit.value_or(kAnswerEvents));
  for (auto& f : found) {
    bytes += f.event->message.size() + 26;
    if (out.events->size() == most || (!out.events->empty() && bytes > kAnswerBytes)) {
      // What comes next begins behind the last one given.
      out.nextToken =
          place_token('f', std::prev(found.begin() + static_cast<std::ptrdiff_t>(out.events->size()))->place);
      break;
    }
    out.events->push_back({.logStreamName = *f.stream,
                           .timestamp = f.place.time,
                           .message = f.event->message,
                           .ingestionTime = f.event->ingested,
                           .eventId = fmt::format("{:056}", f.place.number)});
  }
  return out;
}

void LogsService::add_get() {
  on<op::GetLogEvents>([this](const Call& c, const auto& in) { return get(c, in); });
}

void LogsService::add_filter() {
  on<op::FilterLogEvents>([this](const Call& c, const auto& in) { return filter(c, in); });
}

}  // namespace relight::sandbox
