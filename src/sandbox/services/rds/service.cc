#include "sandbox/services/rds/service.h"

#include <fmt/format.h>

#include "base/disk.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

using rds::lower;

RdsService::RdsService(World& world, SqlPlane& plane)
    : Service(world, aws::rds::model()), plane_(plane), t_(std::make_unique<Tables>(world)) {
  add_instances();
  add_lifecycle();
  add_snapshots();
  add_backups();
  add_subnet_groups();
  add_parameter_groups();
  add_events();
  add_catalogue();
  add_option_groups();
  add_tags();
}

RdsService::~RdsService() = default;

Result<rds::Instance*> RdsService::find(const std::string& region, std::string_view id) {
  std::string name(id);
  if (name.starts_with("arn:")) {
    TRY_ASSIGN(rds::Arn a, rds::parse_arn(name));
    if (a.region != region || a.kind != "db") {
      return aws_error("InvalidParameterValue", fmt::format("{} is not a DB instance of {}", name, region));
    }
    name = a.name;
  }
  if (Instance* i = t_->instances.find(region, lower(name))) return i;
  return aws_error("DBInstanceNotFound", fmt::format("DBInstance {} not found.", lower(name)), 404);
}

rds::Instance* RdsService::by_key(const std::string& region, const std::string& key) {
  for (auto& [id, i] : t_->instances.in(region))
    if (i.key() == key) return &i;
  return nullptr;
}

rds::Instance* RdsService::source_of(const Instance& i) {
  return i.replica() ? by_key(i.source_region, i.source_key) : nullptr;
}

std::vector<rds::Instance*> RdsService::replicas_of(const Instance& i) {
  std::vector<Instance*> out;
  for (auto& region : world_.settings.regions) {
    for (auto& [id, r] : t_->instances.in(region))
      if (r.source_key == i.key()) out.push_back(&r);
  }
  return out;
}

void RdsService::keep(const Instance& i) { t_->instances.save(i.region, i.id(), i); }

void RdsService::become(Instance& i, std::string_view status) {
  i.d.DBInstanceStatus = status;
  keep(i);
  world_.event(i.region, "rds", i.id(), fmt::format("status {}", status));
}

void RdsService::publish_name(const Instance& i) {
  auto address = world_.take_address(i.region, "rds/" + i.key());
  if (address) world_.set_name(rds::endpoint_name(world_, i.region, i.id()), *address);
}

// What the server runs with: the group's values, RDS's formulas resolved.
RdsService::Parameters RdsService::parameters_for(const Instance& i) {
  Parameters out{{"read_only", "{TrueIfReplica}"}};
  std::string group;
  if (i.d.DBParameterGroups && !i.d.DBParameterGroups->empty()) {
    group = i.d.DBParameterGroups->front().DBParameterGroupName.value_or("");
  }
  if (auto* g = t_->parameter_groups.find(i.region, group))
    for (auto& [name, value] : g->values) out[name] = value;
  if (out["read_only"] == "{TrueIfReplica}") out["read_only"] = i.replica() ? "1" : "0";
  return out;
}

void RdsService::work_on(const Instance& i, std::function<Result<>()> blocking,
                         std::function<void(Instance&, const Result<>&)> then) {
  auto outcome = std::make_shared<Result<>>();
  world_.work([outcome, blocking = std::move(blocking)] { *outcome = blocking(); },
              [this, outcome, region = i.region, key = i.key(), generation = generation_[i.region],
               then = std::move(then)] {
                if (stopping_ || generation_[region] != generation) return;
                if (Instance* now = by_key(region, key)) then(*now, *outcome);
              });
}

void RdsService::later(const Instance& i, Millis aws, std::function<void(Instance&)> then) {
  world_.after(world_.pace(aws), [this, region = i.region, key = i.key(), generation = generation_[i.region],
                                  then = std::move(then)] {
    if (stopping_ || generation_[region] != generation) return;
    if (Instance* now = by_key(region, key)) then(*now);
  });
}

void RdsService::start() {
  for (auto& region : world_.settings.regions) {
    for (auto& [id, i] : t_->instances.in(region)) publish_name(i);
    forget_half_made(region);
    if (!world_.links().up(region)) plane_.lose(region);
  }
  for (auto& region : world_.settings.regions)
    if (world_.links().up(region)) boot_region(region);
  auto prepared = std::make_shared<Result<>>();
  world_.work([this, prepared] { *prepared = plane_.prepare(); },
              [this, prepared] {
                if (!*prepared) world_.event("", "rds", "template", prepared->error().text());
              });
  watch();
}

// The plane ends its databases when it goes.
void RdsService::stop() {
  stopping_ = true;
  plane_.shut();
}

void RdsService::region_lost(const std::string& region) {
  ++generation_[region];
  plane_.lose(region);
  for (auto& [id, i] : t_->instances.in(region)) world_.event(region, "rds", id, "lost with its region");
}

void RdsService::region_restored(const std::string& region) {
  plane_.restore_region(region);
  forget_half_made(region);
  boot_region(region);
}

}  // namespace relight::sandbox
