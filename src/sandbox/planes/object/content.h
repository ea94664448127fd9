// Bytes on their way into the store: hashed once, then either small enough to live in the index or a file of
// their own that nobody sees until its version is committed.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "aws/http/message.h"
#include "base/result.h"
#include "sandbox/planes/object/version.h"

namespace relight::sandbox::object {

enum class Checksum { kCrc32, kCrc32c, kSha1, kSha256 };

// The checksum in base64, as the x-amz-checksum-* headers carry it.
Result<std::string> checksum_of(const http::Body& body, Checksum c);
// MD5 of all of it, 16 raw bytes.
Result<std::string> md5_of(const http::Body& body);

// Staged bytes. The file is removed with its Content unless a version has taken it over.
class Content {
 public:
  Content() = default;
  ~Content();
  Content(Content&& o) noexcept;
  Content& operator=(Content&& o) noexcept;

  uint64_t size = 0;
  std::string bytes;  // when file is empty
  std::string file;   // absolute path
  void taken() { file.clear(); }
};

// Below this a body lives in the index: one read, no file.
inline constexpr uint64_t kInlineLimit = 16 * 1024;

// Copies the body to a new file at `path` (a link or copy_file_range when it already is a file).
Result<Content> stage_file(const http::Body& body, std::string path);
// The files one after the other, as one new file at `path`.
Result<Content> stage_joined(const std::vector<std::string>& files, std::string path);

}  // namespace relight::sandbox::object
