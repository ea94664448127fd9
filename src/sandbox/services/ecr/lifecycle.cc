// Lifecycle policies: kept, previewed, and carried out on the sandbox's clock. AWS says that images expire
// "within 24 hours" ("Automate the cleanup of images by using lifecycle policies in Amazon ECR").
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

namespace {
constexpr auto kLifecycleRound = std::chrono::hours(24);
}

std::vector<Expiring> EcrService::expiring_of(Region r, const std::string& repository,
                                              const std::string& text) {
  auto rules = lifecycle_rules(text);
  if (!rules) return {};
  std::vector<LifecycleImage> images;
  for (auto* i : images_of(r, repository))
    images.push_back({*i->imageDigest, i->imageTags.value_or(std::vector<std::string>{}), *i->imagePushedAt,
                      referenced(r, repository, *i->imageDigest)});
  return expiring(*rules, std::move(images), world_.clock.now());
}

// Some time after a push or a new policy, when the policy has not been replaced until then.
void EcrService::evaluate(Region r, const std::string& repository) {
  if (!lifecycles_.find(r, repository)) return;
  world_.after(world_.pace(kLifecycleRound), [this, region = std::string(r), repository] {
    auto* policy = lifecycles_.find(region, repository);
    auto* repo = repositories_.find(region, repository);
    if (!policy || !repo || !world_.links().up(region)) return;
    Ids ids;
    for (auto& e : expiring_of(region, repository, *policy->lifecyclePolicyText))
      ids.push_back({e.digest, {}});
    policy->lastEvaluatedAt = world_.clock.now();
    lifecycles_.save(region, repository, *policy);
    if (!ids.empty()) remove_images(region, *repo, ids);
  });
}

// Images grow old without anybody doing anything.
void EcrService::evaluate_all() {
  for (auto& r : world_.settings.regions)
    for (auto& [name, policy] : lifecycles_.in(r)) evaluate(r, name);
  world_.after(world_.poll_interval(kLifecycleRound), [this] { evaluate_all(); });
}

void EcrService::add_lifecycle() {
  on<op::PutLifecyclePolicy>([this](const Call& c, const api::PutLifecyclePolicyRequest& in)
                                 -> Result<api::PutLifecyclePolicyResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    TRY(lifecycle_rules(*in.lifecyclePolicyText));
    lifecycles_.put(
        c.region, *repo->repositoryName,
        api::GetLifecyclePolicyResponse{repo->registryId, repo->repositoryName, in.lifecyclePolicyText, {}});
    evaluate(c.region, *repo->repositoryName);
    return api::PutLifecyclePolicyResponse{repo->registryId, repo->repositoryName, in.lifecyclePolicyText};
  });
  auto policy_of = [this](Region region, const std::optional<std::string>& registry,
                          const std::optional<std::string>& name) -> Result<Lifecycle*> {
    TRY_ASSIGN(auto* repo, find(region, registry, name));
    if (auto* p = lifecycles_.find(region, *repo->repositoryName)) return p;
    return aws_error("LifecyclePolicyNotFoundException",
                     fmt::format("Lifecycle policy does not exist for the repository with name '{}' in the "
                                 "registry with id '{}'",
                                 *repo->repositoryName, world_.account()));
  };
  on<op::GetLifecyclePolicy>(
      [policy_of](const Call& c,
                  const api::GetLifecyclePolicyRequest& in) -> Result<api::GetLifecyclePolicyResponse> {
        TRY_ASSIGN(auto* p, policy_of(c.region, in.registryId, in.repositoryName));
        return *p;
      });
  on<op::DeleteLifecyclePolicy>([this, policy_of](const Call& c, const api::DeleteLifecyclePolicyRequest& in)
                                    -> Result<api::DeleteLifecyclePolicyResponse> {
    TRY_ASSIGN(auto* p, policy_of(c.region, in.registryId, in.repositoryName));
    api::DeleteLifecyclePolicyResponse out{p->registryId, p->repositoryName, p->lifecyclePolicyText,
                                           p->lastEvaluatedAt};
    lifecycles_.erase(c.region, *in.repositoryName);
    return out;
  });
}

void EcrService::add_preview() {
  on<op::StartLifecyclePolicyPreview>([this](const Call& c, const api::StartLifecyclePolicyPreviewRequest& in)
                                          -> Result<api::StartLifecyclePolicyPreviewResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    auto name = *repo->repositoryName;
    auto* kept = lifecycles_.find(c.region, name);
    if (!in.lifecyclePolicyText && !kept)
      return aws_error("LifecyclePolicyNotFoundException",
                       fmt::format("Lifecycle policy does not exist for the repository with name '{}' in the "
                                   "registry with id '{}'",
                                   name, world_.account()));
    auto text = in.lifecyclePolicyText ? *in.lifecyclePolicyText : *kept->lifecyclePolicyText;
    TRY(lifecycle_rules(text));
    api::GetLifecyclePolicyPreviewResponse p;
    p.registryId = repo->registryId;
    p.repositoryName = name;
    p.lifecyclePolicyText = text;
    p.status = "COMPLETE";
    p.previewResults.emplace();
    for (auto& e : expiring_of(c.region, name, text)) {
      auto* image = details_.find(c.region, image_key(name, e.digest));
      p.previewResults->push_back({image->imageTags, image->imageDigest, image->imagePushedAt,
                                   api::LifecyclePolicyRuleAction{"EXPIRE"}, e.priority});
    }
    p.summary = api::LifecyclePolicyPreviewSummary{static_cast<int32_t>(p.previewResults->size())};
    previews_.put(c.region, name, p);
    return api::StartLifecyclePolicyPreviewResponse{repo->registryId, name, text, "IN_PROGRESS"};
  });
  on<op::GetLifecyclePolicyPreview>([this](const Call& c, const api::GetLifecyclePolicyPreviewRequest& in)
                                        -> Result<api::GetLifecyclePolicyPreviewResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    if (auto* p = previews_.find(c.region, *repo->repositoryName)) return *p;
    return aws_error(
        "LifecyclePolicyPreviewNotFoundException",
        fmt::format("There is no dry run for the repository with name '{}' in the registry with id "
                    "'{}'",
                    *repo->repositoryName, world_.account()));  // wording unverified
  });
}

}  // namespace relight::sandbox
