// An AWS that answers out of the air for an application of 1,000 ECS services, and throttles as AWS publishes
// it.
#pragma once
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "aws/http/exchange.h"
#include "sandbox/faults/throttle.h"

namespace relight {

constexpr int kServices = 1000;  // of ECS

// What AWS would answer for the service of that number, in one region. `side`: "p" or "d".
class Imagined final : public http::Exchange {
 public:
  Imagined(std::string region, std::string side, bool throttles);
  Result<http::Response> send(const http::Request& request, std::chrono::milliseconds) override;
  std::string service(int n) const { return arn("ecs", fmt::format("service/{0}/{0}-web-{1}", side_, n)); }

 private:
  std::string arn(const std::string& service, const std::string& rest) const {
    return fmt::format("arn:aws:{}:{}:111122223333:{}", service, region_, rest);
  }
  std::string group(int n) const {
    return arn("elasticloadbalancing", fmt::format("targetgroup/{}-web-{}/{:016x}", side_, n, n));
  }
  std::string balancer(int b) const {
    return arn("elasticloadbalancing", fmt::format("loadbalancer/app/{}-lb-{}/{:016x}", side_, b, b));
  }
  std::string listener(int b) const {
    return arn("elasticloadbalancing", fmt::format("listener/app/{}-lb-{}/{:016x}/1", side_, b, b));
  }
  std::string host(int d) const { return fmt::format("{}-db-{}.x.{}.rds.amazonaws.com", side_, d, region_); }
  // The number in a name such as "p-web-17" or "…/p-lb-3/…".
  static int number(const std::string& text, const std::string& mark) {
    auto at = text.rfind(mark);
    return at == text.npos ? 0 : std::atoi(text.c_str() + at + mark.size());
  }
  nlohmann::json answer(const std::string& call, const nlohmann::json& in);
  nlohmann::json described(int n) const;  // a service
  nlohmann::json containers(const std::string& call, const nlohmann::json& in) const;
  nlohmann::json balancers(const std::string& call, const nlohmann::json& in) const;
  nlohmann::json network(const std::string& call, const nlohmann::json& in) const;
  nlohmann::json others(const std::string& call, const nlohmann::json& in) const;

  std::string region_, side_;
  sandbox::Throttle throttle_;
  Millis latency_{0};
};

}  // namespace relight
