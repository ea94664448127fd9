// Layers by the API: what is there, uploads in parts, where to download. Clients push and pull by the
// registry (registry.h); these are what it is made of on AWS.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

namespace {
// UploadLayerPart (API Reference): parts but the last have at least 5 MiB; here also at most so much that the
// request fits into the gateway's limit for JSON.
constexpr int64_t kPart = 5 << 20;
}  // namespace

bool EcrService::has_layer(Region r, const std::string& repository, const std::string& digest) {
  return layers_.find(r, image_key(repository, digest)) != nullptr;
}

void EcrService::add_layer(Region r, const std::string& repository, const std::string& digest) {
  api::Layer l{.layerDigest = digest, .layerAvailability = "AVAILABLE"};
  l.layerSize = static_cast<int64_t>(blobs(r).size(digest).value_or(0));
  layers_.put(r, image_key(repository, digest), l);
}

void EcrService::add_layers() {
  on<op::BatchCheckLayerAvailability>([this](const Call& c, const api::BatchCheckLayerAvailabilityRequest& in)
                                          -> Result<api::BatchCheckLayerAvailabilityResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    api::BatchCheckLayerAvailabilityResponse out{std::vector<api::Layer>{}, std::vector<api::LayerFailure>{}};
    for (auto& digest : *in.layerDigests) {
      if (!is_digest(digest)) {
        out.failures->push_back(
            {digest, "InvalidLayerDigest", "Invalid layer digest"});  // wording unverified
        continue;
      }
      auto* l = layers_.find(c.region, image_key(*repo->repositoryName, digest));
      out.layers->push_back(l ? *l : api::Layer{.layerDigest = digest, .layerAvailability = "UNAVAILABLE"});
    }
    return out;
  });
  on<op::GetDownloadUrlForLayer>([this](const Call& c, const api::GetDownloadUrlForLayerRequest& in)
                                     -> Result<api::GetDownloadUrlForLayerResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    if (!has_layer(c.region, *repo->repositoryName, *in.layerDigest))
      return aws_error("LayersNotFoundException",
                       fmt::format("The layer '{}' is not found in the repository '{}'", *in.layerDigest,
                                   *repo->repositoryName));
    std::string pass = world_.rng.hex(32);
    tickets_.put(c.region, pass, Ticket{c.principal, c.region, world_.clock.now() + std::chrono::hours(1)});
    return api::GetDownloadUrlForLayerResponse{
        fmt::format("{}/v2/{}/blobs/{}?ticket={}", world_.api_endpoint(), *repo->repositoryName,
                    *in.layerDigest, pass),
        in.layerDigest};
  });
}

void EcrService::add_uploads() {
  on<op::InitiateLayerUpload>(
      [this](const Call& c,
             const api::InitiateLayerUploadRequest& in) -> Result<api::InitiateLayerUploadResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        auto id = world_.rng.uuid();
        uploads_[id] = {c.region, *repo->repositoryName};
        return api::InitiateLayerUploadResponse{id, kPart};
      });
  auto upload_of = [this](const Call& c, const std::string& repository, const std::string& id) -> Result<> {
    auto it = uploads_.find(id);
    if (it != uploads_.end() && it->second.region == c.region && it->second.repository == repository)
      return {};
    return aws_error(
        "UploadNotFoundException",
        fmt::format("The upload with upload id '{}' does not exist in the repository with name '{}' "
                    "in the registry with id '{}'",
                    id, repository, world_.account()));
  };
  on<op::UploadLayerPart>(
      [this, upload_of](const Call& c,
                        const api::UploadLayerPartRequest& in) -> Result<api::UploadLayerPartResponse> {
        TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
        TRY(upload_of(c, *repo->repositoryName, *in.uploadId));
        auto have = static_cast<int64_t>(blobs(c.region).uploaded(*in.uploadId));
        auto size = static_cast<int64_t>(in.layerPartBlob->bytes.size());
        if (*in.partFirstByte != have || *in.partLastByte != have + size - 1)
          return aws_error(
              "InvalidLayerPartException",
              fmt::format("The layer part of bytes {} to {} does not follow byte {}, or is not so long",
                          *in.partFirstByte, *in.partLastByte, have - 1));  // wording unverified
        auto done = blobs(c.region).append(*in.uploadId, http::Body(in.layerPartBlob->bytes));
        if (!done) return aws_error("ServerException", done.error().text());
        return api::UploadLayerPartResponse{repo->registryId, repo->repositoryName, in.uploadId,
                                            *in.partLastByte};
      });
  on<op::CompleteLayerUpload>([this, upload_of](const Call& c, const api::CompleteLayerUploadRequest& in)
                                  -> Result<api::CompleteLayerUploadResponse> {
    TRY_ASSIGN(auto* repo, find(c.region, in.registryId, in.repositoryName));
    TRY(upload_of(c, *repo->repositoryName, *in.uploadId));
    auto name = *repo->repositoryName, digest = in.layerDigests->front();
    if (blobs(c.region).uploaded(*in.uploadId) == 0)
      return aws_error("EmptyUploadException",
                       "The specified layer upload does not contain any layer parts.");
    if (has_layer(c.region, name, digest))
      return aws_error(
          "LayerAlreadyExistsException",
          fmt::format("The layer with digest '{}' already exists in the repository with name '{}' in "
                      "the registry with id '{}'",
                      digest, name, world_.account()));
    auto done = blobs(c.region).finish(*in.uploadId, digest);
    if (!done && done.error().code == "Ecr.Digest")
      return aws_error("InvalidLayerException",
                       fmt::format("The layer digest '{}' does not match: {}", digest, done.error().message));
    if (!done) return aws_error("ServerException", done.error().text());
    uploads_.erase(*in.uploadId);
    add_layer(c.region, name, digest);
    return api::CompleteLayerUploadResponse{repo->registryId, name, in.uploadId, digest};
  });
}

std::optional<Ticket> EcrService::ticket(const std::string& password) {
  for (auto& r : world_.settings.regions)
    if (auto* t = tickets_.find(r, password); t && t->expires > world_.clock.now()) return *t;
  return std::nullopt;
}

void EcrService::add_tokens() {
  on<op::GetAuthorizationToken>(
      [this](const Call& c,
             const api::GetAuthorizationTokenRequest&) -> Result<api::GetAuthorizationTokenResponse> {
        std::vector<std::string> old;
        for (auto& [pass, t] : tickets_.in(c.region))
          if (t.expires <= world_.clock.now()) old.push_back(pass);
        for (auto& pass : old) tickets_.erase(c.region, pass);
        // "Private registry authentication": 12 hours, as the user AWS.
        Ticket t{c.principal, c.region, world_.clock.now() + std::chrono::hours(12)};
        std::string pass = world_.rng.hex(64);
        tickets_.put(c.region, pass, t);
        api::AuthorizationData data{
            base64("AWS:" + pass), t.expires,
            fmt::format("https://{}.dkr.ecr.{}.amazonaws.com", world_.account(), c.region)};
        return api::GetAuthorizationTokenResponse{.authorizationData = std::vector{data}};
      });
}

}  // namespace relight::sandbox
