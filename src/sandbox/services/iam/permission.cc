#include "sandbox/services/iam/permission.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/wildcard.h"

namespace relight::sandbox {
namespace {

using PolicyJson = nlohmann::json;

std::string folded(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::vector<std::string> texts_of(const PolicyJson& j) {
  std::vector<std::string> out;
  auto add = [&](const PolicyJson& one) {
    if (one.is_string()) out.push_back(one.get<std::string>());
    if (one.is_boolean()) out.push_back(one.get<bool>() ? "true" : "false");
    if (one.is_number()) out.push_back(one.dump());
  };
  if (j.is_array())
    for (auto& one : j) add(one);
  else
    add(j);
  return out;
}

// An ARN's six parts are matched each for itself: a '*' in one does not reach over a colon into the next,
// unless the pattern ends there ("IAM JSON policy elements: Resource"). The last part is whatever remains.
bool arn_matches(std::string_view pattern, std::string_view text) {
  for (int part = 0; part < 5; ++part) {
    size_t p = pattern.find(':'), t = text.find(':');
    if (p == pattern.npos) return part > 0 && pattern.ends_with('*') && wildcard_match(pattern, text);
    if (t == text.npos) return false;
    if (!wildcard_match(pattern.substr(0, p), text.substr(0, t))) return false;
    pattern.remove_prefix(p + 1);
    text.remove_prefix(t + 1);
  }
  return wildcard_match(pattern, text);
}

struct Comparison {
  std::string_view name;
  bool negated, fold, wild, arn;
};
constexpr Comparison kComparisons[] = {
    {"stringequals", false, false, false, false},
    {"stringnotequals", true, false, false, false},
    {"stringequalsignorecase", false, true, false, false},
    {"stringnotequalsignorecase", true, true, false, false},
    {"stringlike", false, false, true, false},
    {"stringnotlike", true, false, true, false},
    {"arnequals", false, false, true, true},
    {"arnlike", false, false, true, true},
    {"arnnotequals", true, false, true, true},
    {"arnnotlike", true, false, true, true},
    {"bool", false, true, false, false},
};

bool one_matches(const Comparison& c, const std::string& wanted, const std::string& had) {
  if (c.arn) return arn_matches(wanted, had);
  if (c.wild) return wildcard_match(wanted, had);
  return c.fold ? folded(wanted) == folded(had) : wanted == had;
}

// One operator's verdict on one key. nullopt: the operator is not understood here.
std::optional<bool> compare(std::string op, const std::vector<std::string>& wanted, const std::string* had) {
  op = folded(op);
  if (op == "null") {
    if (wanted.size() != 1) return std::nullopt;
    return (folded(wanted[0]) == "true") == (had == nullptr);
  }
  bool if_exists = op.ends_with("ifexists");
  if (if_exists) op.resize(op.size() - 8);
  auto c =
      std::find_if(std::begin(kComparisons), std::end(kComparisons), [&](auto& k) { return k.name == op; });
  if (c == std::end(kComparisons)) return std::nullopt;
  for (auto& w : wanted)
    if (w.find("${") != w.npos) return std::nullopt;  // policy variables
  if (!had) return if_exists || c->negated;
  bool any = std::any_of(wanted.begin(), wanted.end(), [&](auto& w) { return one_matches(*c, w, *had); });
  return any != c->negated;
}

// nullopt: something in it is not understood.
std::optional<bool> conditions_hold(const PolicyJson& statement, const Ask& ask) {
  auto conditions = statement.find("Condition");
  if (conditions == statement.end()) return true;
  if (!conditions->is_object()) return std::nullopt;
  std::map<std::string, const std::string*> keys;
  for (auto& [name, value] : ask.keys) keys[folded(name)] = &value;
  bool all = true;
  for (auto& [op, entries] : conditions->items()) {
    if (!entries.is_object()) return std::nullopt;
    for (auto& [name, wanted] : entries.items()) {
      auto had = keys.find(folded(name));
      auto held = compare(op, texts_of(wanted), had == keys.end() ? nullptr : had->second);
      if (!held) return std::nullopt;
      all = all && *held;
    }
  }
  return all;
}

bool names_action(const PolicyJson& statement, const std::string& action) {
  bool negated = statement.contains("NotAction");
  auto patterns = texts_of(statement.value(negated ? "NotAction" : "Action", PolicyJson()));
  bool any =
      std::any_of(patterns.begin(), patterns.end(), [&](auto& p) { return wildcard_match(p, action, true); });
  return any != negated;
}

// nullopt: a policy variable stands in it.
std::optional<bool> names_resource(const PolicyJson& statement, const std::string& resource) {
  bool negated = statement.contains("NotResource");
  bool any = false;
  for (auto& p : texts_of(statement.value(negated ? "NotResource" : "Resource", PolicyJson()))) {
    if (p.find("${") != p.npos) return std::nullopt;
    any = any || p == "*" || arn_matches(p, resource);
  }
  return any != negated;
}

// Whether the statement speaks of this request; what is not understood does so in a Deny alone.
bool applies(const PolicyJson& statement, const Ask& ask, bool deny) {
  if (!names_action(statement, ask.action)) return false;
  auto resource = names_resource(statement, ask.resource);
  auto conditions = conditions_hold(statement, ask);
  if (resource == false || conditions == false) return false;
  return deny || (resource && conditions);
}

}  // namespace

Answer judge(const std::vector<std::string>& documents, const Ask& ask) {
  Answer answer = Answer::kNotAllowed;
  for (auto& text : documents) {
    auto j = PolicyJson::parse(text, nullptr, false);
    if (!j.is_object() || !j.contains("Statement")) continue;
    auto statements = j["Statement"].is_array() ? j["Statement"] : PolicyJson::array({j["Statement"]});
    for (auto& s : statements) {
      if (!s.is_object()) continue;
      bool deny = s.value("Effect", "") == "Deny";
      if (!applies(s, ask, deny)) continue;
      if (deny) return Answer::kDenied;
      answer = Answer::kAllowed;
    }
  }
  return answer;
}

}  // namespace relight::sandbox
