#include "base/clock.h"

#include <fmt/format.h>

#include <ctime>
#include <thread>

namespace relight {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
  std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  void sleep(Millis d) override { std::this_thread::sleep_for(d); }
};

std::tm utc(Instant t) {
  std::time_t s = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
  std::tm tm{};
  gmtime_r(&s, &tm);
  return tm;
}

bool digits(std::string_view& s, int n, int& out) {
  if (s.size() < static_cast<size_t>(n)) return false;
  out = 0;
  for (int i = 0; i < n; ++i) {
    if (s[i] < '0' || s[i] > '9') return false;
    out = out * 10 + (s[i] - '0');
  }
  s.remove_prefix(n);
  return true;
}
bool eat(std::string_view& s, char c) {
  if (s.empty() || s[0] != c) return false;
  s.remove_prefix(1);
  return true;
}
constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

Result<Instant> civil(int y, int mo, int d, int h, int mi, int s, int ms, int offset_minutes) {
  using namespace std::chrono;
  year_month_day ymd{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!ymd.ok() || h > 24 || mi > 59 || s > 60) return fail("Time.Malformed", "not a calendar time");
  return Instant{sys_days{ymd}} + hours{h} + minutes{mi - offset_minutes} + seconds{s} + Millis{ms};
}

}  // namespace

Clock& system_clock() {
  static SystemClock c;
  return c;
}

std::string iso8601(Instant t) {
  std::tm m = utc(t);
  int ms = static_cast<int>((t - std::chrono::floor<std::chrono::seconds>(t)).count());
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", m.tm_year + 1900, m.tm_mon + 1, m.tm_mday,
                     m.tm_hour, m.tm_min, m.tm_sec, ms);
}

std::string iso8601_basic(Instant t) {
  std::tm m = utc(t);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", m.tm_year + 1900, m.tm_mon + 1, m.tm_mday, m.tm_hour,
                     m.tm_min, m.tm_sec);
}

std::string http_date(Instant t) {
  std::tm m = utc(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[m.tm_wday], m.tm_mday, kMonths[m.tm_mon],
                     m.tm_year + 1900, m.tm_hour, m.tm_min, m.tm_sec);
}

Result<Instant> parse_iso8601(std::string_view text) {
  auto bad = [&] { return fail("Time.Malformed", "expected an ISO 8601 time such as 2026-11-22T19:35:00Z, got '" +
                                                     std::string(text.substr(0, 40)) + "'"); };
  std::string_view s = text;
  int y, mo, d, h = 0, mi = 0, sec = 0, ms = 0, off = 0;
  if (!digits(s, 4, y)) return bad();
  bool ext = eat(s, '-');
  if (!digits(s, 2, mo) || (ext && !eat(s, '-')) || !digits(s, 2, d)) return bad();
  if (eat(s, 'T') || eat(s, ' ') || eat(s, 't')) {
    if (!digits(s, 2, h)) return bad();
    bool colon = eat(s, ':');
    if (!digits(s, 2, mi)) return bad();
    if (!colon || eat(s, ':')) {
      if (!digits(s, 2, sec)) return bad();
    }
    if (eat(s, '.')) {
      int scale = 100;
      if (s.empty() || s[0] < '0' || s[0] > '9') return bad();
      while (!s.empty() && s[0] >= '0' && s[0] <= '9') {
        ms += (s[0] - '0') * scale;
        scale /= 10;
        s.remove_prefix(1);
      }
    }
    if (!s.empty() && (s[0] == '+' || s[0] == '-')) {
      int sign = s[0] == '-' ? -1 : 1, oh, om;
      s.remove_prefix(1);
      if (!digits(s, 2, oh)) return bad();
      eat(s, ':');
      if (!digits(s, 2, om)) return bad();
      off = sign * (oh * 60 + om);
    } else if (!eat(s, 'Z')) {
      eat(s, 'z');
    }
  }
  if (!s.empty()) return bad();
  return civil(y, mo, d, h, mi, sec, ms, off);
}

Result<Instant> parse_http_date(std::string_view text) {
  std::string_view s = text;
  auto bad = [&] { return fail("Time.Malformed", "expected an HTTP date, got '" + std::string(text.substr(0, 40)) + "'"); };
  int d, y, h, mi, sec, mo = 0;
  if (s.size() < 5) return bad();
  s.remove_prefix(5);  // "Sun, "
  if (!digits(s, 2, d) || !eat(s, ' ')) return bad();
  for (int i = 0; i < 12; ++i)
    if (s.starts_with(kMonths[i])) mo = i + 1;
  if (!mo) return bad();
  s.remove_prefix(3);
  if (!eat(s, ' ') || !digits(s, 4, y) || !eat(s, ' ') || !digits(s, 2, h) || !eat(s, ':') || !digits(s, 2, mi) ||
      !eat(s, ':') || !digits(s, 2, sec) || s != " GMT")
    return bad();
  return civil(y, mo, d, h, mi, sec, 0, 0);
}

}  // namespace relight
