// The events of log streams: kept in order, bounded, written through to the Store. A stream is known here by
// a number.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "sandbox/world/world.h"

namespace relight::sandbox::logs {

// Where an event stands in its stream: by time, then as it came.
struct Place {
  int64_t time = 0;  // milliseconds since the epoch
  uint64_t number = 0;
  auto operator<=>(const Place&) const = default;
};

struct Kept {
  int64_t ingested = 0;
  std::string message;
};

class Shelf {
 public:
  static constexpr size_t kStreamBytes = 2u << 20, kRegionBytes = 32u << 20;

  explicit Shelf(World& w);  // loads what the store holds
  void add(const std::string& region, uint64_t stream, int64_t time, int64_t ingested, std::string message);
  const std::map<Place, Kept>& of(const std::string& region, uint64_t stream) const;
  size_t bytes(const std::string& region, uint64_t stream) const;
  void forget(const std::string& region, uint64_t stream);
  void forget_before(const std::string& region, uint64_t stream, int64_t time);
  // The region's oldest events go until it fits; true if any went.
  bool bound(const std::string& region);

 private:
  struct Stream {
    std::map<Place, Kept> events;
    size_t bytes = 0;
  };
  using Events = std::map<Place, Kept>;
  Events::iterator drop(const std::string& region, uint64_t stream, Stream& s, Events::iterator at);
  World& world_;
  std::map<std::string, std::map<uint64_t, Stream>> streams_;  // region -> stream
  std::map<std::string, size_t> bytes_;                        // of a region
  uint64_t next_ = 1;
};

}  // namespace relight::sandbox::logs
