// Events put, and patterns tried.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/events/service.h"

namespace relight::sandbox {
using namespace rules;
namespace op = aws::events::op;

namespace {

using EventJson = nlohmann::json;
constexpr size_t kEventBytes = 262'144;

// "Calculating an Amazon EventBridge PutEvents event entry size"
size_t event_bytes(const api::PutEventsRequestEntry& e) {
  size_t n = e.Time ? 14 : 0;
  n += e.Source.value_or("").size() + e.DetailType.value_or("").size() + e.Detail.value_or("").size();
  for (auto& r : e.Resources.value_or(std::vector<std::string>{})) n += r.size();
  return n;
}

api::PutEventsResultEntry refused_event(std::string_view code, std::string_view message) {
  return {.ErrorCode = std::string(code), .ErrorMessage = std::string(message)};
}

std::string event_seconds(Instant t) {
  return iso8601(std::chrono::floor<std::chrono::seconds>(t)).substr(0, 19) + "Z";
}

}  // namespace

api::PutEventsResultEntry EventsService::put_event(const Call& c, const api::PutEventsRequestEntry& e) {
  for (auto& [name, value] :
       {std::pair{"Source", &e.Source}, {"DetailType", &e.DetailType}, {"Detail", &e.Detail}})
    if (value->value_or("").empty())
      return refused_event(
          "InvalidArgument",
          fmt::format("Parameter {} is not valid. Reason: {} is a required argument.", name, name));
  // Only AWS's services speak in AWS's name; they come from inside.
  if (e.Source->starts_with("aws.") && c.raw)
    return refused_event("NotAuthorizedForSourceException", "Not authorized for the source.");
  auto detail = EventJson::parse(*e.Detail, nullptr, false);
  if (!detail.is_object()) return refused_event("MalformedDetail", "Detail is malformed.");
  auto bus = bus_name(c.region, e.EventBusName);
  std::string id = world_.rng.uuid();
  // An event for a bus that does not exist is taken and lost, as on AWS.
  if (!bus) return {.EventId = id};
  auto resources = EventJson::array();
  for (auto& r : e.Resources.value_or(std::vector<std::string>{})) resources.push_back(r);
  EventJson event{{"version", "0"},
                  {"id", id},
                  {"detail-type", *e.DetailType},
                  {"source", *e.Source},
                  {"account", world_.account()},
                  {"time", event_seconds(e.Time.value_or(world_.clock.now()))},
                  {"region", c.region},
                  {"resources", resources},
                  {"detail", detail}};
  spread(c.region, *bus, event);
  return {.EventId = id};
}

void EventsService::add_events() {
  on<op::PutEvents>([this](const Call& c, const api::PutEventsRequest& in) -> Result<api::PutEventsResponse> {
    if (in.EndpointId)
      return aws_error("NotImplemented", "global endpoints are not built in this sandbox", 501);
    size_t bytes = 0;
    for (auto& e : *in.Entries) bytes += event_bytes(e);
    if (bytes > kEventBytes)
      return aws_error("ValidationException", "Total size of the entries in the request is over the limit.",
                       400);
    api::PutEventsResponse out{.FailedEntryCount = 0, .Entries = std::vector<api::PutEventsResultEntry>{}};
    for (auto& e : *in.Entries) {
      out.Entries->push_back(put_event(c, e));
      if (out.Entries->back().ErrorCode) ++*out.FailedEntryCount;
    }
    return out;
  });
  on<op::TestEventPattern>(
      [](const Call&, const api::TestEventPatternRequest& in) -> Result<api::TestEventPatternResponse> {
        TRY_ASSIGN(auto pattern, EventPattern::parse(*in.EventPattern));
        auto event = EventJson::parse(*in.Event, nullptr, false);
        if (!event.is_object()) return aws_error("ValidationException", "Parameter Event is not valid.", 400);
        // TestEventPattern, API Reference: which fields the event has to have.
        for (auto* field : {"id", "account", "source", "time", "region", "resources", "detail-type"})
          if (!event.contains(field))
            return aws_error("ValidationException",
                             fmt::format("Parameter Event is not valid. Reason: {} is missing.", field), 400);
        return api::TestEventPatternResponse{pattern.matches(event)};
      });
}

}  // namespace relight::sandbox
