#include "dr/readiness/pairs.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace relight::dr {
namespace {

void cut(std::string& s, std::string_view word) {
  if (word.empty()) return;
  for (size_t at; (at = s.find(word)) != s.npos;) s.erase(at, word.size());
}

// "-1ABCDEFGHIJK" at the end, as CloudFormation makes names unique.
void cut_suffix(std::string& s) {
  auto dash = s.rfind('-');
  if (dash == s.npos || s.size() - dash < 9) return;
  auto tail = std::string_view(s).substr(dash + 1);
  bool digit = std::ranges::any_of(tail, [](unsigned char c) { return std::isdigit(c); });
  if (digit && std::ranges::all_of(tail, [](unsigned char c) { return std::isalnum(c); })) s.erase(dash);
}

// "arn:…:loadbalancer/app/NAME/0123" and "…:targetgroup/NAME/0123": NAME.
std::string name_in(std::string_view id) {
  auto slash = id.rfind('/');
  bool balancing = id.find("loadbalancer/") != id.npos || id.find("targetgroup/") != id.npos;
  return last_word(balancing && slash != id.npos ? id.substr(0, slash) : id);
}

// What stands for `i` by what is known of it: the id in the recovery region, or "".
using Hint = std::function<std::string(const Item&)>;

std::vector<Pair> pair_up(const Config& c, const std::vector<Item>& primary,
                          const std::vector<Item>& recovery, const Hint& hint) {
  std::vector<Pair> out;
  std::set<const Resource*> taken;
  for (auto& p : primary) out.push_back({p, {}});
  // Names are made once a resource: an application may have thousands of a kind.
  using Name = std::function<std::vector<std::string>(const Item&)>;
  auto match = [&](const Hint& wanted, const Name& names) {
    std::multimap<std::string, Item> named;
    for (auto& r : recovery)
      for (auto& name : names(r)) named.emplace(name, r);
    for (auto& pair : out) {
      auto name = pair.recovery ? "" : wanted(pair.primary);
      if (name.empty()) continue;
      for (auto [it, end] = named.equal_range(name); it != end && !pair.recovery; ++it)
        if (taken.insert(it->second.resource).second) pair.recovery = it->second;
    }
  };
  match(hint, [](const Item& r) { return std::vector{r.id(), last_word(r.id())}; });
  auto bare = [&](const Item& i) { return bare_name(c, i.id()); };
  match(bare, [&](const Item& r) { return std::vector{bare(r)}; });
  if (out.size() == 1 && recovery.size() == 1 && !out[0].recovery) out[0].recovery = recovery[0];
  return out;
}

std::string if_same(const std::string& known, const Item& i, const std::string& other) {
  return !known.empty() && (known == i.id() || known == last_word(i.id())) ? other : "";
}

}  // namespace

std::string last_word(std::string_view id) { return std::string(id.substr(id.find_last_of(":/") + 1)); }

std::string bare_name(const Config& c, std::string_view id) {
  auto name = name_in(id);
  cut_suffix(name);
  for (auto* side : {&c.primary, &c.recovery}) {
    cut(name, side->stack);
    cut(name, side->region);
  }
  std::string out;
  for (unsigned char ch : name)
    if (std::isalnum(ch)) out += char(std::tolower(ch));
  return out;
}

std::vector<Pair> database_pairs(const Picture& p) {
  std::vector<Item> sources;
  for (auto& i : p.primary.all("rds/db-instance"))
    if (text_at(*i.properties, "/ReadReplicaSourceDBInstanceIdentifier").empty()) sources.push_back(i);
  auto& replicas = p.recovery.all("rds/db-instance");
  return pair_up(p.config, sources, replicas, [&](const Item& i) {
    for (auto& r : replicas)
      if (last_word(text_at(*r.properties, "/ReadReplicaSourceDBInstanceIdentifier")) == i.id())
        return r.id();
    return if_same(p.topology.primary.database, i, p.topology.recovery.database);
  });
}

std::vector<Pair> service_pairs(const Picture& p) {
  return pair_up(p.config, p.primary.all("ecs/service"), p.recovery.all("ecs/service"), [&](const Item& i) {
    return if_same(last_word(p.topology.primary.service), i, last_word(p.topology.recovery.service));
  });
}

std::vector<Pair> target_group_pairs(const Picture& p) {
  return pair_up(p.config, p.primary.all("elbv2/target-group"), p.recovery.all("elbv2/target-group"),
                 [&](const Item& i) {
                   return if_same(p.topology.primary.target_group, i, p.topology.recovery.target_group);
                 });
}

std::vector<Pair> balancer_pairs(const Picture& p) {
  return pair_up(p.config, p.primary.all("elbv2/load-balancer"), p.recovery.all("elbv2/load-balancer"),
                 [&](const Item& i) -> std::string {
                   if (text_at(*i.properties, "/DNSName") != p.topology.primary.load_balancer) return "";
                   for (auto& r : p.recovery.all("elbv2/load-balancer"))
                     if (text_at(*r.properties, "/DNSName") == p.topology.recovery.load_balancer)
                       return r.id();
                   return "";
                 });
}

std::vector<Pair> bucket_pairs(const Picture& p) {
  std::vector<Item> ours, theirs;
  for (auto& i : p.primary.all("s3/bucket"))
    if (i.id() != p.topology.flag_bucket && i.id() != p.topology.recovery.bucket) ours.push_back(i);
  for (auto& i : p.recovery.all("s3/bucket"))
    if (i.id() != p.topology.flag_bucket && !p.primary.find("s3/bucket", i.id())) theirs.push_back(i);
  return pair_up(p.config, ours, theirs, [&](const Item& i) {
    for (auto& rule : list_at(*i.properties, "/Replication/Rules"))
      for (auto& t : theirs)
        if (last_word(text_at(rule, "/Destination/Bucket")) == t.id()) return t.id();
    return if_same(p.topology.primary.bucket, i, p.topology.recovery.bucket);
  });
}

std::vector<Pair> function_pairs(const Picture& p) {
  return pair_up(p.config, p.primary.all("lambda/function"), p.recovery.all("lambda/function"),
                 [](const Item&) { return std::string(); });
}

// Names of parameters are paths: "/lamp-primary/db/host" and "/lamp-pilot/db/host" are one, "/lamp/a/host"
// and
// "/lamp/b/host" are not.
std::vector<Pair> parameter_pairs(const Picture& p) {
  auto bare = [&](std::string name) {
    for (auto* side : {&p.config.primary, &p.config.recovery}) {
      cut(name, side->stack);
      cut(name, side->region);
    }
    return name;
  };
  std::map<std::string, Item> there;
  for (auto& i : p.recovery.all("ssm/parameter")) there.emplace(bare(i.id()), i);
  std::vector<Pair> out;
  for (auto& i : p.primary.all("ssm/parameter")) {
    auto same = p.recovery.find("ssm/parameter", i.id());
    if (auto it = there.find(bare(i.id())); !same && it != there.end()) same = it->second;
    out.push_back({i, same});
  }
  return out;
}

Item task_definition_of(const Estate& e, const Item& service) {
  return e.find("ecs/task-definition", text_at(*service.properties, "/taskDefinition"));
}

}  // namespace relight::dr
