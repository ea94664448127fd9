// Who may act: one holder at a time, each with its own epoch, which never comes twice.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace relight::dr {

struct Holder {
  std::string host;  // name
  std::string boot;  // this boot of that host; empty if unknown
  int64_t pid = 0;
  uint64_t process_start = 0;  // tells a process from a later one with the same pid
  std::string who;             // the person, as far as it can be told
  bool operator==(const Holder&) const = default;
};

struct Lease {
  uint64_t epoch = 0;  // 0: nobody ever held it
  bool held = false;
  std::string run;
  Holder holder;
  Instant since{}, expires{};
  bool operator==(const Lease&) const = default;
};

std::string to_json(const Lease& l);
Result<Lease> lease_from_json(std::string_view json);

// Whether `me` can take it now: free, expired, or its holder is a process of this very boot that is gone
// (`holder_alive` tells; it is asked only about the same host and boot).
bool takable(const Lease& l, const Holder& me, Instant now, bool (*holder_alive)(const Holder&));
// "Lease.Held": names host, pid, since, epoch and when it ends.
Error held_by(const Lease& l, Instant now);
Error lease_lost(const Lease& mine, const Lease& now);

// This process, from /proc.
Holder this_process();
// True if a process with that pid and start time runs here.
bool process_alive(const Holder& h);

}  // namespace relight::dr
