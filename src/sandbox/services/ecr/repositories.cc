// Repositories, their settings and tags.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

namespace {

constexpr size_t kRepositoryTags = 50;  // "Amazon ECR service quotas"

// "Repository name requirements" of CreateRepository (API Reference).
bool is_repository_name(const std::string& name) {
  static const std::regex pattern("(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*");
  return name.size() >= 2 && name.size() <= 256 && std::regex_match(name, pattern);
}

std::string repository_of_arn(const std::string& arn) {
  auto at = arn.find(":repository/");
  return at == arn.npos ? "" : arn.substr(at + 12);
}

Result<> add_repository_tags(std::vector<api::Tag>& tags, const std::vector<api::Tag>& more) {
  for (auto& t : more) {
    if (t.Key.value_or("").starts_with("aws:"))
      return aws_error("InvalidTagParameterException",
                       "Tag keys must not begin with aws:.");  // wording unverified
    std::erase_if(tags, [&](auto& old) { return old.Key == t.Key; });
    tags.push_back(t);
  }
  if (tags.size() > kRepositoryTags)
    return aws_error("TooManyTagsException", "A repository has at most 50 tags.");  // wording unverified
  return {};
}

}  // namespace

Result<Repository> EcrService::make_repository(Region r, const api::CreateRepositoryRequest& in) {
  auto name = in.repositoryName.value_or("");
  if (!is_repository_name(name))
    return aws_error("InvalidParameterException",
                     fmt::format("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must "
                                 "satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+"
                                 "(?:[._-][a-z0-9]+)*''"));
  if (repositories_.find(r, name))
    return aws_error("RepositoryAlreadyExistsException",
                     fmt::format("The repository with name '{}' already exists in the registry with id '{}'",
                                 name, world_.account()));
  std::vector<api::Tag> tags;
  TRY(add_repository_tags(tags, in.tags.value_or(std::vector<api::Tag>{})));
  Repository repo;
  repo.repositoryArn = fmt::format("arn:aws:ecr:{}:{}:repository/{}", r, world_.account(), name);
  repo.registryId = world_.account();
  repo.repositoryName = name;
  repo.repositoryUri = fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}", world_.account(), r, name);
  repo.createdAt = world_.clock.now();
  repo.imageTagMutability = in.imageTagMutability.value_or("MUTABLE");
  repo.imageScanningConfiguration =
      in.imageScanningConfiguration.value_or(api::ImageScanningConfiguration{.scanOnPush = false});
  repo.encryptionConfiguration =
      in.encryptionConfiguration.value_or(api::EncryptionConfiguration{.encryptionType = "AES256"});
  repositories_.put(r, name, repo);
  if (!tags.empty()) tags_.put(r, name, api::ListTagsForResourceResponse{.tags = std::move(tags)});
  world_.event(r, "ecr", name, "repository created");
  return repo;
}

void EcrService::add_repositories() {
  on<op::CreateRepository>(
      [this](const Call& c, const api::CreateRepositoryRequest& in) -> Result<api::CreateRepositoryResponse> {
        TRY_ASSIGN(auto repo, make_repository(c.region, in));
        return api::CreateRepositoryResponse{.repository = repo};
      });
  on<op::DescribeRepositories>(
      [this](const Call& c,
             const api::DescribeRepositoriesRequest& in) -> Result<api::DescribeRepositoriesResponse> {
        api::DescribeRepositoriesResponse out{.repositories = std::vector<api::Repository>{}};
        if (in.repositoryNames) {
          for (auto& name : *in.repositoryNames) {
            TRY_ASSIGN(auto* repo, find(c.region, in.registryId, name));
            out.repositories->push_back(*repo);
          }
          return out;
        }
        auto most = static_cast<size_t>(in.maxResults.value_or(100));
        for (auto& [name, repo] : repositories_.in(c.region)) {
          if (in.nextToken && name <= *in.nextToken) continue;
          if (out.repositories->size() == most) {
            out.nextToken = out.repositories->back().repositoryName;
            break;
          }
          out.repositories->push_back(repo);
        }
        return out;
      });
  on<op::DeleteRepository>(
      [this](const Call& c, const api::DeleteRepositoryRequest& in) -> Result<api::DeleteRepositoryResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        auto name = *repo->repositoryName;
        auto images = images_of(c.region, name);
        if (!images.empty() && !in.force.value_or(false))
          return aws_error(
              "RepositoryNotEmptyException",
              fmt::format("The repository with name '{}' in registry with id '{}' cannot be deleted "
                          "because it still contains images",
                          name, world_.account()));
        api::DeleteRepositoryResponse out{.repository = *repo};
        std::vector<std::string> digests, layers;
        for (auto* i : images) digests.push_back(*i->imageDigest);
        for (auto& d : digests) forget_image(c.region, name, d);
        for (auto& [key, l] : layers_.in(c.region))
          if (key.starts_with(name + "|")) layers.push_back(key);
        for (auto& key : layers) layers_.erase(c.region, key);
        tags_.erase(c.region, name);
        lifecycles_.erase(c.region, name);
        previews_.erase(c.region, name);
        policies_.erase(c.region, name);
        repositories_.erase(c.region, name);
        world_.event(c.region, "ecr", name, "repository deleted");
        return out;
      });
}

void EcrService::add_settings() {
  on<op::PutImageTagMutability>(
      [this](const Call& c,
             const api::PutImageTagMutabilityRequest& in) -> Result<api::PutImageTagMutabilityResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        repo->imageTagMutability = in.imageTagMutability;
        repositories_.save(c.region, *repo->repositoryName, *repo);
        return api::PutImageTagMutabilityResponse{repo->registryId, repo->repositoryName,
                                                  repo->imageTagMutability};
      });
  on<op::PutImageScanningConfiguration>(
      [this](const Call& c, const api::PutImageScanningConfigurationRequest& in)
          -> Result<api::PutImageScanningConfigurationResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        repo->imageScanningConfiguration = in.imageScanningConfiguration;
        repositories_.save(c.region, *repo->repositoryName, *repo);
        return api::PutImageScanningConfigurationResponse{repo->registryId, repo->repositoryName,
                                                          repo->imageScanningConfiguration};
      });
}

void EcrService::add_tags() {
  on<op::ListTagsForResource>(
      [this](const Call& c,
             const api::ListTagsForResourceRequest& in) -> Result<api::ListTagsForResourceResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, {}, repository_of_arn(*in.resourceArn)));
        auto* tags = tags_.find(c.region, *repo->repositoryName);
        return tags ? *tags : api::ListTagsForResourceResponse{.tags = std::vector<api::Tag>{}};
      });
  on<op::TagResource>(
      [this](const Call& c, const api::TagResourceRequest& in) -> Result<api::TagResourceResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, {}, repository_of_arn(*in.resourceArn)));
        auto* there = tags_.find(c.region, *repo->repositoryName);
        auto tags = there ? there->tags.value_or(std::vector<api::Tag>{}) : std::vector<api::Tag>{};
        TRY(add_repository_tags(tags, *in.tags));
        tags_.put(c.region, *repo->repositoryName, api::ListTagsForResourceResponse{.tags = std::move(tags)});
        return {};
      });
  on<op::UntagResource>(
      [this](const Call& c, const api::UntagResourceRequest& in) -> Result<api::UntagResourceResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, {}, repository_of_arn(*in.resourceArn)));
        auto* tags = tags_.find(c.region, *repo->repositoryName);
        if (!tags || !tags->tags) return {};
        std::erase_if(*tags->tags, [&](auto& t) {
          return std::ranges::find(*in.tagKeys, t.Key.value_or("")) != in.tagKeys->end();
        });
        tags_.save(c.region, *repo->repositoryName, *tags);
        return {};
      });
}

}  // namespace relight::sandbox
