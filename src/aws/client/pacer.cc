#include "aws/client/pacer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aws/client/published_rates.h"

namespace relight::aws {
namespace {
using std::chrono::milliseconds;
constexpr double kGrowth = 1.1, kSlowest = 0.2, kLifted = 10;
constexpr milliseconds kStep{1000}, kWindow{500};

double seconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }
}  // namespace

Pacer::Bucket& Pacer::bucket(std::string_view region, std::string_view service, std::string_view operation) {
  auto* rate = published_rate(service, operation);
  auto [it, fresh] =
      buckets_.try_emplace(fmt::format("{} {} {}", region, service, bucket_of(rate, operation)));
  if (fresh && rate) it->second.published = rate->per_second;
  return it->second;
}

bool Pacer::pass(std::string_view region, std::string_view service, std::string_view operation, Time until) {
  Time wait{0};
  {
    std::lock_guard g(mutex_);
    Bucket& b = bucket(region, service, operation);
    if (b.rate <= 0) return true;
    auto now = clock_.monotonic();
    // What was not used is not saved up: AWS's bucket holds the burst, and it is empty.
    b.tokens = std::min(1.0, b.tokens + seconds(now - b.filled) * b.rate);
    b.filled = now;
    if (b.tokens < 1) wait = Time(static_cast<int64_t>((1 - b.tokens) / b.rate * 1e9));
    if (now + wait > until) return false;
    b.tokens -= 1;
  }
  if (wait.count() > 0) clock_.sleep(std::chrono::ceil<Millis>(wait));
  return true;
}

void Pacer::answered(std::string_view region, std::string_view service, std::string_view operation,
                     bool throttled) {
  std::lock_guard g(mutex_);
  Bucket& b = bucket(region, service, operation);
  auto now = clock_.monotonic();
  count(b, now, throttled);
  if (throttled) return slow(b, now);
  if (b.rate <= 0 || now - b.changed < kStep) return;
  b.rate *= kGrowth;
  b.changed = now;
  if (b.rate > kLifted * b.first) b.rate = 0;  // whatever throttled is over
}

void Pacer::count(Bucket& b, Time now, bool throttled) {
  if (b.window.count() < 0) b.window = now;
  if (!throttled) ++b.answers;
  if (now - b.window < kWindow) return;
  double rate = b.answers / seconds(now - b.window);
  b.seen = b.seen == 0 ? rate : 0.6 * rate + 0.4 * b.seen;
  b.answers = 0;
  b.window = now;
}

// Calls under way when AWS begins to throttle are all refused: one slowing a second answers them all.
void Pacer::slow(Bucket& b, Time now) {
  if (b.rate > 0) {
    b.tokens = std::min(b.tokens, 0.0);
    if (now - b.changed < kStep) return;
    b.rate = std::max(kSlowest, std::clamp(b.seen, 0.7 * b.rate, b.rate));
  } else {
    b.rate = b.first = b.published > 0 ? b.published : std::max(1.0, b.seen / 2);
    b.tokens = 0;
    b.filled = now;
  }
  b.changed = now;
}

}  // namespace relight::aws
