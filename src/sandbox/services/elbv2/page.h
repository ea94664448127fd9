// ELBv2's pagination: the marker is the key of the first item not yet shown.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/gateway/service.h"

namespace relight::sandbox {

template <class T, class Key>
Result<> page(std::vector<T>& all, const std::optional<std::string>& marker, std::optional<int32_t> size,
              Key key, std::optional<std::vector<T>>& out, std::optional<std::string>& next) {
  size_t from = 0, count = static_cast<size_t>(size.value_or(400));
  if (marker) {
    auto it = std::find_if(all.begin(), all.end(), [&](const T& t) { return key(t) == *marker; });
    if (it == all.end()) return aws_error("ValidationError", "Marker is not valid");
    from = static_cast<size_t>(it - all.begin());
  }
  size_t to = std::min(all.size(), from + count);
  out.emplace(all.begin() + static_cast<long>(from), all.begin() + static_cast<long>(to));
  if (to < all.size()) next = key(all[to]);
  return {};
}

}  // namespace relight::sandbox
