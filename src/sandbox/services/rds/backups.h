// The daily window of automated backups.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::rds {

struct BackupWindow {
  std::chrono::minutes begin, length;  // begin: of the day, UTC
};
// "07:00-07:30". Error InvalidParameterValue as RDS says it.
Result<BackupWindow> parse_backup_window(std::string_view text);
// When the window that `now` lies in began.
std::optional<Instant> window_begun(const BackupWindow& w, Instant now);

}  // namespace relight::sandbox::rds
