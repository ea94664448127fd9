// Images as OCI layouts on disk: <dir>/images/<repository>:<tag>/{oci-layout,index.json,blobs/sha256}.
// Unpacked root file systems are kept under <dir>/images/.rootfs/<digest>, once an image.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"

namespace relight::sandbox::container {

struct Image {
  std::string digest;  // of the manifest, "sha256:…"
  std::vector<std::string> env, entrypoint, command;
  std::string cwd, user;
  std::string rootfs;  // absolute; read only
};

// "host:5000/team/app:v1" -> "team/app:v1"; the tag defaults to latest. Error "Container.BadImageName" for
// what is no image name (also everything that would leave the store's directory). A digest reference keeps
// its "@sha256:…".
Result<std::string> image_key(const std::string& reference);

// Where the store keeps an image of a region's registry: a name that image_key() leaves as it is.
std::string registry_image_key(const std::string& region, const std::string& repository,
                               const std::string& digest);

class ImageStore {
 public:
  explicit ImageStore(std::string dir) : dir_(std::move(dir)) {}  // <dir>/images
  // Unpacks at the first use (blobs are checked against their digests). Thread-safe.
  // "Container.ImageNotFound".
  Result<Image> open(const std::string& reference);

 private:
  Result<std::string> unpack(const std::string& layout, const std::string& manifest_digest,
                             const std::vector<std::pair<std::string, std::string>>& layers);
  std::string dir_;
  std::mutex unpacking_;
};

}  // namespace relight::sandbox::container
