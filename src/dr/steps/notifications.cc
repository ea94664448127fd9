#include "dr/steps/notifications.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

namespace relight::dr {
namespace {
namespace s3 = aws::s3;
using NotificationJson = nlohmann::json;

std::optional<std::string> told(const NotificationJson& j, const char* name) {
  auto it = j.find(name);
  return it != j.end() && it->is_string() ? std::optional(it->get<std::string>()) : std::nullopt;
}

std::vector<std::string> events_in(const NotificationJson& j) {
  std::vector<std::string> out;
  for (auto& e : j.value("Events", NotificationJson::array()))
    if (e.is_string()) out.push_back(e.get<std::string>());
  return out;
}

std::optional<s3::NotificationConfigurationFilter> filter_in(const NotificationJson& j) {
  auto at = NotificationJson::json_pointer("/Filter/Key/FilterRules");
  if (!j.contains(at) || !j[at].is_array()) return {};
  std::vector<s3::FilterRule> rules;
  for (auto& r : j[at]) rules.push_back({.Name = told(r, "Name"), .Value = told(r, "Value")});
  s3::NotificationConfigurationFilter f;
  f.Key = s3::S3KeyFilter{.FilterRules = std::move(rules)};
  return f;
}

template <class C>
std::vector<C> read_list(const NotificationJson& j, const char* list, const char* arn,
                         std::optional<std::string> C::*to) {
  std::vector<C> out;
  for (auto& one : j.value(list, NotificationJson::array())) {
    C c;
    c.Id = told(one, "Id");
    c.*to = told(one, arn);
    c.Events = events_in(one);
    c.Filter = filter_in(one);
    out.push_back(std::move(c));
  }
  return out;
}

// Filters are the same in whatever order and letters their rules stand ("prefix", "Prefix").
template <class C>
auto known_by(const C& c, std::optional<std::string> C::*to) {
  auto events = c.Events.value_or(std::vector<std::string>{});
  std::ranges::sort(events);
  std::vector<std::pair<std::string, std::string>> rules;
  if (c.Filter && c.Filter->Key)
    for (auto& r : c.Filter->Key->FilterRules.value_or(std::vector<s3::FilterRule>{})) {
      auto name = r.Name.value_or("");
      std::ranges::transform(name, name.begin(), [](unsigned char x) { return char(std::tolower(x)); });
      rules.emplace_back(name, r.Value.value_or(""));
    }
  std::ranges::sort(rules);
  return std::tuple{(c.*to).value_or(""), events, rules};
}

template <class C>
bool add_missing(std::optional<std::vector<C>>& have, const std::optional<std::vector<C>>& wanted,
                 std::optional<std::string> C::*to) {
  bool added = false;
  for (auto& w : wanted.value_or(std::vector<C>{})) {
    if (!have) have.emplace();
    if (std::ranges::any_of(*have, [&](auto& h) { return known_by(h, to) == known_by(w, to); })) continue;
    have->push_back(w);
    added = true;
  }
  return added;
}

template <class C>
bool drop(std::optional<std::vector<C>>& have, const std::optional<std::vector<C>>& written,
          std::optional<std::string> C::*to) {
  if (!have || !written) return false;
  return std::erase_if(*have, [&](auto& h) {
           return std::ranges::any_of(*written, [&](auto& w) { return known_by(h, to) == known_by(w, to); });
         }) > 0;
}

}  // namespace

Result<s3::NotificationConfiguration> notifications_from_json(const std::string& text) {
  auto j = NotificationJson::parse(text, nullptr, false);
  if (!j.is_object())
    return fail(Error{.code = "Topology.Malformed",
                      .message = "the recorded notifications are no JSON object",
                      .next = "'relight synth' and 'relight deploy' write them anew"});
  s3::NotificationConfiguration out;
  out.LambdaFunctionConfigurations =
      read_list<s3::LambdaFunctionConfiguration>(j, "LambdaFunctionConfigurations", "LambdaFunctionArn",
                                                 &s3::LambdaFunctionConfiguration::LambdaFunctionArn);
  out.QueueConfigurations = read_list<s3::QueueConfiguration>(j, "QueueConfigurations", "QueueArn",
                                                              &s3::QueueConfiguration::QueueArn);
  out.TopicConfigurations = read_list<s3::TopicConfiguration>(j, "TopicConfigurations", "TopicArn",
                                                              &s3::TopicConfiguration::TopicArn);
  if (j.contains("EventBridgeConfiguration")) out.EventBridgeConfiguration = s3::EventBridgeConfiguration{};
  return out;
}

std::optional<s3::NotificationConfiguration> with_notifications(const s3::NotificationConfiguration& now,
                                                                const s3::NotificationConfiguration& wanted) {
  auto out = now;
  bool added = add_missing(out.LambdaFunctionConfigurations, wanted.LambdaFunctionConfigurations,
                           &s3::LambdaFunctionConfiguration::LambdaFunctionArn);
  added |=
      add_missing(out.QueueConfigurations, wanted.QueueConfigurations, &s3::QueueConfiguration::QueueArn);
  added |=
      add_missing(out.TopicConfigurations, wanted.TopicConfigurations, &s3::TopicConfiguration::TopicArn);
  if (wanted.EventBridgeConfiguration && !out.EventBridgeConfiguration) {
    out.EventBridgeConfiguration = wanted.EventBridgeConfiguration;
    added = true;
  }
  if (!added) return std::nullopt;
  return out;
}

std::optional<s3::NotificationConfiguration> without_notifications(
    const s3::NotificationConfiguration& now, const s3::NotificationConfiguration& written) {
  auto out = now;
  bool dropped = drop(out.LambdaFunctionConfigurations, written.LambdaFunctionConfigurations,
                      &s3::LambdaFunctionConfiguration::LambdaFunctionArn);
  dropped |= drop(out.QueueConfigurations, written.QueueConfigurations, &s3::QueueConfiguration::QueueArn);
  dropped |= drop(out.TopicConfigurations, written.TopicConfigurations, &s3::TopicConfiguration::TopicArn);
  if (written.EventBridgeConfiguration && out.EventBridgeConfiguration) {
    out.EventBridgeConfiguration.reset();
    dropped = true;
  }
  if (!dropped) return std::nullopt;
  return out;
}

}  // namespace relight::dr
