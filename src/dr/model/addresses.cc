#include "dr/model/addresses.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace relight::dr {

Result<Addresses> parse_cidr(std::string_view text) {
  auto wrong = fail("Cidr.Malformed", "'" + std::string(text) + "' is no IPv4 block");
  uint32_t address = 0;
  auto rest = text;
  auto number = [&](unsigned most) -> std::optional<unsigned> {
    unsigned v = 0;
    auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), v);
    if (ec != std::errc() || v > most) return std::nullopt;
    rest.remove_prefix(size_t(end - rest.data()));
    return v;
  };
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (rest.empty() || rest[0] != '.')) return wrong;
    if (i > 0) rest.remove_prefix(1);
    auto byte = number(255);
    if (!byte) return wrong;
    address = address << 8 | *byte;
  }
  unsigned bits = 32;
  if (!rest.empty()) {
    if (rest[0] != '/') return wrong;
    rest.remove_prefix(1);
    auto b = number(32);
    if (!b || !rest.empty()) return wrong;
    bits = *b;
  }
  uint32_t host = bits == 0 ? 0xffffffff : bits == 32 ? 0 : 0xffffffffu >> bits;
  return Addresses{address & ~host, address | host};
}

int prefix_of(const Addresses& a) {
  int bits = 32;
  for (uint32_t host = a.first ^ a.last; host; host >>= 1) --bits;
  return bits;
}

std::string cidr_of(const Addresses& a) {
  return fmt::format("{}.{}.{}.{}/{}", a.first >> 24, a.first >> 16 & 255, a.first >> 8 & 255, a.first & 255,
                     prefix_of(a));
}

}  // namespace relight::dr
