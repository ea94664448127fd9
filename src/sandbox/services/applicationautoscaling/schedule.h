// When a scheduled action runs: "at(2026-09-21T10:00:00)", "rate(5 minutes)", "cron(0 12 * * ? *)", all in
// UTC. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::scaling {

struct Schedule {
  enum class Kind { kAt, kRate, kCron } kind = Kind::kAt;
  Instant at{};
  Millis every{0};
  // minute, hour, day of month, month, day of week (1 = Sunday), year; empty: any.
  std::array<std::set<int>, 6> fields{};

  // "ValidationException": not such an expression, or cron's L, W and #, which are not built.
  static Result<Schedule> parse(std::string_view text);
  // The first time after `now` (a rate counts from `since`); none when there is no more within five years.
  std::optional<Instant> after(Instant now, Instant since) const;
};

}  // namespace relight::sandbox::scaling
