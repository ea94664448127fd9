// Lambda's pagination: the marker is the last key given, encoded.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::functions {

struct KeyPage {
  std::vector<std::string> items;
  std::optional<std::string> next;
};

// Sorted keys; what was deleted since the last page does no harm.
inline Result<KeyPage> page_of(std::vector<std::string> sorted, const std::optional<std::string>& marker,
                               int32_t max) {
  KeyPage out;
  auto at = sorted.begin();
  if (marker) {
    auto after = unbase64(*marker);
    if (!after || after->empty()) return aws_error("InvalidParameterValueException", "Invalid Marker.", 400);
    at = std::upper_bound(sorted.begin(), sorted.end(), *after);
  }
  auto count = std::min<long>(std::max(max, 1), sorted.end() - at);
  out.items.assign(at, at + count);
  if (at + count != sorted.end()) out.next = base64(out.items.back());
  return out;
}

}  // namespace relight::sandbox::functions
