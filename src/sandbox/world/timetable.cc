#include "sandbox/world/timetable.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace relight::sandbox {
namespace {

namespace chr = std::chrono;
constexpr int kFirstYear = 1970, kLastYear = 2199;

std::optional<int> cron_number(std::string_view s) {
  int n = 0;
  auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), n);
  return ec == std::errc{} && end == s.data() + s.size() && !s.empty() ? std::optional(n) : std::nullopt;
}

std::vector<std::string> cron_words(std::string_view text) {
  std::vector<std::string> out;
  for (auto& w : split(text, ' '))
    if (!w.empty()) out.push_back(w);
  return out;
}

struct Field {
  int min, max;
  std::string_view names = {};  // three letters each, the first is `min`
};
constexpr Field kMinutes{0, 59}, kHours{0, 23}, kDaysOfMonth{1, 31},
    kMonths{1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"}, kDaysOfWeek{1, 7, "SUNMONTUEWEDTHUFRISAT"},
    kYears{kFirstYear, kLastYear};

std::optional<int> cron_value(const Field& f, std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (text.size() == 3 && !f.names.empty()) {
    auto at = f.names.find(text);
    if (at != f.names.npos && at % 3 == 0) return f.min + static_cast<int>(at / 3);
  }
  auto n = cron_number(text);
  return n && *n >= f.min && *n <= f.max ? n : std::nullopt;
}

// One part between commas: 5, 1-5, *, 0/15, 10-50/10, MON-FRI.
bool cron_part(const Field& f, const std::string& part, std::set<int>& out) {
  auto slash = part.find('/');
  std::string range = part.substr(0, slash);
  int step = 1;
  if (slash != part.npos) {
    auto n = cron_number(std::string_view(part).substr(slash + 1));
    if (!n || *n < 1 || *n > f.max) return false;
    step = *n;
  }
  int from = f.min, to = f.max;
  if (range != "*") {
    auto dash = range.find('-');
    auto low = cron_value(f, range.substr(0, dash));
    auto high = dash == range.npos ? low : cron_value(f, range.substr(dash + 1));
    if (!low || !high) return false;
    from = *low;
    to = dash == range.npos && slash != part.npos ? f.max : *high;
  }
  if (from > to && f.names.empty()) return false;
  if (from > to) {  // FRI-MON goes over the week's end
    for (int v = from; v <= f.max; v += step) out.insert(v);
    from = f.min;
  }
  for (int v = from; v <= to; v += step) out.insert(v);
  return true;
}

bool is_weekday(chr::year_month_day d) {
  unsigned w = chr::weekday(chr::sys_days(d)).c_encoding();
  return w != 0 && w != 6;
}

// The weekday nearest to a day, never in another month.
unsigned nearest_weekday(int year, unsigned month, unsigned day) {
  chr::year y{year};
  chr::month m{month};
  auto last = static_cast<unsigned>(chr::year_month_day_last(y, chr::month_day_last(m)).day());
  day = std::min(day, last);
  unsigned w = chr::weekday(chr::sys_days(y / m / chr::day(day))).c_encoding();
  if (w == 6) return day > 1 ? day - 1 : day + 2;
  if (w == 0) return day < last ? day + 1 : day - 2;
  return day;
}

}  // namespace

struct TimetableReader {
  static bool simple(const Field& f, const std::string& text, std::set<int>& out) {
    for (auto& part : split(text, ','))
      if (!cron_part(f, part, out)) return false;
    return !out.empty();
  }
  static bool month_days(const std::string& text, Timetable::Days& d) {
    if (text == "*" || text == "?") return d.any = true;
    for (auto& part : split(text, ',')) {
      if (part == "L")
        d.last = true;
      else if (part == "LW")
        d.last_weekday = true;
      else if (part.ends_with('W')) {
        auto n = cron_value(kDaysOfMonth, part.substr(0, part.size() - 1));
        if (!n) return false;
        d.nearest.insert(*n);
      } else if (!cron_part(kDaysOfMonth, part, d.days)) {
        return false;
      }
    }
    return true;
  }
  static bool week_days(const std::string& text, Timetable::Days& d) {
    if (text == "*" || text == "?") return d.any = true;
    for (auto& part : split(text, ',')) {
      auto hash = part.find('#');
      if (part == "L") {
        d.days.insert(7);
      } else if (part.ends_with('L')) {
        auto n = cron_value(kDaysOfWeek, part.substr(0, part.size() - 1));
        if (!n) return false;
        d.last_of_week.insert(*n);
      } else if (hash != part.npos) {
        auto n = cron_value(kDaysOfWeek, part.substr(0, hash));
        auto nth = cron_number(std::string_view(part).substr(hash + 1));
        if (!n || !nth || *nth < 1 || *nth > 5) return false;
        d.nth.emplace(*n, *nth);
      } else if (!cron_part(kDaysOfWeek, part, d.days)) {
        return false;
      }
    }
    return true;
  }
  // rate(VALUE UNIT): a whole number above nothing; one takes the singular, more the plural.
  static bool rate(std::string_view inside, Timetable& t) {
    auto words = cron_words(inside);
    auto n = words.size() == 2 ? cron_number(words[0]) : std::nullopt;
    if (!n || *n < 1) return false;
    std::string unit = words[1];
    if ((*n == 1) == unit.ends_with('s')) return false;
    if (unit.ends_with('s')) unit.pop_back();
    int64_t minutes = unit == "minute" ? 1 : unit == "hour" ? 60 : unit == "day" ? 24 * 60 : 0;
    t.every_ = chr::minutes(minutes * *n);
    return minutes > 0;
  }
  static bool cron(std::string_view inside, Timetable& t) {
    auto f = cron_words(inside);
    if (f.size() != 6) return false;
    // "You can't specify the Day-of-month and Day-of-week fields in the same cron expression": one of them is
    // '?'.
    if ((f[2] == "?") == (f[4] == "?")) return false;
    return simple(kMinutes, f[0], t.minutes_) && simple(kHours, f[1], t.hours_) &&
           month_days(f[2], t.of_month_) && simple(kMonths, f[3], t.months_) && week_days(f[4], t.of_week_) &&
           simple(kYears, f[5], t.years_);
  }
};

std::optional<Timetable> Timetable::parse(const std::string& e) {
  Timetable t;
  bool good = e.ends_with(')');
  if (good && e.starts_with("rate("))
    good = TimetableReader::rate(std::string_view(e).substr(5, e.size() - 6), t);
  else if (good && e.starts_with("cron("))
    good = TimetableReader::cron(std::string_view(e).substr(5, e.size() - 6), t);
  else
    good = false;
  if (!good) return std::nullopt;
  return t;
}

bool Timetable::on_day(int year, unsigned month, unsigned day) const {
  chr::year y{year};
  chr::month m{month};
  auto date = y / m / chr::day(day);
  auto last = static_cast<unsigned>(chr::year_month_day_last(y, chr::month_day_last(m)).day());
  if (!of_month_.any) {
    bool hit = of_month_.days.contains(static_cast<int>(day)) || (of_month_.last && day == last);
    if (of_month_.last_weekday && is_weekday(date)) hit = hit || day == nearest_weekday(year, month, last);
    for (int n : of_month_.nearest)
      hit = hit || day == nearest_weekday(year, month, static_cast<unsigned>(n));
    if (!hit) return false;
  }
  if (of_week_.any) return true;
  int week = static_cast<int>(chr::weekday(chr::sys_days(date)).c_encoding()) + 1;
  if (of_week_.days.contains(week)) return true;
  if (of_week_.last_of_week.contains(week) && day + 7 > last) return true;
  return of_week_.nth.contains({week, static_cast<int>((day - 1) / 7) + 1});
}

std::optional<Instant> Timetable::next(Instant since, Instant after) const {
  if (every_.count() > 0) {
    auto passed = after < since ? 0 : (after - since) / every_ + 1;
    return since + every_ * std::max<int64_t>(passed, 1);
  }
  auto minute = chr::floor<chr::minutes>(after) + chr::minutes(1);
  auto day = chr::floor<chr::days>(minute);
  auto first = (minute - day).count();
  for (; int(chr::year_month_day(day).year()) <= kLastYear; day += chr::days(1), first = 0) {
    chr::year_month_day d(day);
    if (!years_.contains(int(d.year())) || !months_.contains(static_cast<int>(unsigned(d.month())))) continue;
    if (!on_day(int(d.year()), unsigned(d.month()), unsigned(d.day()))) continue;
    for (int h : hours_)
      for (int m : minutes_)
        if (h * 60 + m >= first)
          return Instant{chr::sys_time<chr::minutes>(day) + chr::hours(h) + chr::minutes(m)};
  }
  return std::nullopt;
}

}  // namespace relight::sandbox
