// When a scheduled action runs: "at(2026-09-21T10:00:00)", "rate(5 minutes)", "cron(0 12 * * ? *)", all in
// UTC. Pure.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "sandbox/world/timetable.h"

namespace relight::sandbox::scaling {

struct Schedule {
  Instant at{};                     // once, at this time,
  std::optional<Timetable> recurs;  // unless it recurs

  // "ValidationException": not such an expression.
  static Result<Schedule> parse(const std::string& text);
  // The first time after `now` (a rate counts from `since`); none when there is no more.
  std::optional<Instant> after(Instant now, Instant since) const;
};

}  // namespace relight::sandbox::scaling
