#include "sandbox/services/events/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace relight::sandbox {
using namespace rules;
namespace op = aws::events::op;

std::string Since::save() const { return std::to_string(at.time_since_epoch().count()); }
Result<Since> Since::load(const std::string& text) {
  int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return Since{Instant{Millis{ms}}};
}

EventsService::EventsService(World& w)
    : Service(w, api::model()),
      buses_(w, "events/buses"),
      rules_(w, "events/rules"),
      targets_(w, "events/targets"),
      since_(w, "events/since"),
      tags_(w, "events/tags") {
  add_buses();
  add_permissions();
  add_rules();
  add_rule_states();
  add_rule_lists();
  add_targets();
  add_target_lists();
  add_tags();
  add_events();
}

void EventsService::start() {
  for (auto& r : world_.settings.regions)
    for (auto& [key, rule] : rules_.in(r)) schedule(r, key);
}

std::string EventsService::arn_of(Region r, const std::string& rest) const {
  return fmt::format("arn:aws:events:{}:{}:{}", r, world_.account(), rest);
}

std::string EventsService::rule_arn(Region r, const std::string& bus, const std::string& name) const {
  return arn_of(r, bus == "default" ? "rule/" + name : fmt::format("rule/{}/{}", bus, name));
}

Result<Rule*> EventsService::find(Region r, const std::optional<std::string>& bus, const std::string& name,
                                  std::string* key) {
  TRY_ASSIGN(std::string on, bus_name(r, bus));
  std::string k = on + "|" + name;
  if (key) *key = k;
  if (auto* rule = rules_.find(r, k)) return rule;
  return aws_error("ResourceNotFoundException",
                   fmt::format("Rule {} does not exist on EventBus {}.", name, on));
}

Result<> EventsService::put_tags(Region r, const std::string& arn, const std::vector<api::Tag>& more) {
  constexpr size_t kRuleTags = 50;
  auto* there = tags_.find(r, arn);
  auto next = there && there->Tags ? *there->Tags : std::vector<api::Tag>{};
  for (auto& t : more) {
    if (t.Key->starts_with("aws:"))
      return aws_error("ValidationException", "Tag keys must not begin with aws:.",
                       400);  // wording unverified
    std::erase_if(next, [&](auto& old) { return old.Key == t.Key; });
    next.push_back(t);
  }
  if (next.size() > kRuleTags)
    return aws_error("ValidationException", "A resource has at most 50 tags.", 400);  // wording unverified
  if (!next.empty()) tags_.put(r, arn, TagRow(api::ListTagsForResourceResponse{std::move(next)}));
  return {};
}

void EventsService::add_tags() {
  auto exists = [this](Region r, const std::string& arn) -> Result<> {
    for (auto& [key, rule] : rules_.in(r))
      if (rule.Arn == arn) return {};
    if (arn == arn_of(r, "event-bus/default")) return {};
    for (auto& [name, bus] : buses_.in(r))
      if (bus.Arn == arn) return {};
    return aws_error("ResourceNotFoundException",
                     fmt::format("{} does not exist.", arn));  // wording unverified
  };
  on<op::TagResource>(
      [this, exists](const Call& c, const api::TagResourceRequest& in) -> Result<api::TagResourceResponse> {
        TRY(exists(c.region, *in.ResourceARN));
        TRY(put_tags(c.region, *in.ResourceARN, *in.Tags));
        return api::TagResourceResponse{};
      });
  on<op::UntagResource>(
      [this, exists](const Call& c,
                     const api::UntagResourceRequest& in) -> Result<api::UntagResourceResponse> {
        TRY(exists(c.region, *in.ResourceARN));
        if (auto* t = tags_.find(c.region, *in.ResourceARN); t && t->Tags) {
          std::erase_if(*t->Tags, [&](auto& tag) {
            return std::find(in.TagKeys->begin(), in.TagKeys->end(), *tag.Key) != in.TagKeys->end();
          });
          tags_.save(c.region, *in.ResourceARN, *t);
        }
        return api::UntagResourceResponse{};
      });
  on<op::ListTagsForResource>(
      [this, exists](const Call& c,
                     const api::ListTagsForResourceRequest& in) -> Result<api::ListTagsForResourceResponse> {
        TRY(exists(c.region, *in.ResourceARN));
        if (auto* t = tags_.find(c.region, *in.ResourceARN)) return *t;
        return api::ListTagsForResourceResponse{.Tags = std::vector<api::Tag>{}};
      });
}

}  // namespace relight::sandbox
