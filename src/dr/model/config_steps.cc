// The steps of one's own: relight.yaml's `steps`.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "dr/model/config.h"
#include "dr/model/config_reader.h"

namespace relight::dr {
namespace {

constexpr std::array<std::string_view, 16> kFailoverSteps{
    "detect", "evidence",      "network",  "autoscaling", "compute",  "fence",    "drain", "promote",
    "open",   "configuration", "capacity", "functions",   "triggers", "validate", "dns",   "commit"};
constexpr size_t kMostSteps = 50;

bool plain_name(const std::string& s) {
  return !s.empty() && s.size() <= 30 && s.front() != '-' && std::ranges::all_of(s, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void read_http(ConfigReader& r, const YAML::Node& n, CustomStep& s) {
  r.keys(n, "steps.http", {"url", "status"}, {"url"});
  if (r.error()) return;
  r.text(n, "url", s.url);
  r.number(n, "status", 100, 599, s.status);
  if (!s.url.starts_with("http://") && !s.url.starts_with("https://"))
    r.complain(n["url"], "Config.Malformed", "steps.http.url: http://… or https://… was expected");
}

// A payload that is no JSON is refused by Lambda, and then it would be late.
void read_function(ConfigReader& r, const YAML::Node& n, CustomStep& s) {
  r.keys(n, "steps.function", {"name", "payload"}, {"name"});
  if (r.error()) return;
  r.text(n, "name", s.function);
  r.text(n, "payload", s.payload);
  if (!s.payload.empty() && !nlohmann::json::accept(s.payload))
    r.complain(n["payload"], "Config.Malformed", "steps.function.payload: a JSON text was expected");
}

void read_place(ConfigReader& r, const YAML::Node& n, CustomStep& s) {
  r.text(n, "before", s.before);
  r.text(n, "after", s.after);
  if (r.error()) return;
  if (s.before.empty() == s.after.empty())
    return r.complain(n, "Config.Malformed",
                      "steps: exactly one of before and after was expected, with the name of a step");
  auto& place = s.before.empty() ? s.after : s.before;
  auto known = failover_step_names();
  if (std::ranges::find(known, place) == known.end())
    return r.complain(n, "Config.Unknown",
                      fmt::format("steps: there is no step '{}' to stand {}; one of {} was expected", place,
                                  s.before.empty() ? "after" : "before", fmt::join(known, ", ")));
  if (s.after == "commit")
    r.complain(n, "Config.Malformed", "steps: nothing can stand after commit, which closes the run");
}

void read_step(ConfigReader& r, const YAML::Node& n, CustomStep& s) {
  if (!n.IsMap()) return r.complain(n, "Config.Malformed", "steps: a mapping was expected for each step");
  r.keys(n, "steps", {"name", "before", "after", "command", "approval", "http", "function", "deadline"},
         {"name"});
  if (r.error()) return;
  r.text(n, "name", s.name);
  auto known = failover_step_names();
  if (!plain_name(s.name) || std::ranges::find(known, s.name) != known.end())
    return r.complain(n["name"], "Config.Malformed",
                      "steps.name: small letters, digits and '-', at most 30, and none of relight's own "
                      "steps' names was expected");
  read_place(r, n, s);
  r.texts(n, "command", s.command);
  r.text(n, "approval", s.approval);
  if (!r.error() && n["http"]) read_http(r, n["http"], s);
  if (!r.error() && n["function"]) read_function(r, n["function"], s);
  if (r.error()) return;
  if (int(!s.command.empty()) + int(!s.approval.empty()) + int(!s.url.empty()) + int(!s.function.empty()) !=
      1)
    return r.complain(n, "Config.Malformed",
                      "steps: exactly one of command, approval, http and function was expected");
  s.deadline = s.approval.empty() ? Millis(300'000) : Millis(86'400'000);
  r.duration(n, "deadline", s.deadline);
}

}  // namespace

std::span<const std::string_view> failover_step_names() { return kFailoverSteps; }

void read_steps(ConfigReader& r, const YAML::Node& n, std::vector<CustomStep>& out) {
  if (!n.IsSequence() || n.size() > kMostSteps)
    return r.complain(n, "Config.Malformed",
                      fmt::format("steps: a list of at most {} steps was expected", kMostSteps));
  for (auto one : n) {
    CustomStep s;
    read_step(r, one, s);
    if (r.error()) return;
    if (std::ranges::any_of(out, [&](auto& other) { return other.name == s.name; }))
      return r.complain(one["name"], "Config.Malformed", "steps.name: '" + s.name + "' stands there twice");
    out.push_back(std::move(s));
  }
}

}  // namespace relight::dr
