#include "sandbox/planes/object/version.h"

#include <cstring>

namespace relight::sandbox::object {
namespace {

void put(std::string& out, std::string_view s) {
  auto n = static_cast<uint32_t>(s.size());
  char b[4];
  std::memcpy(b, &n, 4);
  out.append(b, 4).append(s);
}

bool take(std::string_view& in, std::string_view& s) {
  uint32_t n = 0;
  if (in.size() < 4) return false;
  std::memcpy(&n, in.data(), 4);
  in.remove_prefix(4);
  if (in.size() < n) return false;
  s = in.substr(0, n);
  in.remove_prefix(n);
  return true;
}

}  // namespace

// Length-prefixed names and values: read on every GET, so cheaper than JSON.
std::string pack(const Attributes& a) {
  std::string out;
  for (auto& [k, v] : a) put(out, k), put(out, v);
  return out;
}

Attributes unpack(std::string_view packed) {
  Attributes a;
  std::string_view k, v;
  while (take(packed, k) && take(packed, v)) a.emplace_hint(a.end(), k, v);
  return a;
}

}  // namespace relight::sandbox::object
