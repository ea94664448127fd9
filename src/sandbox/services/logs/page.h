// One page of rows in the order given. A token is the last key given, encoded.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::logs {

template <class T>
Result<std::vector<T>> page(std::vector<std::pair<std::string, T>> all, std::optional<int32_t> limit,
                            const std::optional<std::string>& token, std::optional<std::string>& next) {
  auto at = all.begin();
  if (token) {
    auto after = unbase64(*token);
    at = std::find_if(all.begin(), all.end(), [&](auto& kv) { return after && kv.first == *after; });
    if (at == all.end()) return aws_error("InvalidParameterException", "The specified nextToken is invalid.");
    ++at;
  }
  std::vector<T> out;
  for (; at != all.end(); ++at) {
    if (out.size() == static_cast<size_t>(limit.value_or(50))) {
      next = base64((at - 1)->first);
      break;
    }
    out.push_back(std::move(at->second));
  }
  return out;
}

}  // namespace relight::sandbox::logs
