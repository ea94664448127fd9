#include "sandbox/services/secretsmanager/service.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
using namespace secrets;
namespace op = aws::secretsmanager::op;

SecretsManagerService::SecretsManagerService(World& w)
    : Service(w, api::model()),
      secrets_(w, "secretsmanager/secrets"),
      values_(w, "secretsmanager/values"),
      policies_(w, "secretsmanager/policies") {
  add_secrets();
  add_list();
  add_changes();
  add_deletion();
  add_values();
  add_versions();
  add_labels();
  add_policies();
  add_tags();
  add_replication();
  add_random();
}

void SecretsManagerService::start() {
  for (auto& r : world_.settings.regions)
    for (auto& [name, s] : secrets_.in(r))
      if (s.DeletedDate) remove_at_date(r, name);
  replicate_all();
}

void SecretsManagerService::region_restored(const std::string&) { replicate_all(); }

Result<Secret*> SecretsManagerService::find(Region r, const std::optional<std::string>& id) {
  std::string name = id.value_or("");
  bool arn = name.starts_with("arn:");
  for (auto& [key, s] : secrets_.in(r)) {
    // "Secrets Manager ARN": the six characters at its end may be left out.
    bool same = arn ? s.ARN == name || s.ARN->substr(0, s.ARN->size() - 7) == name : key == name;
    if (same) return &s;
  }
  return aws_error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

Result<Secret*> SecretsManagerService::living(Region r, const std::optional<std::string>& id) {
  TRY_ASSIGN(auto* s, find(r, id));
  if (s->DeletedDate)
    return aws_error("InvalidRequestException",
                     "You can't perform this operation on the secret because it was marked for deletion.");
  return s;
}

Result<Secret*> SecretsManagerService::writable(Region r, const std::optional<std::string>& id) {
  TRY_ASSIGN(auto* s, living(r, id));
  if (s->PrimaryRegion && *s->PrimaryRegion != r)
    return aws_error(
        "InvalidParameterException",
        "Operation not permitted on a replica secret. Call must be made in primary secret's region.");
  return s;
}

Result<> SecretsManagerService::name_is_free(Region r, const std::string& name) {
  auto* there = secrets_.find(r, name);
  if (!there) return {};
  if (there->DeletedDate)
    return aws_error(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.");
  return aws_error("ResourceExistsException",
                   fmt::format("The operation failed because the secret {} already exists.", name));
}

void SecretsManagerService::changed(Region r, Secret& s) {
  s.LastChangedDate = world_.clock.now();
  secrets_.save(r, *s.Name, s);
  replicate(r, *s.Name);
}

void SecretsManagerService::forget(Region r, const std::string& name) {
  std::vector<std::string> keys;
  for (auto& [key, v] : values_.in(r))
    if (key.starts_with(name + "|")) keys.push_back(key);
  for (auto& key : keys) values_.erase(r, key);
  policies_.erase(r, name);
  secrets_.erase(r, name);
}

void SecretsManagerService::add_policies() {
  on<op::PutResourcePolicy>(
      [this](const Call& c,
             const api::PutResourcePolicyRequest& in) -> Result<api::PutResourcePolicyResponse> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        auto first = in.ResourcePolicy->find_first_not_of(" \t\r\n");
        if (first == std::string::npos || (*in.ResourcePolicy)[first] != '{')
          return aws_error("MalformedPolicyDocumentException", "This resource policy contains invalid Json");
        policies_.put(c.region, *s->Name, api::GetResourcePolicyResponse{s->ARN, s->Name, in.ResourcePolicy});
        changed(c.region, *s);
        return api::PutResourcePolicyResponse{.ARN = s->ARN, .Name = s->Name};
      });
  on<op::GetResourcePolicy>(
      [this](const Call& c,
             const api::GetResourcePolicyRequest& in) -> Result<api::GetResourcePolicyResponse> {
        TRY_ASSIGN(auto* s, living(c.region, in.SecretId));
        if (auto* p = policies_.find(c.region, *s->Name)) return *p;
        return api::GetResourcePolicyResponse{.ARN = s->ARN, .Name = s->Name};
      });
  on<op::DeleteResourcePolicy>(
      [this](const Call& c,
             const api::DeleteResourcePolicyRequest& in) -> Result<api::DeleteResourcePolicyResponse> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        policies_.erase(c.region, *s->Name);
        changed(c.region, *s);
        return api::DeleteResourcePolicyResponse{.ARN = s->ARN, .Name = s->Name};
      });
}

Result<> SecretsManagerService::set_tags(Secret& s, const std::vector<api::Tag>& more) {
  constexpr size_t kTags = 50;  // "AWS Secrets Manager quotas"
  std::vector<api::Tag> next = s.Tags.value_or(std::vector<api::Tag>{});
  for (auto& t : more) {
    if (t.Key.value_or("").starts_with("aws:"))
      return aws_error("InvalidParameterException",
                       "Tag keys must not begin with aws:.");  // wording unverified
    std::erase_if(next, [&](auto& old) { return old.Key == t.Key; });
    next.push_back(t);
  }
  if (next.size() > kTags)
    return aws_error("InvalidParameterException", "A secret has at most 50 tags.");  // wording unverified
  s.Tags = std::move(next);
  return {};
}

void SecretsManagerService::add_tags() {
  on<op::TagResource>(
      [this](const Call& c, const api::TagResourceRequest& in) -> Result<api::TagResourceOutput_> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        TRY(set_tags(*s, *in.Tags));
        changed(c.region, *s);
        return {};
      });
  on<op::UntagResource>(
      [this](const Call& c, const api::UntagResourceRequest& in) -> Result<api::UntagResourceOutput_> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        if (s->Tags)
          std::erase_if(*s->Tags, [&](auto& t) {
            return std::find(in.TagKeys->begin(), in.TagKeys->end(), t.Key.value_or("")) != in.TagKeys->end();
          });
        changed(c.region, *s);
        return {};
      });
}

}  // namespace relight::sandbox
