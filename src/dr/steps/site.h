// What every step works with: the configuration, what was found, and the ways to reach the world.
#pragma once
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

#include "aws/client/client_base.h"
#include "aws/http/exchange.h"
#include "base/clock.h"
#include "base/rng.h"
#include "dr/engine/store.h"
#include "dr/model/config.h"
#include "dr/model/topology.h"
#include "dr/steps/resolver.h"
#include "sql/connection.h"

namespace relight::dr {

// What the operator said about losses and the fence.
struct Consent {
  std::optional<Millis> loss_time;     // --accept-loss 30s
  std::optional<uint64_t> loss_bytes;  // --accept-loss 10MB
  bool unproven_fence = false;         // --accept-unproven-fence
  bool loss_unknown = false;           // --accept-loss unknown: more than can be told now
  bool any_loss() const { return loss_time || loss_bytes || loss_unknown; }
};

struct Site {
  Config config;
  Topology topology;
  Consent consent;
  aws::Caller& aws;
  http::Exchange& http;
  Resolver& resolver;
  Clock& clock;
  Store& store;
  std::function<Result<std::string>()> password;  // read at each use, never kept or printed

  // A region that may be lost is given this long for a call.
  static constexpr Millis kProbe{1500};
  aws::CallOptions in_recovery() const { return {config.recovery.region, Millis(10000)}; }
  aws::CallOptions in_primary() const { return {config.primary.region, kProbe}; }
  // Resolves through the resolver, connects with the application's user.
  Result<sql::Connection> connect(const std::string& host, Millis deadline) const;
  // To the load balancer at `host` (`port`: empty or ":8080"); its addresses in turn until one takes the
  // connection. The request has its Host already, and TLS holds the certificate against that.
  Result<http::Response> send(http::Request r, const std::string& host, const std::string& port,
                              Millis deadline) const;
  // The same: a plain GET of `path`, which may be empty: the one that a validation reads, else /.
  Result<http::Response> look(const std::string& host, const std::string& authority, const std::string& path,
                              Millis deadline) const;
};

// Worth another look: it may pass by itself, or no answer came and what was asked for may have happened.
bool may_pass(const Error& e);

// Of a scalable target: "ecs" and "ecs:service:DesiredCount", which Dormant::scope holds together.
std::string scaling_service(const Dormant& d);
std::string scaling_dimension(const Dormant& d);

// Runs them on a thread each; returns when all have ended. So that one advance() costs the slowest answer,
// not the sum.
void side_by_side(std::initializer_list<std::function<void()>> calls);

}  // namespace relight::dr
