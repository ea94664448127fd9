#include "sandbox/services/applicationautoscaling/schedule.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::scaling {
namespace {

struct Field {
  int low, high;
  std::string_view names;  // three letters each, from `low`
};
constexpr std::array<Field, 6> kFields{{{0, 59, ""},
                                        {0, 23, ""},
                                        {1, 31, ""},
                                        {1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
                                        {1, 7, "SUNMONTUEWEDTHUFRISAT"},
                                        {1970, 2199, ""}}};

std::unexpected<Error> bad_schedule(std::string_view text) {
  return aws_error("ValidationException",
                   "Invalid or unsupported schedule expression: " + std::string(text));  // wording unverified
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (size_t from = 0; from <= text.size();) {
    size_t to = std::min(text.find(at, from), text.size());
    if (to > from || at != ' ') out.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

std::optional<int> number(std::string_view text, const Field& f) {
  if (text.size() == 3 && !f.names.empty())
    if (size_t i = f.names.find(text); i != f.names.npos && i % 3 == 0)
      return f.low + static_cast<int>(i / 3);
  int n = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (bad != std::errc() || end != text.data() + text.size() || n < f.low || n > f.high) return std::nullopt;
  return n;
}

// "*", "?", "5", "1-5", "*/10", "0/15", "MON-FRI", lists of them. False: not one of these.
bool read_field(std::string_view text, const Field& f, std::set<int>& out) {
  if (text == "*" || text == "?") return true;
  for (auto part : split(text, ',')) {
    int step = 1, low = f.low, high = f.high;
    size_t slash = part.find('/');
    if (slash != part.npos) {
      auto n = number(part.substr(slash + 1), {1, f.high, ""});
      if (!n) return false;
      step = *n;
    }
    std::string_view range = part.substr(0, slash);
    size_t dash = range.find('-');
    if (range != "*") {
      auto a = number(range.substr(0, dash), f),
           b = dash == range.npos ? a : number(range.substr(dash + 1), f);
      if (!a || !b || *a > *b) return false;
      low = *a;
      if (dash != range.npos || slash == part.npos) high = *b;
    }
    for (int n = low; n <= high; n += step) out.insert(n);
  }
  return !out.empty();
}

bool has(const std::set<int>& s, int n) { return s.empty() || s.contains(n); }

}  // namespace

Result<Schedule> Schedule::parse(std::string_view text) {
  Schedule s;
  size_t open = text.find('(');
  if (open == text.npos || !text.ends_with(")")) return bad_schedule(text);
  std::string_view kind = text.substr(0, open), inside = text.substr(open + 1, text.size() - open - 2);
  if (kind == "at") {
    auto at = inside.size() == 19 ? parse_iso8601(std::string(inside) + "Z") : bad_schedule(text);
    if (!at) return bad_schedule(text);
    s.at = *at;
    return s;
  }
  auto words = split(inside, ' ');
  if (kind == "rate" && words.size() == 2) {
    auto n = number(words[0], {1, 1'000'000, ""});
    bool one = n == 1;
    int64_t unit = words[1] == (one ? "minute" : "minutes") ? 60
                   : words[1] == (one ? "hour" : "hours")   ? 3600
                   : words[1] == (one ? "day" : "days")     ? 86'400
                                                            : 0;
    if (!n || !unit) return bad_schedule(text);
    s.kind = Kind::kRate;
    s.every = std::chrono::seconds(*n * unit);
    return s;
  }
  if (kind != "cron" || words.size() != 6) return bad_schedule(text);
  s.kind = Kind::kCron;
  // One of the two days must be left open ("Schedule recurring scaling actions using cron expressions").
  if ((words[2] == "?") == (words[4] == "?")) return bad_schedule(text);
  for (size_t i = 0; i < 6; ++i)
    if (!read_field(words[i], kFields[i], s.fields[i])) return bad_schedule(text);
  return s;
}

std::optional<Instant> Schedule::after(Instant now, Instant since) const {
  using namespace std::chrono;
  if (kind == Kind::kAt) return at > now ? std::optional(at) : std::nullopt;
  if (kind == Kind::kRate) return since + every * (now < since ? 1 : (now - since) / every + 1);
  sys_days first = floor<days>(now);
  for (sys_days day = first; day < first + days(5 * 366); day += days(1)) {
    year_month_day d{day};
    if (!has(fields[2], static_cast<int>(static_cast<unsigned>(d.day()))) ||
        !has(fields[3], static_cast<int>(static_cast<unsigned>(d.month()))) ||
        !has(fields[4], static_cast<int>(weekday{day}.c_encoding()) + 1) ||
        !has(fields[5], static_cast<int>(d.year())))
      continue;
    for (int h = 0; h < 24; ++h) {
      if (!has(fields[1], h)) continue;
      for (int m = 0; m < 60; ++m)
        if (Instant t = day + hours(h) + minutes(m); has(fields[0], m) && t > now) return t;
    }
  }
  return std::nullopt;
}

}  // namespace relight::sandbox::scaling
