#include "app/image_copy.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/layer_copy.h"
#include "aws/gen/ecr.h"
#include "base/bytes.h"

namespace relight::app {
namespace {
namespace ecr = aws::ecr;
using ImageManifest = nlohmann::json;
constexpr int kDeepest = 4;  // lists of lists

aws::CallOptions image_call(const std::string& region) { return {region, Millis(60000)}; }

Error image_error(const ImageCopy& i, const char* code, std::string why, std::string next) {
  return {.code = code,
          .message = std::move(why),
          .tried = "copy the image",
          .resource = i.repository + "@" + i.digest,
          .region = i.from,
          .next = std::move(next)};
}

// Every form that ECR keeps ("Container image manifest format support in Amazon ECR"): a form that is not
// named may be answered as another one, and then the digest would be another.
std::vector<std::string> every_form() {
  return {"application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.docker.distribution.manifest.v1+prettyjws"};
}

Result<ecr::Image> manifest_of(const Registries& r, const ImageCopy& i) {
  ecr::BatchGetImageRequest in{.registryId = i.account, .repositoryName = i.repository};
  in.imageIds = std::vector{ecr::ImageIdentifier{.imageDigest = i.digest}};
  in.acceptedMediaTypes = every_form();
  TRY_ASSIGN(auto said, ecr::Client(r.aws).BatchGetImage(in, image_call(i.from)));
  auto images = said.images.value_or(std::vector<ecr::Image>{});
  if (images.empty()) {
    auto failures = said.failures.value_or(std::vector<ecr::ImageFailure>{});
    auto why = failures.empty() ? "ECR does not say why" : failures.front().failureReason.value_or("");
    return fail(image_error(i, "Images.Gone", "its manifest was not found: " + why,
                            "run 'relight capture' and 'relight synth' again"));
  }
  auto text = images.front().imageManifest.value_or("");
  if ("sha256:" + hex(sha256(text)) != i.digest)
    return fail(image_error(i, "Images.OtherManifest", "ECR answers another manifest than the digest's",
                            fmt::format("copy it by hand: skopeo copy --all docker://{0}.dkr.ecr.{1}."
                                        "amazonaws.com/{3}@{4} docker://{0}.dkr.ecr.{2}.amazonaws.com/{3}",
                                        i.account, i.from, i.to, i.repository, i.digest)));
  return images.front();
}

// As the source's is. Policies and life cycles are not replicated either, and a key of KMS is of one region.
Result<> make_repository(const Registries& r, const ImageCopy& i) {
  ecr::Client client(r.aws);
  std::vector names{i.repository};
  auto seen =
      client.DescribeRepositories({.registryId = i.account, .repositoryNames = names}, image_call(i.to));
  if (seen) return {};
  if (seen.error().code != "RepositoryNotFoundException") return std::unexpected(seen.error());
  TRY_ASSIGN(auto source, client.DescribeRepositories({.registryId = i.account, .repositoryNames = names},
                                                      image_call(i.from)));
  ecr::CreateRepositoryRequest in{.registryId = i.account, .repositoryName = i.repository};
  if (source.repositories && !source.repositories->empty()) {
    in.imageTagMutability = source.repositories->front().imageTagMutability;
    in.imageScanningConfiguration = source.repositories->front().imageScanningConfiguration;
  }
  auto made = client.CreateRepository(in, image_call(i.to));
  if (!made && made.error().code != "RepositoryAlreadyExistsException") return std::unexpected(made.error());
  if (r.tell) r.tell("made the repository " + i.repository + " in " + i.to);
  return {};
}

// What a manifest names that the registry keeps: layers of somebody else's ("foreign", of Windows) are fetched
// from where they are (image-spec, "urls").
std::vector<LayerOfImage> layers_of(const ImageManifest& manifest) {
  std::vector<LayerOfImage> out;
  auto take = [&](const ImageManifest& l) {
    auto type = l.value("mediaType", "");
    bool foreign = type.find("foreign") != type.npos || type.find("nondistributable") != type.npos;
    if (!foreign) out.push_back({l.value("digest", ""), l.value("size", int64_t{0})});
  };
  if (manifest.contains("config")) take(manifest["config"]);
  for (auto& l : manifest.value("layers", ImageManifest::array())) take(l);
  return out;
}

// The tag that the image gets; none where it means another one there already: pushed later, and replicated.
Result<std::optional<std::string>> free_tag(const Registries& r, const ImageCopy& i) {
  if (i.tag.empty()) return std::nullopt;
  auto seen = ecr::Client(r.aws).DescribeImages(
      {.registryId = i.account,
       .repositoryName = i.repository,
       .imageIds = std::vector{ecr::ImageIdentifier{.imageTag = i.tag}}},
      image_call(i.to));
  if (seen) return std::nullopt;
  if (seen.error().code == "ImageNotFoundException") return i.tag;
  return std::unexpected(seen.error());
}

Result<> put_manifest(const Registries& r, const ImageCopy& i, const ecr::Image& image) {
  TRY_ASSIGN(auto tag, free_tag(r, i));
  ecr::PutImageRequest in{.registryId = i.account,
                          .repositoryName = i.repository,
                          .imageManifest = image.imageManifest,
                          .imageManifestMediaType = image.imageManifestMediaType,
                          .imageTag = tag,
                          .imageDigest = i.digest};
  auto done = ecr::Client(r.aws).PutImage(in, image_call(i.to));
  if (!done && done.error().code == "ImageTagAlreadyExistsException") {
    in.imageTag.reset();
    done = ecr::Client(r.aws).PutImage(in, image_call(i.to));
  }
  if (!done && done.error().code != "ImageAlreadyExistsException") return std::unexpected(done.error());
  return {};
}

Result<> copy_manifest(const Registries& r, const ImageCopy& i, int depth) {
  if (depth > kDeepest)
    return fail(image_error(i, "Images.Nested", "its lists of images are nested too deeply",
                            "copy it by hand with 'skopeo copy --all'"));
  TRY_ASSIGN(auto image, manifest_of(r, i));
  auto manifest = ImageManifest::parse(*image.imageManifest, nullptr, false);
  if (!manifest.is_object())
    return fail(image_error(i, "Images.OtherManifest", "its manifest is not JSON", "push it again"));
  // PutImage refuses a list whose images are not there, and an image whose layers are not.
  for (auto& child : manifest.value("manifests", ImageManifest::array())) {
    auto one = i;
    one.digest = child.value("digest", "");
    one.tag.clear();
    TRY_ASSIGN(bool there, has_image(r.aws, i.to, i.account, i.repository, one.digest));
    if (!there) TRY(copy_manifest(r, one, depth + 1));
  }
  if (auto layers = layers_of(manifest); !layers.empty()) TRY(copy_layers(r, i, layers));
  return put_manifest(r, i, image);
}

}  // namespace

Result<bool> has_image(aws::Caller& aws, const std::string& region, const std::string& account,
                       const std::string& repository, const std::string& digest) {
  auto seen = ecr::Client(aws).DescribeImages(
      {.registryId = account,
       .repositoryName = repository,
       .imageIds = std::vector{ecr::ImageIdentifier{.imageDigest = digest}}},
      image_call(region));
  if (seen) return true;
  auto& code = seen.error().code;
  if (code == "ImageNotFoundException" || code == "RepositoryNotFoundException") return false;
  return std::unexpected(seen.error());
}

Result<> copy_image(const Registries& r, const ImageCopy& image) {
  TRY(make_repository(r, image));
  try {
    return copy_manifest(r, image, 1);
  } catch (const ImageManifest::exception& e) {
    return fail(image_error(image, "Images.OtherManifest",
                            std::string("its manifest is not as image-spec says: ") + e.what(),
                            "push it again"));
  }
}

}  // namespace relight::app
