#include "sandbox/services/ec2/cidr.h"

#include <fmt/format.h>

#include <charconv>

namespace relight::sandbox {

std::optional<Cidr> Cidr::parse(std::string_view text) {
  Cidr c;
  const char* p = text.data();
  const char* end = p + text.size();
  for (int i = 0; i < 5; ++i) {
    unsigned n = 0;
    auto [next, ec] = std::from_chars(p, end, n);
    if (ec != std::errc{} || next - p > 3 || n > (i < 4 ? 255u : 32u)) return std::nullopt;
    p = next;
    if (i == 4) {
      c.bits = static_cast<int>(n);
      break;
    }
    c.base = c.base << 8 | n;
    if (p == end || *p != (i < 3 ? '.' : '/')) return std::nullopt;
    ++p;
  }
  if (p != end) return std::nullopt;
  c.base &= c.mask();
  return c;
}

std::string Cidr::text() const {
  return fmt::format("{}.{}.{}.{}/{}", base >> 24, base >> 16 & 255, base >> 8 & 255, base & 255, bits);
}

}  // namespace relight::sandbox
