// The checksums that S3 takes in x-amz-checksum-* headers and trailers.
// "Checking object integrity",
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace relight::sign {

// CRC-64/NVME, reflected; crc64nvme("123456789") is 0xae8b14860a799888.
uint64_t crc64nvme(std::string_view bytes, uint64_t seed = 0);

class Checksum {
 public:
  virtual ~Checksum() = default;
  virtual void update(std::string_view bytes) = 0;
  virtual std::string base64() = 0;  // as the header carries it; call once
};
// By the header's name, "x-amz-checksum-crc32" (also crc32c, crc64nvme, sha1, sha256); null for another name.
std::unique_ptr<Checksum> checksum_for(std::string_view header);

}  // namespace relight::sign
