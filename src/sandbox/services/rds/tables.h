// What the service keeps.
#pragma once
#include <nlohmann/json.hpp>

#include "sandbox/services/rds/service.h"

namespace relight::sandbox {

namespace rds {

struct ParameterGroup {
  api::DBParameterGroup d;
  std::map<std::string, std::string> values;   // set by users
  std::map<std::string, std::string> pending;  // of those: not applied before a reboot
  std::string save() const {
    return nlohmann::json{
        {"d", aws::codec::to_json(*shape_of(&d), &d)}, {"values", values}, {"pending", pending}}
        .dump();
  }
  static Result<ParameterGroup> load(const std::string& text) {
    auto j = nlohmann::json::parse(text, nullptr, false);
    if (!j.is_object()) return fail("Store.Damaged", "a parameter group's row is not JSON");
    ParameterGroup g;
    TRY(aws::codec::from_json(*shape_of(&g.d), j.value("d", "{}"), &g.d));
    g.values = j.value("values", std::map<std::string, std::string>{});
    g.pending = j.value("pending", std::map<std::string, std::string>{});
    return g;
  }
};

// What is kept of an instance's automated backups besides the snapshots; `d` is as it was when the instance
// went, and until then only the ARN of it counts.
struct Backup {
  api::DBInstanceAutomatedBackup d;
  std::string instance_class;
  std::string save() const {
    return nlohmann::json{{"d", aws::codec::to_json(*shape_of(&d), &d)}, {"instance_class", instance_class}}
        .dump();
  }
  static Result<Backup> load(const std::string& text) {
    auto j = nlohmann::json::parse(text, nullptr, false);
    if (!j.is_object()) return fail("Store.Damaged", "a row of automated backups is not JSON");
    Backup b;
    TRY(aws::codec::from_json(*shape_of(&b.d), j.value("d", "{}"), &b.d));
    b.instance_class = j.value("instance_class", "");
    return b;
  }
};

struct Tags {
  std::map<std::string, std::string> all;
  std::string save() const { return nlohmann::json(all).dump(); }
  static Result<Tags> load(const std::string& text) {
    auto j = nlohmann::json::parse(text, nullptr, false);
    if (!j.is_object()) return fail("Store.Damaged", "a row of tags is not JSON");
    return Tags{j.get<std::map<std::string, std::string>>()};
  }
};

// AWS's own limits where it has them ("Quotas and constraints for Amazon RDS").
inline constexpr size_t kInstanceLimit = 40, kSnapshotLimit = 100, kGroupLimit = 50, kTagLimit = 50,
                        kOptionGroupLimit = 20;
inline constexpr size_t kEventLimit = 2000;  // per region

}  // namespace rds

struct RdsService::Tables {
  explicit Tables(World& w)
      : instances(w, "rds/instances"),
        snapshots(w, "rds/snapshots"),
        backups(w, "rds/automated-backups"),
        subnet_groups(w, "rds/subnet-groups"),
        parameter_groups(w, "rds/parameter-groups"),
        option_groups(w, "rds/option-groups"),
        events(w, "rds/events"),
        tags(w, "rds/tags") {}
  Table<rds::Instance> instances;
  Table<Row<aws::rds::DBSnapshot>> snapshots;
  Table<rds::Backup> backups;  // by DbiResourceId
  Table<Row<aws::rds::DBSubnetGroup>> subnet_groups;
  Table<rds::ParameterGroup> parameter_groups;
  Table<Row<aws::rds::OptionGroup>> option_groups;
  Table<Row<aws::rds::Event>> events;  // key: a growing number
  Table<rds::Tags> tags;               // region: the ARN's; key: the ARN
};

// One page of a Describe operation. `id_of` names an item; the Marker is the name of the last item given.
template <class T, class IdOf>
Result<std::vector<T>> rds_page(std::vector<T> all, const std::optional<int32_t>& max_records,
                                const std::optional<std::string>& marker, std::optional<std::string>& next,
                                IdOf id_of) {
  int32_t limit = max_records.value_or(100);
  if (limit < 20 || limit > 100) {
    return aws_error("InvalidParameterValue", "Invalid value " + std::to_string(limit) +
                                                  " for MaxRecords. Must be between 20 and 100");
  }
  std::vector<T> out;
  bool on = !marker || marker->empty(), found = on;
  for (auto& item : all) {
    if (!on) {
      on = found = id_of(item) == *marker;
      continue;
    }
    if (out.size() == static_cast<size_t>(limit)) {
      next = id_of(out.back());
      break;
    }
    out.push_back(std::move(item));
  }
  if (!found) return aws_error("InvalidParameterValue", "Marker does not match");
  return out;
}

}  // namespace relight::sandbox
