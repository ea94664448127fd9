// Rules that fire: by the clock, or because an event matches.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/delivery/delivery.h"
#include "sandbox/services/events/input.h"
#include "sandbox/services/events/service.h"
#include "sandbox/world/timetable.h"

namespace relight::sandbox {
using namespace rules;

namespace {

using FiredJson = nlohmann::json;

std::string fired_seconds(Instant t) {
  return iso8601(std::chrono::floor<std::chrono::seconds>(t)).substr(0, 19) + "Z";
}

}  // namespace

// One timer a rule counts: each change of the rule makes the one before void.
void EventsService::schedule(Region r, const std::string& key) {
  uint64_t generation = ++generations_[r + "|" + key];
  auto* rule = rules_.find(r, key);
  if (!rule || rule->State != "ENABLED" || !rule->ScheduleExpression) return;
  auto times = Timetable::parse(*rule->ScheduleExpression);
  auto* since = since_.find(r, key);
  auto now = world_.clock.now();
  auto next = times ? times->next(since ? since->at : now, now) : std::nullopt;
  if (!next) return;
  world_.after(*next - now, [this, r, key, generation, at = *next] {
    if (generations_[r + "|" + key] != generation) return;
    // An early timer (clocks step) must not fire twice.
    if (world_.clock.now() >= at && world_.links().up(r)) {
      auto* due = rules_.find(r, key);
      fire(r, key,
           {{"version", "0"},
            {"id", world_.rng.uuid()},
            {"detail-type", "Scheduled Event"},
            {"source", "aws.events"},
            {"account", world_.account()},
            {"time", fired_seconds(at)},
            {"region", r},
            {"resources", FiredJson::array({*due->Arn})},
            {"detail", FiredJson::object()}});
    }
    schedule(r, key);
  });
}

void EventsService::spread(Region r, const std::string& bus, const nlohmann::json& event) {
  for (auto& [key, rule] : rules_.in(r)) {
    if (!key.starts_with(bus + "|") || rule.State != "ENABLED" || !rule.EventPattern) continue;
    auto pattern = EventPattern::parse(*rule.EventPattern);
    if (pattern && pattern->matches(event)) fire(r, key, event);
  }
}

void EventsService::fire(Region r, const std::string& key, const nlohmann::json& event) {
  auto* rule = rules_.find(r, key);
  auto* targets = targets_.find(r, key);
  if (!rule || !targets || !targets->Targets) return;
  RuleFacts facts{*rule->Arn, *rule->Name, fired_seconds(world_.clock.now())};
  for (auto& t : *targets->Targets) {
    Parcel p{.body = input_for(t, event, facts)};
    if (t.SqsParameters && t.Arn->ends_with(".fifo")) {
      p.group = t.SqsParameters->MessageGroupId.value_or("");
      p.deduplication = event.value("id", "");
    }
    auto done = deliver(world_, {"events.amazonaws.com", *rule->Arn, *t.Arn, r}, p);
    if (!done) not_delivered(r, *rule, t, p.body, done.error());
  }
}

// "How EventBridge retries delivering events", dead letters: the attributes say why.
void EventsService::not_delivered(Region r, const Rule& rule, const api::Target& t, const std::string& text,
                                  const Error& e) {
  world_.event(r, "events", *rule.Arn, fmt::format("target {} not reached: {}", *t.Id, e.text()));
  if (!t.DeadLetterConfig || !t.DeadLetterConfig->Arn) return;
  Parcel p{.body = text};
  for (auto& [name, value] : {std::pair{"RULE_ARN", *rule.Arn},
                              {"TARGET_ARN", *t.Arn},
                              {"ERROR_CODE", e.code},
                              {"ERROR_MESSAGE", e.message}})
    if (!value.empty()) p.attributes[name] = {.StringValue = value, .DataType = "String"};
  auto buried = deliver(world_, {"events.amazonaws.com", *rule.Arn, *t.DeadLetterConfig->Arn, r}, p);
  if (!buried)
    world_.event(r, "events", *rule.Arn,
                 fmt::format("target {}: no dead letter either: {}", *t.Id, buried.error().text()));
}

}  // namespace relight::sandbox
