#include "aws/client/throttle.h"

#include <algorithm>
#include <cmath>

namespace relight::aws {

bool ClientThrottle::pass(const std::string& service, std::chrono::nanoseconds until) {
  auto limit = limits_.find(service);
  if (limit == limits_.end() || limit->second.per_second <= 0) return true;
  double wait_s = 0;
  {
    std::lock_guard g(mutex_);
    auto now = clock_.monotonic();
    Bucket& b = buckets_[service];
    if (b.filled.count() < 0) {
      b.tokens = limit->second.burst;
    } else {
      double gained = std::chrono::duration<double>(now - b.filled).count() * limit->second.per_second;
      b.tokens = std::min(limit->second.burst, b.tokens + gained);
    }
    b.filled = now;
    wait_s = b.tokens >= 1 ? 0 : (1 - b.tokens) / limit->second.per_second;
    if (now + std::chrono::nanoseconds(static_cast<int64_t>(wait_s * 1e9)) > until) return false;
    b.tokens -= 1;  // taken in advance; who comes next waits longer
  }
  if (wait_s > 0) clock_.sleep(Millis(static_cast<int64_t>(std::ceil(wait_s * 1000))));
  return true;
}

}  // namespace relight::aws
