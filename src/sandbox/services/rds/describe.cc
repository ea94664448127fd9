// DescribeDBInstances, and an instance as AWS shows it.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

Result<api::DBInstance> RdsService::describe(const Instance& i) {
  api::DBInstance d = i.d;
  // References between instances are worked out when asked: both sides may be renamed, deleted or out of
  // reach.
  if (Instance* source = source_of(i)) {
    d.ReadReplicaSourceDBInstanceIdentifier =
        source->region == i.region ? source->id() : *source->d.DBInstanceArn;
  }
  d.ReadReplicaDBInstanceIdentifiers.emplace();
  for (Instance* r : replicas_of(i)) {
    d.ReadReplicaDBInstanceIdentifiers->push_back(r->region == i.region ? r->id() : *r->d.DBInstanceArn);
  }
  d.TagList = tags_of(*d.DBInstanceArn);
  if (i.replica() && i.status() != "creating") {
    auto it = seen_.find(i.key());
    bool known = it != seen_.end() && it->second.answered;
    const ReplicaState* s = known ? &it->second.replica : nullptr;
    bool normal = !s || (s->io_running && s->sql_running);
    api::DBInstanceStatusInfo info{
        .StatusType = "read replication", .Normal = normal, .Status = normal ? "replicating" : "error"};
    if (s && !normal && s->error.empty() && !s->io_running && !s->sql_running) info.Status = "stopped";
    if (s && !normal && !s->error.empty()) info.Message = s->error.substr(0, 500);
    d.StatusInfos = {info};
  }
  return d;
}

void RdsService::add_instances() {
  on<api::op::CreateDBInstance>([this](const Call& c, const auto& in) { return create(c, in); });
  on<api::op::CreateDBInstanceReadReplica>(
      [this](const Call& c, const auto& in) { return create_replica(c, in); });
  on<api::op::RestoreDBInstanceFromDBSnapshot>(
      [this](const Call& c, const auto& in) { return restore(c, in); });
  on<api::op::PromoteReadReplica>([this](const Call& c, const auto& in) { return promote(c, in); });
  on<api::op::ModifyDBInstance>([this](const Call& c, const auto& in) { return modify(c, in); });
  on<api::op::DeleteDBInstance>([this](const Call& c, const auto& in) { return remove(c, in); });
  on<api::op::DescribeDBInstances>([this](const Call& c, const auto& in) -> R<api::DBInstanceMessage> {
    std::vector<const Instance*> wanted;
    if (in.DBInstanceIdentifier && !in.DBInstanceIdentifier->empty()) {
      TRY_ASSIGN(Instance * one, find(c.region, *in.DBInstanceIdentifier));
      wanted.push_back(one);
    } else {
      for (auto& [id, i] : t_->instances.in(c.region)) wanted.push_back(&i);
    }
    for (auto& f : in.Filters.value_or(std::vector<api::Filter>{})) {
      const std::string& name = *f.Name;
      if (name != "db-instance-id" && name != "dbi-resource-id" && name != "engine" &&
          name != "db-cluster-id" && name != "domain") {
        return aws_error("InvalidParameterValue", "Unrecognized filter name: " + name);
      }
      std::erase_if(wanted, [&](const Instance* i) {
        return std::none_of(f.Values->begin(), f.Values->end(), [&](const std::string& v) {
          if (name == "db-instance-id") return rds::lower(v) == i->id() || v == *i->d.DBInstanceArn;
          if (name == "dbi-resource-id") return v == i->key();
          return name == "engine" && v == "mariadb";
        });
      });
    }
    api::DBInstanceMessage out;
    TRY_ASSIGN(auto page,
               rds_page(wanted, in.MaxRecords, in.Marker, out.Marker, [](auto* i) { return i->id(); }));
    out.DBInstances.emplace();
    for (auto* i : page) {
      TRY_ASSIGN(api::DBInstance d, describe(*i));
      out.DBInstances->push_back(std::move(d));
    }
    return out;
  });
}

}  // namespace relight::sandbox
