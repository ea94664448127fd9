#include "sandbox/services/ecs/task_images.h"

#include <fmt/format.h>

#include <optional>

#include "aws/gen/ecr.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/container/image_store.h"

namespace relight::sandbox::ecs {
namespace {

struct RegistryImage {
  std::string host, account, region, repository, tag, digest;
};

std::optional<RegistryImage> registry_image(const std::string& reference) {
  static constexpr std::string_view kMark = ".dkr.ecr.", kTail = ".amazonaws.com";
  auto slash = reference.find('/'), mark = reference.find(kMark);
  if (slash == reference.npos || mark == reference.npos || mark > slash) return {};
  RegistryImage i{.host = reference.substr(0, slash), .account = reference.substr(0, mark)};
  if (!i.host.ends_with(kTail)) return {};
  auto from = mark + kMark.size();
  i.region = i.host.substr(from, i.host.size() - kTail.size() - from);
  i.repository = reference.substr(slash + 1);
  if (auto at = i.repository.find('@'); at != i.repository.npos) {
    i.digest = i.repository.substr(at + 1);
    i.repository.resize(at);
  }
  if (auto colon = i.repository.find(':'); colon != i.repository.npos) {
    i.tag = i.repository.substr(colon + 1);
    i.repository.resize(colon);
  }
  if (i.digest.empty() && i.tag.empty()) i.tag = "latest";
  if (!i.digest.empty()) i.tag.clear();  // the digest decides, as everywhere
  return i;
}

// The words after the colon are those of ECS's agent and containerd, as far as they are known
// ("CannotPullContainer task errors in Amazon ECS"); unverified in detail.
std::unexpected<Error> cannot_pull(const std::string& reference, const std::string& why) {
  return aws_error("CannotPullContainerError",
                   fmt::format("CannotPullContainerError: pull image manifest has been "
                               "retried 1 time(s): failed to resolve ref {}: {}",
                               reference, why));
}

}  // namespace

Result<> find_images(World& w, const std::string& region, std::vector<container::Spec>& specs) {
  namespace ecr = aws::ecr;
  for (auto& s : specs) {
    auto image = registry_image(s.image);
    if (!image) continue;
    if (image->account != w.account())
      return cannot_pull(s.image,
                         "pull access denied, repository does not exist or may require authorization");
    bool reachable =
        image->region == region ? w.links().up(region) : w.links().connected(region, image->region);
    if (!reachable) return cannot_pull(s.image, fmt::format("dial tcp: lookup {}: i/o timeout", image->host));
    ecr::ImageIdentifier id;
    if (!image->digest.empty()) id.imageDigest = image->digest;
    if (!image->tag.empty()) id.imageTag = image->tag;
    auto found = w.call<ecr::op::BatchGetImage>(
        image->region, {.repositoryName = image->repository, .imageIds = std::vector{id}});
    if (!found) return cannot_pull(s.image, found.error().message);
    if (!found->images || found->images->empty()) return cannot_pull(s.image, s.image + ": not found");
    s.image = container::registry_image_key(image->region, image->repository,
                                            *found->images->front().imageId->imageDigest);
  }
  return {};
}

}  // namespace relight::sandbox::ecs
