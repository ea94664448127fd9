// The sandbox's front door. A request passes an ordered list of stages, each of which may answer:
//   signature -> region -> throttle -> route -> decode -> authorise -> serve -> encode
// In-process it is an Exchange like any other; the HTTP server calls serve().
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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
  using Answer = std::move_only_function<void(std::optional<http::Response>)>;
  // Answers once: mostly before this returns, later from another thread where the operation waits (SQS's long polls). No
  // thread is held meanwhile. home: the region whose own S3 address took the connection; empty on the common endpoint.
  // Thread-safe.
  void serve(http::Request&& request, Answer answer, std::string_view home = {});
  // Drops everybody who still waits, now and from now on: the sandbox ends.
  void hang_up();

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
  void brake(Visit& v);
  void refuse_throttled(Visit& v);
  void run(const std::shared_ptr<Visit>& v);
  void wait(const std::shared_ptr<Visit>& v, const Call& call, const Service::Waiting& waiting);
  void finish(Visit& v, Result<> r);
  Result<> keep(Result<> r);
  void refuse(Visit& v, Error e);

  LiveWorld& world_;
  Throttle& throttle_;
  Authority* authority_ = nullptr;
  Doorway* doorway_ = nullptr;
  std::set<std::shared_ptr<Visit>> open_;  // who waits for an answer; under the world's lock, as closing_
  bool closing_ = false;
};

}  // namespace relight::sandbox
