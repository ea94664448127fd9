// Layers, configurations and manifests of a region's registry: files by digest, and uploads on their way. A
// blob is there whole or not at all. Thread-safe, and blocking.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/http/message.h"
#include "base/result.h"

namespace relight::sandbox::ecr {

// "sha256:" and 64 hex digits in lower case.
bool is_digest(std::string_view text);
std::string digest_of(std::string_view bytes);

class Blobs {
 public:
  explicit Blobs(std::string dir) : dir_(std::move(dir)) {}
  std::string path(const std::string& digest) const;  // empty for what is no digest
  std::optional<uint64_t> size(const std::string& digest) const;
  Result<> put(const std::string& digest, std::string_view bytes);
  // A link where the file system has them, else a copy. Error "Ecr.Disk".
  Result<> take_from(const Blobs& other, const std::string& digest);

  // `upload`: letters, digits and '-'. Returns how many bytes there are now.
  Result<uint64_t> append(const std::string& upload, const http::Body& body);
  uint64_t uploaded(const std::string& upload) const;
  // The upload becomes the blob. Error "Ecr.Digest" when its bytes are others; it stays an upload then.
  Result<> finish(const std::string& upload, const std::string& digest);
  void drop(const std::string& upload);
  void drop_all_uploads();

 private:
  std::string upload_path(const std::string& upload) const { return dir_ + "/uploads/" + upload; }
  std::string dir_;
};

}  // namespace relight::sandbox::ecr
