#include "sandbox/services/ecr/lifecycle_policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::ecr {
namespace {
using PolicyJson = nlohmann::json;

std::unexpected<Error> bad_lifecycle(const std::string& why) {
  return aws_error(
      "InvalidParameterException",
      "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy "
      "validation failure: " +
          why + "'");
}

// '*' is any number of characters.
bool lifecycle_pattern(std::string_view pattern, std::string_view text) {
  auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  auto rest = pattern.substr(star + 1);
  for (size_t at = star; at <= text.size(); ++at)
    if (lifecycle_pattern(rest, text.substr(at))) return true;
  return false;
}

Result<std::vector<std::string>> lifecycle_words(const PolicyJson& selection, const char* key) {
  std::vector<std::string> out;
  auto it = selection.find(key);
  if (it == selection.end()) return out;
  if (!it->is_array() || it->empty())
    return bad_lifecycle(std::string(key) + " must be a list that is not empty");
  for (auto& w : *it) {
    if (!w.is_string() || w.get<std::string>().empty())
      return bad_lifecycle(std::string(key) + " must be a list of strings");
    out.push_back(w);
  }
  return out;
}

int lifecycle_number(const PolicyJson& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_number_integer() ? it->get<int>() : 0;
}

Result<> lifecycle_count(const PolicyJson& selection, LifecycleRule& r) {
  auto type = selection.value("countType", PolicyJson());
  r.by_count = type == "imageCountMoreThan";
  if (!r.by_count && type != "sinceImagePushed")
    return bad_lifecycle("countType must be imageCountMoreThan or sinceImagePushed");
  bool unit = selection.contains("countUnit");
  if (r.by_count && unit) return bad_lifecycle("countUnit is not allowed with imageCountMoreThan");
  if (!r.by_count && selection.value("countUnit", PolicyJson()) != "days")
    return bad_lifecycle("countUnit must be days");
  r.number = lifecycle_number(selection, "countNumber");
  if (r.number < 1) return bad_lifecycle("countNumber must be a positive number");
  return {};
}

Result<LifecycleRule> lifecycle_rule(const PolicyJson& j) {
  if (!j.is_object()) return bad_lifecycle("a rule must be an object");
  LifecycleRule r{.priority = lifecycle_number(j, "rulePriority")};
  if (r.priority < 1) return bad_lifecycle("rulePriority must be a positive number");
  auto selection = j.value("selection", PolicyJson());
  if (!selection.is_object()) return bad_lifecycle("a rule must have a selection");
  auto action = j.value("action", PolicyJson());
  if (!action.is_object() || action.value("type", PolicyJson()) != "expire")
    return bad_lifecycle("the type of an action must be expire");
  auto status = selection.value("tagStatus", PolicyJson());
  if (status == "tagged")
    r.status = LifecycleRule::Status::kTagged;
  else if (status == "untagged")
    r.status = LifecycleRule::Status::kUntagged;
  else if (status != "any")
    return bad_lifecycle("tagStatus must be tagged, untagged or any");
  TRY_ASSIGN(r.prefixes, lifecycle_words(selection, "tagPrefixList"));
  TRY_ASSIGN(r.patterns, lifecycle_words(selection, "tagPatternList"));
  bool named = !r.prefixes.empty() || !r.patterns.empty();
  if (named != (r.status == LifecycleRule::Status::kTagged) || (!r.prefixes.empty() && !r.patterns.empty()))
    return bad_lifecycle("tagStatus tagged wants one of tagPrefixList and tagPatternList, the others none");
  for (auto& p : r.patterns)
    if (std::ranges::count(p, '*') > 4) return bad_lifecycle("a pattern has at most four '*'");
  TRY(lifecycle_count(selection, r));
  return r;
}

// "The set of rules must contain a unique set of tag prefixes", one rule for untagged images, and `any` last.
Result<> lifecycle_together(const std::vector<LifecycleRule>& rules) {
  std::set<std::vector<std::string>> words;
  int untagged = 0;
  for (size_t i = 0; i < rules.size(); ++i) {
    auto& r = rules[i];
    if (i && rules[i - 1].priority == r.priority) return bad_lifecycle("rulePriority must be unique");
    if (r.status == LifecycleRule::Status::kAny && i + 1 != rules.size())
      return bad_lifecycle("a rule for any image must have the highest rulePriority");
    untagged += r.status == LifecycleRule::Status::kUntagged;
    auto of = r.prefixes.empty() ? r.patterns : r.prefixes;
    std::ranges::sort(of);
    if (!of.empty() && !words.insert(std::move(of)).second)
      return bad_lifecycle("two rules have the same tagPrefixList or tagPatternList");
  }
  if (untagged > 1) return bad_lifecycle("only one rule may select untagged images");
  return {};
}

bool lifecycle_matches(const LifecycleRule& r, const LifecycleImage& i) {
  if (r.status == LifecycleRule::Status::kAny) return true;
  if (r.status == LifecycleRule::Status::kUntagged) return i.tags.empty();
  auto met = [&](auto&& test) { return std::ranges::any_of(i.tags, test); };
  return std::ranges::all_of(r.prefixes,
                             [&](auto& p) { return met([&](auto& t) { return t.starts_with(p); }); }) &&
         std::ranges::all_of(r.patterns,
                             [&](auto& p) { return met([&](auto& t) { return lifecycle_pattern(p, t); }); });
}

}  // namespace

Result<std::vector<LifecycleRule>> lifecycle_rules(const std::string& text) {
  auto doc = PolicyJson::parse(text, nullptr, false);
  if (!doc.is_object() || !doc.contains("rules") || !doc["rules"].is_array())
    return bad_lifecycle("string [" + text.substr(0, 40) + "] does not match the expected schema");
  if (doc["rules"].empty() || doc["rules"].size() > 50) return bad_lifecycle("a policy has 1 to 50 rules");
  std::vector<LifecycleRule> rules;
  for (auto& j : doc["rules"]) {
    TRY_ASSIGN(auto r, lifecycle_rule(j));
    rules.push_back(std::move(r));
  }
  std::ranges::stable_sort(rules, {}, &LifecycleRule::priority);
  TRY(lifecycle_together(rules));
  return rules;
}

std::vector<Expiring> expiring(const std::vector<LifecycleRule>& rules, std::vector<LifecycleImage> images,
                               Instant now) {
  std::ranges::stable_sort(images, std::greater{}, &LifecycleImage::pushed);  // youngest first
  std::vector<Expiring> out;
  std::set<std::string> owned;  // an image that meets a rule's tags is out of reach of the rules after it
  for (auto& r : rules) {
    int seen = 0;
    std::vector<std::string> met;
    for (auto& i : images) {
      if (!lifecycle_matches(r, i)) continue;
      met.push_back(i.digest);
      bool over = r.by_count ? ++seen > r.number : i.pushed + std::chrono::days(r.number) < now;
      if (over && !owned.contains(i.digest) && !i.referenced) out.push_back({i.digest, r.priority});
    }
    owned.insert(met.begin(), met.end());
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace relight::sandbox::ecr
