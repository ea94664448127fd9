// When a failed call is tried again, and how long to wait before: the SDKs' standard mode.
// "Retry behavior", https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html.
#pragma once
#include <chrono>
#include <mutex>

#include "aws/shape.h"
#include "base/result.h"
#include "base/rng.h"

namespace relight::aws {

using std::chrono::milliseconds;

// Shared by all calls of one caller, so that an outage is not answered with a storm of retries. Thread-safe.
class RetryQuota {
 public:
  static constexpr int kCapacity = 500, kCost = 5, kTimeoutCost = 10, kReward = 1;
  bool take(int cost);
  void give(int amount);
  int left() const;

 private:
  mutable std::mutex mutex_;
  int tokens_ = kCapacity;
};

bool is_throttling(const Error& e);
// No answer came and the other side may have acted: "Http.Reset", "Http.Deadline", "Http.Failed".
bool is_unknown_outcome(const Error& e);
// Repeating it cannot do harm: it only reads, is idempotent by its HTTP method, or carries an idempotency
// token.
// (one that the model fills in by itself, or a clientToken or CallerReference that *in sets).
bool is_repeatable(const ServiceModel& service, const Operation& op, const void* in);
bool should_retry(const ServiceModel& service, const Operation& op, const void* in, const Error& e);
// Full jitter: between 0 and base * 2^attempt, at most 20 s; base is 1 s when throttled and 50 ms otherwise.
// attempt counts from 0.
milliseconds backoff(const Error& e, int attempt, Rng& rng);

}  // namespace relight::aws
