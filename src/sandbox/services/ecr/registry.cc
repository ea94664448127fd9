#include "sandbox/services/ecr/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/bytes.h"
#include "sandbox/services/ecr/registry_visit.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

namespace {
using RegistryJson = nlohmann::json;
constexpr uint64_t kManifestLimit = 4 << 20;  // PutImage: imageManifest has at most 4,194,304 characters

std::string registry_host(const http::Request& r) {
  auto host = r.headers.value("Host");
  return std::string(host.substr(0, host.find(':')));
}

// "us-east-1" of "ACCOUNT.dkr.ecr.us-east-1.amazonaws.com".
std::string region_of_host(const std::string& host) {
  static constexpr std::string_view kMark = ".dkr.ecr.", kTail = ".amazonaws.com";
  auto mark = host.find(kMark);
  if (mark == host.npos || !host.ends_with(kTail)) return "";
  auto from = mark + kMark.size();
  return host.substr(from, host.size() - kTail.size() - from);
}

http::Response registry_refusal(int status, const char* code, const std::string& message) {
  RegistryJson error{{"code", code}, {"message", message}};
  return registry_reply(status, RegistryJson{{"errors", RegistryJson::array({error})}}.dump(
                                    -1, ' ', false, RegistryJson::error_handler_t::replace));
}

// An error of the service in the registry's words (spec.md, "Error Codes").
http::Response refusal_of(const Error& e) {
  static const std::map<std::string, std::pair<int, const char*>> kCodes{
      {"RepositoryNotFoundException", {404, "NAME_UNKNOWN"}},
      {"ImageNotFoundException", {404, "MANIFEST_UNKNOWN"}},
      {"LayersNotFoundException", {404, "BLOB_UNKNOWN"}},
      {"UploadNotFoundException", {404, "BLOB_UPLOAD_UNKNOWN"}},
      {"ReferencedImagesNotFoundException", {400, "MANIFEST_BLOB_UNKNOWN"}},
      {"InvalidParameterException", {400, "MANIFEST_INVALID"}},
      {"ImageDigestDoesNotMatchException", {400, "DIGEST_INVALID"}},
      {"InvalidLayerException", {400, "DIGEST_INVALID"}},
      {"InvalidLayerPartException", {416, "BLOB_UPLOAD_INVALID"}},
      {"ImageTagAlreadyExistsException", {400, "TAG_INVALID"}},
      {"NotSupported", {405, "UNSUPPORTED"}},
      {"AccessDeniedException", {403, "DENIED"}}};
  auto it = kCodes.find(e.code);
  return it == kCodes.end() ? registry_refusal(500, "UNKNOWN", e.message)
                            : registry_refusal(it->second.first, it->second.second, e.message);
}

// "bytes=FIRST-LAST" of what is `size` bytes long; anything else is answered whole, as RFC 9110 lets a server.
// GetDownloadUrlForLayer leads to S3 on AWS, which knows ranges.
std::optional<std::pair<uint64_t, uint64_t>> asked_range(const http::Request& r, uint64_t size) {
  auto text = r.headers.value("Range");
  uint64_t first = 0, last = 0;
  if (r.method != "GET" || !text.starts_with("bytes=")) return std::nullopt;
  auto* end = text.data() + text.size();
  auto [dash, bad] = std::from_chars(text.data() + 6, end, first);
  if (bad != std::errc() || dash == end || *dash != '-') return std::nullopt;
  auto [rest, wrong] = std::from_chars(dash + 1, end, last);
  if (wrong != std::errc() || rest != end || first > last || first >= size) return std::nullopt;
  return std::pair(first, std::min(last, size - 1));
}

api::ImageIdentifier image_id(const std::string& reference) {
  api::ImageIdentifier id;
  (reference.find(':') == reference.npos ? id.imageTag : id.imageDigest) = reference;
  return id;
}

}  // namespace

bool EcrRegistry::takes(const http::Request& r) const {
  if (!region_of_host(registry_host(r)).empty()) return true;
  return (r.path == "/v2" || r.path.starts_with("/v2/")) &&
         !r.headers.value("Authorization").starts_with("AWS4-") && r.query.find("X-Amz-") == r.query.npos;
}

std::optional<http::Response> EcrRegistry::serve(http::Request&& request, std::string_view home) {
  Visit v{.request = std::move(request)};
  v.host = registry_host(v.request);
  v.region = region_of_host(v.host);
  if (v.region.empty()) v.region = home;
  auto refused = identify(v);
  if (v.region.empty()) v.region = world_.settings.regions.front();
  if (!world_.links().up(v.region)) return std::nullopt;
  if (refused) return refused;
  auto r = answer(v);
  return r ? std::move(*r) : refusal_of(r.error());
}

// "Private registry authentication" (Amazon ECR User Guide): basic, as the user AWS.
std::optional<http::Response> EcrRegistry::identify(Visit& v) {
  auto given = v.request.headers.value("Authorization");
  std::string pass = query_value(v.request, "ticket");
  if (given.starts_with("Basic ")) {
    auto plain = unbase64(given.substr(6));
    pass = plain && plain->starts_with("AWS:") ? plain->substr(4) : "";
  }
  std::lock_guard g(world_.lock());
  if (auto t = ecr_.ticket(pass)) {
    v.principal = t->arn;
    if (v.region.empty()) v.region = t->region;
    return std::nullopt;
  }
  auto r = given.empty() ? registry_refusal(401, "UNAUTHORIZED", "Not Authorized")
                         : registry_refusal(401, "DENIED",
                                            "Your authorization token has expired. Reauthenticate "
                                            "and try again.");
  r.headers.set("Www-Authenticate",
                fmt::format("Basic realm=\"https://{}/\",service=\"ecr.amazonaws.com\"", v.host));
  return r;
}

Result<http::Response> EcrRegistry::answer(Visit& v) {
  auto path = percent_decode(v.request.path);
  if (path == "/v2" || path == "/v2/") return registry_reply(200, "{}");
  if (!path.starts_with("/v2/")) return registry_refusal(404, "UNSUPPORTED", "there is no such path");
  path.erase(0, 4);
  for (std::string kind : {"/blobs/uploads", "/manifests/", "/blobs/", "/tags/list"})
    if (auto at = path.rfind(kind); at != path.npos && at > 0) {
      v.name = path.substr(0, at);
      v.kind = kind;
      v.reference = path.substr(at + kind.size());
      break;
    }
  if (v.reference.starts_with('/')) v.reference.erase(0, 1);
  if (v.kind == "/manifests/")
    return v.read()                    ? manifest(v)
           : v.request.method == "PUT" ? put_manifest(v)
                                       : aws_error("NotSupported", "");
  if (v.kind == "/tags/list" && v.read()) return tags(v);
  if (v.kind == "/blobs/" && v.read()) return blob(v);
  if (v.kind == "/blobs/uploads") return v.reference.empty() ? begin_upload(v) : go_on(v);
  // ECR has no catalogue and deletes by its own API alone (unverified in detail).
  return aws_error("NotSupported", "The operation is unsupported.");
}

Result<http::Response> EcrRegistry::manifest(Visit& v) {
  TRY_ASSIGN(auto out, ask<op::BatchGetImage>(
                           v, {.repositoryName = v.name, .imageIds = std::vector{image_id(v.reference)}}));
  if (out.images->empty()) return aws_error("ImageNotFoundException", "Requested image not found");
  auto& image = out.images->front();
  auto r = registry_reply(200, *image.imageManifest, image.imageManifestMediaType->c_str());
  r.headers.set("Docker-Content-Digest", *image.imageId->imageDigest);
  return r;
}

Result<http::Response> EcrRegistry::put_manifest(Visit& v) {
  if (v.request.body.size() > kManifestLimit)
    return aws_error("InvalidParameterException", "the manifest is too long");
  TRY_ASSIGN(auto text, v.request.body.read());
  auto id = image_id(v.reference);
  auto digest = digest_of(text);
  api::PutImageRequest in{.repositoryName = v.name, .imageManifest = text};
  if (auto type = v.request.headers.value("Content-Type"); type.starts_with("application/vnd."))
    in.imageManifestMediaType = std::string(type);
  in.imageTag = id.imageTag;
  in.imageDigest = id.imageDigest;
  auto put = ask<op::PutImage>(v, in);
  // The same image under the same tag once more is no mistake of a client that pushes.
  if (!put && put.error().code != "ImageAlreadyExistsException") return std::unexpected(put.error());
  auto r = registry_reply(201);
  r.headers.set("Docker-Content-Digest", digest);
  r.headers.set("Location", fmt::format("/v2/{}/manifests/{}", v.name, digest));
  return r;
}

Result<http::Response> EcrRegistry::tags(Visit& v) {
  api::ListImagesRequest in{.repositoryName = v.name};
  in.filter = api::ListImagesFilter{.tagStatus = "TAGGED"};
  in.maxResults = 1000;
  RegistryJson tags = RegistryJson::array();
  do {
    TRY_ASSIGN(auto page, ask<op::ListImages>(v, in));
    for (auto& i : *page.imageIds) tags.push_back(*i.imageTag);
    in.nextToken = page.nextToken;
  } while (in.nextToken);
  return registry_reply(200, RegistryJson{{"name", v.name}, {"tags", tags}}.dump());
}

Result<http::Response> EcrRegistry::blob(Visit& v) {
  bool head = v.request.method == "HEAD";
  if (head) {
    TRY(may<op::BatchCheckLayerAvailability>(
        v, {.repositoryName = v.name, .layerDigests = std::vector{v.reference}}));
  } else {
    TRY(may<op::GetDownloadUrlForLayer>(v, {.repositoryName = v.name, .layerDigest = v.reference}));
  }
  {
    std::lock_guard g(world_.lock());
    if (!ecr_.has_repository(v.region, v.name))
      return aws_error("RepositoryNotFoundException",
                       fmt::format("The repository with name '{}' does not exist in "
                                   "the registry with id '{}'",
                                   v.name, world_.account()));
    if (!ecr_.has_layer(v.region, v.name, v.reference))
      return aws_error("LayersNotFoundException", "The layer " + v.reference + " is not in the repository");
  }
  TRY_ASSIGN(auto slice, http::open_slice(ecr_.blobs(v.region).path(v.reference)));
  auto r = registry_reply(200);
  r.headers.set("Content-Type", "application/octet-stream");
  r.headers.set("Docker-Content-Digest", v.reference);
  if (auto range = asked_range(v.request, slice.size)) {
    r.status = 206;
    r.headers.set("Content-Range",
                  fmt::format("bytes {}-{}/{}", range->first, range->second, slice.size));
    slice.offset += range->first;
    slice.size = range->second - range->first + 1;
  }
  r.body = http::Body(std::move(slice));
  return r;
}

}  // namespace relight::sandbox
