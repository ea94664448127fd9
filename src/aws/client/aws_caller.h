// Carries an operation to AWS and back: encode, choose the host, sign, send, decode; and try again where that
// helps.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <semaphore>
#include <string>

#include "aws/client/client_base.h"
#include "aws/client/credentials.h"
#include "aws/client/endpoint.h"
#include "aws/client/pacer.h"
#include "aws/client/retry.h"
#include "aws/client/throttle.h"
#include "aws/http/exchange.h"
#include "base/clock.h"
#include "base/rng.h"

namespace relight::aws {

// One call as it was, retries included: what evidence is made of.
struct CallRecord {
  std::string service, operation, region;
  std::string endpoint_region;  // where it was sent: us-east-1 for a global service, whatever was asked; empty: nowhere
  Instant started, ended;
  int attempts = 0;
  int throttled = 0;       // of them, those that AWS refused as too many
  int http_status = 0;     // of the last answer; 0: none came
  std::string error_code;  // empty: success
  std::string denied;      // the IAM action that the caller's policies do not allow; empty: it was not that
  std::string request_id;  // of the last answer
};
using CallObserver = std::function<void(const CallRecord&)>;  // called on the calling thread; must not block

struct CallerSettings {
  std::string region;  // default; CallOptions::region goes before it
  Endpoints endpoints;
  int max_attempts = 3;
  std::chrono::milliseconds deadline{60'000};  // for a whole call; CallOptions::deadline goes before it
  std::chrono::milliseconds attempt_deadline{30'000};     // for one attempt
  ptrdiff_t concurrency = 64;                             // calls at once; others wait
  std::map<std::string, ClientThrottle::Limit> throttle;  // by ServiceModel::id
  // A throttled call waits for its turn at the rate that AWS sustains (pacer.h), and is asked up to kThrottledMax times, which
  // are no attempts. Off: it is one of max_attempts, after an exponential back-off.
  bool adaptive = false;
  CallObserver observer;
};

inline constexpr int kThrottledMax = 30;

// Thread-safe. Everything it is given must outlive it; `rng` must be thread-safe if calls are concurrent.
class AwsCaller final : public Caller {
 public:
  AwsCaller(CallerSettings settings, http::Exchange& exchange, CredentialSource& credentials, Clock& clock,
            Rng& rng);
  Result<> invoke(const ServiceModel& service, const Operation& op, const void* in, void* out,
                  const CallOptions& options) override;
  const CallerSettings& settings() const { return settings_; }
  // AWS's clock minus this machine's, once AWS has refused a signature for its date; 0 before.
  std::chrono::milliseconds skew() const { return std::chrono::milliseconds(skew_ms_.load()); }

 private:
  struct Attempt;
  Result<> attempts(Attempt& a, void* out);
  Result<> once(Attempt& a, void* out);
  bool waits_its_turn(Attempt& a, const Error& e);
  bool learn_skew(const Error& e, const http::Response& r);
  std::chrono::milliseconds pause(const Attempt& a, const Error& e);
  Error explain(const Attempt& a, Error e) const;

  CallerSettings settings_;
  http::Exchange& exchange_;
  CredentialSource& credentials_;
  Clock& clock_;
  Rng& rng_;
  RetryQuota quota_;
  ClientThrottle throttle_;
  Pacer pacer_;
  std::counting_semaphore<> slots_;
  std::atomic<int64_t> skew_ms_{0};  // AWS's clock minus ours, once AWS has refused ours
};

}  // namespace relight::aws
