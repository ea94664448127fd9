#include "dr/model/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "dr/model/draft_text.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

struct Seen {
  ResourceKey key;
  Json properties;
  std::vector<ResourceKey> uses;
  bool names(const ResourceKey& k) const { return std::ranges::find(uses, k) != uses.end(); }
  std::string text(const char* pointer) const {
    auto at = Json::json_pointer(pointer);
    return properties.is_object() && properties.contains(at) && properties[at].is_string()
               ? properties[at].get<std::string>()
               : "";
  }
  long number(const char* pointer) const {
    auto at = Json::json_pointer(pointer);
    return properties.is_object() && properties.contains(at) && properties[at].is_number_integer()
               ? properties[at].get<long>()
               : 0;
  }
};

class Drafter {
 public:
  Drafter(const Inventory& i, const DraftOrder& o) : order_(o) {
    for (auto& r : i.resources) all_.push_back({r.key, Json::parse(r.properties, nullptr, false), r.uses});
  }
  Draft draft();

 private:
  std::vector<const Seen*> of(std::string_view kind) const;
  const Seen* find(std::string_view kind, const std::string& id) const;
  const Seen* choose(std::vector<const Seen*> from, const std::string& why);
  void choose_service();
  void choose_edge();
  void choose_database();
  void choose_bucket();
  void choose_domain();
  std::vector<const Seen*> used_by_tasks(std::string_view kind) const;

  const DraftOrder& order_;
  std::vector<Seen> all_;
  Draft out_;
  DraftValues values_;
  const Seen *service_ = nullptr, *balancer_ = nullptr;
};

std::vector<const Seen*> Drafter::of(std::string_view kind) const {
  std::vector<const Seen*> out;
  for (auto& s : all_)
    if (s.key.kind == kind) out.push_back(&s);
  return out;
}

const Seen* Drafter::find(std::string_view kind, const std::string& id) const {
  for (auto* s : of(kind))
    if (s->key.id == id) return s;
  return nullptr;
}

// The first; the others are said to be left out.
const Seen* Drafter::choose(std::vector<const Seen*> from, const std::string& why) {
  if (from.empty()) return nullptr;
  for (size_t i = 1; i < from.size(); ++i)
    out_.left_out.push_back({from[i]->key, fmt::format("{}; {} was taken", why, from[0]->key.id)});
  return from[0];
}

std::vector<const Seen*> Drafter::used_by_tasks(std::string_view kind) const {
  std::vector<const Seen*> out;
  for (auto* s : of(kind))
    for (auto* task : of("ecs/task-definition"))
      if (service_ && service_->names(task->key) && task->names(s->key)) {
        out.push_back(s);
        break;
      }
  return out;
}

void Drafter::choose_service() {
  auto services = of("ecs/service");
  std::ranges::stable_partition(services, [](auto* s) {
    return s->properties.is_object() && !s->properties.value("loadBalancers", Json::array()).empty();
  });
  service_ = choose(services, "relight.yaml names one service");
  if (!service_) return;
  auto cluster = service_->text("/clusterArn");
  values_.resources.cluster = cluster.substr(cluster.rfind('/') + 1);
  values_.resources.service = service_->text("/serviceName");
  values_.tasks = service_->number("/desiredCount");
  out_.found.push_back(fmt::format("service {}/{}", values_.resources.cluster, values_.resources.service));
}

void Drafter::choose_edge() {
  auto group = service_ ? service_->text("/loadBalancers/0/targetGroupArn") : "";
  auto* targets = find("elbv2/target-group", group);
  balancer_ = targets ? find("elbv2/load-balancer", targets->text("/LoadBalancerArns/0")) : nullptr;
  if (!targets) return;
  values_.resources.target_group = group;
  out_.found.push_back("target group " + targets->text("/TargetGroupName"));
  if (!balancer_) return;
  values_.resources.load_balancer = balancer_->text("/DNSName");
  out_.found.push_back("load balancer " + balancer_->text("/LoadBalancerName"));
}

void Drafter::choose_database() {
  auto candidates = used_by_tasks("rds/db-instance");
  values_.database_by = "the tasks' environment names it";
  if (candidates.empty()) {
    candidates = of("rds/db-instance");
    values_.database_by = "no task names it";
  }
  std::erase_if(candidates,
                [](auto* s) { return !s->text("/ReadReplicaSourceDBInstanceIdentifier").empty(); });
  auto* db = choose(candidates, "relight.yaml names one database");
  if (!db) return;
  auto& r = values_.resources;
  r.database = db->text("/DBInstanceIdentifier");
  r.database_host = db->text("/Endpoint/Address");
  values_.user = db->text("/MasterUsername");
  values_.schema = db->text("/DBName");
  values_.port = int(db->number("/Endpoint/Port"));
  values_.engine = db->text("/Engine");
  out_.found.push_back(fmt::format("database {} ({}), {}", r.database, values_.engine, values_.database_by));
}

void Drafter::choose_bucket() {
  auto* bucket = choose(used_by_tasks("s3/bucket"), "relight.yaml names one bucket");
  if (!bucket) return;
  values_.resources.bucket = bucket->key.id;
  out_.found.push_back("bucket " + bucket->key.id);
}

void Drafter::choose_domain() {
  if (!balancer_) return;
  auto records = of("route53/record-set");
  std::erase_if(records, [&](auto* r) {
    return !r->names(balancer_->key) || r->text("/Name").starts_with("\\052") ||
           r->text("/Name").starts_with('*');
  });
  // A failover record is what a recovery turns round.
  std::ranges::stable_partition(records, [](auto* r) { return !r->text("/Failover").empty(); });
  auto* record = choose(records, "relight.yaml names one domain");
  if (!record) return;
  values_.domain = record->text("/Name");
  if (values_.domain.ends_with('.')) values_.domain.pop_back();
  out_.found.push_back("domain " + values_.domain);
}

Draft Drafter::draft() {
  choose_service();
  choose_edge();
  choose_database();
  choose_bucket();
  choose_domain();
  out_.yaml = draft_text(order_, values_, out_.missing);
  return std::move(out_);
}

}  // namespace

Draft draft_config(const Inventory& seen, const DraftOrder& order) { return Drafter(seen, order).draft(); }

}  // namespace relight::dr
