// The line between two regions, for TCP (simulated: a proxy on loopback).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox {

struct WanOptions {
  Millis one_way{35};              // delay of each direction
  uint64_t bytes_per_second = 0;   // of each direction of each link; 0: no cap
  size_t buffer_bytes = 4u << 20;  // in flight per connection and direction; then the sender is held back
  Millis partition_reset{3000};    // how long a connection across a partition stalls before it is reset
};

// Thread-safe. Every function returns when it has taken effect: after lose() not one more byte arrives.
class Wan {
 public:
  struct Address {
    std::string ip;
    uint16_t port = 0;
  };

  Wan(WanOptions options, Clock& clock);
  ~Wan();  // closes everything
  Wan(const Wan&) = delete;
  Wan& operator=(const Wan&) = delete;

  // Listens in `from_region`, which dials; each connection goes on to `target` in `to_region`. While the
  // regions are not connected the link exists but refuses (lost) or stalls (partition). Opening the same
  // `listen` again replaces the link. Error "Wan.Listen" if the address is taken.
  Result<> open(const Address& listen, const Address& target, std::string_view from_region,
                std::string_view to_region);
  void close(const Address& listen);

  void cut(std::string_view a, std::string_view b);
  void heal(std::string_view a, std::string_view b);
  // Cuts and heals every pair of `regions` so that it agrees with `connected`: for a listener of the world's
  // links.
  void follow(const std::vector<std::string>& regions,
              const std::function<bool(std::string_view, std::string_view)>& connected);
  // All connections to or from the region are reset, their bytes in flight discarded; new ones are refused.
  void lose(std::string_view region);
  void restore(std::string_view region);

  uint64_t dropped_bytes() const;  // discarded by lose() and resets, since the start
  size_t connections() const;      // open now

 private:
  struct State;
  std::unique_ptr<State> s_;
};

}  // namespace relight::sandbox
