// Stacks and their exports, as they are asked for.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace cfapi = aws::cloudformation;
namespace cfop = aws::cloudformation::op;

namespace {

cfapi::Output shown_output(const cfn::Json& x) {
  cfapi::Output out;
  out.OutputKey = x.value("OutputKey", "");
  out.OutputValue = x.value("OutputValue", "");
  if (x.contains("Description")) out.Description = cfn::as_text(x["Description"]);
  if (x.contains("ExportName")) out.ExportName = cfn::as_text(x["ExportName"]);
  return out;
}

cfapi::Stack shown_stack(const cfn::Stack& s) {
  cfapi::Stack o;
  o.StackId = s.id;
  o.StackName = s.name;
  if (!s.description.empty()) o.Description = s.description;
  o.CreationTime = cfn::instant_of(s.created_ms);
  if (s.updated_ms != s.created_ms && s.updated_ms) o.LastUpdatedTime = cfn::instant_of(s.updated_ms);
  if (s.deleted_ms) o.DeletionTime = cfn::instant_of(s.deleted_ms);
  o.StackStatus = s.status;
  if (!s.reason.empty()) o.StackStatusReason = s.reason;
  if (!s.role.empty()) o.RoleARN = s.role;
  o.DisableRollback = s.keep_on_failure;
  o.EnableTerminationProtection = s.protected_;
  if (auto ps = cfn::parameters_of(s.target.parameters, s.secrets); !ps.empty()) o.Parameters = std::move(ps);
  o.Outputs.emplace();
  for (auto& x : s.outputs) o.Outputs->push_back(shown_output(x));
  o.Tags = cfn::tags_of(s.tags);
  auto& drift = o.DriftInformation.emplace();
  drift.StackDriftStatus = cfn::drift_status(s);
  if (s.drift.is_object()) drift.LastCheckTimestamp = cfn::instant_of(s.drift.value("at", int64_t{0}));
  return o;
}

}  // namespace

void CloudFormationService::register_lists() {
  on<cfop::DescribeStacks>([this](const Call& c, const auto& in) -> Out<cfop::DescribeStacks> {
    cfop::DescribeStacks::Output o;
    if (in.StackName) {
      TRY_ASSIGN(cfn::Stack * s, stack(c.region, *in.StackName));
      o.Stacks = {shown_stack(*s)};
      return o;
    }
    std::vector<cfapi::Stack> all;
    for (auto& [id, s] : stacks_.in(c.region))
      if (s.status != "DELETE_COMPLETE") all.push_back(shown_stack(s));
    o.Stacks = cfn::page(all, in.NextToken, o.NextToken);
    return o;
  });
  on<cfop::ListStacks>([this](const Call& c, const auto& in) -> Out<cfop::ListStacks> {
    std::vector<cfapi::StackSummary> all;
    for (auto& [id, s] : stacks_.in(c.region)) {
      auto& f = in.StackStatusFilter;
      if (f && !f->empty() && std::find(f->begin(), f->end(), s.status) == f->end()) continue;
      cfapi::StackSummary x;
      x.StackId = s.id;
      x.StackName = s.name;
      x.CreationTime = cfn::instant_of(s.created_ms);
      if (s.deleted_ms) x.DeletionTime = cfn::instant_of(s.deleted_ms);
      x.StackStatus = s.status;
      all.push_back(std::move(x));
    }
    cfop::ListStacks::Output o;
    o.StackSummaries = cfn::page(all, in.NextToken, o.NextToken);
    return o;
  });
}

void CloudFormationService::register_exports() {
  on<cfop::ListExports>([this](const Call& c, const auto&) -> Out<cfop::ListExports> {
    cfop::ListExports::Output o;
    o.Exports.emplace();
    for (auto& [id, s] : stacks_.in(c.region))
      for (auto& x : s.outputs)
        if (x.contains("ExportName") && s.status != "DELETE_COMPLETE")
          o.Exports->push_back({.ExportingStackId = s.id,
                                .Name = cfn::as_text(x["ExportName"]),
                                .Value = x.value("OutputValue", "")});
    return o;
  });
  on<cfop::ListImports>([this](const Call& c, const auto& in) -> Out<cfop::ListImports> {
    std::string name = in.ExportName.value_or("");
    std::vector<std::string> users;
    for (auto& [id, s] : stacks_.in(c.region))
      if (s.status != "DELETE_COMPLETE" && s.imports.contains(name)) users.push_back(s.name);
    if (users.empty())
      return aws_error("ValidationError", fmt::format("Export '{}' is not imported by any stack.", name),
                       400);
    cfop::ListImports::Output o;
    o.Imports = cfn::page(users, in.NextToken, o.NextToken);
    return o;
  });
}

}  // namespace relight::sandbox
