// MaxItems, which Route 53 takes as text.
#pragma once
#include <algorithm>
#include <optional>
#include <string>

#include "sandbox/gateway/service.h"

namespace relight::sandbox {

inline Result<size_t> max_items(const std::optional<std::string>& text, size_t most = 100) {
  if (!text) return most;
  char* end = nullptr;
  long n = std::strtol(text->c_str(), &end, 10);
  if (text->empty() || *end || n < 1)
    return aws_error("InvalidInput", "MaxItems must be a positive number", 400);
  return std::min(static_cast<size_t>(n), most);
}

}  // namespace relight::sandbox
