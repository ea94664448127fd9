// Durations as people write them: "500ms", "30s", "15m", "1h30m".
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"

namespace relight::dr {

// Units h, m, s, ms, largest first, each a whole or decimal number. Error "Duration.Malformed".
Result<Millis> parse_duration(std::string_view text);
// "0 ms", "850 ms", "2.4 s", "3 m 10 s", "1 h 5 m"
std::string duration_text(Millis d);
// Sizes: "10MB", "512KiB", "100" (bytes). Error "Size.Malformed".
Result<uint64_t> parse_size(std::string_view text);

}  // namespace relight::dr
