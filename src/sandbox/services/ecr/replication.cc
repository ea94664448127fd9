// Replication to other regions ("Private image replication in Amazon ECR"): of what is pushed after the rule
// was made, once a push, never onwards. Deletions and lifecycle policies are not replicated; a repository
// that is missing there is made.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

namespace {
constexpr Millis kImageCopyTime{30'000};  // "most images … in less than 30 minutes"; small ones in seconds

bool rule_wants(const api::ReplicationRule& rule, const std::string& repository) {
  auto filters = rule.repositoryFilters.value_or(std::vector<api::RepositoryFilter>{});
  return filters.empty() ||
         std::ranges::any_of(filters, [&](auto& f) { return repository.starts_with(f.filter.value_or("")); });
}

api::ImageReplicationStatus* replication_to(Replicated* row, const std::string& region) {
  if (row && row->replicationStatuses)
    for (auto& s : *row->replicationStatuses)
      if (s.region == region) return &s;
  return nullptr;
}

}  // namespace

void EcrService::replicate(Region from, const std::string& repository, const std::string& digest) {
  auto* registry = registries_.find(from, "registry");
  if (!registry || !registry->replicationConfiguration) return;
  auto key = image_key(repository, digest);
  for (auto& rule : registry->replicationConfiguration->rules.value_or(std::vector<api::ReplicationRule>{})) {
    if (!rule_wants(rule, repository)) continue;
    for (auto& d : *rule.destinations) {
      auto* row = replicated_.find(from, key);
      if (!row) {
        api::DescribeImageReplicationStatusResponse fresh{repository, api::ImageIdentifier{digest, {}}, {}};
        fresh.replicationStatuses.emplace();
        row = &replicated_.put(from, key, fresh);
      }
      auto* status = replication_to(row, *d.region);
      if (!status)
        status = &row->replicationStatuses->emplace_back(
            api::ImageReplicationStatus{d.region, world_.account(), "IN_PROGRESS", {}});
      status->status = "IN_PROGRESS";
      status->failureCode.reset();
      replicated_.save(from, key, *row);
      world_.after(world_.pace(kImageCopyTime), [this, from = std::string(from), repository, digest,
                                                 to = *d.region] { copy(from, repository, digest, to); });
    }
  }
}

void EcrService::replicate_all() {
  for (auto& from : world_.settings.regions)
    for (auto& [key, row] : replicated_.in(from))
      for (auto& s : row.replicationStatuses.value_or(std::vector<api::ImageReplicationStatus>{}))
        if (s.status == "IN_PROGRESS")
          world_.after(world_.pace(kImageCopyTime),
                       [this, from, repository = *row.repositoryName, digest = *row.imageId->imageDigest,
                        to = *s.region] { copy(from, repository, digest, to); });
}

void EcrService::copy(Region from, const std::string& repository, const std::string& digest, Region to) {
  auto* status = replication_to(replicated_.find(from, image_key(repository, digest)), to);
  auto* manifest = manifests_.find(from, image_key(repository, digest));
  if (!status || status->status != "IN_PROGRESS" || !manifest) return;
  if (!world_.links().up(from)) return;  // its restoration begins anew
  if (!world_.links().connected(from, to)) {
    world_.after(world_.poll_interval(std::chrono::minutes(1)),
                 [this, f = std::string(from), repository, digest, t = std::string(to)] {
                   copy(f, repository, digest, t);
                 });
    return;
  }
  std::vector<std::string> wanted;
  auto take = [&](const std::string& of) {
    auto* m = manifests_.find(from, image_key(repository, of));
    auto parts = m ? parts_of(*m->imageManifest, m->imageManifestMediaType) : Result<Parts>(Parts{});
    if (parts) wanted.insert(wanted.end(), parts->blobs.begin(), parts->blobs.end());
    return parts ? parts->manifests : std::vector<std::string>{};
  };
  for (auto& child : take(digest)) take(child);
  auto why = std::make_shared<std::string>();
  world_.work(
      [source = blobs(from), target = blobs(to), wanted, why]() mutable {
        for (auto& b : wanted)
          if (auto r = target.take_from(source, b); !r) *why = r.error().text();
      },
      [this, f = std::string(from), repository, digest, t = std::string(to), why] {
        copied(f, repository, digest, t, *why);
      });
}

// The layers are there: now the images, a list's children first.
void EcrService::copied(Region from, const std::string& repository, const std::string& digest, Region to,
                        const std::string& why) {
  auto key = image_key(repository, digest);
  auto* row = replicated_.find(from, key);
  auto* status = replication_to(row, to);
  auto* manifest = manifests_.find(from, key);
  if (!status || !manifest || !world_.links().up(to) || !world_.links().up(from)) return;
  std::string failed = why;
  if (!repositories_.find(to, repository)) {
    auto made = make_repository(to, {.repositoryName = repository});
    if (!made) failed = made.error().message;
  }
  auto put = [&](const std::string& of, const std::optional<std::string>& tag) {
    auto* m = manifests_.find(from, image_key(repository, of));
    auto parts = m ? parts_of(*m->imageManifest, m->imageManifestMediaType) : Result<Parts>(Parts{});
    if (!m || !parts) return;
    for (auto& b : parts->blobs) add_layer(to, repository, b);
    auto r = put_image(to, {.repositoryName = repository,
                            .imageManifest = m->imageManifest,
                            .imageManifestMediaType = m->imageManifestMediaType,
                            .imageTag = tag});
    if (!r && r.error().code != "ImageAlreadyExistsException") failed = r.error().message;
  };
  if (failed.empty()) {
    auto parts = parts_of(*manifest->imageManifest, manifest->imageManifestMediaType);
    for (auto& child : parts ? parts->manifests : std::vector<std::string>{}) put(child, {});
    auto* image = details_.find(from, key);
    auto tags = image && image->imageTags ? *image->imageTags : std::vector<std::string>{};
    if (tags.empty()) put(digest, {});
    for (auto& t : tags) put(digest, t);
  }
  status->status = failed.empty() ? "COMPLETE" : "FAILED";
  if (!failed.empty()) status->failureCode = "ServerException";
  replicated_.save(from, key, *row);
  world_.event(to, "ecr", repository,
               failed.empty() ? "image replicated from " + from : "image not replicated: " + failed);
  if (failed.empty()) evaluate(to, repository);
}

void EcrService::add_replication() {
  on<op::PutReplicationConfiguration>([this](const Call& c, const api::PutReplicationConfigurationRequest& in)
                                          -> Result<api::PutReplicationConfigurationResponse> {
    auto& regions = world_.settings.regions;
    for (auto& rule : in.replicationConfiguration->rules.value_or(std::vector<api::ReplicationRule>{}))
      for (auto& d : *rule.destinations) {
        if (d.registryId != world_.account())
          return aws_error("InvalidParameterException",
                           "Invalid parameter at 'replicationConfiguration': this sandbox has one account");
        if (d.region == c.region || std::ranges::find(regions, *d.region) == regions.end())
          return aws_error("InvalidParameterException",
                           fmt::format("Invalid parameter at 'replicationConfiguration' failed to satisfy "
                                       "constraint: 'Invalid destination region {}'",
                                       *d.region));  // wording unverified
      }
    registries_.put(c.region, "registry",
                    api::DescribeRegistryResponse{world_.account(), in.replicationConfiguration});
    return api::PutReplicationConfigurationResponse{in.replicationConfiguration};
  });
  on<op::DescribeRegistry>(
      [this](const Call& c, const api::DescribeRegistryRequest&) -> Result<api::DescribeRegistryResponse> {
        if (auto* r = registries_.find(c.region, "registry")) return *r;
        return api::DescribeRegistryResponse{
            world_.account(), api::ReplicationConfiguration{std::vector<api::ReplicationRule>{}}};
      });
  on<op::DescribeImageReplicationStatus>(
      [this](const Call& c, const api::DescribeImageReplicationStatusRequest& in)
          -> Result<api::DescribeImageReplicationStatusResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        auto found = look(c.region, *repo->repositoryName, *in.imageId);
        if (!found.image)
          return aws_error(
              "ImageNotFoundException",
              fmt::format("The image does not exist within the repository with name '{}' in the registry "
                          "with id '{}'",
                          *repo->repositoryName, world_.account()));
        auto* row = replicated_.find(c.region, image_key(*repo->repositoryName, *found.image->imageDigest));
        api::DescribeImageReplicationStatusResponse out{repo->repositoryName, in.imageId, {}};
        out.replicationStatuses = row ? row->replicationStatuses : std::vector<api::ImageReplicationStatus>{};
        return out;
      });
}

}  // namespace relight::sandbox
