// Option groups: made, changed, copied, and carried out on the instances that belong to them. "Working with
// option groups" of the Amazon RDS User Guide.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/rds/option_catalogue.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

namespace {

std::unexpected<Error> no_option_group(std::string_view name) {
  return aws_error("OptionGroupNotFoundFault", fmt::format("Specified OptionGroupName: {} not found.", name),
                   404);
}

api::OptionGroup standard_options(const World& w, const std::string& region) {
  api::OptionGroup g{.OptionGroupName = std::string(rds::kDefaultOptions),
                     .OptionGroupDescription = "Default option group for mariadb 10.11",
                     .EngineName = "mariadb",
                     .MajorEngineVersion = "10.11"};
  g.Options.emplace();
  g.AllowsVpcAndNonVpcInstanceMemberships = true;
  g.OptionGroupArn = rds::arn(w, region, "og", rds::kDefaultOptions);
  return g;
}

auto option_named(std::vector<api::Option>& all, std::string_view name) {
  return std::ranges::find_if(all, [&](auto& o) { return o.OptionName == name; });
}

Result<> include_options(api::OptionGroup& g, const std::vector<api::OptionConfiguration>& wanted) {
  for (auto& w : wanted) {
    auto at = option_named(*g.Options, *w.OptionName);
    TRY_ASSIGN(auto option, rds::audit_option(w, at == g.Options->end() ? nullptr : &*at));
    at == g.Options->end() ? g.Options->push_back(option) : static_cast<void>(*at = option);
  }
  return {};
}

}  // namespace

// The name of a group that stands; the engine's own when none is given.
Result<std::string> RdsService::option_group_for(const std::string& region,
                                                 const std::optional<std::string>& name) {
  std::string wanted = rds::lower(name.value_or(std::string(rds::kDefaultOptions)));
  if (wanted == rds::kDefaultOptions || t_->option_groups.find(region, wanted)) return wanted;
  return no_option_group(*name);
}

RdsService::Parameters RdsService::audit_of(const std::string& region, const std::string& group) {
  if (auto* g = t_->option_groups.find(region, group))
    if (auto at = option_named(*g->Options, rds::kAuditPlugin); at != g->Options->end())
      return rds::audit_variables(*at);
  return {};
}

// "An option group can be associated with a DB instance, a manual DB snapshot, or an automated DB snapshot"
// (Deleting an option group).
bool RdsService::group_in_use(const std::string& region, const std::string& group) {
  return std::ranges::any_of(t_->instances.in(region),
                             [&](auto& row) {
                               auto& all = row.second.d.OptionGroupMemberships;
                               return all && std::ranges::any_of(
                                                 *all, [&](auto& m) { return m.OptionGroupName == group; });
                             }) ||
         std::ranges::any_of(t_->snapshots.in(region),
                             [&](auto& row) { return row.second.OptionGroupName == group; });
}

// "The change is applied during the next maintenance window unless the ApplyImmediately parameter is enabled"
// (ModifyDBInstance): until then both groups are listed. The group in effect comes first.
void RdsService::join_group(Instance& i, const std::string& group, bool immediately) {
  std::string wanted = rds::lower(group), now = i.option_group();
  auto& all = i.d.OptionGroupMemberships.emplace();
  if (immediately)
    all = {{.OptionGroupName = wanted, .Status = wanted == now ? "in-sync" : "applying"}};
  else if (wanted == now)
    all = {{.OptionGroupName = now, .Status = "in-sync"}};
  else
    all = {{.OptionGroupName = now, .Status = "pending-maintenance-removal"},
           {.OptionGroupName = wanted, .Status = "pending-maintenance-apply"}};
}

void RdsService::apply_options(Instance& i) {
  i.d.OptionGroupMemberships->front().Status = "applying";
  i.audit = audit_of(i.region, i.option_group());
  keep(i);
  work_on(
      i, [this, db = database_of(i)] { return plane_.apply_audit(db); },
      [this](Instance& now, const Result<>& r) {
        auto& m = now.d.OptionGroupMemberships->front();
        if (m.Status == "applying") m.Status = r ? "in-sync" : "failed";
        keep(now);
        event(now, {"configuration change"},
              r ? fmt::format("Updated to use option group {}", now.option_group())
                : "Could not apply options: " + r.error().message);
      });
}

void RdsService::options_changed(const std::string& region, const std::string& group, bool immediately) {
  for (auto& [id, i] : t_->instances.in(region)) {
    if (i.option_group() != group || i.audit == audit_of(region, group)) continue;
    // What is being made or deleted takes the group as it then is.
    bool up = i.phase.empty() && plane_.running(database_of(i));
    if (immediately && up) {
      apply_options(i);
      continue;
    }
    if (immediately)
      i.audit = audit_of(region, group);
    else
      i.d.OptionGroupMemberships->front().Status = "pending-maintenance-apply";
    keep(i);
  }
}

void RdsService::add_option_group_making() {
  on<api::op::CreateOptionGroup>([this](const Call& c, const auto& in) -> R<api::CreateOptionGroupResult> {
    TRY_ASSIGN(std::string name, rds::identifier("OptionGroupName", *in.OptionGroupName, 255));
    if (*in.EngineName != "mariadb" || *in.MajorEngineVersion != "10.11") {
      return aws_error("InvalidParameterValue",
                       "Invalid engine or major version: this sandbox has mariadb 10.11");
    }
    api::OptionGroup g = standard_options(world_, c.region);
    g.OptionGroupName = name;
    g.OptionGroupDescription = in.OptionGroupDescription;
    TRY(admit_group(c, g, in.Tags));
    return api::CreateOptionGroupResult{.OptionGroup = g};
  });
  on<api::op::CopyOptionGroup>([this](const Call& c, const auto& in) -> R<api::CopyOptionGroupResult> {
    TRY_ASSIGN(std::string name,
               rds::identifier("TargetOptionGroupIdentifier", *in.TargetOptionGroupIdentifier, 255));
    std::string from = rds::lower(*in.SourceOptionGroupIdentifier);
    if (from.starts_with("arn:")) {
      TRY_ASSIGN(rds::Arn a, rds::parse_arn(from));
      // "You can't copy an option group to a different AWS Region" by the API ("Copying an option group":
      // unverified in detail).
      if (a.region != c.region)
        return aws_error("InvalidParameterValue", "An option group cannot be copied from another region");
      from = a.name;
    }
    auto* source = t_->option_groups.find(c.region, from);
    if (!source) return no_option_group(from);
    api::OptionGroup g = *source;
    g.OptionGroupName = name;
    g.OptionGroupDescription = in.TargetOptionGroupDescription;
    TRY(admit_group(c, g, in.Tags));
    return api::CopyOptionGroupResult{.OptionGroup = g};
  });
}

Result<> RdsService::admit_group(const Call& c, api::OptionGroup& g,
                                 const std::optional<std::vector<api::Tag>>& tags) {
  std::string name = *g.OptionGroupName;
  if (t_->option_groups.find(c.region, name))
    return aws_error("OptionGroupAlreadyExistsFault", "Option group exists: " + name);
  if (t_->option_groups.in(c.region).size() >= rds::kOptionGroupLimit)
    return aws_error("OptionGroupQuotaExceededFault", "The quota of 20 option groups would be exceeded");
  g.OptionGroupArn = rds::arn(world_, c.region, "og", name);
  t_->option_groups.put(c.region, name, g);
  give_tags(*g.OptionGroupArn, tags);
  return {};
}

void RdsService::add_option_group_changes() {
  on<api::op::ModifyOptionGroup>([this](const Call& c, const auto& in) -> R<api::ModifyOptionGroupResult> {
    std::string name = rds::lower(*in.OptionGroupName);
    if (name == rds::kDefaultOptions)
      return aws_error("InvalidParameterValue", fmt::format("The option group {} cannot be modified", name));
    auto* g = t_->option_groups.find(c.region, name);
    if (!g) return no_option_group(name);
    api::OptionGroup changed = *g;
    if ((!in.OptionsToInclude || in.OptionsToInclude->empty()) &&
        (!in.OptionsToRemove || in.OptionsToRemove->empty()))
      return aws_error("InvalidParameterCombination",
                       "At least one option must be added, modified, or removed.");
    for (auto& gone : in.OptionsToRemove.value_or(std::vector<std::string>{})) {
      auto at = option_named(*changed.Options, gone);
      if (at == changed.Options->end())
        return aws_error("InvalidParameterValue",
                         fmt::format("The option {} is not in the option group {}", gone, name));
      changed.Options->erase(at);
    }
    if (in.OptionsToInclude) TRY(include_options(changed, *in.OptionsToInclude));
    t_->option_groups.put(c.region, name, changed);
    options_changed(c.region, name, in.ApplyImmediately.value_or(false));
    return api::ModifyOptionGroupResult{.OptionGroup = changed};
  });
  on<api::op::DeleteOptionGroup>([this](const Call& c, const auto& in) -> Out<api::op::DeleteOptionGroup> {
    std::string name = rds::lower(*in.OptionGroupName);
    // That this is the code for it is unverified.
    if (name == rds::kDefaultOptions)
      return aws_error("InvalidOptionGroupStateFault", "A default option group cannot be deleted");
    auto* g = t_->option_groups.find(c.region, name);
    if (!g) return no_option_group(name);
    if (group_in_use(c.region, name))
      return aws_error("InvalidOptionGroupStateFault",
                       fmt::format("The option group '{}' cannot be deleted because it is in use.", name));
    t_->tags.erase(c.region, *g->OptionGroupArn);
    t_->option_groups.erase(c.region, name);
    return typename api::op::DeleteOptionGroup::Output{};
  });
}

void RdsService::add_option_group_lists() {
  on<api::op::DescribeOptionGroups>([this](const Call& c, const auto& in) -> R<api::OptionGroups> {
    if (in.OptionGroupName && (in.EngineName || in.MajorEngineVersion))
      return aws_error("InvalidParameterCombination",
                       "OptionGroupName cannot be supplied together with EngineName or MajorEngineVersion");
    if (in.MajorEngineVersion && !in.EngineName)
      return aws_error("InvalidParameterCombination",
                       "EngineName must be supplied together with MajorEngineVersion");
    std::vector<api::OptionGroup> all{standard_options(world_, c.region)};
    for (auto& [name, g] : t_->option_groups.in(c.region)) all.push_back(g);
    std::erase_if(all, [&](auto& g) {
      return (in.OptionGroupName && *g.OptionGroupName != rds::lower(*in.OptionGroupName)) ||
             (in.EngineName && *g.EngineName != *in.EngineName) ||
             (in.MajorEngineVersion && *g.MajorEngineVersion != *in.MajorEngineVersion);
    });
    if (in.OptionGroupName && all.empty()) return no_option_group(*in.OptionGroupName);
    api::OptionGroups out;
    TRY_ASSIGN(out.OptionGroupsList, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                              [](auto& g) { return *g.OptionGroupName; }));
    return out;
  });
  on<api::op::DescribeOptionGroupOptions>(
      [](const Call&, const auto& in) -> R<api::OptionGroupOptionsMessage> {
        if (*in.EngineName != "mariadb")
          return aws_error("InvalidParameterValue", "Invalid DB engine: " + *in.EngineName);
        std::vector<api::OptionGroupOption> all;
        if (in.MajorEngineVersion.value_or("10.11") == "10.11") all.push_back(rds::audit_offered());
        api::OptionGroupOptionsMessage out;
        TRY_ASSIGN(out.OptionGroupOptions, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                                    [](auto& o) { return *o.Name; }));
        return out;
      });
}

void RdsService::add_option_groups() {
  add_option_group_making();
  add_option_group_changes();
  add_option_group_lists();
}

}  // namespace relight::sandbox
