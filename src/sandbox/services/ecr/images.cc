// Images: put, tagged, removed, and laid out as files for the containers of tasks.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/disk.h"
#include "sandbox/planes/container/image_store.h"
#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;
namespace fs = std::filesystem;

namespace {
using LayoutJson = nlohmann::json;

std::string id_words(const api::ImageIdentifier& id) {
  return fmt::format("{{imageDigest:'{}', imageTag:'{}'}}", id.imageDigest.value_or("null"),
                     id.imageTag.value_or("null"));
}

// Of a list: the child for the machine that the sandbox runs on.
std::string runnable_child(const std::string& manifest) {
  auto j = LayoutJson::parse(manifest, nullptr, false);
  if (!j.is_object() || !j.contains("manifests")) return "";
  for (auto& m : j["manifests"]) {
    auto platform = m.value("platform", LayoutJson::object());
    if (platform.value("os", "") == "linux" && platform.value("architecture", "") == "amd64")
      return m.value("digest", "");
  }
  return "";
}

}  // namespace

std::vector<Detail*> EcrService::images_of(Region r, const std::string& repository) {
  std::vector<Detail*> out;
  for (auto& [key, d] : details_.in(r))
    if (d.repositoryName == repository) out.push_back(&d);
  return out;
}

Detail* EcrService::tagged(Region r, const std::string& repository, const std::string& tag) {
  for (auto* d : images_of(r, repository))
    if (auto& tags = d->imageTags; tags && std::ranges::find(*tags, tag) != tags->end()) return d;
  return nullptr;
}

EcrService::Looked EcrService::look(Region r, const std::string& repository, const api::ImageIdentifier& id) {
  if (!id.imageDigest && !id.imageTag)
    return {nullptr, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"};
  if (id.imageDigest && !is_digest(*id.imageDigest))
    return {nullptr, "InvalidImageDigest",
            "Invalid request parameters: image digest should satisfy the regex "
            "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"};
  auto* by_tag = id.imageTag ? tagged(r, repository, *id.imageTag) : nullptr;
  auto* by_digest = id.imageDigest ? details_.find(r, image_key(repository, *id.imageDigest)) : nullptr;
  if (id.imageDigest && id.imageTag && by_tag && by_digest && by_tag != by_digest)
    return {nullptr, "ImageTagDoesNotMatchDigest",
            "Invalid request parameters: image tag does not match the digest"};  // wording unverified
  auto* found = id.imageDigest ? by_digest : by_tag;
  if (!found || (id.imageTag && !by_tag)) return {nullptr, "ImageNotFound", "Requested image not found"};
  return {found, "", ""};
}

bool EcrService::referenced(Region r, const std::string& repository, const std::string& digest) {
  for (auto& [key, m] : manifests_.in(r)) {
    if (m.repositoryName != repository) continue;
    auto parts = parts_of(*m.imageManifest, {});
    if (parts && std::ranges::find(parts->manifests, digest) != parts->manifests.end()) return true;
  }
  return false;
}

Result<> EcrService::tag_image(Region r, Repository& repo, Detail& image, const std::string& tag) {
  auto* before = tagged(r, *repo.repositoryName, tag);
  if (before == &image) return {};
  if (before && repo.imageTagMutability == "IMMUTABLE")
    return aws_error("ImageTagAlreadyExistsException",
                     fmt::format("The image tag '{}' already exists in the '{}' repository and cannot be "
                                 "overwritten because the repository is immutable.",
                                 tag, *repo.repositoryName));
  if (before) {
    std::erase(*before->imageTags, tag);
    if (before->imageTags->empty()) before->imageTags.reset();
    details_.save(r, image_key(*repo.repositoryName, *before->imageDigest), *before);
  }
  if (!image.imageTags) image.imageTags.emplace();
  image.imageTags->push_back(tag);
  std::ranges::sort(*image.imageTags);
  return {};
}

Result<api::PutImageResponse> EcrService::put_image(Region r, const api::PutImageRequest& in) {
  TRY_ASSIGN(auto* repo, find(r, in.registryId, in.repositoryName));
  auto name = *repo->repositoryName, digest = digest_of(*in.imageManifest);
  TRY_ASSIGN(auto parts, parts_of(*in.imageManifest, in.imageManifestMediaType));
  if (in.imageDigest && *in.imageDigest != digest)
    return aws_error("ImageDigestDoesNotMatchException",
                     fmt::format("The image digest '{}' does not match the digest '{}' of the manifest",
                                 *in.imageDigest, digest));  // wording unverified
  for (auto& b : parts.blobs)
    if (!has_layer(r, name, b))
      return aws_error(
          "LayersNotFoundException",
          fmt::format("The following layers are not found in the repository '{}': [{}]", name, b));
  int64_t size = 0;
  for (auto& b : parts.blobs) size += static_cast<int64_t>(blobs(r).size(b).value_or(0));
  for (auto& m : parts.manifests)
    if (auto* child = details_.find(r, image_key(name, m)))
      size += child->imageSizeInBytes.value_or(0);
    else
      return aws_error("ReferencedImagesNotFoundException",
                       fmt::format("Images with digests '{}' required for "
                                   "pushing image into repository with name "
                                   "'{}' in the registry with id '{}' do not "
                                   "exist",
                                   m, name, world_.account()));
  auto key = image_key(name, digest);
  auto* there = details_.find(r, key);
  auto tag = in.imageTag.value_or("");
  if (there && (tag.empty() || tagged(r, name, tag) == there))
    return aws_error(
        "ImageAlreadyExistsException",
        fmt::format("Image with digest '{}' and tag '{}' already exists in the repository with name "
                    "'{}' in registry with id '{}'",
                    digest, tag.empty() ? "null" : tag, name, world_.account()));
  Detail image;
  if (there) image = *there;
  image.registryId = world_.account();
  image.repositoryName = name;
  image.imageDigest = digest;
  image.imageSizeInBytes = size;
  if (!there) image.imagePushedAt = world_.clock.now();
  image.imageManifestMediaType = parts.media_type;
  if (!parts.artifact.empty()) image.artifactMediaType = parts.artifact;
  if (!tag.empty()) TRY(tag_image(r, *repo, image, tag));
  TRY(blobs(r).put(digest, *in.imageManifest));
  details_.put(r, key, image);
  api::Image kept{world_.account(), name, api::ImageIdentifier{digest, {}}, in.imageManifest,
                  parts.media_type};
  manifests_.put(r, key, kept);
  lay_out(r, name, digest);
  world_.event(r, "ecr", name, "image pushed: " + (tag.empty() ? digest : tag));
  kept.imageId->imageTag = in.imageTag;
  return api::PutImageResponse{.image = std::move(kept)};
}

std::string EcrService::layout_path(Region r, const std::string& repository, const std::string& digest) {
  return world_.settings.dir + "/images/" + container::registry_image_key(r, repository, digest);
}

// Links, no copies: the file system keeps a layer once.
void EcrService::lay_out(Region r, const std::string& repository, const std::string& digest) {
  auto* m = manifests_.find(r, image_key(repository, digest));
  if (!m) return;
  auto child = runnable_child(*m->imageManifest);
  auto* run = child.empty() ? m : manifests_.find(r, image_key(repository, child));
  if (!run) return;
  auto parts = parts_of(*run->imageManifest, run->imageManifestMediaType);
  if (!parts || parts->blobs.empty()) return;
  std::string dir = layout_path(r, repository, digest), of = *run->imageId->imageDigest;
  std::error_code ec;
  fs::create_directories(dir + "/blobs/sha256", ec);
  parts->blobs.push_back(of);
  for (auto& b : parts->blobs) {
    auto to = dir + "/blobs/sha256/" + b.substr(7);
    fs::create_hard_link(blobs(r).path(b), to, ec);
    if (ec && !fs::exists(to)) fs::create_symlink(blobs(r).path(b), to, ec);
  }
  LayoutJson index{
      {"schemaVersion", 2},
      {"manifests",
       LayoutJson::array(
           {{{"mediaType", parts->media_type}, {"digest", of}, {"size", run->imageManifest->size()}}})}};
  if (!system_disk().write(dir + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})")) return;
  auto done = system_disk().write(dir + "/index.json", index.dump());
  if (!done) world_.event(r, "ecr", repository, "image cannot be used by tasks: " + done.error().message);
}

void EcrService::forget_image(Region r, const std::string& repository, const std::string& digest) {
  auto key = image_key(repository, digest);
  details_.erase(r, key);
  manifests_.erase(r, key);
  replicated_.erase(r, key);
  std::error_code ec;
  fs::remove_all(layout_path(r, repository, digest), ec);
}

void EcrService::add_images() {
  on<op::PutImage>([this](const Call& c, const api::PutImageRequest& in) -> Result<api::PutImageResponse> {
    TRY_ASSIGN(auto out, put_image(c.region, in));
    replicate(c.region, *in.repositoryName, *out.image->imageId->imageDigest);
    evaluate(c.region, *in.repositoryName);
    return out;
  });
}

api::BatchDeleteImageResponse EcrService::remove_images(Region r, Repository& repo, const Ids& ids) {
  auto name = *repo.repositoryName;
  api::BatchDeleteImageResponse out{Ids{}, std::vector<api::ImageFailure>{}};
  for (auto& id : ids) {
    auto found = look(r, name, id);
    bool whole = found.image && (id.imageDigest || found.image->imageTags->size() == 1);
    if (whole && referenced(r, name, *found.image->imageDigest))
      found = {nullptr, "ImageReferencedByManifestList",
               "Requested image referenced by manifest list"};  // wording unverified
    if (!found.image) {
      out.failures->push_back({id, found.code, found.reason});
      continue;
    }
    auto digest = *found.image->imageDigest;
    auto tags = found.image->imageTags.value_or(std::vector<std::string>{});
    if (!whole) {
      std::erase(*found.image->imageTags, *id.imageTag);
      details_.save(r, image_key(name, digest), *found.image);
      out.imageIds->push_back({digest, id.imageTag});
      continue;
    }
    if (tags.empty()) out.imageIds->push_back({digest, {}});
    for (auto& t : tags) out.imageIds->push_back({digest, t});
    forget_image(r, name, digest);
    world_.event(r, "ecr", name, "image deleted: " + (tags.empty() ? digest : tags.front()));
  }
  return out;
}

void EcrService::add_deletion() {
  on<op::BatchDeleteImage>(
      [this](const Call& c, const api::BatchDeleteImageRequest& in) -> Result<api::BatchDeleteImageResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        return remove_images(c.region, *repo, *in.imageIds);
      });
}

void EcrService::add_reads() {
  on<op::BatchGetImage>(
      [this](const Call& c, const api::BatchGetImageRequest& in) -> Result<api::BatchGetImageResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        api::BatchGetImageResponse out{std::vector<api::Image>{}, std::vector<api::ImageFailure>{}};
        for (auto& id : *in.imageIds) {
          auto found = look(c.region, *repo->repositoryName, id);
          if (!found.image) {
            out.failures->push_back({id, found.code, found.reason});
            continue;
          }
          auto key = image_key(*repo->repositoryName, *found.image->imageDigest);
          api::Image image = *manifests_.find(c.region, key);
          image.imageId->imageTag = id.imageTag;
          out.images->push_back(std::move(image));
          found.image->lastRecordedPullTime = world_.clock.now();
          details_.save(c.region, key, *found.image);
        }
        return out;
      });
}

void EcrService::add_descriptions() {
  on<op::DescribeImages>(
      [this](const Call& c, const api::DescribeImagesRequest& in) -> Result<api::DescribeImagesResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        auto name = *repo->repositoryName;
        api::DescribeImagesResponse out{.imageDetails = std::vector<api::ImageDetail>{}};
        for (auto& id : in.imageIds.value_or(Ids{})) {
          auto found = look(c.region, name, id);
          if (!found.image)
            return aws_error(
                "ImageNotFoundException",
                fmt::format("The image with imageId {} does not exist within the repository with name "
                            "'{}' in the registry with id '{}'",
                            id_words(id), name, world_.account()));
          out.imageDetails->push_back(*found.image);
        }
        if (in.imageIds) return out;
        auto status = in.filter ? in.filter->tagStatus.value_or("ANY") : "ANY";
        auto most = static_cast<size_t>(in.maxResults.value_or(100));
        for (auto* i : images_of(c.region, name)) {
          if (in.nextToken && *i->imageDigest <= *in.nextToken) continue;
          if (status != "ANY" && (status == "TAGGED") != i->imageTags.has_value()) continue;
          if (out.imageDetails->size() == most) {
            out.nextToken = out.imageDetails->back().imageDigest;
            break;
          }
          out.imageDetails->push_back(*i);
        }
        return out;
      });
}

void EcrService::add_list() {
  on<op::ListImages>(
      [this](const Call& c, const api::ListImagesRequest& in) -> Result<api::ListImagesResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        auto status = in.filter ? in.filter->tagStatus.value_or("ANY") : "ANY";
        auto most = static_cast<size_t>(in.maxResults.value_or(100));
        api::ListImagesResponse out;
        out.imageIds = Ids{};
        for (auto* i : images_of(c.region, *repo->repositoryName)) {
          auto tags = i->imageTags.value_or(std::vector<std::string>{});
          if (tags.empty() && status != "TAGGED") tags.emplace_back();
          if (!tags.empty() && !tags[0].empty() && status == "UNTAGGED") continue;
          for (auto& t : tags) {
            auto at = *i->imageDigest + "|" + t;
            if (in.nextToken && at <= *in.nextToken) continue;
            if (out.imageIds->size() == most) {
              auto& last = out.imageIds->back();
              out.nextToken = *last.imageDigest + "|" + last.imageTag.value_or("");
              return out;
            }
            out.imageIds->push_back({i->imageDigest, t.empty() ? std::nullopt : std::optional(t)});
          }
        }
        return out;
      });
}

}  // namespace relight::sandbox
