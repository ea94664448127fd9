#include "aws/sign/checksum.h"

#include "base/bytes.h"
#include "base/crc.h"

namespace relight::sign {
namespace {

constexpr auto kTables = crc_tables<uint64_t>(0x9a6c9329ac4bc9b5ull);

template <class Int>
std::string big_endian(Int v) {
  std::string out;
  for (int shift = static_cast<int>(sizeof(Int)) * 8 - 8; shift >= 0; shift -= 8)
    out += static_cast<char>(v >> shift);
  return out;
}

template <class Int, Int (*Crc)(std::string_view, Int)>
class CrcSum final : public Checksum {
 public:
  void update(std::string_view bytes) override { value_ = Crc(bytes, value_); }
  std::string base64() override { return relight::base64(big_endian(value_)); }

 private:
  Int value_ = 0;
};

class DigestSum final : public Checksum {
 public:
  explicit DigestSum(Digest::Kind k) : digest_(k) {}
  void update(std::string_view bytes) override { digest_.update(bytes); }
  std::string base64() override { return relight::base64(digest_.finish()); }

 private:
  Digest digest_;
};

}  // namespace

uint64_t crc64nvme(std::string_view bytes, uint64_t seed) { return crc_of(kTables, bytes, seed); }

std::unique_ptr<Checksum> checksum_for(std::string_view header) {
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  if (!header.starts_with(kPrefix)) return nullptr;
  header.remove_prefix(kPrefix.size());
  if (header == "crc32") return std::make_unique<CrcSum<uint32_t, crc32>>();
  if (header == "crc32c") return std::make_unique<CrcSum<uint32_t, crc32c>>();
  if (header == "crc64nvme") return std::make_unique<CrcSum<uint64_t, crc64nvme>>();
  if (header == "sha1") return std::make_unique<DigestSum>(Digest::Kind::kSha1);
  if (header == "sha256") return std::make_unique<DigestSum>(Digest::Kind::kSha256);
  return nullptr;
}

}  // namespace relight::sign
