// What carries a load balancer's traffic, behind one interface. The plane is told the whole of what should
// stand (apply) and finds out itself what has to change; which targets may serve is decided by ELBv2's own
// health checks.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace relight::sandbox {

struct BalancerTarget {
  std::string address;  // IPv4
  int port = 80;
  bool draining = false;  // finishes what it has, gets nothing new
  auto operator<=>(const BalancerTarget&) const = default;
};

struct BalancerPool {
  std::string id;                       // letters, digits, '-', '_'
  std::vector<BalancerTarget> targets;  // those that may serve, and those that drain
  bool tls = false;                     // to the targets
  bool least_outstanding = false;       // else round robin
  int stickiness_seconds = 0;           // lb_cookie; 0: off
};

struct BalancerCondition {
  enum class Field { kPath, kHost, kHeader, kQuery, kMethod, kSourceIp };
  Field field = Field::kPath;
  std::string header;               // kHeader: its name
  std::vector<std::string> values;  // any of; '*' and '?' are wildcards (path, host, header)
  std::vector<std::pair<std::string, std::string>> pairs;  // kQuery: key (may be empty) and value
};

struct BalancerAction {
  enum class Kind { kForward, kFixed, kRedirect };
  Kind kind = Kind::kForward;
  std::vector<std::pair<std::string, int>> forward;  // pool and weight
  int status = 503;                                  // kFixed; kRedirect: 301 or 302
  std::string body, content_type;                    // kFixed
  std::string protocol, host, port, path, query;     // kRedirect, with #{…} as ELBv2 writes them
};

struct BalancerRule {
  std::vector<BalancerCondition> conditions;  // all of
  BalancerAction action;
};

struct BalancerListener {
  int port = 80;
  bool tls = false;                 // with a self-signed certificate of the plane's own
  std::vector<BalancerRule> rules;  // in the order of priority
  BalancerAction fallback;          // the default action
};

struct BalancerSpec {
  std::string id;       // one balancer's, unique in the sandbox; letters, digits, '-', '_'
  std::string address;  // that its listeners bind
  std::string dir;      // its own
  int idle_seconds = 60;
  std::vector<BalancerListener> listeners;
  std::vector<BalancerPool> pools;
};

// Counters since the balancer was first applied; they only grow while it stands.
struct BalancerCounters {
  uint64_t requests = 0, http_2xx = 0, http_3xx = 0, http_4xx = 0, http_5xx = 0;
};

class BalancerPlane {
 public:
  virtual ~BalancerPlane() = default;
  // Blocks until traffic flows as the spec says (some ms; a first start 50 ms). Idempotent. Connections that
  // are open go on through a change of rules. Error "Balancer.Config", "Balancer.Start" with the cause.
  virtual Result<> apply(const BalancerSpec& s) = 0;
  virtual void remove(const std::string& id) = 0;  // at once: SIGKILL, listeners closed; unknown is success
  virtual BalancerCounters counters(const std::string& id) = 0;
};

// Told when a balancer's process has died ("died; …") and when its successor serves ("restarted"). Runs on the plane's own
// thread; it must not call the plane.
using BalancerWatch = std::function<void(const std::string& id, const std::string& what)>;

// One haproxy a balancer, begun anew when it dies. Thread-safe; each balancer's calls are serialised.
std::unique_ptr<BalancerPlane> make_haproxy_plane(BalancerWatch watch = nullptr);

// Keeps what it was told and carries nothing.
class SimulatedBalancerPlane : public BalancerPlane {
 public:
  Result<> apply(const BalancerSpec& s) override { return specs[s.id] = s, Result<>{}; }
  void remove(const std::string& id) override { specs.erase(id); }
  BalancerCounters counters(const std::string&) override { return {}; }
  std::map<std::string, BalancerSpec> specs;
};

}  // namespace relight::sandbox
