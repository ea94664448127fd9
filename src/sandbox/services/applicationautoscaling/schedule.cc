#include "sandbox/services/applicationautoscaling/schedule.h"

#include "sandbox/gateway/service.h"

namespace relight::sandbox::scaling {

Result<Schedule> Schedule::parse(const std::string& text) {
  Schedule s;
  if (text.starts_with("at(") && text.ends_with(')') &&
      text.size() == std::string_view("at(yyyy-mm-ddThh:mm:ss)").size()) {
    if (auto at = parse_iso8601(text.substr(3, text.size() - 4) + "Z")) {
      s.at = *at;
      return s;
    }
  } else if ((s.recurs = Timetable::parse(text))) {
    return s;
  }
  return aws_error("ValidationException",
                   "Invalid or unsupported schedule expression: " + text);  // wording unverified
}

std::optional<Instant> Schedule::after(Instant now, Instant since) const {
  if (recurs) return recurs->next(since, now);
  return at > now ? std::optional(at) : std::nullopt;
}

}  // namespace relight::sandbox::scaling
