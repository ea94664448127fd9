// From what CloudWatch measured to amounts a month.
#pragma once
#include <vector>

#include "base/clock.h"
#include "dr/planning/cost.h"

namespace relight::dr {

struct Metered {
  Instant at;
  double value;
};

// The latest value, times `by`. Unknown, with `missing` as the reason, when there is none.
Amount latest_of(std::vector<Metered> points, double by, const std::string& missing);
// How much the value grew a month, times `by`; what shrank grew by nothing. Wants two points a day apart at
// least.
Amount growth_of(std::vector<Metered> points, double by, const std::string& missing);
// A rate a second, averaged, as an amount a month, times `by`.
Amount month_of(std::vector<Metered> points, double by, const std::string& missing);

// Metered, else what relight.yaml says, else the default; without a default unknown, and why it was not
// metered.
Amount best_of(Amount metered, std::optional<double> stated, std::optional<double> fallback);

}  // namespace relight::dr
