// Token buckets: the sandbox answers as AWS does when a client calls too often. `relight-sandbox throttle SERVICE RATE`
// limits a service at a rate of one's own; `relight-sandbox throttle aws` everything at AWS's published rates
// (aws/client/published_rates.h).
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace relight::sandbox {

class Throttle {
 public:
  explicit Throttle(Clock& clock) : clock_(clock) {}
  // requests per second, burst of one second's worth (at least 1); 0 or less: no limit. Thread-safe.
  void set(std::string_view service, double rate);
  bool admit(std::string_view service);  // false: answer with the service's throttling error

  // AWS's published rates for one account, in every region apart, from now on (buckets full) or not. Thread-safe.
  void as_aws(bool on);
  // false: answer with the service's throttling error. True where AWS publishes no rate.
  bool admit(std::string_view region, std::string_view service, std::string_view operation);

  // What the buckets did since they were set. A service's own: region and bucket "all".
  struct Count {
    std::string region, service, bucket;
    uint64_t admitted = 0, refused = 0;
  };
  std::vector<Count> counts() const;

 private:
  struct Bucket {
    double rate, burst, tokens;
    std::chrono::nanoseconds at;
  };
  struct Counted {
    Bucket bucket;
    Count count;
  };
  bool take(Counted& c);

  Clock& clock_;
  mutable std::mutex m_;
  std::map<std::string, Counted, std::less<>> buckets_;
  bool as_aws_ = false;
  std::map<std::string, Counted> published_;  // by region, service and bucket
};

// The error with which AWS refuses a call of this service as too many: its code, its HTTP status and its message.
struct ThrottlingError {
  std::string_view code, message;
  int status;
};
ThrottlingError throttling_error(std::string_view service, bool json);

}  // namespace relight::sandbox
