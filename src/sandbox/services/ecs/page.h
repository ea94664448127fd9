// One page of a sorted list of ARNs. Tokens are the last name given, encoded.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::ecs {

struct Page {
  std::vector<std::string> items;
  std::optional<std::string> next;
};

inline Result<Page> page_of(std::vector<std::string> sorted, const std::optional<std::string>& token,
                            const std::optional<int32_t>& max, int32_t limit) {
  Page out;
  if (max && (*max < 1 || *max > limit))
    return aws_error("InvalidParameterException",
                     "maxResults must be between 1 and " + std::to_string(limit) + ".");
  auto at = sorted.begin();
  if (token) {
    auto after = unbase64(*token);
    if (!after || after->empty()) return aws_error("InvalidParameterException", "Invalid token.");
    at = std::find(sorted.begin(), sorted.end(), *after);
    if (at == sorted.end()) return aws_error("InvalidParameterException", "Invalid token.");
    ++at;
  }
  auto count = std::min<size_t>(max.value_or(limit), sorted.end() - at);
  out.items.assign(at, at + count);
  if (at + count != sorted.end()) out.next = base64(out.items.back());
  return out;
}

}  // namespace relight::sandbox::ecs
