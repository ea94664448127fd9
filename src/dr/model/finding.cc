#include "dr/model/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "dr/model/duration.h"

namespace relight::dr {
namespace {

int64_t weight(const std::optional<int64_t>& seconds) {
  return seconds.value_or(std::numeric_limits<int64_t>::max());
}

}  // namespace

std::string_view verdict_text(Verdict v) {
  switch (v) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kWarn:
      return "warn";
    case Verdict::kFail:
      return "fail";
    case Verdict::kUnknown:
      break;
  }
  return "unknown";
}

void worst_first(std::vector<Finding>& findings) {
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    if (a.verdict != b.verdict) return a.verdict > b.verdict;
    auto worst = [](const Finding& f) { return std::max(weight(f.risk.rto_s), weight(f.risk.rpo_s)); };
    if (worst(a) != worst(b)) return worst(a) > worst(b);
    return std::tie(a.check, a.region, a.resource, a.what) < std::tie(b.check, b.region, b.resource, b.what);
  });
}

Tally tally(const std::vector<Finding>& findings) {
  Tally t;
  for (auto& f : findings) switch (f.verdict) {
      case Verdict::kPass:
        ++t.pass;
        break;
      case Verdict::kWarn:
        ++t.warn;
        break;
      case Verdict::kUnknown:
        ++t.unknown;
        break;
      case Verdict::kFail:
        ++t.fail;
        break;
    }
  return t;
}

std::string risk_text(const std::optional<int64_t>& seconds) {
  if (!seconds) return "no bound";
  if (*seconds == 0) return "";
  return duration_text(Millis(*seconds * 1000));
}

}  // namespace relight::dr
