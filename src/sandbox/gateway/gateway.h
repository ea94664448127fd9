// The sandbox's front door. A request passes an ordered list of stages, each of which may answer:
//   signature -> region -> throttle -> route -> decode -> authorise -> serve -> encode
// In-process it is an Exchange like any other; the HTTP server calls serve().
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "aws/http/exchange.h"
#include "sandbox/faults/throttle.h"
#include "sandbox/gateway/authority.h"
#include "sandbox/gateway/doorway.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/live_world.h"

namespace relight::sandbox {

class Gateway final : public http::Exchange {
 public:
  Gateway(LiveWorld& world, Throttle& throttle) : world_(world), throttle_(throttle) {}

  // nullopt: the region is lost; close the connection without a word, as a dead region does.
  // home: the region whose own S3 address took the connection; empty on the common endpoint. Thread-safe.
  std::optional<http::Response> serve(http::Request&& request, std::string_view home = {});

  // From now on asked before each handler.
  void use(Authority& a) { authority_ = &a; }
  void use(Doorway& d) { doorway_ = &d; }

  Result<http::Response> send(const http::Request& request, std::chrono::milliseconds deadline) override;

 private:
  struct Visit;
  void identify(Visit& v, std::string_view home);
  void anonymous(Visit& v, std::string_view home);
  void reach(Visit& v);
  void route(Visit& v);
  void run(Visit& v);
  void refuse(Visit& v, Error e);

  LiveWorld& world_;
  Throttle& throttle_;
  Authority* authority_ = nullptr;
  Doorway* doorway_ = nullptr;
};

}  // namespace relight::sandbox
