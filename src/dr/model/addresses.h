// Blocks of IPv4 addresses.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::dr {

// Addresses first..last.
struct Addresses {
  uint32_t first = 0, last = 0xffffffff;
  bool operator==(const Addresses&) const = default;
  bool holds(const Addresses& o) const { return first <= o.first && o.last <= last; }
  bool meets(const Addresses& o) const { return first <= o.last && o.first <= last; }
};
inline constexpr Addresses kAnywhere{};
// "10.1.0.0/24"; without a length it is one address. Error "Cidr.Malformed".
Result<Addresses> parse_cidr(std::string_view text);
// Length of the prefix; 32 for one address.
int prefix_of(const Addresses& a);
// "10.1.0.0/24", of a block whose length is a power of two.
std::string cidr_of(const Addresses& a);

}  // namespace relight::dr
