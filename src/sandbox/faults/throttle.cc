#include "sandbox/faults/throttle.h"

#include <algorithm>

namespace relight::sandbox {

void Throttle::set(std::string_view service, double rate) {
  std::lock_guard g(m_);
  if (rate <= 0) {
    if (auto it = buckets_.find(service); it != buckets_.end()) buckets_.erase(it);
    return;
  }
  buckets_[std::string(service)] = Bucket{rate, std::max(rate, 1.0), clock_.monotonic()};
}

bool Throttle::admit(std::string_view service) {
  std::lock_guard g(m_);
  auto it = buckets_.find(service);
  if (it == buckets_.end()) return true;
  Bucket& b = it->second;
  auto now = clock_.monotonic();
  double seconds = std::chrono::duration<double>(now - b.at).count();
  b.tokens = std::min(std::max(b.rate, 1.0), b.tokens + seconds * b.rate);
  b.at = now;
  if (b.tokens < 1) return false;
  b.tokens -= 1;
  return true;
}

}  // namespace relight::sandbox
