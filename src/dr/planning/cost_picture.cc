// Inventory and Pilot in the words of a bill.
#include <fmt/format.h>

#include <cstdlib>

#include "dr/planning/cost_sheet.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::string cost_text(const Json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string cost_engine(const std::string& engine) {
  return engine == "mariadb"    ? "MariaDB"
         : engine == "mysql"    ? "MySQL"
         : engine == "postgres" ? "PostgreSQL"
                                : "";
}

// ECS writes the sizes of a task as texts, in 1/1024 of a vCPU and in MiB.
Amount task_size(const Json& definition, const char* key) {
  auto it = definition.find(key);
  double v = it == definition.end() ? 0
             : it->is_number()      ? it->get<double>()
             : it->is_string()      ? std::atof(it->get<std::string>().c_str())
                                    : 0;
  return v > 0 ? captured(v / 1024)
               : unknown_amount(fmt::format("the task definition says no {} of a whole task", key));
}

std::string cost_family(const std::string& arn) {
  auto slash = arn.rfind('/');
  return arn.substr(0, arn.find(':', slash == arn.npos ? 0 : slash));
}

bool on_fargate(const Json& service) {
  if (auto type = cost_text(service, "launchType"); !type.empty()) return type == "FARGATE";
  for (auto& s : service.value("capacityProviderStrategy", Json::array()))
    if (!cost_text(s, "capacityProvider").starts_with("FARGATE")) return false;
  return true;
}

}  // namespace

Result<> CostPicture::read() {
  for (auto& r : inventory.resources) {
    auto j = Json::parse(r.properties, nullptr, false);
    if (j.is_object()) captured_.emplace(r.key, std::move(j));
  }
  for (auto& r : pilot.resources) {
    auto j = Json::parse(r.properties, nullptr, false);
    if (!j.is_object())
      return fail(Error{.code = "Cost.Malformed",
                        .message = "its properties are no JSON object",
                        .tried = "price the pilot",
                        .resource = r.id});
    planned.push_back({&r, std::move(j)});
  }
  for (auto& p : planned)
    if (p.resource->type == "AWS::RDS::DBInstance")
      read_database(p);
    else if (p.resource->type == "AWS::ECS::Service")
      read_service(p);
  return {};
}

const Json* CostPicture::captured_of(const ResourceKey& key) const {
  auto it = captured_.find(key);
  return it == captured_.end() ? nullptr : &it->second;
}

std::vector<const CostPicture::Planned*> CostPicture::of(std::string_view type) const {
  std::vector<const Planned*> out;
  for (auto& p : planned)
    if (p.resource->type == type) out.push_back(&p);
  return out;
}

void CostPicture::read_database(const Planned& p) {
  auto* from = captured_of(p.resource->from);
  CostDatabase d{.from = p.resource->from};
  d.replica_class = cost_text(p.properties, "DBInstanceClass");
  d.replica_two_zones = p.properties.value("MultiAZ", false);
  d.storage_type = cost_text(p.properties, "StorageType");
  d.storage_gb = unknown_amount("the capture does not say AllocatedStorage");
  if (from) {
    d.engine = cost_engine(cost_text(*from, "Engine"));
    d.primary_class = cost_text(*from, "DBInstanceClass");
    d.primary_two_zones = from->value("MultiAZ", false);
    if (d.storage_type.empty()) d.storage_type = cost_text(*from, "StorageType");
    if (auto it = from->find("AllocatedStorage"); it != from->end() && it->is_number() && *it > 0)
      d.storage_gb = captured(it->get<double>());
  }
  databases.push_back(std::move(d));
}

void CostPicture::read_service(const Planned& p) {
  auto* from = captured_of(p.resource->from);
  if (!from) return;
  CostTask t{.from = p.resource->from, .name = cost_text(*from, "serviceName")};
  t.tasks = from->value("desiredCount", 0);
  t.fargate = on_fargate(*from);
  auto arn = cost_text(*from, "taskDefinition");
  auto* definition = captured_of({"ecs/task-definition", arn});
  if (!definition) definition = captured_of({"ecs/task-definition", cost_family(arn)});
  Json none = Json::object();
  auto& d = definition ? *definition : none;
  t.vcpu = task_size(d, "cpu");
  t.gb = task_size(d, "memory");
  t.arm = cost_text(d.value("runtimePlatform", Json::object()), "cpuArchitecture") == "ARM64";
  tasks.push_back(std::move(t));
}

}  // namespace relight::dr
