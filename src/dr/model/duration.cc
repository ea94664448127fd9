#include "dr/model/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace relight::dr {
namespace {

using Unit = std::pair<std::string_view, double>;

// The number at the front of `text`, taken off it.
bool take_number(std::string_view& text, double& out) {
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc() || out < 0 || out > 1e12) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

std::string_view take_letters(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z'))) ++n;
  auto word = text.substr(0, n);
  text.remove_prefix(n);
  return word;
}

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  static constexpr std::array<Unit, 5> units{
      {{"d", 86400e3}, {"h", 3600e3}, {"m", 60e3}, {"s", 1e3}, {"ms", 1}}};
  auto wrong = fail("Duration.Malformed",
                    "'" + std::string(text) + "' is no duration: write 500ms, 30s, 15m or 1h30m");
  if (text.empty()) return wrong;
  double total = 0, last = 1e18;
  for (auto rest = text; !rest.empty();) {
    double n = 0;
    if (!take_number(rest, n)) return wrong;
    auto word = take_letters(rest);
    double scale = 0;
    for (auto& [name, ms] : units)
      if (name == word) scale = ms;
    if (scale == 0 || scale >= last) return wrong;
    last = scale;
    total += n * scale;
  }
  if (total > 3.2e12) return wrong;  // a hundred years
  return Millis(static_cast<int64_t>(total + 0.5));
}

std::string duration_text(Millis d) {
  auto ms = d.count();
  if (ms < 0) return "-" + duration_text(-d);
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  auto s = ms / 1000;
  if (s < 3600) return fmt::format("{} m {} s", s / 60, s % 60);
  return fmt::format("{} h {} m", s / 3600, s / 60 % 60);
}

Result<uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<Unit, 8> units{{{"", 1},
                                              {"B", 1},
                                              {"KB", 1e3},
                                              {"MB", 1e6},
                                              {"GB", 1e9},
                                              {"KiB", 1024},
                                              {"MiB", 1048576},
                                              {"GiB", 1073741824}}};
  auto rest = text;
  double n = 0;
  if (take_number(rest, n)) {
    auto word = take_letters(rest);
    for (auto& [name, scale] : units)
      if (rest.empty() && name == word) return static_cast<uint64_t>(n * scale);
  }
  return fail("Size.Malformed", "'" + std::string(text) + "' is no size: write 100, 512KiB or 10MB");
}

}  // namespace relight::dr
