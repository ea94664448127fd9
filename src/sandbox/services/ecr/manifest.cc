// What an image manifest names (github.com/opencontainers/image-spec, manifest.md and image-index.md;
// "Container image manifest format support in Amazon ECR").
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {
namespace ecr {
namespace {
using ManifestJson = nlohmann::json;
constexpr const char* kOciManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kOciIndex = "application/vnd.oci.image.index.v1+json";

std::unexpected<Error> bad_manifest(const std::string& why) {
  return aws_error("InvalidParameterException",
                   "Invalid parameter at 'ImageManifest' failed to satisfy constraint: '" + why + "'");
}

std::string manifest_text(const ManifestJson& j, const char* key) {
  auto it = j.is_object() ? j.find(key) : j.end();
  return j.is_object() && it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

Result<> manifest_digests(const ManifestJson& list, std::vector<std::string>& out) {
  for (auto& e : list) {
    auto digest = manifest_text(e, "digest");
    if (!is_digest(digest)) return bad_manifest("Invalid JSON syntax");
    out.push_back(std::move(digest));
  }
  return {};
}

}  // namespace

Result<Parts> parts_of(const std::string& manifest, const std::optional<std::string>& told) {
  auto j = ManifestJson::parse(manifest, nullptr, false);
  if (!j.is_object()) return bad_manifest("Invalid JSON syntax");
  Parts p{.media_type = manifest_text(j, "mediaType")};
  bool list = j.contains("manifests") && j["manifests"].is_array();
  if (p.media_type.empty()) p.media_type = told.value_or(list ? kOciIndex : kOciManifest);
  if (told && *told != p.media_type)
    return bad_manifest(fmt::format("Manifest media type '{}' does not match '{}'", p.media_type, *told));
  if (list) {
    TRY(manifest_digests(j["manifests"], p.manifests));
    return p;
  }
  if (!j.contains("config") || !j.contains("layers") || !j["layers"].is_array())
    return bad_manifest("Unsupported manifest: it has no configuration and layers");
  p.artifact = manifest_text(j["config"], "mediaType");
  TRY(manifest_digests(ManifestJson::array({j["config"]}), p.blobs));
  TRY(manifest_digests(j["layers"], p.blobs));
  return p;
}

std::string Ticket::save() const {
  return ManifestJson{{"arn", arn}, {"region", region}, {"expires", iso8601(expires)}}.dump();
}

Result<Ticket> Ticket::load(const std::string& json) {
  auto j = ManifestJson::parse(json, nullptr, false);
  auto t = parse_iso8601(manifest_text(j, "expires"));
  if (!t) return std::unexpected(t.error());
  return Ticket{manifest_text(j, "arn"), manifest_text(j, "region"), *t};
}

}  // namespace ecr
}  // namespace relight::sandbox
