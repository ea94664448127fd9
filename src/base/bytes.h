// Byte strings: encodings and digests (OpenSSL). All functions are pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight {

std::string hex(std::string_view bytes);  // lower case
Result<std::string> unhex(std::string_view text);
std::string base64(std::string_view bytes);  // RFC 4648, padded
Result<std::string> unbase64(std::string_view text);

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string sha1(std::string_view bytes);    // 20 raw bytes
std::string md5(std::string_view bytes);     // 16 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);
uint32_t crc32(std::string_view bytes, uint32_t seed = 0);   // IEEE, as zlib
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);  // Castagnoli

// RFC 3986 percent encoding as SigV4 wants it: unreserved kept, all else %XX in capitals; '/' kept if asked.
std::string percent_encode(std::string_view s, bool keep_slash = false);
std::string percent_decode(std::string_view s, bool plus_is_space = false);  // malformed escapes stay as they are

std::vector<std::string> split(std::string_view text, char mark);  // n marks make n + 1 parts, empty ones too

// Incremental digests for streams.
class Digest {
 public:
  enum class Kind { kSha256, kSha1, kMd5 };
  explicit Digest(Kind k);
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void update(std::string_view bytes);
  std::string finish();  // raw bytes; call once

 private:
  void* ctx_;
};

}  // namespace relight
