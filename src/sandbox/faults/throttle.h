// A token bucket a service: `relight-sandbox throttle SERVICE RATE` makes the sandbox answer as AWS does when a
// client calls too often.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace relight::sandbox {

class Throttle {
 public:
  explicit Throttle(Clock& clock) : clock_(clock) {}
  // requests per second, burst of one second's worth (at least 1); 0 or less: no limit. Thread-safe.
  void set(std::string_view service, double rate);
  bool admit(std::string_view service);  // false: answer with the service's throttling error

 private:
  struct Bucket {
    double rate, tokens;
    std::chrono::nanoseconds at;
  };
  Clock& clock_;
  std::mutex m_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace relight::sandbox
