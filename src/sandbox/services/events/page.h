// Pages of EventBridge's lists: the token is the number of what was shown.
#pragma once
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::rules {

template <class T>
Result<std::optional<std::string>> cut_events_page(std::vector<T>& all,
                                                   const std::optional<std::string>& token,
                                                   const std::optional<int32_t>& limit) {
  size_t from = 0, n = static_cast<size_t>(limit.value_or(100));
  if (token) {
    auto [end, ec] = std::from_chars(token->data(), token->data() + token->size(), from);
    if (ec != std::errc{} || end != token->data() + token->size())
      return aws_error("ValidationException", "Parameter NextToken is not valid.", 400);
  }
  from = std::min(from, all.size());
  size_t to = std::min(all.size(), from + n);
  std::optional<std::string> next;
  if (to < all.size()) next = std::to_string(to);
  all = std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                       all.begin() + static_cast<std::ptrdiff_t>(to));
  return next;
}

}  // namespace relight::sandbox::rules
