#include "aws/client/retry.h"

#include <algorithm>

namespace relight::aws {
namespace {
constexpr milliseconds kLongest{20'000}, kThrottled{1000}, kTransient{50};

bool is_token_name(std::string_view name) {
  for (std::string_view n : {"clientToken", "ClientToken", "ClientRequestToken", "CallerReference"})
    if (name == n) return true;
  return false;
}
}  // namespace

bool RetryQuota::take(int cost) {
  std::lock_guard g(mutex_);
  if (tokens_ < cost) return false;
  tokens_ -= cost;
  return true;
}
void RetryQuota::give(int amount) {
  std::lock_guard g(mutex_);
  tokens_ = std::min(kCapacity, tokens_ + amount);
}
int RetryQuota::left() const {
  std::lock_guard g(mutex_);
  return tokens_;
}

bool is_throttling(const Error& e) {
  if (e.http_status == 429) return true;
  for (std::string_view code :
       {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "SlowDown",
        "TooManyRequestsException", "ProvisionedThroughputExceededException",
        "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
        "LimitExceededException", "RequestThrottled", "PriorRequestNotComplete", "EC2ThrottledException"})
    if (e.code == code) return code != "LimitExceededException" || e.http_status == 429;
  return false;
}

bool is_unknown_outcome(const Error& e) {
  return e.code == "Http.Reset" || e.code == "Http.Deadline" || e.code == "Http.Failed";
}

bool is_repeatable(const ServiceModel& service, const Operation& op, const void* in) {
  for (std::string_view verb : {"Describe", "List", "Get", "Head", "Lookup", "Test", "Validate"})
    if (op.name.starts_with(verb)) return true;
  bool rest = service.protocol == Protocol::kRestXml || service.protocol == Protocol::kRestJson;
  if (rest && (op.method == "GET" || op.method == "HEAD" || op.method == "PUT" || op.method == "DELETE"))
    return true;
  for (auto& m : op.input->members) {
    if (m.idempotency_token) return true;
    if (is_token_name(m.name) && m.get(in)) return true;
  }
  return false;
}

bool should_retry(const ServiceModel& service, const Operation& op, const void* in, const Error& e) {
  if (e.code == "Http.Refused" || e.code == "Http.Resolve") return true;  // nothing was sent
  if (is_unknown_outcome(e)) return e.code != "Http.Failed" && is_repeatable(service, op, in);
  return e.retryable || is_throttling(e);
}

milliseconds backoff(const Error& e, int attempt, Rng& rng) {
  milliseconds base = is_throttling(e) ? kThrottled : kTransient;
  milliseconds most = std::min(kLongest, base * (1 << std::min(attempt, 16)));
  return milliseconds(static_cast<int64_t>(rng.unit() * static_cast<double>(most.count())));
}

}  // namespace relight::aws
