// Schedule expressions that EventBridge and Application Auto Scaling share: rate(5 minutes), cron(0 12 * * ?
// *) ("Setting a schedule pattern for scheduled rules in EventBridge", EventBridge User Guide, to which
// "Schedule recurring scaling actions using Application Auto Scaling" refers; times are UTC, to the minute).
// Pure.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"

namespace relight::sandbox {

class Timetable {
 public:
  // None: not such an expression; the service that was asked has its own words for it.
  static std::optional<Timetable> parse(const std::string& expression);

  // The first time after `after`. rate() counts from `since`; cron() knows no origin. None: never again.
  std::optional<Instant> next(Instant since, Instant after) const;

 private:
  friend struct TimetableReader;
  struct Days {
    bool any = false;    // '*' or '?'
    std::set<int> days;  // days of the month, or of the week (1 is Sunday)
    bool last = false;  // L: the month's last day; in the week's field Saturday is meant and stands in `days`
    bool last_weekday = false;          // LW
    std::set<int> nearest;              // 15W: the weekday nearest to the 15th
    std::set<int> last_of_week;         // 6L: the month's last Friday
    std::set<std::pair<int, int>> nth;  // 3#2: the second Tuesday
  };
  bool on_day(int year, unsigned month, unsigned day) const;

  Millis every_{0};  // rate; else the fields below
  std::set<int> minutes_, hours_, months_, years_;
  Days of_month_, of_week_;
};

}  // namespace relight::sandbox
