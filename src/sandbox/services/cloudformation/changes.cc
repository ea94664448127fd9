#include <fmt/format.h>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

using namespace aws::cloudformation;
namespace {

Instant instant(int64_t ms) { return Instant{Millis{ms}}; }

cfn::Json change(const char* action, const std::string& logical, const std::string& type, const std::string& physical,
                 const char* replacement = nullptr, const std::vector<std::string>& properties = {}) {
  cfn::Json c{{"Action", action}, {"LogicalResourceId", logical}, {"ResourceType", type}};
  if (!physical.empty()) c["PhysicalResourceId"] = physical;
  if (replacement) c["Replacement"] = replacement;
  if (!properties.empty()) c["Properties"] = properties;
  return c;
}

Change shown_change(const cfn::Json& j) {
  Change c;
  c.Type = "Resource";
  auto& r = c.ResourceChange.emplace();
  r.Action = j.value("Action", "");
  r.LogicalResourceId = j.value("LogicalResourceId", "");
  r.ResourceType = j.value("ResourceType", "");
  if (j.contains("PhysicalResourceId")) r.PhysicalResourceId = j["PhysicalResourceId"].get<std::string>();
  if (j.contains("Replacement")) r.Replacement = j["Replacement"].get<std::string>();
  if (r.Action == "Modify") r.Scope = {"Properties"};
  r.Details.emplace();
  for (auto& p : j.value("Properties", cfn::Json::array())) {
    ResourceChangeDetail d;
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

// What executing the target would do. Values that exist only after creation compare as different.
Result<cfn::Json> CloudFormationService::compare(const std::string& region, const cfn::Stack& s, const cfn::Target& t) {
  TRY_ASSIGN(cfn::Json tmpl, cfn::parse_template(t.body));
  TRY_ASSIGN(auto wanted, engine_.resolve(region, s, tmpl, t));
  cfn::Json out = cfn::Json::array();
  for (auto& [logical, props] : wanted) {
    auto it = s.resources.find(logical);
    std::string type = tmpl["Resources"][logical]["Type"].get<std::string>();
    if (it == s.resources.end() || it->second.physical.empty()) {
      out.push_back(change("Add", logical, type, ""));
      continue;
    }
    const cfn::ResourceType* rt = cfn::find_type(type);
    cfn::Json have = it->second.props, want = props;
    std::string named(rt ? rt->named : "");
    if (!named.empty() && !want.contains(named) && have.contains(named)) want[named] = have[named];
    if (have == want) continue;
    bool replace = false;
    std::vector<std::string> changed;
    cfn::Json both = have;
    both.update(want);
    for (auto& [k, v] : both.items())
      if (have.value(k, cfn::Json()) != want.value(k, cfn::Json())) {
        changed.push_back(k);
        replace = replace || (rt && (rt->replace == "*" || cfn::listed(rt->replace, k)));
      }
    out.push_back(change("Modify", logical, type, it->second.physical, replace ? "True" : "False", changed));
  }
  for (auto& [logical, r] : s.resources)
    if (!wanted.contains(logical) && !r.physical.empty()) out.push_back(change("Remove", logical, r.type, r.physical));
  return out;
}

Result<cfn::ChangeSet*> CloudFormationService::change_set(const std::string& region, const std::string& name,
                                                          const std::optional<std::string>& stack_name) {
  for (auto& [id, c] : changes_.in(region))
    if (c.id == name || (c.name == name && stack_name && (c.stack == *stack_name || c.stack_id == *stack_name))) return &c;
  return aws_error("ChangeSetNotFound", fmt::format("ChangeSet [{}] does not exist", name), 404);
}

void CloudFormationService::register_changes() {
  on<op::CreateChangeSet>([this](const Call& c, const op::CreateChangeSet::Input& in) -> R<op::CreateChangeSet::Output> {
    std::string name = in.StackName.value_or(""), type = in.ChangeSetType.value_or("UPDATE");
    cfn::Stack* s = live(c.region, name);
    if (type == "CREATE" && s && s->status != "REVIEW_IN_PROGRESS")
      return aws_error("ValidationError", fmt::format("Stack [{}] already exists and cannot be created again with the changeSet [{}].", name, in.ChangeSetName.value_or("")), 400);
    if (type != "CREATE" && (!s || s->status == "REVIEW_IN_PROGRESS"))
      return aws_error("ValidationError", fmt::format("Stack [{}] does not exist", name), 400);
    if (s && !s->op.empty()) return aws_error("ValidationError", fmt::format("Stack:{} is in {} state and can not be updated.", s->id, s->status), 400);
    if (s && (s->status == "ROLLBACK_COMPLETE" || s->status.ends_with("_FAILED")))
      return aws_error("ValidationError", fmt::format("Stack:{} is in {} state and can not be updated.", s->id, s->status), 400);
    if (change_set(c.region, in.ChangeSetName.value_or(""), name))
      return aws_error("AlreadyExistsException", fmt::format("ChangeSet [{}] already exists", in.ChangeSetName.value_or("")), 400);
    std::string text = s ? s->target.body : "";
    if (!in.UsePreviousTemplate.value_or(false)) {
      TRY_ASSIGN(text, body(c.region, in.TemplateBody, in.TemplateURL));
    }
    cfn::Json given = cfn::Json::array();
    for (auto& p : in.Parameters.value_or(std::vector<Parameter>{})) {
      cfn::Json j{{"ParameterKey", p.ParameterKey.value_or("")}};
      if (p.ParameterValue) j["ParameterValue"] = *p.ParameterValue;
      if (p.UsePreviousValue) j["UsePreviousValue"] = *p.UsePreviousValue;
      given.push_back(j);
    }
    cfn::ChangeSet cs;
    TRY_ASSIGN(cs.target, target(text, given, s ? s->target.parameters : cfn::Json::object()));
    TRY_ASSIGN(cfn::Json tmpl, cfn::parse_template(text));
    TRY(capable(tmpl, in.Capabilities));
    if (!s) {
      TRY_ASSIGN(s, make(c.region, name, "REVIEW_IN_PROGRESS"));
      engine_.stack_status(c.region, *s, "REVIEW_IN_PROGRESS", "User Initiated");
    }
    s->description = tmpl.value("Description", "");
    cs.name = in.ChangeSetName.value_or("");
    cs.id = arn(c.region, "changeSet", cs.name);
    cs.stack = s->name;
    cs.stack_id = s->id;
    cs.type = type;
    cs.description = in.Description.value_or("");
    cs.created_ms = world_.clock.now().time_since_epoch().count();
    for (auto& t : in.Tags.value_or(std::vector<Tag>{})) cs.tags.push_back({{"Key", t.Key.value_or("")}, {"Value", t.Value.value_or("")}});
    cs.status = "CREATE_IN_PROGRESS";
    cs.execution_status = "UNAVAILABLE";
    TRY_ASSIGN(cs.changes, compare(c.region, *s, cs.target));
    op::CreateChangeSet::Output o{.Id = cs.id, .StackId = s->id};
    std::string id = cs.id, region = c.region;
    stacks_.save(c.region, s->id, *s);
    changes_.put(c.region, id, std::move(cs));
    world_.after(world_.pace(Millis{2000}), [this, region, id] {
      cfn::ChangeSet* made = changes_.find(region, id);
      if (!made) return;
      bool nothing = made->changes.empty();
      made->status = nothing ? "FAILED" : "CREATE_COMPLETE";
      made->execution_status = nothing ? "UNAVAILABLE" : "AVAILABLE";
      if (nothing) made->reason = "The submitted information didn't contain changes. Submit different information to create a change set.";
      changes_.save(region, id, *made);
    });
    return o;
  });
  on<op::DescribeChangeSet>([this](const Call& c, const op::DescribeChangeSet::Input& in) -> R<op::DescribeChangeSet::Output> {
    TRY_ASSIGN(cfn::ChangeSet * cs, change_set(c.region, in.ChangeSetName.value_or(""), in.StackName));
    op::DescribeChangeSet::Output o;
    o.ChangeSetName = cs->name;
    o.ChangeSetId = cs->id;
    o.StackId = cs->stack_id;
    o.StackName = cs->stack;
    o.CreationTime = instant(cs->created_ms);
    o.Status = cs->status;
    o.ExecutionStatus = cs->execution_status;
    if (!cs->reason.empty()) o.StatusReason = cs->reason;
    o.Changes.emplace();
    for (auto& j : cs->changes) o.Changes->push_back(shown_change(j));
    return o;
  });
  on<op::ListChangeSets>([this](const Call& c, const op::ListChangeSets::Input& in) -> R<op::ListChangeSets::Output> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    op::ListChangeSets::Output o;
    o.Summaries.emplace();
    for (auto& [id, cs] : changes_.in(c.region)) {
      if (cs.stack_id != s->id) continue;
      ChangeSetSummary x;
      x.StackId = cs.stack_id;
      x.StackName = cs.stack;
      x.ChangeSetId = cs.id;
      x.ChangeSetName = cs.name;
      x.ExecutionStatus = cs.execution_status;
      x.Status = cs.status;
      x.CreationTime = instant(cs.created_ms);
      o.Summaries->push_back(std::move(x));
    }
    return o;
  });
  on<op::DeleteChangeSet>([this](const Call& c, const op::DeleteChangeSet::Input& in) -> R<op::DeleteChangeSet::Output> {
    if (auto cs = change_set(c.region, in.ChangeSetName.value_or(""), in.StackName)) changes_.erase(c.region, std::string((*cs)->id));
    return op::DeleteChangeSet::Output{};
  });
  on<op::ExecuteChangeSet>([this](const Call& c, const op::ExecuteChangeSet::Input& in) -> R<op::ExecuteChangeSet::Output> {
    TRY_ASSIGN(cfn::ChangeSet * cs, change_set(c.region, in.ChangeSetName.value_or(""), in.StackName));
    if (cs->execution_status != "AVAILABLE")
      return aws_error("InvalidChangeSetStatus", fmt::format("ChangeSet [{}] cannot be executed in its current execution status of [{}]", cs->id, cs->execution_status), 400);
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, cs->stack_id));
    bool create = s->status == "REVIEW_IN_PROGRESS";
    s->previous = std::exchange(s->target, cs->target);
    if (!cs->tags.empty()) s->tags = cs->tags;
    s->keep_on_failure = in.DisableRollback.value_or(false);
    engine_.begin(c.region, *s, create ? "create" : "update");
    stacks_.save(c.region, s->id, *s);
    std::string stack_id = s->id;
    std::vector<std::string> done;
    for (auto& [id, x] : changes_.in(c.region))
      if (x.stack_id == stack_id) done.push_back(id);
    for (auto& id : done) changes_.erase(c.region, id);  // executing one change set deletes the stack's others
    drive(c.region, stack_id);
    return op::ExecuteChangeSet::Output{};
  });
}

}  // namespace relight::sandbox
