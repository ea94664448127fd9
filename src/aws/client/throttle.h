// The client's own brake: at most so many calls a second to a service, so that a region's API limits are left
// to others. A token bucket per service.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace relight::aws {

class ClientThrottle {
 public:
  struct Limit {
    double per_second = 0;  // 0: unlimited
    double burst = 10;
  };
  ClientThrottle(Clock& clock, std::map<std::string, Limit> limits)
      : clock_(clock), limits_(std::move(limits)) {}
  // Sleeps until a token is there; false, at once, if that would be later than `until` (of
  // clock.monotonic()).
  bool pass(const std::string& service, std::chrono::nanoseconds until);

 private:
  struct Bucket {
    double tokens = 0;
    std::chrono::nanoseconds filled{-1};
  };
  Clock& clock_;
  const std::map<std::string, Limit> limits_;  // by ServiceModel::id
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // as many as there are services with a limit
};

}  // namespace relight::aws
