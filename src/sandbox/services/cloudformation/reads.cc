#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

using namespace aws::cloudformation;
namespace {

constexpr size_t kPage = 100;

Instant at(int64_t ms) { return Instant{Millis{ms}}; }
std::string text(const cfn::Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

aws::cloudformation::Stack shown(const cfn::Stack& s) {
  aws::cloudformation::Stack o;
  o.StackId = s.id;
  o.StackName = s.name;
  if (!s.description.empty()) o.Description = s.description;
  o.CreationTime = at(s.created_ms);
  if (s.updated_ms != s.created_ms && s.updated_ms) o.LastUpdatedTime = at(s.updated_ms);
  if (s.deleted_ms) o.DeletionTime = at(s.deleted_ms);
  o.StackStatus = s.status;
  if (!s.reason.empty()) o.StackStatusReason = s.reason;
  o.DisableRollback = s.keep_on_failure;
  o.EnableTerminationProtection = s.protected_;
  cfn::Json defined = cfn::Json::object();
  if (auto t = cfn::parse_template(s.target.body)) defined = t->value("Parameters", cfn::Json::object());
  for (auto& [k, v] : s.target.parameters.items()) {
    bool secret = text(defined.value(k, cfn::Json::object()).value("NoEcho", cfn::Json(false))) == "true";
    if (!o.Parameters) o.Parameters.emplace();
    o.Parameters->push_back({.ParameterKey = k, .ParameterValue = secret ? "****" : text(v)});
  }
  o.Outputs.emplace();
  for (auto& x : s.outputs) {
    Output out;
    out.OutputKey = x.value("OutputKey", "");
    out.OutputValue = x.value("OutputValue", "");
    if (x.contains("Description")) out.Description = x["Description"].get<std::string>();
    if (x.contains("ExportName")) out.ExportName = x["ExportName"].get<std::string>();
    o.Outputs->push_back(std::move(out));
  }
  o.Tags.emplace();
  for (auto& t : s.tags) o.Tags->push_back({.Key = t.value("Key", ""), .Value = t.value("Value", "")});
  return o;
}

// One page of `all`; the token is the index to go on from.
template <class T>
std::vector<T> page(const std::vector<T>& all, const std::optional<std::string>& token, std::optional<std::string>& next) {
  size_t from = token ? std::min<size_t>(std::strtoul(token->c_str(), nullptr, 10), all.size()) : 0, to = std::min(all.size(), from + kPage);
  if (to < all.size()) next = std::to_string(to);
  return {all.begin() + static_cast<long>(from), all.begin() + static_cast<long>(to)};
}

}  // namespace

void CloudFormationService::register_reads() {
  on<op::DescribeStacks>([this](const Call& c, const op::DescribeStacks::Input& in) -> R<op::DescribeStacks::Output> {
    op::DescribeStacks::Output o;
    if (in.StackName) {
      TRY_ASSIGN(cfn::Stack * s, stack(c.region, *in.StackName));
      o.Stacks = {shown(*s)};
      return o;
    }
    std::vector<aws::cloudformation::Stack> all;
    for (auto& [id, s] : stacks_.in(c.region))
      if (s.status != "DELETE_COMPLETE") all.push_back(shown(s));
    o.Stacks = page(all, in.NextToken, o.NextToken);
    return o;
  });
  on<op::ListStacks>([this](const Call& c, const op::ListStacks::Input& in) -> R<op::ListStacks::Output> {
    std::vector<StackSummary> all;
    for (auto& [id, s] : stacks_.in(c.region)) {
      auto& f = in.StackStatusFilter;
      if (f && !f->empty() && std::find(f->begin(), f->end(), s.status) == f->end()) continue;
      StackSummary x;
      x.StackId = s.id;
      x.StackName = s.name;
      x.CreationTime = at(s.created_ms);
      if (s.deleted_ms) x.DeletionTime = at(s.deleted_ms);
      x.StackStatus = s.status;
      all.push_back(std::move(x));
    }
    op::ListStacks::Output o;
    o.StackSummaries = page(all, in.NextToken, o.NextToken);
    return o;
  });
  on<op::DescribeStackEvents>([this](const Call& c, const op::DescribeStackEvents::Input& in) -> R<op::DescribeStackEvents::Output> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    std::vector<StackEvent> all;
    for (auto it = s->events.rbegin(); it != s->events.rend(); ++it) {
      StackEvent e;
      e.StackId = s->id;
      e.EventId = it->id;
      e.StackName = s->name;
      e.LogicalResourceId = it->logical;
      e.PhysicalResourceId = it->physical;
      e.ResourceType = it->type;
      e.Timestamp = at(it->at_ms);
      e.ResourceStatus = it->status;
      if (!it->reason.empty()) e.ResourceStatusReason = it->reason;
      all.push_back(std::move(e));
    }
    op::DescribeStackEvents::Output o;
    o.StackEvents = page(all, in.NextToken, o.NextToken);
    return o;
  });
  on<op::DescribeStackResources>([this](const Call& c, const op::DescribeStackResources::Input& in) -> R<op::DescribeStackResources::Output> {
    op::DescribeStackResources::Output o;
    o.StackResources.emplace();
    for (auto& [id, s] : stacks_.in(c.region)) {
      bool wanted = in.StackName ? &s == live(c.region, *in.StackName) || s.id == *in.StackName : false;
      for (auto& [logical, r] : s.resources) {
        if (!wanted && !(in.PhysicalResourceId && r.physical == *in.PhysicalResourceId)) continue;
        if (in.LogicalResourceId && *in.LogicalResourceId != logical) continue;
        StackResource x;
        x.StackName = s.name;
        x.StackId = s.id;
        x.LogicalResourceId = logical;
        x.PhysicalResourceId = r.physical;
        x.ResourceType = r.type;
        x.Timestamp = at(r.updated_ms);
        x.ResourceStatus = r.status;
        o.StackResources->push_back(std::move(x));
      }
    }
    if (in.StackName && o.StackResources->empty()) TRY(stack(c.region, *in.StackName));
    return o;
  });
  on<op::DescribeStackResource>([this](const Call& c, const op::DescribeStackResource::Input& in) -> R<op::DescribeStackResource::Output> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    auto it = s->resources.find(in.LogicalResourceId.value_or(""));
    if (it == s->resources.end())
      return aws_error("ValidationError", fmt::format("Resource {} does not exist for stack {}", in.LogicalResourceId.value_or(""), s->name), 400);
    op::DescribeStackResource::Output o;
    auto& d = o.StackResourceDetail.emplace();
    d.StackName = s->name;
    d.StackId = s->id;
    d.LogicalResourceId = it->first;
    d.PhysicalResourceId = it->second.physical;
    d.ResourceType = it->second.type;
    d.LastUpdatedTimestamp = at(it->second.updated_ms);
    d.ResourceStatus = it->second.status;
    return o;
  });
  on<op::ListStackResources>([this](const Call& c, const op::ListStackResources::Input& in) -> R<op::ListStackResources::Output> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    std::vector<StackResourceSummary> all;
    for (auto& [logical, r] : s->resources) {
      StackResourceSummary x;
      x.LogicalResourceId = logical;
      x.PhysicalResourceId = r.physical;
      x.ResourceType = r.type;
      x.LastUpdatedTimestamp = at(r.updated_ms);
      x.ResourceStatus = r.status;
      all.push_back(std::move(x));
    }
    op::ListStackResources::Output o;
    o.StackResourceSummaries = page(all, in.NextToken, o.NextToken);
    return o;
  });
  on<op::GetTemplate>([this](const Call& c, const op::GetTemplate::Input& in) -> R<op::GetTemplate::Output> {
    op::GetTemplate::Output o;
    if (in.ChangeSetName) {
      TRY_ASSIGN(cfn::ChangeSet * cs, change_set(c.region, *in.ChangeSetName, in.StackName));
      o.TemplateBody = cs->target.body;
    } else {
      TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
      o.TemplateBody = s->target.body;
    }
    o.StagesAvailable = {"Original", "Processed"};
    return o;
  });
  on<op::ValidateTemplate>([this](const Call& c, const op::ValidateTemplate::Input& in) -> R<op::ValidateTemplate::Output> {
    TRY_ASSIGN(std::string b, body(c.region, in.TemplateBody, in.TemplateURL));
    TRY_ASSIGN(cfn::Json t, cfn::parse_template(b));
    TRY(cfn::check_template(t));
    op::ValidateTemplate::Output o;
    if (t.contains("Description")) o.Description = text(t["Description"]);
    o.Parameters.emplace();
    const cfn::Json defined = t.value("Parameters", cfn::Json::object());
    for (auto& [k, d] : defined.items()) {
      TemplateParameter p;
      p.ParameterKey = k;
      if (d.contains("Default")) p.DefaultValue = text(d["Default"]);
      p.NoEcho = text(d.value("NoEcho", cfn::Json(false))) == "true";
      if (d.contains("Description")) p.Description = text(d["Description"]);
      o.Parameters->push_back(std::move(p));
    }
    if (!capable(t, std::nullopt)) o.Capabilities = {"CAPABILITY_IAM"};
    return o;
  });
  on<op::GetTemplateSummary>([this](const Call& c, const op::GetTemplateSummary::Input& in) -> R<op::GetTemplateSummary::Output> {
    std::string b;
    if (in.StackName) {
      TRY_ASSIGN(cfn::Stack * s, stack(c.region, *in.StackName));
      b = s->target.body;
    } else {
      TRY_ASSIGN(b, body(c.region, in.TemplateBody, in.TemplateURL));
    }
    TRY_ASSIGN(cfn::Json t, cfn::parse_template(b));
    TRY(cfn::check_template(t));
    op::GetTemplateSummary::Output o;
    o.Parameters.emplace();
    const cfn::Json defined = t.value("Parameters", cfn::Json::object());
    for (auto& [k, d] : defined.items()) {
      ParameterDeclaration p;
      p.ParameterKey = k;
      if (d.contains("Default")) p.DefaultValue = text(d["Default"]);
      p.ParameterType = d.value("Type", "String");
      p.NoEcho = text(d.value("NoEcho", cfn::Json(false))) == "true";
      o.Parameters->push_back(std::move(p));
    }
    o.ResourceTypes.emplace();
    for (auto& [n, r] : t["Resources"].items()) o.ResourceTypes->push_back(r["Type"].get<std::string>());
    if (!capable(t, std::nullopt)) o.Capabilities = {"CAPABILITY_IAM"};
    return o;
  });
  on<op::ListExports>([this](const Call& c, const op::ListExports::Input&) -> R<op::ListExports::Output> {
    op::ListExports::Output o;
    o.Exports.emplace();
    for (auto& [id, s] : stacks_.in(c.region))
      for (auto& x : s.outputs)
        if (x.contains("ExportName") && s.status != "DELETE_COMPLETE")
          o.Exports->push_back({.ExportingStackId = s.id, .Name = x["ExportName"].get<std::string>(), .Value = x.value("OutputValue", "")});
    return o;
  });
}

}  // namespace relight::sandbox
