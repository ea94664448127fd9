// Stacks are made, changed and taken away.
#include <fmt/format.h>

#include <utility>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace cfop = aws::cloudformation::op;

Result<cfop::CreateStack::Output> CloudFormationService::create(const Call& c, const aws::cloudformation::CreateStackInput& in) {
  if (in.DisableRollback && in.OnFailure)
    return aws_error("ValidationError", "You can specify either OnFailure or DisableRollback, but not both.", 400);
  TRY_ASSIGN(std::string text, body(c.region, in.TemplateBody, in.TemplateURL));
  TRY_ASSIGN(Wanted w, wanted(std::move(text), in.Parameters, cfn::Json::object(), in.Capabilities));
  TRY(assumable(in.RoleARN));
  TRY_ASSIGN(cfn::Stack * s, make(c.region, in.StackName.value_or(""), "CREATE_IN_PROGRESS"));
  aim(*s, w);
  s->target = std::move(w.target);
  s->tags = cfn::json_of(in.Tags);
  s->role = in.RoleARN.value_or("");
  s->keep_on_failure = in.DisableRollback.value_or(false) || in.OnFailure.value_or("") == "DO_NOTHING";
  s->delete_on_failure = in.OnFailure.value_or("") == "DELETE";
  s->protected_ = in.EnableTerminationProtection.value_or(false);
  begin(c, *s, "create");
  return cfop::CreateStack::Output{.StackId = s->id};
}

Result<cfop::UpdateStack::Output> CloudFormationService::update(const Call& c, const aws::cloudformation::UpdateStackInput& in) {
  TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
  bool may = s->op.empty() && (s->status == "UPDATE_FAILED" || (s->status.ends_with("_COMPLETE") && s->status != "ROLLBACK_COMPLETE" && s->status != "DELETE_COMPLETE"));
  if (!may) return cfn::not_now(*s, "updated");
  std::string text = s->target.body;
  if (!in.UsePreviousTemplate.value_or(false)) {
    TRY_ASSIGN(text, body(c.region, in.TemplateBody, in.TemplateURL));
  }
  TRY_ASSIGN(Wanted w, wanted(std::move(text), in.Parameters, s->target.parameters, in.Capabilities));
  TRY(assumable(in.RoleARN));
  TRY_ASSIGN(Comparison diff, compare(c.region, *s, w));
  bool tags = in.Tags && cfn::json_of(in.Tags) != s->tags;
  if (diff.nothing && !tags) return aws_error("ValidationError", "No updates are to be performed.", 400);
  aim(*s, w);
  s->previous = std::exchange(s->target, std::move(w.target));
  if (in.Tags) s->tags = cfn::json_of(in.Tags);
  if (in.RoleARN) s->role = *in.RoleARN;
  s->keep_on_failure = in.DisableRollback.value_or(false);
  begin(c, *s, "update");
  return cfop::UpdateStack::Output{.StackId = s->id};
}

Result<cfop::DeleteStack::Output> CloudFormationService::remove(const Call& c, const aws::cloudformation::DeleteStackInput& in) {
  cfn::Stack* s = live(c.region, in.StackName.value_or(""));
  if (!s) return cfop::DeleteStack::Output{};  // deleting what is not there succeeds, as on AWS
  if (s->protected_) return aws_error("ValidationError", fmt::format("Stack [{}] cannot be deleted while TerminationProtection is enabled", s->name), 400);
  if (s->op == "delete") return cfop::DeleteStack::Output{};
  if (!s->op.empty()) return cfn::not_now(*s, "deleted");
  cfn::Exports known = exports();
  for (auto& o : s->outputs) {
    std::string name = o.value("ExportName", ""), user = name.empty() ? "" : known.user(c.region, name, s->id);
    if (!user.empty()) return aws_error("ValidationError", fmt::format("Delete canceled. Cannot delete export {} as it is in use by {}.", name, user), 400);
  }
  // "For stacks in the DELETE_FAILED state, a list of resource logical IDs to retain".
  if (in.RetainResources && !in.RetainResources->empty() && s->status != "DELETE_FAILED")
    return aws_error("ValidationError", fmt::format("Invalid operation on stack [{}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.", s->id), 400);
  s->retained.clear();
  if (in.RetainResources) s->retained.insert(in.RetainResources->begin(), in.RetainResources->end());
  begin(c, *s, "delete");
  return cfop::DeleteStack::Output{};
}

void CloudFormationService::register_stacks() {
  on<cfop::CreateStack>([this](const Call& c, const auto& in) { return create(c, in); });
  on<cfop::UpdateStack>([this](const Call& c, const auto& in) { return update(c, in); });
  on<cfop::DeleteStack>([this](const Call& c, const auto& in) { return remove(c, in); });
  on<cfop::UpdateTerminationProtection>([this](const Call& c, const auto& in) -> Out<cfop::UpdateTerminationProtection> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    s->protected_ = in.EnableTerminationProtection.value_or(false);
    save(c.region, *s);
    return cfop::UpdateTerminationProtection::Output{.StackId = s->id};
  });
}

}  // namespace relight::sandbox
