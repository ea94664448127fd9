// Cyclic redundancy checks with reflected polynomials, eight bytes a step ("slicing by 8", Kounavis and Berry
// 2005).
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace relight {

template <class Int>
using CrcTables = std::array<std::array<Int, 256>, 8>;

template <class Int>
constexpr CrcTables<Int> crc_tables(Int polynomial) {
  CrcTables<Int> t{};
  for (unsigned i = 0; i < 256; ++i) {
    Int c = i;
    for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? polynomial ^ (c >> 1) : c >> 1;
    t[0][i] = c;
  }
  for (unsigned i = 0; i < 256; ++i)
    for (size_t k = 1; k < 8; ++k) t[k][i] = t[0][t[k - 1][i] & 0xff] ^ (t[k - 1][i] >> 8);
  return t;
}

// `seed` is what came of the bytes before; 0 to begin.
template <class Int>
Int crc_of(const CrcTables<Int>& t, std::string_view bytes, Int seed) {
  Int c = static_cast<Int>(~seed);
  while (std::endian::native == std::endian::little && bytes.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    word ^= c;
    c = 0;
    for (size_t k = 0; k < 8; ++k) c ^= t[7 - k][(word >> (8 * k)) & 0xff];
    bytes.remove_prefix(8);
  }
  for (unsigned char b : bytes) c = t[0][(c ^ b) & 0xff] ^ (c >> 8);
  return static_cast<Int>(~c);
}

}  // namespace relight
