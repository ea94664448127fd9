#include "sandbox/faults/throttle.h"

#include <algorithm>

#include "aws/client/published_rates.h"

namespace relight::sandbox {

void Throttle::set(std::string_view service, double rate) {
  std::lock_guard g(m_);
  if (rate <= 0) {
    if (auto it = buckets_.find(service); it != buckets_.end()) buckets_.erase(it);
    return;
  }
  double burst = std::max(rate, 1.0);
  buckets_[std::string(service)] = {{rate, burst, burst, clock_.monotonic()}, {"all", std::string(service), "all"}};
}

bool Throttle::take(Counted& c) {
  Bucket& b = c.bucket;
  auto now = clock_.monotonic();
  double seconds = std::chrono::duration<double>(now - b.at).count();
  b.tokens = std::min(b.burst, b.tokens + seconds * b.rate);
  b.at = now;
  bool may = b.tokens >= 1;
  if (may) b.tokens -= 1;
  ++(may ? c.count.admitted : c.count.refused);
  return may;
}

bool Throttle::admit(std::string_view service) {
  std::lock_guard g(m_);
  auto it = buckets_.find(service);
  return it == buckets_.end() || take(it->second);
}

void Throttle::as_aws(bool on) {
  std::lock_guard g(m_);
  as_aws_ = on;
  published_.clear();
}

bool Throttle::admit(std::string_view region, std::string_view service, std::string_view operation) {
  std::lock_guard g(m_);
  if (!as_aws_) return true;
  auto* rate = aws::published_rate(service, operation);
  if (!rate) return true;
  auto bucket = aws::bucket_of(rate, operation);
  std::string key = std::string(region) + " " + std::string(service) + " " + bucket;
  auto it = published_.find(key);
  if (it == published_.end())
    it = published_
             .emplace(key, Counted{{rate->per_second, rate->burst, rate->burst, clock_.monotonic()},
                                   {std::string(region), std::string(service), bucket}})
             .first;
  return take(it->second);
}

std::vector<Throttle::Count> Throttle::counts() const {
  std::lock_guard g(m_);
  std::vector<Count> out;
  for (auto& [service, counted] : buckets_) out.push_back(counted.count);
  for (auto& [key, counted] : published_) out.push_back(counted.count);
  return out;
}

// S3: "Amazon S3 error responses"; EC2: "Error codes for the Amazon EC2 API"; Lambda: "TooManyRequestsException, 429" of each
// action; ECS and ELB: the pages of published_rates.cc; the others: "Common errors" of their API references, which for the
// query protocol know "Throttling" and for JSON "ThrottlingException".
ThrottlingError throttling_error(std::string_view service, bool json) {
  if (service == "s3") return {"SlowDown", "Please reduce your request rate.", 503};
  if (service == "ec2") return {"RequestLimitExceeded", "Request limit exceeded.", 503};
  if (service == "lambda") return {"TooManyRequestsException", "Rate exceeded", 429};
  return {json ? "ThrottlingException" : "Throttling", "Rate exceeded", 400};
}

}  // namespace relight::sandbox
