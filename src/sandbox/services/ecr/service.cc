#include "sandbox/services/ecr/service.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

EcrService::EcrService(World& w)
    : Service(w, api::model()),
      repositories_(w, "ecr/repositories"),
      details_(w, "ecr/images"),
      manifests_(w, "ecr/manifests"),
      layers_(w, "ecr/layers"),
      tags_(w, "ecr/tags"),
      lifecycles_(w, "ecr/lifecycles"),
      previews_(w, "ecr/previews"),
      policies_(w, "ecr/policies"),
      registry_policies_(w, "ecr/registry-policies"),
      registries_(w, "ecr/registries"),
      replicated_(w, "ecr/replicated"),
      tickets_(w, "ecr/tickets") {
  add_repositories();
  add_settings();
  add_policies();
  add_registry_policies();
  add_tags();
  add_images();
  add_reads();
  add_descriptions();
  add_list();
  add_deletion();
  add_layers();
  add_uploads();
  add_lifecycle();
  add_preview();
  add_replication();
  add_tokens();
}

void EcrService::start() {
  for (auto& r : world_.settings.regions) blobs(r).drop_all_uploads();
  replicate_all();
  evaluate_all();
}

void EcrService::region_restored(const std::string&) { replicate_all(); }

Blobs EcrService::blobs(Region r) const { return Blobs(world_.dir(r, "ecr")); }

Result<Repository*> EcrService::find(Region r, const std::optional<std::string>& registry,
                                     const std::optional<std::string>& name) {
  auto* repo = repositories_.find(r, name.value_or(""));
  if (repo && registry.value_or(world_.account()) == world_.account()) return repo;
  return aws_error("RepositoryNotFoundException",
                   fmt::format("The repository with name '{}' does not exist in the registry with id '{}'",
                               name.value_or(""), registry.value_or(world_.account())));
}

void EcrService::add_policies() {
  on<op::SetRepositoryPolicy>([this](const Call& c, const api::SetRepositoryPolicyRequest& in)
                                  -> Result<api::SetRepositoryPolicyResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    auto first = in.policyText->find_first_not_of(" \t\r\n");
    if (first == std::string::npos || (*in.policyText)[first] != '{')
      return aws_error("InvalidParameterException",
                       "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository "
                       "policy provided'");
    policies_.put(c.region, *repo->repositoryName,
                  api::GetRepositoryPolicyResponse{repo->registryId, repo->repositoryName, in.policyText});
    return api::SetRepositoryPolicyResponse{repo->registryId, repo->repositoryName, in.policyText};
  });
  auto policy_of = [this](Region region, const std::optional<std::string>& registry,
                          const std::optional<std::string>& name) -> Result<RepositoryPolicy*> {
    TRY_ASSIGN(auto* repo, find(region, registry, name));
    if (auto* p = policies_.find(region, *repo->repositoryName)) return p;
    return aws_error("RepositoryPolicyNotFoundException",
                     fmt::format("Repository policy does not exist for the repository with name '{}' in the "
                                 "registry with id '{}'",
                                 *repo->repositoryName, world_.account()));
  };
  on<op::GetRepositoryPolicy>(
      [policy_of](const Call& c,
                  const api::GetRepositoryPolicyRequest& in) -> Result<api::GetRepositoryPolicyResponse> {
        TRY_ASSIGN(auto* p, policy_of(c.region, in.registryId, in.repositoryName));
        return *p;
      });
  on<op::DeleteRepositoryPolicy>(
      [this, policy_of](
          const Call& c,
          const api::DeleteRepositoryPolicyRequest& in) -> Result<api::DeleteRepositoryPolicyResponse> {
        TRY_ASSIGN(auto* p, policy_of(c.region, in.registryId, in.repositoryName));
        api::DeleteRepositoryPolicyResponse out{p->registryId, p->repositoryName, p->policyText};
        policies_.erase(c.region, *in.repositoryName);
        return out;
      });
}

void EcrService::add_registry_policies() {
  on<op::PutRegistryPolicy>(
      [this](const Call& c,
             const api::PutRegistryPolicyRequest& in) -> Result<api::PutRegistryPolicyResponse> {
        registry_policies_.put(c.region, "policy",
                               api::GetRegistryPolicyResponse{world_.account(), in.policyText});
        return api::PutRegistryPolicyResponse{world_.account(), in.policyText};
      });
  auto registry_policy = [this](Region region) -> Result<RegistryPolicy*> {
    if (auto* p = registry_policies_.find(region, "policy")) return p;
    return aws_error(
        "RegistryPolicyNotFoundException",
        fmt::format("Registry policy does not exist in the registry with id '{}'", world_.account()));
  };
  on<op::GetRegistryPolicy>(
      [registry_policy](const Call& c,
                        const api::GetRegistryPolicyRequest&) -> Result<api::GetRegistryPolicyResponse> {
        TRY_ASSIGN(auto* p, registry_policy(c.region));
        return *p;
      });
  on<op::DeleteRegistryPolicy>([this, registry_policy](const Call& c, const api::DeleteRegistryPolicyRequest&)
                                   -> Result<api::DeleteRegistryPolicyResponse> {
    TRY_ASSIGN(auto* p, registry_policy(c.region));
    api::DeleteRegistryPolicyResponse out{p->registryId, p->policyText};
    registry_policies_.erase(c.region, "policy");
    return out;
  });
}

}  // namespace relight::sandbox
