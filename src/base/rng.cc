#include "base/rng.h"

#include <pthread.h>
#include <sys/random.h>

#include <array>
#include <atomic>
#include <utility>

namespace relight {
namespace {
// A child must not repeat its parent's numbers: what the thread drew ahead before the fork is thrown away.
std::atomic<unsigned> forks{0};
void count_fork() { forks.fetch_add(1, std::memory_order_relaxed); }

// Drawn ahead, per thread: a system call for 64 numbers, not for each. Used ones are wiped.
struct Drawn {
  std::array<uint64_t, 64> numbers{};
  size_t left = 0;
  unsigned forks_seen = 0;
};

class SystemRng final : public Rng {
 public:
  SystemRng() { pthread_atfork(nullptr, nullptr, count_fork); }
  uint64_t next() override {
    thread_local Drawn drawn;
    unsigned now = forks.load(std::memory_order_relaxed);
    if (drawn.left == 0 || drawn.forks_seen != now) {
      while (getrandom(drawn.numbers.data(), sizeof drawn.numbers, 0) != sizeof drawn.numbers) {
      }
      drawn.left = drawn.numbers.size();
      drawn.forks_seen = now;
    }
    return std::exchange(drawn.numbers[--drawn.left], 0);
  }
};
}  // namespace

std::string Rng::hex(size_t digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(digits, '0');
  uint64_t v = 0;
  for (size_t i = 0; i < digits; ++i, v >>= 4) {
    if (i % 16 == 0) v = next();
    out[i] = kHex[v & 15];
  }
  return out;
}

std::string Rng::uuid() {
  std::string h = hex(36);
  h[14] = '4';
  h[19] = "89ab"[below(4)];
  for (size_t dash : {8u, 13u, 18u, 23u}) h[dash] = '-';
  return h;
}

Rng& system_rng() {
  static SystemRng r;
  return r;
}

uint64_t SeededRng::next() {  // splitmix64
  uint64_t z = (s_ += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

}  // namespace relight
