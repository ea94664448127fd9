// Pushing layers: begin, bytes, end (spec.md, "Pushing blobs"). The bytes are written without the world's
// lock.
#include <fmt/format.h>

#include "sandbox/services/ecr/registry.h"
#include "sandbox/services/ecr/registry_visit.h"

namespace relight::sandbox {
using namespace ecr;
namespace op = aws::ecr::op;

// A layer that another repository of the region has needs no bytes ("Mounting a blob from another
// repository").
Result<http::Response> EcrRegistry::begin_upload(Visit& v) {
  if (v.request.method != "POST") return aws_error("NotSupported", "The operation is unsupported.");
  TRY_ASSIGN(auto begun, ask<op::InitiateLayerUpload>(v, {.repositoryName = v.name}));
  auto mount = query_value(v.request, "mount"), from = query_value(v.request, "from");
  if (!mount.empty() && !from.empty()) {
    TRY(may<op::GetDownloadUrlForLayer>(v, {.repositoryName = from, .layerDigest = mount}));
    std::lock_guard g(world_.lock());
    if (ecr_.has_layer(v.region, from, mount)) {
      ecr_.end_upload(*begun.uploadId);
      ecr_.add_layer(v.region, v.name, mount);
      TRY(world_.store().flush());
      auto r = registry_reply(201);
      r.headers.set("Location", fmt::format("/v2/{}/blobs/{}", v.name, mount));
      r.headers.set("Docker-Content-Digest", mount);
      return r;
    }
  }
  if (auto digest = query_value(v.request, "digest"); !digest.empty()) {
    TRY(ecr_.blobs(v.region).append(*begun.uploadId, v.request.body));
    return keep(v, *begun.uploadId, digest);
  }
  return upload_reply(v.name, *begun.uploadId, 0);
}

Result<http::Response> EcrRegistry::go_on(Visit& v) {
  auto& upload = v.reference;
  {
    std::lock_guard g(world_.lock());
    if (!ecr_.has_upload(v.region, v.name, upload))
      return aws_error("UploadNotFoundException", "there is no such upload in this repository");
  }
  auto blobs = ecr_.blobs(v.region);
  if (v.read()) {
    auto r = upload_reply(v.name, upload, blobs.uploaded(upload));
    r.status = 204;
    return r;
  }
  TRY(may<op::UploadLayerPart>(v, {.repositoryName = v.name, .uploadId = upload}));
  auto& method = v.request.method;
  if (method == "DELETE") {
    blobs.drop(upload);
    std::lock_guard g(world_.lock());
    ecr_.end_upload(upload);
    return registry_reply(204);
  }
  if (method != "PATCH" && method != "PUT") return aws_error("NotSupported", "The operation is unsupported.");
  auto range = v.request.headers.value("Content-Range");
  if (!range.empty() && range.substr(0, range.find('-')) != std::to_string(blobs.uploaded(upload)))
    return aws_error("InvalidLayerPartException", "the part does not begin where the last one ended");
  if (!v.request.body.empty()) TRY(blobs.append(upload, v.request.body));
  if (method == "PATCH") return upload_reply(v.name, upload, blobs.uploaded(upload));
  return keep(v, upload, query_value(v.request, "digest"));
}

Result<http::Response> EcrRegistry::keep(Visit& v, const std::string& upload, const std::string& digest) {
  TRY(may<op::CompleteLayerUpload>(
      v, {.repositoryName = v.name, .uploadId = upload, .layerDigests = std::vector{digest}}));
  if (!is_digest(digest)) return aws_error("InvalidLayerException", "'" + digest + "' is no sha256 digest");
  auto done = ecr_.blobs(v.region).finish(upload, digest);
  if (!done)
    return aws_error(done.error().code == "Ecr.Digest" ? "InvalidLayerException" : "ServerException",
                     done.error().message);
  std::lock_guard g(world_.lock());
  ecr_.end_upload(upload);
  if (!ecr_.has_repository(v.region, v.name))
    return aws_error("RepositoryNotFoundException", "the repository is gone");
  ecr_.add_layer(v.region, v.name, digest);
  TRY(world_.store().flush());
  auto r = registry_reply(201);
  r.headers.set("Location", fmt::format("/v2/{}/blobs/{}", v.name, digest));
  r.headers.set("Docker-Content-Digest", digest);
  return r;
}

}  // namespace relight::sandbox
