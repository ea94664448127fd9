// One page of a list. A token is the number of what was given so far, encoded.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::quotas {

template <class T>
Result<std::vector<T>> page(std::vector<T> all, std::optional<int32_t> max,
                            const std::optional<std::string>& token, std::optional<std::string>& next) {
  size_t from = 0;
  if (token) {
    auto text = unbase64(*token);
    if (!text || text->empty() || text->size() > 6 || text->find_first_not_of("0123456789") != text->npos ||
        (from = std::stoul(*text)) > all.size())
      return aws_error("InvalidPaginationTokenException", "Invalid token was used.");
  }
  size_t to = std::min(all.size(), from + static_cast<size_t>(max.value_or(100)));
  if (to < all.size()) next = base64(std::to_string(to));
  return std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                        all.begin() + static_cast<std::ptrdiff_t>(to));
}

}  // namespace relight::sandbox::quotas
