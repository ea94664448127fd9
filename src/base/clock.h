// Time is a constructor parameter: nothing else in the house asks the system for it (tests/house_rules).
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight {

using Millis = std::chrono::milliseconds;
// Wall-clock instant, UTC, to the millisecond.
using Instant = std::chrono::sys_time<Millis>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;                        // wall clock
  virtual std::chrono::nanoseconds monotonic() const = 0; // for durations; origin unspecified
  virtual void sleep(Millis d) = 0;                       // blocks the calling thread
};

// The machine's own clock. Thread-safe.
Clock& system_clock();

// "2026-11-22T19:35:00.123Z"
std::string iso8601(Instant t);
// "20261122T193500Z"
std::string iso8601_basic(Instant t);
// "Sun, 22 Nov 2026 19:35:00 GMT" (RFC 9110 IMF-fixdate)
std::string http_date(Instant t);
// Accepts the extended and basic ISO 8601 forms with Z or an offset, fraction optional.
Result<Instant> parse_iso8601(std::string_view s);
Result<Instant> parse_http_date(std::string_view s);

}  // namespace relight
