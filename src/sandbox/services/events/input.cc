#include "sandbox/services/events/input.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::rules {
namespace {

using InputJson = nlohmann::json;

// "$.detail.records[0].name", "$['a b']": the steps; nothing if it is no path of these forms.
std::optional<std::vector<std::string>> path_steps(const std::string& path) {
  if (!path.starts_with('$')) return std::nullopt;
  std::vector<std::string> out;
  for (size_t i = 1; i < path.size();) {
    if (path[i] == '.') {
      size_t end = path.find_first_of(".[", i + 1);
      out.push_back(path.substr(i + 1, end == path.npos ? path.npos : end - i - 1));
      if (out.back().empty()) return std::nullopt;
      i = end == path.npos ? path.size() : end;
    } else if (path[i] == '[') {
      size_t end = path.find(']', i);
      if (end == path.npos) return std::nullopt;
      std::string inside = path.substr(i + 1, end - i - 1);
      bool quoted = inside.size() > 2 && inside.front() == '\'' && inside.back() == '\'';
      out.push_back(quoted ? inside.substr(1, inside.size() - 2) : inside);
      if (out.back().empty()) return std::nullopt;
      i = end + 1;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

const InputJson* at_path(const InputJson& event, const std::string& path) {
  auto steps = path_steps(path);
  if (!steps) return nullptr;
  const InputJson* at = &event;
  for (auto& step : *steps) {
    size_t index = 0;
    bool number = std::from_chars(step.data(), step.data() + step.size(), index).ec == std::errc{};
    if (at->is_object() && at->contains(step))
      at = &(*at)[step];
    else if (at->is_array() && number && index < at->size())
      at = &(*at)[index];
    else
      return nullptr;
  }
  return at;
}

std::optional<InputJson> variable(const std::string& name, const aws::events::InputTransformer& t,
                                  const InputJson& event, const RuleFacts& rule) {
  if (name == "aws.events.rule-arn") return rule.arn;
  if (name == "aws.events.rule-name") return rule.name;
  if (name == "aws.events.event.ingestion-time") return rule.ingested;
  if (name == "aws.events.event.json") return event;
  if (name == "aws.events.event") {
    InputJson without = event;
    without.erase("detail");
    return without;
  }
  if (!t.InputPathsMap) return std::nullopt;
  auto path = t.InputPathsMap->find(name);
  const InputJson* value = path == t.InputPathsMap->end() ? nullptr : at_path(event, path->second);
  return value ? std::optional(*value) : std::nullopt;
}

// A value between a text's quotation marks is text too: its marks are escaped, its own quotation marks
// dropped.
std::string inside_text(const InputJson& value) {
  std::string dumped = InputJson(value.is_string() ? value.get<std::string>() : value.dump()).dump();
  return dumped.substr(1, dumped.size() - 2);
}

std::string fill(const aws::events::InputTransformer& t, const InputJson& event, const RuleFacts& rule) {
  const std::string& form = *t.InputTemplate;
  std::string out;
  bool quoted = false;
  for (size_t i = 0; i < form.size(); ++i) {
    char c = form[i];
    if (c == '\\' && quoted && i + 1 < form.size()) {
      out += c;
      out += form[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    size_t end = c == '<' ? form.find('>', i) : form.npos;
    if (end == form.npos) {
      out += c;
      continue;
    }
    // A path that leads nowhere makes no variable, and nothing appears in its place.
    if (auto value = variable(form.substr(i + 1, end - i - 1), t, event, rule))
      out += quoted ? inside_text(*value) : value->dump();
    i = end;
  }
  return out;
}

std::unexpected<Error> bad_input(std::string_view why) { return aws_error("ValidationException", why, 400); }

}  // namespace

Result<> check_input(const aws::events::Target& t) {
  int forms = (t.Input ? 1 : 0) + (t.InputPath ? 1 : 0) + (t.InputTransformer ? 1 : 0);
  if (forms > 1)
    return bad_input(
        fmt::format("Only one of Input, InputPath, or InputTransformer must be provided for target {}.",
                    t.Id.value_or("")));
  if (t.Input && InputJson::parse(*t.Input, nullptr, false).is_discarded())
    return bad_input(fmt::format("JSON syntax error in input for target {}.", t.Id.value_or("")));
  if (t.InputPath && !path_steps(*t.InputPath))
    return bad_input(fmt::format("Invalid InputPath for target {}.", t.Id.value_or("")));
  if (!t.InputTransformer || !t.InputTransformer->InputPathsMap) return {};
  for (auto& [name, path] : *t.InputTransformer->InputPathsMap) {
    if (name.starts_with("AWS") || name.starts_with("aws"))
      return bad_input(
          fmt::format("InputPathsMap of target {} may not begin a name with AWS.", t.Id.value_or("")));
    if (!path_steps(path))
      return bad_input(fmt::format("Invalid InputPathsMap for target {}: {}", t.Id.value_or(""), path));
  }
  return {};
}

std::string input_for(const aws::events::Target& t, const InputJson& event, const RuleFacts& rule) {
  if (t.Input) return *t.Input;
  if (t.InputTransformer) return fill(*t.InputTransformer, event, rule);
  if (!t.InputPath) return event.dump();
  const InputJson* part = at_path(event, *t.InputPath);
  return part ? part->dump() : "null";
}

}  // namespace relight::sandbox::rules
