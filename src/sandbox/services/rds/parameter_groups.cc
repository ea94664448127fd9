// DB parameter groups: stored, checked against the catalogue, and applied to the servers that use them.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/rds/parameter_catalogue.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

namespace {

constexpr std::string_view kDefault = "default.mariadb10.11";

api::Parameter shown(const rds::ParameterSpec& s, const rds::ParameterGroup* g) {
  api::Parameter p;
  p.ParameterName = s.name;
  if (*s.default_value) p.ParameterValue = s.default_value;
  p.Source = *s.default_value ? "system" : "engine-default";
  if (g && g->values.contains(s.name)) {
    p.ParameterValue = g->values.at(s.name);
    p.Source = "user";
  }
  p.Description = s.description;
  p.ApplyType = s.dynamic ? "dynamic" : "static";
  p.DataType = s.type;
  if (*s.allowed) p.AllowedValues = s.allowed;
  p.IsModifiable = s.modifiable;
  p.ApplyMethod = g && g->pending.contains(s.name) ? "pending-reboot"
                  : s.dynamic                      ? "immediate"
                                                   : "pending-reboot";
  if (!g || !g->values.contains(s.name)) p.ApplyMethod = "pending-reboot";
  return p;
}

std::unexpected<Error> no_group(std::string_view name) {
  return aws_error("DBParameterGroupNotFound", fmt::format("DBParameterGroup not found: {}", name), 404);
}

Result<const rds::ParameterSpec*> modifiable(const api::Parameter& p) {
  if (!p.ParameterName) return aws_error("InvalidParameterValue", "A parameter has no ParameterName");
  const rds::ParameterSpec* s = rds::find_parameter(*p.ParameterName);
  if (!s)
    return aws_error("InvalidParameterValue", "Could not find parameter with name: " + *p.ParameterName);
  if (!s->modifiable) {
    return aws_error("InvalidParameterValue", fmt::format("The parameter {} cannot be modified.", s->name));
  }
  if (!p.ApplyMethod)
    return aws_error("InvalidParameterValue", "ApplyMethod must be given for " + *p.ParameterName);
  if (!s->dynamic && *p.ApplyMethod == "immediate") {
    return aws_error("InvalidParameterCombination", "cannot use immediate apply method for static parameter");
  }
  return s;
}

}  // namespace

// Sets what can be set as it runs; statuses go applying -> in-sync, or pending-reboot.
void RdsService::apply_group(const std::string& region, const std::string& group,
                             const Parameters& immediate) {
  auto* g = t_->parameter_groups.find(region, group);
  bool waits = g && !g->pending.empty();
  for (auto& [id, i] : t_->instances.in(region)) {
    if (!i.d.DBParameterGroups || i.d.DBParameterGroups->empty()) continue;
    auto& status = i.d.DBParameterGroups->front();
    if (status.DBParameterGroupName != group) continue;
    if (immediate.empty() || !plane_.running(database_of(i))) {
      if (waits) status.ParameterApplyStatus = "pending-reboot";
      keep(i);
      continue;
    }
    status.ParameterApplyStatus = "applying";
    keep(i);
    Parameters values = immediate;
    if (auto it = values.find("read_only"); it != values.end() && it->second == "{TrueIfReplica}") {
      it->second = i.replica() ? "1" : "0";
    }
    std::erase_if(values, [](auto& v) { return v.second.starts_with("{"); });
    work_on(
        i, [this, db = database_of(i), values] { return plane_.set_parameters(db, values); },
        [this, waits, values](Instance& now, const Result<>& r) {
          now.d.DBParameterGroups->front().ParameterApplyStatus = !r || waits ? "pending-reboot" : "in-sync";
          for (auto& [name, value] : values) {
            if (r) now.running_parameters[name] = value;
            if (r && name == "read_only") world_.event(now.region, "rds", now.id(), "read_only = " + value);
          }
          keep(now);
          event(
              now, {"configuration change"},
              r ? "Updated to use DBParameterGroup " + *now.d.DBParameterGroups->front().DBParameterGroupName
                : "Could not apply parameters: " + r.error().message);
        });
  }
}

void RdsService::add_parameter_group_making() {
  on<api::op::CreateDBParameterGroup>(
      [this](const Call& c, const auto& in) -> R<api::CreateDBParameterGroupResult> {
        TRY_ASSIGN(std::string name, rds::identifier("DBParameterGroupName", *in.DBParameterGroupName, 255));
        if (*in.DBParameterGroupFamily != rds::kFamily) {
          return aws_error("InvalidParameterValue",
                           fmt::format("ParameterGroupFamily {} is not a valid parameter group family; "
                                       "this sandbox has {}",
                                       *in.DBParameterGroupFamily, rds::kFamily));
        }
        if (t_->parameter_groups.find(c.region, name)) {
          return aws_error("DBParameterGroupAlreadyExists",
                           fmt::format("Parameter group {} already exists", name));
        }
        if (t_->parameter_groups.in(c.region).size() >= rds::kGroupLimit) {
          return aws_error("DBParameterGroupQuotaExceeded",
                           "The quota of 50 DB parameter groups would be exceeded");
        }
        rds::ParameterGroup g;
        g.d = {.DBParameterGroupName = name,
               .DBParameterGroupFamily = in.DBParameterGroupFamily,
               .Description = in.Description,
               .DBParameterGroupArn = rds::arn(world_, c.region, "pg", name)};
        give_tags(*g.d.DBParameterGroupArn, in.Tags);
        return api::CreateDBParameterGroupResult{.DBParameterGroup =
                                                     t_->parameter_groups.put(c.region, name, g).d};
      });
}

void RdsService::add_parameter_group_changes() {
  on<api::op::ModifyDBParameterGroup>(
      [this](const Call& c, const auto& in) -> R<api::DBParameterGroupNameMessage> {
        std::string name = rds::lower(*in.DBParameterGroupName);
        if (name == kDefault) {
          return aws_error("InvalidParameterValue",
                           fmt::format("The parameter group {} cannot be modified.", name));
        }
        auto* g = t_->parameter_groups.find(c.region, name);
        if (!g) return no_group(name);
        if (in.Parameters->empty() || in.Parameters->size() > 20) {
          return aws_error("InvalidParameterValue", "1 to 20 parameters can be modified in a single request");
        }
        Parameters immediate, all;
        for (auto& p : *in.Parameters) {
          TRY_ASSIGN(const rds::ParameterSpec* s, modifiable(p));
          std::string value = p.ParameterValue.value_or("");
          TRY(rds::check_parameter(*s, value));
          all[s->name] = value;
          if (*p.ApplyMethod == "immediate") immediate[s->name] = value;
        }
        for (auto& [key, value] : all) {
          g->values[key] = value;
          immediate.contains(key) ? static_cast<void>(g->pending.erase(key))
                                  : static_cast<void>(g->pending[key] = value);
        }
        t_->parameter_groups.save(c.region, name, *g);
        apply_group(c.region, name, immediate);
        return api::DBParameterGroupNameMessage{.DBParameterGroupName = name};
      });
}

void RdsService::add_parameter_group_reset() {
  on<api::op::ResetDBParameterGroup>(
      [this](const Call& c, const auto& in) -> R<api::DBParameterGroupNameMessage> {
        std::string name = rds::lower(*in.DBParameterGroupName);
        auto* g = t_->parameter_groups.find(c.region, name);
        if (!g) return no_group(name);
        Parameters immediate;
        if (in.ResetAllParameters.value_or(false)) {
          g->values.clear();
          g->pending = {{"*", ""}};  // static and dynamic alike: all wait for the reboot
        } else {
          for (auto& p : in.Parameters.value_or(std::vector<api::Parameter>{})) {
            TRY_ASSIGN(const rds::ParameterSpec* s, modifiable(p));
            g->values.erase(s->name);
            if (*p.ApplyMethod == "immediate" && *s->default_value)
              immediate[s->name] = s->default_value;
            else
              g->pending[s->name] = "";
          }
        }
        t_->parameter_groups.save(c.region, name, *g);
        apply_group(c.region, name, immediate);
        return api::DBParameterGroupNameMessage{.DBParameterGroupName = name};
      });
  on<api::op::DeleteDBParameterGroup>(
      [this](const Call& c, const auto& in) -> Out<api::op::DeleteDBParameterGroup> {
        std::string name = rds::lower(*in.DBParameterGroupName);
        auto* g = t_->parameter_groups.find(c.region, name);
        if (!g) return no_group(name);
        for (auto& [id, i] : t_->instances.in(c.region)) {
          if (i.d.DBParameterGroups && i.d.DBParameterGroups->front().DBParameterGroupName == name) {
            return aws_error("InvalidDBParameterGroupState",
                             "One or more database instances are still members of this parameter group " +
                                 name + ", so the group cannot be deleted");
          }
        }
        t_->tags.erase(c.region, *g->d.DBParameterGroupArn);
        t_->parameter_groups.erase(c.region, name);
        return typename api::op::DeleteDBParameterGroup::Output{};
      });
}

void RdsService::add_parameter_group_lists() {
  on<api::op::DescribeDBParameterGroups>(
      [this](const Call& c, const auto& in) -> R<api::DBParameterGroupsMessage> {
        std::vector<api::DBParameterGroup> all{
            {.DBParameterGroupName = std::string(kDefault),
             .DBParameterGroupFamily = std::string(rds::kFamily),
             .Description = "Default parameter group for mariadb10.11",
             .DBParameterGroupArn = rds::arn(world_, c.region, "pg", kDefault)}};
        for (auto& [name, g] : t_->parameter_groups.in(c.region)) all.push_back(g.d);
        if (in.DBParameterGroupName) {
          std::erase_if(
              all, [&](auto& g) { return *g.DBParameterGroupName != rds::lower(*in.DBParameterGroupName); });
          if (all.empty()) return no_group(*in.DBParameterGroupName);
        }
        api::DBParameterGroupsMessage out;
        TRY_ASSIGN(out.DBParameterGroups, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                                   [](auto& g) { return *g.DBParameterGroupName; }));
        return out;
      });
}

void RdsService::add_parameter_lists() {
  on<api::op::DescribeDBParameters>([this](const Call& c, const auto& in) -> R<api::DBParameterGroupDetails> {
    std::string name = rds::lower(*in.DBParameterGroupName);
    auto* g = t_->parameter_groups.find(c.region, name);
    if (!g && name != kDefault) return no_group(name);
    std::vector<api::Parameter> all;
    for (auto& s : rds::parameter_catalogue()) {
      auto p = shown(s, g);
      if (!in.Source || *p.Source == *in.Source) all.push_back(std::move(p));
    }
    api::DBParameterGroupDetails out;
    TRY_ASSIGN(out.Parameters, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                        [](auto& p) { return *p.ParameterName; }));
    return out;
  });
  on<api::op::DescribeEngineDefaultParameters>(
      [](const Call&, const auto& in) -> R<api::DescribeEngineDefaultParametersResult> {
        if (*in.DBParameterGroupFamily != rds::kFamily) {
          return aws_error("InvalidParameterValue",
                           "Invalid parameter group family: " + *in.DBParameterGroupFamily);
        }
        std::vector<api::Parameter> all;
        for (auto& s : rds::parameter_catalogue()) all.push_back(shown(s, nullptr));
        api::EngineDefaults out{.DBParameterGroupFamily = in.DBParameterGroupFamily};
        TRY_ASSIGN(out.Parameters, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                            [](auto& p) { return *p.ParameterName; }));
        return api::DescribeEngineDefaultParametersResult{.EngineDefaults = out};
      });
}

void RdsService::add_parameter_groups() {
  add_parameter_group_making();
  add_parameter_group_changes();
  add_parameter_group_reset();
  add_parameter_group_lists();
  add_parameter_lists();
}

}  // namespace relight::sandbox
