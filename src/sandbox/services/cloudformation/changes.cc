// Change sets.
#include <fmt/format.h>

#include <utility>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace cfapi = aws::cloudformation;
namespace cfop = aws::cloudformation::op;

namespace {

cfapi::Change shown_change(const cfn::Json& j) {
  cfapi::Change c;
  c.Type = "Resource";
  auto& r = c.ResourceChange.emplace();
  r.Action = j.value("Action", "");
  r.LogicalResourceId = j.value("LogicalResourceId", "");
  r.ResourceType = j.value("ResourceType", "");
  if (j.contains("PhysicalResourceId")) r.PhysicalResourceId = j["PhysicalResourceId"].get<std::string>();
  if (j.contains("Replacement")) r.Replacement = j["Replacement"].get<std::string>();
  if (r.Action == "Modify") r.Scope = j.value("Scope", std::vector<std::string>{"Properties"});
  r.Details.emplace();
  for (auto& p : j.value("Properties", cfn::Json::array())) {
    cfapi::ResourceChangeDetail d;
    d.Target.emplace();
    d.Target->Attribute = "Properties";
    d.Target->Name = p.get<std::string>();
    d.Evaluation = "Static";
    d.ChangeSource = "DirectModification";
    r.Details->push_back(std::move(d));
  }
  return c;
}

}  // namespace

Result<cfn::ChangeSet*> CloudFormationService::change_set(const std::string& region, const std::string& name,
                                                          const std::optional<std::string>& stack_name) {
  for (auto& [id, c] : changes_.in(region))
    if (c.id == name || (c.name == name && stack_name && (c.stack == *stack_name || c.stack_id == *stack_name))) return &c;
  return aws_error("ChangeSetNotFound", fmt::format("ChangeSet [{}] does not exist", name), 404);
}

Result<> CloudFormationService::may_change(const std::string& region, const cfn::Stack* s, const cfn::ChangeSet& cs,
                                           const std::string& name) {
  if (cs.type == "IMPORT") return aws_error("NotImplemented", "importing resources is not built in this sandbox", 501);
  if (cs.type == "CREATE" && s && s->status != "REVIEW_IN_PROGRESS")
    return aws_error("ValidationError", fmt::format("Stack [{}] already exists and cannot be created again with the changeSet [{}].", name, cs.name), 400);
  if (cs.type != "CREATE" && (!s || s->status == "REVIEW_IN_PROGRESS"))
    return aws_error("ValidationError", fmt::format("Stack [{}] does not exist", name), 400);
  if (s && (!s->op.empty() || s->status == "ROLLBACK_COMPLETE" || (s->status.ends_with("_FAILED") && s->status != "UPDATE_FAILED")))
    return cfn::not_now(*s, "updated");
  if (change_set(region, cs.name, name))
    return aws_error("AlreadyExistsException", fmt::format("ChangeSet [{}] already exists", cs.name), 400);
  return {};
}

Result<cfop::CreateChangeSet::Output> CloudFormationService::propose(const Call& c, const cfapi::CreateChangeSetInput& in) {
  std::string name = in.StackName.value_or("");
  cfn::ChangeSet cs;
  cs.name = in.ChangeSetName.value_or("");
  cs.type = in.ChangeSetType.value_or("UPDATE");
  cfn::Stack* s = live(c.region, name);
  TRY(may_change(c.region, s, cs, name));
  std::string text = s ? s->target.body : "";
  if (!in.UsePreviousTemplate.value_or(false)) {
    TRY_ASSIGN(text, body(c.region, in.TemplateBody, in.TemplateURL));
  }
  TRY_ASSIGN(Wanted w, wanted(std::move(text), in.Parameters, s ? s->target.parameters : cfn::Json::object(), in.Capabilities));
  TRY(assumable(in.RoleARN));
  if (!s) {
    TRY_ASSIGN(s, make(c.region, name, "REVIEW_IN_PROGRESS"));
    engine_.stack_status(c.region, *s, "REVIEW_IN_PROGRESS", "User Initiated");
    s->role = in.RoleARN.value_or("");
  }
  TRY_ASSIGN(Comparison diff, compare(c.region, *s, w));
  aim(*s, w);
  cs.tags = cfn::json_of(in.Tags);
  cs.changes = std::move(diff.changes);
  cs.nothing = cs.type != "CREATE" && diff.nothing && (!in.Tags || cs.tags == s->tags);
  cs.target = std::move(w.target);
  cs.id = arn(c.region, "changeSet", cs.name);
  cs.stack = s->name;
  cs.stack_id = s->id;
  cs.description = in.Description.value_or("");
  cs.created_ms = world_.clock.now().time_since_epoch().count();
  cs.status = "CREATE_IN_PROGRESS";
  cs.execution_status = "UNAVAILABLE";
  cfop::CreateChangeSet::Output o{.Id = cs.id, .StackId = s->id};
  std::string id = cs.id;
  save(c.region, *s);
  changes_.put(c.region, id, std::move(cs));
  settle_change_set(c.region, id);
  return o;
}

void CloudFormationService::settle_change_set(const std::string& region, const std::string& id) {
  world_.after(world_.pace(Millis{2000}), [this, region, id] {
    cfn::ChangeSet* made = changes_.find(region, id);
    if (!made || made->status != "CREATE_IN_PROGRESS") return;
    made->status = made->nothing ? "FAILED" : "CREATE_COMPLETE";
    made->execution_status = made->nothing ? "UNAVAILABLE" : "AVAILABLE";
    if (made->nothing) made->reason = "The submitted information didn't contain changes. Submit different information to create a change set.";
    changes_.save(region, id, *made);
  });
}

Result<cfop::ExecuteChangeSet::Output> CloudFormationService::execute(const Call& c, const cfapi::ExecuteChangeSetInput& in) {
  TRY_ASSIGN(cfn::ChangeSet * cs, change_set(c.region, in.ChangeSetName.value_or(""), in.StackName));
  if (cs->execution_status != "AVAILABLE")
    return aws_error("InvalidChangeSetStatus", fmt::format("ChangeSet [{}] cannot be executed in its current execution status of [{}]", cs->id, cs->execution_status), 400);
  TRY_ASSIGN(cfn::Stack * s, stack(c.region, cs->stack_id));
  if (!s->op.empty()) return cfn::not_now(*s, "updated");
  bool create = s->status == "REVIEW_IN_PROGRESS";
  s->previous = std::exchange(s->target, cs->target);
  if (!cs->tags.empty()) s->tags = cs->tags;
  s->keep_on_failure = in.DisableRollback.value_or(false);
  std::string stack_id = s->id;
  std::vector<std::string> done;
  for (auto& [id, x] : changes_.in(c.region))
    if (x.stack_id == stack_id) done.push_back(id);
  for (auto& id : done) changes_.erase(c.region, id);  // executing one change set deletes the stack's others
  begin(c, *s, create ? "create" : "update");
  return cfop::ExecuteChangeSet::Output{};
}

void CloudFormationService::register_changes() {
  on<cfop::CreateChangeSet>([this](const Call& c, const auto& in) { return propose(c, in); });
  on<cfop::ExecuteChangeSet>([this](const Call& c, const auto& in) { return execute(c, in); });
}

void CloudFormationService::register_change_lists() {
  on<cfop::DescribeChangeSet>([this](const Call& c, const auto& in) -> Out<cfop::DescribeChangeSet> {
    TRY_ASSIGN(cfn::ChangeSet * cs, change_set(c.region, in.ChangeSetName.value_or(""), in.StackName));
    cfop::DescribeChangeSet::Output o;
    o.ChangeSetName = cs->name;
    o.ChangeSetId = cs->id;
    o.StackId = cs->stack_id;
    o.StackName = cs->stack;
    o.CreationTime = cfn::instant_of(cs->created_ms);
    o.Status = cs->status;
    o.ExecutionStatus = cs->execution_status;
    if (!cs->reason.empty()) o.StatusReason = cs->reason;
    o.Changes.emplace();
    for (auto& j : cs->changes) o.Changes->push_back(shown_change(j));
    return o;
  });
  on<cfop::ListChangeSets>([this](const Call& c, const auto& in) -> Out<cfop::ListChangeSets> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    cfop::ListChangeSets::Output o;
    o.Summaries.emplace();
    for (auto& [id, cs] : changes_.in(c.region)) {
      if (cs.stack_id != s->id) continue;
      cfapi::ChangeSetSummary x;
      x.StackId = cs.stack_id;
      x.StackName = cs.stack;
      x.ChangeSetId = cs.id;
      x.ChangeSetName = cs.name;
      x.ExecutionStatus = cs.execution_status;
      x.Status = cs.status;
      x.CreationTime = cfn::instant_of(cs.created_ms);
      o.Summaries->push_back(std::move(x));
    }
    return o;
  });
  on<cfop::DeleteChangeSet>([this](const Call& c, const auto& in) -> Out<cfop::DeleteChangeSet> {
    if (auto cs = change_set(c.region, in.ChangeSetName.value_or(""), in.StackName)) changes_.erase(c.region, std::string((*cs)->id));
    return cfop::DeleteChangeSet::Output{};
  });
}

}  // namespace relight::sandbox
