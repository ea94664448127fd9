// The world that the services live in: time, regions, names, addresses, credentials, persistence, background work.
// One lock guards every service's state: handlers, scheduled functions and completions all run under it, so a
// service needs no locks of its own and must never block (no process start, no SQL, no file copy) while it holds it:
// blocking work goes through work().
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"

namespace relight::sandbox {

enum class Latency { kInstant, kScaled, kAws };

struct Settings {
  std::string dir;                     // absolute; everything the sandbox keeps lies below it
  std::vector<std::string> regions{"us-east-1", "us-west-2"};
  std::string listen = "127.0.0.1:4566";
  Latency latency = Latency::kInstant;
  int slot = 0;                        // which block of loopback addresses: 127.(8*slot).0.0 and the regions after it
  int wan_one_way_ms = 35;
};

// Durable key-value rows in one SQLite file. Writes are batched; flush() at the end of each request.
class Store {
 public:
  virtual ~Store() = default;
  virtual void put(std::string_view table, std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view table, std::string_view key) = 0;
  virtual void each(std::string_view table, const std::function<void(const std::string&, const std::string&)>& f) = 0;
  virtual Result<> flush() = 0;
};

struct Principal {
  std::string access_key, secret_key, session_token;  // token empty for long-lived keys
  std::string arn;                                    // "arn:aws:iam::000000000000:root"
  Instant expires{};                                  // epoch 0: never
};

// The regions' fate, seen by everyone who moves bytes between or into them.
class Links {
 public:
  virtual ~Links() = default;
  virtual bool up(std::string_view region) const = 0;                        // not lost
  virtual bool connected(std::string_view a, std::string_view b) const = 0;  // both up and no partition between
};

class World {
 public:
  virtual ~World() = default;

  const Settings settings;
  Clock& clock;
  Rng& rng;
  explicit World(Settings s, Clock& c, Rng& r) : settings(std::move(s)), clock(c), rng(r) {}

  virtual std::recursive_mutex& lock() = 0;
  virtual Store& store() = 0;
  virtual Links& links() = 0;
  std::string account() const { return "000000000000"; }
  // The directory of a region's plane state: <dir>/<region>/<plane>; made if absent.
  virtual std::string dir(std::string_view region, std::string_view plane) = 0;

  // Runs f under the lock, not before `delay` has passed. Returns at once. What must survive a restart is kept in
  // a table and scheduled again by Service::start.
  virtual void after(Millis delay, std::function<void()> f) = 0;
  // Runs `blocking` on a worker without the lock (at most 16 at once, the rest queue), then `done` under the lock.
  virtual void work(std::function<void()> blocking, std::function<void()> done) = 0;
  // How long a transition that takes `aws` on AWS takes here: 0, aws/60, or aws.
  virtual Millis pace(Millis aws) const = 0;
  // How often a poll that AWS makes every `aws` is made here: instant: aws/200 (at least 50 ms), scaled: aws/20, aws.
  virtual Millis poll_interval(Millis aws) const = 0;

  // A loopback address for `owner` (stable until released, kept across restarts), inside the region's block.
  virtual Result<std::string> take_address(std::string_view region, std::string_view owner) = 0;
  virtual void release_address(std::string_view region, std::string_view owner) = 0;

  // Names that AWS itself owns (RDS endpoints, ALB names, S3 hosts): what the sandbox's DNS answers for them.
  // `region` empty: answered while any region lives. A lost region's names go on resolving, as they do on AWS.
  virtual void set_name(std::string_view dns_name, std::string_view ipv4) = 0;
  virtual void drop_name(std::string_view dns_name) = 0;
  virtual std::optional<std::string> find_name(std::string_view dns_name) const = 0;  // thread-safe, lower case

  virtual std::string dns_address() const = 0;   // "127.0.53.53": port 53, for resolv.conf in tasks
  virtual std::string api_endpoint() const = 0;  // "http://127.0.0.1:4566"

  virtual void add_principal(const Principal& p) = 0;
  virtual void drop_principal(std::string_view access_key) = 0;
  virtual std::optional<Principal> principal(std::string_view access_key) const = 0;

  // The sandbox's own record of what really happened and when (`relight-sandbox events`): ground truth for evidence.
  virtual void event(std::string_view region, std::string_view service, std::string_view resource,
                     std::string_view what) = 0;

  // Calls another service's operation in-process, as that region's own control plane would: decoded, validated.
  virtual Result<> invoke(std::string_view region, const aws::ServiceModel& s, const aws::Operation& op,
                          const void* input, void* output) = 0;
  template <class Op>
  Result<typename Op::Output> call(std::string_view region, const typename Op::Input& in) {
    typename Op::Output out;
    if (auto r = invoke(region, Op::service(), Op::desc(), &in, &out); !r) return std::unexpected(r.error());
    return out;
  }
};

}  // namespace relight::sandbox
