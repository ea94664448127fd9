#include "dr/planning/iam_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <ranges>
#include <set>

#include "aws/action_names.h"
#include "dr/planning/iam_split.h"

namespace relight::dr {
namespace {
using PolicyJson = nlohmann::ordered_json;

constexpr size_t kPoliciesOfARole = 10;  // managed ones attached, unless AWS was asked for more

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(' ', at), text.size());
    if (end > at) out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// What one statement's actions have in common.
struct Condition {
  std::string key, value;  // beyond the region; empty: none
  auto operator<=>(const Condition&) const = default;
};
struct Permit {
  std::set<std::string> resources, regions, labels;
};
using Permits = std::map<std::pair<std::string, Condition>, Permit>;  // of an action

auto other_actions(std::string_view service, std::string_view operation) {
  return iam_actions() |
         std::views::filter([=](auto& a) { return a.service == service && a.operation == operation; });
}

class Collector {
 public:
  explicit Collector(const IamPicture& p) : picture_(p), names_(p) {}
  void part(const IamPart& p);
  Result<> types(bool lit_only);
  void add(const Collector& other);
  const Permits& permits() const { return permits_; }
  bool unverified() const { return unverified_; }

 private:
  void permit(const std::string& action, IamScope scope, IamSide side, Condition c = {});
  bool wanted(const IamType& t, bool lit_only) const;

  const IamPicture& picture_;
  IamNames names_;
  Permits permits_;
  bool unverified_ = false;
};

// Global services are asked in one region whatever the application's are; ListAllMyBuckets names all regions'
// buckets
// ("AWS: Denies access to AWS based on the requested Region", IAM User Guide, leaves the former out;
// `unverified` in which region the latter is asked).
bool without_region(const std::string& action) {
  return action.starts_with("iam:") || action.starts_with("route53:") || action == "s3:ListAllMyBuckets" ||
         action == "pricing:GetProducts";  // asked in us-east-1 alone
}

void Collector::permit(const std::string& action, IamScope scope, IamSide side, Condition c) {
  auto resources = names_.of(scope, side);
  if (resources.empty()) return;
  auto& p = permits_[{action, std::move(c)}];
  p.labels.insert(std::string(words_of(scope).label));
  p.resources.insert(resources.begin(), resources.end());
  if (scope != IamScope::kAny || without_region(action)) return;
  if (side != IamSide::kRecovery) p.regions.insert(names_.region(false));
  if (side != IamSide::kPrimary) p.regions.insert(names_.region(true));
}

void Collector::part(const IamPart& p) {
  if (p.name.ends_with("-journal") && picture_.config.coordination.bucket.empty()) return;
  for (auto& c : p.calls) {
    permit(aws::action_of(c.service, c.operation), c.scope, c.side);
    if (names_.of(c.scope, c.side).empty()) continue;
    for (auto& other : other_actions(c.service, c.operation))
      permit(std::string(other.also), other.also_on, c.side,
             {std::string(other.key), std::string(other.value)});
  }
}

// Without a pilot whatever synth could write.
bool Collector::wanted(const IamType& t, bool lit_only) const {
  constexpr std::array<std::string_view, 3> kLit{"AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::Route"};
  if (!picture_.pilot) return !lit_only || std::ranges::find(kLit, t.type) != kLit.end();
  return std::ranges::any_of(picture_.pilot->resources, [&](const PilotResource& r) {
    if (r.type != t.type || (lit_only && r.condition != kLitCondition)) return false;
    return t.property.empty() || PolicyJson::parse(r.properties, nullptr, false).contains(t.property);
  });
}

// Of what the pilot has; `lit_only`: of what stands under the condition IsLit.
Result<> Collector::types(bool lit_only) {
  if (picture_.pilot)
    for (auto& r : picture_.pilot->resources)
      if ((!lit_only || r.condition == kLitCondition) &&
          std::ranges::find(iam_types(), r.type, &IamType::type) == iam_types().end())
        return fail(Error{.code = "Iam.Type",
                          .message = "it is not known which actions CloudFormation takes for " + r.type,
                          .tried = "derive the policy of deploy",
                          .resource = r.id});
  for (auto& t : iam_types()) {
    if (!wanted(t, lit_only)) continue;
    unverified_ |= !t.verified;
    for (auto& action : words(t.actions))
      permit(action, t.scope, IamSide::kRecovery, {std::string(t.key), std::string(t.value)});
  }
  return {};
}

// Those that another pattern matches too are left out.
std::set<std::string> pruned(const std::set<std::string>& all) {
  std::set<std::string> out;
  for (auto& r : all)
    if (std::ranges::none_of(all, [&](auto& o) { return o != r && pattern_covers(o, r); })) out.insert(r);
  return out;
}

void Collector::add(const Collector& other) {
  for (auto& [what, theirs] : other.permits_) {
    auto& ours = permits_[what];
    for (auto set : {&Permit::resources, &Permit::regions, &Permit::labels})
      (ours.*set).insert((theirs.*set).begin(), (theirs.*set).end());
  }
}

struct Group {
  std::string service;
  Condition condition;
  std::set<std::string> resources, regions;
  auto operator<=>(const Group&) const = default;
};
struct Members {
  std::set<std::string> actions, labels;
};

std::string with_capital(std::string service) {
  service.front() = char(std::toupper(service.front()));
  return service;
}

// Letters and digits alone, unique in the document ("IAM JSON policy elements: Sid").
std::string sid(const Group& g, const Members& m, std::set<std::string>& taken) {
  auto base = with_capital(g.service);
  for (auto& l : m.labels) base += l;
  if (!g.condition.value.empty())
    base += with_capital(g.condition.value.substr(0, g.condition.value.find('.')));
  std::erase_if(base, [](unsigned char c) { return !std::isalnum(c); });
  auto out = base;
  for (int n = 2; !taken.insert(out).second; ++n) out = base + std::to_string(n);
  return out;
}

PolicyJson one_or_list(const std::set<std::string>& texts) {
  if (texts.size() == 1) return *texts.begin();
  return texts;
}

PolicyJson policy_statement(const Group& g, const Members& m, std::set<std::string>& taken) {
  PolicyJson s{{"Sid", sid(g, m, taken)},
               {"Effect", "Allow"},
               {"Action", one_or_list(m.actions)},
               {"Resource", one_or_list(g.resources)}};
  PolicyJson equals = PolicyJson::object();
  if (!g.regions.empty()) equals["aws:RequestedRegion"] = one_or_list(g.regions);
  if (!g.condition.key.empty()) equals[g.condition.key] = g.condition.value;
  if (!equals.empty()) s["Condition"] = {{"StringEquals", equals}};
  return s;
}

PolicyJson policy_document(const Permits& permits) {
  std::map<Group, Members> groups;
  for (auto& [what, permit] : permits) {
    auto& action = what.first;
    auto regions = permit.regions.contains("*") ? std::set<std::string>{} : permit.regions;
    Group g{action.substr(0, action.find(':')), what.second, pruned(permit.resources), regions};
    if (!g.resources.contains("*")) g.regions.clear();
    auto& m = groups[g];
    m.actions.insert(action);
    m.labels.insert(permit.labels.begin(), permit.labels.end());
  }
  PolicyJson statements = PolicyJson::array();
  std::set<std::string> taken;
  for (auto& [g, m] : groups) statements.push_back(policy_statement(g, m, taken));
  return {{"Version", "2012-10-17"}, {"Statement", statements}};
}

Result<std::set<const IamVerb*>> named_verbs(const std::vector<std::string>& names) {
  std::set<const IamVerb*> out;
  std::string all;
  for (auto& v : iam_verbs())
    if (v.why.empty()) all += (all.empty() ? "" : ", ") + std::string(v.name);
  for (auto& name : names) {
    auto it = std::ranges::find(iam_verbs(), name, &IamVerb::name);
    if (it == iam_verbs().end() || !it->why.empty())
      return fail(Error{.code = it == iam_verbs().end() ? "Usage.Verb" : "Usage.NoPolicy",
                        .message = it == iam_verbs().end() ? "there is no verb '" + name + "'"
                                                           : fmt::format("{}: {}", name, it->why),
                        .tried = "derive its policy",
                        .next = "the verbs: " + all});
    out.insert(&*it);
  }
  if (!out.empty()) return out;
  return fail(Error{.code = "Usage.Verb",
                    .message = "no verb was named",
                    .tried = "derive a policy",
                    .next = "the verbs: " + all});
}

std::vector<std::string> notes_of(const IamPicture& p, bool deploys, bool walks, const Collector& c,
                                  const IamPolicy& policy) {
  std::vector<std::string> out;
  if (p.config.application.empty())
    out.push_back("no relight.yaml was read: nothing is narrowed to an application, region or account");
  else if (!p.captured && !c.permits().empty())
    out.push_back("the application is not captured: in " + p.config.primary.region +
                  " only what relight.yaml names is narrowed, the rest is its whole region; run this again "
                  "after 'relight "
                  "capture'");
  else if (walks)
    out.push_back(
        "narrowed to what was captured: what is added to the application later is unknown to 'relight "
        "capture' until this is run again");
  if (deploys && !p.pilot)
    out.push_back(
        "the pilot cannot be planned yet: every type that 'relight synth' can write is in, whatever its "
        "name");
  if (deploys && c.unverified())
    out.push_back(
        "unverified: what CloudFormation needs for some types is taken from the API reference, not from the "
        "type's own handlers (docs/iam.md names them)");
  if (c.permits().empty())
    out.push_back("these verbs call nothing of AWS; IAM takes no document without a statement");
  if (policy.pieces.size() > 1)
    out.push_back(fmt::format(
        "{} characters, and a managed policy may have {}: cut into {} documents, which together permit it; "
        "make a "
        "policy of each and attach all ('--out DIR' writes a file each){}",
        policy.compact.size() - 1, kManagedPolicyMax, policy.pieces.size(),
        policy.pieces.size() > kPoliciesOfARole
            ? fmt::format("; a role may have {} unless AWS grants more: give verbs roles of their own",
                          kPoliciesOfARole)
            : ""));
  for (auto& piece : policy.pieces)
    if (piece.compact.size() - 1 > kManagedPolicyMax)
      out.push_back(fmt::format("a document of {} characters cannot be cut further: IAM will refuse it",
                                piece.compact.size() - 1));
  return out;
}

}  // namespace

std::vector<std::string> iam_actions_of(std::string_view service, std::string_view operation) {
  std::vector<std::string> out{aws::action_of(service, operation)};
  for (auto& other : other_actions(service, operation)) out.emplace_back(other.also);
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<IamPolicy> iam_policy(const std::vector<std::string>& verbs, const IamPicture& picture) {
  TRY_ASSIGN(auto named, named_verbs(verbs));
  // Nothing but the regions and whose account it is: `init` makes up the application's name, and its stacks'
  // with it.
  IamPicture wide{{}, {}, nullptr, nullptr, IamNames(picture).account()};
  wide.config.primary.region = picture.config.primary.region;
  wide.config.recovery.region = picture.config.recovery.region;
  Collector collector(picture), discoverer(wide);
  std::set<std::string> parts, discovering;
  bool deploys = false, lights = false;
  for (auto* v : named) {
    for (auto& p : words(v->parts)) (v->discovers ? discovering : parts).insert(p);
    deploys |= v->deploys;
    lights |= v->lights;
  }
  for (auto& p : iam_parts()) {
    if (parts.contains(std::string(p.name))) collector.part(p);
    if (discovering.contains(std::string(p.name))) discoverer.part(p);
  }
  if (deploys || lights) TRY(collector.types(!deploys));
  collector.add(discoverer);
  IamPolicy out;
  auto document = policy_document(collector.permits());
  out.document = document.dump(2) + "\n";
  out.compact = document.dump() + "\n";
  for (auto& piece : split_policy(document, kManagedPolicyMax))
    out.pieces.push_back({piece.dump(2) + "\n", piece.dump() + "\n"});
  out.notes = notes_of(picture, deploys, parts.contains("walk"), collector, out);
  return out;
}

}  // namespace relight::dr
