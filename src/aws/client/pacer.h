// Keeps a caller to the rate at which AWS answers it: a bucket (published_rates.h) in a region is asked as often as there are
// calls until AWS throttles, and from then on as often as it was seen to answer, a little more every second. What AWS
// refuses costs nothing but the asking, so a bucket that is never asked too seldom is emptied as fast as it fills; waiting
// for twice as long each time would leave it full. In the spirit of the SDKs' adaptive mode
// ("Retry behavior", https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html), but by bucket, not by
// client, and without its cut to 70 %.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace relight::aws {

// Thread-safe.
class Pacer {
 public:
  explicit Pacer(Clock& clock) : clock_(clock) {}
  // Sleeps until the call's turn; false, at once, if that would be later than `until` (of clock.monotonic()). Calls of a
  // bucket leave in the order in which they asked.
  bool pass(std::string_view region, std::string_view service, std::string_view operation,
            std::chrono::nanoseconds until);
  // What AWS said to a call that had passed.
  void answered(std::string_view region, std::string_view service, std::string_view operation, bool throttled);

 private:
  using Time = std::chrono::nanoseconds;
  struct Bucket {
    double published = 0;         // a second; 0: AWS publishes none
    double rate = 0, first = 0;   // a second; 0: not throttled yet
    double tokens = 0;            // negative: calls that wait
    Time filled{0}, changed{0};   // when `tokens` and `rate` were last set
    double seen = 0;              // answers a second that were no refusal, smoothed
    int answers = 0;              // since `window`
    Time window{-1};
  };
  Bucket& bucket(std::string_view region, std::string_view service, std::string_view operation);
  void count(Bucket& b, Time now, bool throttled);
  void slow(Bucket& b, Time now);

  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // as many as there are operations and regions
};

}  // namespace relight::aws
