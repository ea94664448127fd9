// Randomness is a constructor parameter: nothing else in the house asks the system for it.
#pragma once
#include <cstdint>
#include <string>

namespace relight {

class Rng {
 public:
  virtual ~Rng() = default;
  virtual uint64_t next() = 0;  // uniform over 64 bits
  uint64_t below(uint64_t n) { return n == 0 ? 0 : next() % n; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0,1)
  std::string hex(size_t digits);   // lower case
  std::string uuid();               // RFC 4122 version 4
};

Rng& system_rng();  // from the kernel; thread-safe

// Reproducible; NOT thread-safe, not for secrets.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed) : s_(seed) {}
  uint64_t next() override;

 private:
  uint64_t s_;
};

}  // namespace relight
