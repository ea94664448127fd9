// Where journals and the lease live. Every append is refused unless the writer still holds the lease: that is
// the fence between two operators.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dr/engine/event.h"
#include "dr/engine/lease.h"

namespace relight::dr {

struct RunHead {
  std::string run, application, kind;
  Instant started{};
  uint64_t seq = 0;  // of the last event
  std::string hash;  // of the last event
};

// Thread-safe. Errors: "Lease.Held", "Lease.Lost", "Journal.*" ("Journal.Full" when the disk is full).
class Store {
 public:
  virtual ~Store() = default;
  // Takes the lease with the next epoch. A failed attempt changes nothing.
  virtual Result<Lease> acquire(const Holder& me, const std::string& run, Instant now, Millis ttl) = 0;
  virtual Result<Lease> renew(const Lease& mine, Instant now, Millis ttl) = 0;
  virtual Result<> release(const Lease& mine) = 0;
  virtual Result<Lease> lease() = 0;

  // Durable when it returns. All or nothing. `events` are chained after what the head says; the first append
  // makes the run.
  virtual Result<> append(const Lease& mine, const RunHead& run, std::span<const Event> events) = 0;
  // Verified against hashes and head.
  virtual Result<std::vector<Event>> read(const std::string& run) = 0;
  virtual Result<std::vector<RunHead>> runs() = 0;  // oldest first

  // Small named texts that outlive runs: the last known topology, the anti-flap window.
  virtual Result<> keep(const std::string& name, const std::string& text) = 0;
  virtual Result<std::optional<std::string>> kept(const std::string& name) = 0;
};

}  // namespace relight::dr
