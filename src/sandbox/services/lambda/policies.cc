// Resource policies and tags.
#include "sandbox/services/lambda/permission.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

namespace {

std::unexpected<Error> other_revision() {
  return aws_error("PreconditionFailedException",
                   "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API "
                   "to retrieve the latest Revision Id",
                   412);
}

}  // namespace

void LambdaService::add_policies() {
  held<op::AddPermission>(
      [this](const Call& c, const api::AddPermissionRequest& in) -> Result<api::AddPermissionResponse> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
        if (n.qualifier == kLatest)
          return aws_error("InvalidParameterValueException",
                           "We currently do not support adding policies for $LATEST.", 400);
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, n));
        auto* old = policies_.find(c.region, n.key());
        if (in.RevisionId && (!old || in.RevisionId != old->RevisionId)) return other_revision();
        std::string statement = statement_of(in, arn(c.region, n.name, n.qualifier));
        TRY_ASSIGN(std::string policy, with_statement(old ? old->Policy.value_or("") : "", statement));
        policies_.put(c.region, n.key(),
                      api::GetPolicyResponse{.Policy = policy, .RevisionId = world_.rng.uuid()});
        return api::AddPermissionResponse{.Statement = statement};
      });
  held<op::RemovePermission>(
      [this](const Call& c, const api::RemovePermissionRequest& in) -> Result<op::RemovePermission::Output> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, n));
        auto* old = policies_.find(c.region, n.key());
        if (!old)
          return aws_error("ResourceNotFoundException", "No policy is associated with the given resource.",
                           404);
        if (in.RevisionId && in.RevisionId != old->RevisionId) return other_revision();
        TRY_ASSIGN(std::string policy, without_statement(old->Policy.value_or(""), *in.StatementId));
        if (policy.empty())
          policies_.erase(c.region, n.key());
        else
          policies_.put(c.region, n.key(),
                        api::GetPolicyResponse{.Policy = policy, .RevisionId = world_.rng.uuid()});
        return op::RemovePermission::Output{};
      });
  held<op::GetPolicy>(
      [this](const Call& c, const op::GetPolicy::Input& in) -> Result<api::GetPolicyResponse> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, n));
        auto* p = policies_.find(c.region, n.key());
        if (!p)
          return aws_error("ResourceNotFoundException", "The resource you requested does not exist.", 404);
        return *p;
      });
}

void LambdaService::add_tags() {
  auto row = [this](const Call& c, const std::optional<std::string>& resource) -> Result<std::string> {
    TRY_ASSIGN(Named n, named(c.region, resource));
    TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
    if (!n.qualifier.empty())
      return aws_error("InvalidParameterValueException",
                       "Tags on function aliases and versions are not supported. Please specify either a "
                       "function ARN or an event source mapping ARN.",
                       400);
    return n.name;
  };
  auto of = [this](const Call& c, const std::string& name) {
    auto* t = tags_.find(c.region, name);
    return t ? t->Tags.value_or(Tags{}) : Tags{};
  };
  held<op::TagResource>(
      [this, row, of](const Call& c, const api::TagResourceRequest& in) -> Result<op::TagResource::Output> {
        TRY_ASSIGN(std::string name, row(c, in.Resource));
        Tags tags = of(c, name);
        for (auto& [k, v] : *in.Tags) tags[k] = v;
        if (tags.size() > 50)
          return aws_error("InvalidParameterValueException", "Number of tags exceeds resource tag limit.",
                           400);
        tags_.put(c.region, name, api::ListTagsResponse{.Tags = tags});
        return op::TagResource::Output{};
      });
  held<op::UntagResource>(
      [this, row, of](const Call& c,
                      const op::UntagResource::Input& in) -> Result<op::UntagResource::Output> {
        TRY_ASSIGN(std::string name, row(c, in.Resource));
        Tags tags = of(c, name);
        for (auto& k : *in.TagKeys) tags.erase(k);
        tags_.put(c.region, name, api::ListTagsResponse{.Tags = tags});
        return op::UntagResource::Output{};
      });
  held<op::ListTags>(
      [row, of](const Call& c, const op::ListTags::Input& in) -> Result<api::ListTagsResponse> {
        TRY_ASSIGN(std::string name, row(c, in.Resource));
        return api::ListTagsResponse{.Tags = of(c, name)};
      });
}

}  // namespace relight::sandbox
