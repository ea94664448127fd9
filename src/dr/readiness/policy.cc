#include "dr/readiness/policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/wildcard.h"
#include "dr/readiness/estate.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

Json read(std::string_view document) {
  auto j = Json::parse(document, nullptr, false);
  return j.is_discarded() ? Json::parse(percent_decoded(document), nullptr, false) : j;
}

std::vector<Json> statements(const Json& document) {
  auto& s = at_or_null(document, "/Statement");
  if (s.is_object()) return {s};
  return s.is_array() ? s.get<std::vector<Json>>() : std::vector<Json>{};
}

// One string or a list of them.
std::vector<std::string> one_or_many(const Json& j) {
  std::vector<std::string> out;
  if (j.is_string()) out.push_back(j.get<std::string>());
  if (j.is_array())
    for (auto& e : j)
      if (e.is_string()) out.push_back(e.get<std::string>());
  return out;
}

bool everybody(const Json& statement) {
  auto& p = at_or_null(statement, "/Principal");
  return p == "*" ||
         std::ranges::any_of(one_or_many(at_or_null(p, "/AWS")), [](auto& s) { return s == "*"; });
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool code = text[i] == '%' && i + 2 < text.size() &&
                std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (code) {
      out += char(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

PolicyDocument::PolicyDocument(std::string_view document) {
  for (auto& s : statements(read(document))) {
    auto effect = text_at(s, "/Effect");
    statements_.push_back({one_or_many(at_or_null(s, "/Action")), one_or_many(at_or_null(s, "/Resource")),
                           effect == "Allow", effect == "Deny", s.contains("Condition"), everybody(s)});
  }
}

bool PolicyDocument::Statement::on(std::string_view resource) const {
  return std::ranges::any_of(resources, [&](auto& p) { return wildcard_match(p, resource, false); });
}

bool PolicyDocument::allows(std::string_view action, std::string_view resource, bool to_all) const {
  bool allowed = false;
  for (auto& s : statements_) {
    bool names = std::ranges::any_of(s.actions, [&](auto& p) { return wildcard_match(p, action, true); });
    if (!names || !s.on(resource)) continue;
    if (s.deny) return false;
    allowed |= s.allow && !s.conditional && (!to_all || s.everybody);
  }
  return allowed;
}

std::vector<std::string> PolicyDocument::actions_on(std::string_view resource) const {
  std::vector<std::string> out;
  for (auto& s : statements_)
    if (s.allow && s.on(resource)) out.insert(out.end(), s.actions.begin(), s.actions.end());
  return out;
}

bool allows(std::string_view document, std::string_view action, std::string_view resource, bool to_all) {
  return PolicyDocument(document).allows(action, resource, to_all);
}

std::vector<std::string> actions_on(std::string_view document, std::string_view resource) {
  return PolicyDocument(document).actions_on(resource);
}

}  // namespace relight::dr
