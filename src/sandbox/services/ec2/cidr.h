// IPv4 address blocks.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relight::sandbox {

struct Cidr {
  uint32_t base = 0;  // host order, host bits cleared
  int bits = 0;       // 0..32

  // "10.0.0.0/16"; host bits that are set are cleared, as EC2 does. None if it is no block.
  static std::optional<Cidr> parse(std::string_view text);
  std::string text() const;
  uint64_t size() const { return uint64_t{1} << (32 - bits); }
  bool contains(const Cidr& o) const { return o.bits >= bits && (o.base & mask()) == base; }
  bool overlaps(const Cidr& o) const { return contains(o) || o.contains(*this); }
  bool operator==(const Cidr&) const = default;

 private:
  uint32_t mask() const { return bits == 0 ? 0 : ~uint32_t{0} << (32 - bits); }
};

}  // namespace relight::sandbox
