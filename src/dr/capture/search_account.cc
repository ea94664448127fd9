// What Application Auto Scaling, EventBridge and Service Quotas know of captured resources. Each is asked
// only if the application has something that it could know of.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/capture/ask.h"
#include "dr/capture/kind.h"
#include "dr/capture/pointer.h"
#include "dr/capture/search.h"

namespace relight::dr {
namespace {
using AccountJson = nlohmann::json;
using SeenResources = std::vector<Resource>;

std::vector<ResourceKey> keys_of(const SeenResources& captured, std::initializer_list<std::string_view> kinds) {
  std::vector<ResourceKey> out;
  for (auto& r : captured)
    if (std::ranges::find(kinds, r.key.kind) != kinds.end()) out.push_back(r.key);
  return out;
}

void unseen_at(const std::vector<ResourceKey>& keys, const std::string& part, const Error& e, Searched& out) {
  for (auto& k : keys) out.unseen[k].push_back({part, why(e)});
}

// "service/lamp/web" of arn:aws:ecs:REGION:ACCOUNT:service/lamp/web: Application Auto Scaling's name for it.
std::string scaled_name(const ResourceKey& service) { return service.id.substr(service.id.rfind(':') + 1); }

// The elements of a list by the resource that they belong to.
std::map<std::string, AccountJson> by_resource(const AccountJson& list) {
  std::map<std::string, AccountJson> out;
  for (auto& e : list) {
    auto& mine = out[member_text(e, "ResourceId")];
    if (mine.is_null()) mine = AccountJson::array();
    mine.push_back(e);
  }
  return out;
}

// What a rule's target is captured under.
ResourceKey key_named(const std::string& arn) {
  auto kind = kind_named("arn", arn);
  auto* k = find_kind(kind);
  return {kind, k ? id_of(*k, arn) : arn};
}

struct QuotaOf {
  std::string_view kind, quota;  // the kind of resource that it bounds
};
// Service code / quota code, as ListServiceQuotas names them: Fargate On-Demand vCPU resource count; DB
// instances; Application Load Balancers per Region; VPCs per Region; Concurrent executions.
constexpr std::array kQuotas{
    QuotaOf{"ecs/service", "fargate/L-3032A538"}, QuotaOf{"rds/db-instance", "rds/L-7B6409FD"},
    QuotaOf{"elbv2/load-balancer", "elasticloadbalancing/L-53DA6B97"}, QuotaOf{"ec2/vpc", "vpc/L-F678F1CE"},
    QuotaOf{"lambda/function", "lambda/L-B99A9384"}};

void read_rules(const Walk& w, const std::string& bus, const AccountJson& rules,
                const std::set<ResourceKey>& ours, const std::vector<ResourceKey>& all, Searched& out) {
  for (auto& rule : rules) {
    auto name = member_text(rule, "Name");
    AccountJson input{{"Rule", name}, {"EventBusName", bus}};
    auto targets = ask(w, "events", "ListTargetsByRule", input.dump());
    if (!targets) {
      unseen_at(all, "events/rule " + name, targets.error(), out);
      continue;
    }
    Pointing p{{"events/rule", member_text(rule, "Arn")}, "", {}};
    for (auto& t : member_list(*targets, "Targets"))
      if (auto key = key_named(member_text(t, "Arn")); ours.contains(key)) p.uses.push_back(key);
    if (p.uses.empty()) continue;
    if (!member_text(rule, "ManagedBy").empty()) {
      out.left_out.push_back({p.key, "an AWS service made it and keeps it"});
      continue;
    }
    auto whole = rule;
    whole["Targets"] = member_list(*targets, "Targets");
    p.properties = whole.dump();
    out.found.push_back(std::move(p));
  }
}

}  // namespace

Searched targets_of(const Walk& w, const SeenResources& captured) {
  Searched out;
  auto services = keys_of(captured, {"ecs/service"});
  if (services.empty()) return out;
  auto targets = ask(w, "applicationautoscaling", "DescribeScalableTargets", R"({"ServiceNamespace":"ecs"})");
  if (!targets) {
    unseen_at(services, "applicationautoscaling/scalable-target", targets.error(), out);
    return out;
  }
  auto found = by_resource(member_list(*targets, "ScalableTargets"));
  std::erase_if(services, [&](auto& s) { return !found.contains(scaled_name(s)); });
  if (services.empty()) return out;
  auto policies =
      ask(w, "applicationautoscaling", "DescribeScalingPolicies", R"({"ServiceNamespace":"ecs"})");
  auto actions =
      ask(w, "applicationautoscaling", "DescribeScheduledActions", R"({"ServiceNamespace":"ecs"})");
  auto policies_of = policies ? by_resource(member_list(*policies, "ScalingPolicies"))
                              : std::map<std::string, AccountJson>{};
  auto actions_of =
      actions ? by_resource(member_list(*actions, "ScheduledActions")) : std::map<std::string, AccountJson>{};
  for (auto& s : services) {
    auto name = scaled_name(s);
    for (auto& target : found[name]) {
      Pointing p{{"applicationautoscaling/scalable-target", name}, "", {s}};
      auto whole = target;
      if (auto it = policies_of.find(name); it != policies_of.end()) whole["Policies"] = it->second;
      if (auto it = actions_of.find(name); it != actions_of.end()) whole["ScheduledActions"] = it->second;
      if (!policies) p.unknown.push_back({"Policies", why(policies.error())});
      if (!actions) p.unknown.push_back({"ScheduledActions", why(actions.error())});
      p.properties = whole.dump();
      out.found.push_back(std::move(p));
    }
  }
  return out;
}

Searched rules_of(const Walk& w, const SeenResources& captured) {
  Searched out;
  auto all = keys_of(captured, {"ecs/cluster", "lambda/function", "sqs/queue", "sns/topic"});
  if (all.empty()) return out;
  std::set<ResourceKey> ours(all.begin(), all.end());
  auto buses = ask(w, "events", "ListEventBuses", "{}");
  if (!buses) {
    unseen_at(all, "events/rule", buses.error(), out);
    return out;
  }
  for (auto& bus : member_list(*buses, "EventBuses")) {
    auto name = member_text(bus, "Name");
    auto rules = ask(w, "events", "ListRules", AccountJson{{"EventBusName", name}}.dump());
    if (rules)
      read_rules(w, name, member_list(*rules, "Rules"), ours, all, out);
    else
      unseen_at(all, "events/rule of bus " + name, rules.error(), out);
  }
  return out;
}

Searched quotas_of(const Walk&, const SeenResources& captured) {
  Searched out;
  for (auto& q : kQuotas)
    if (std::ranges::any_of(captured, [&](auto& r) { return r.key.kind == q.kind; }))
      out.found.push_back({{"servicequotas/quota", std::string(q.quota)}, "", {}});
  return out;
}

}  // namespace relight::dr
