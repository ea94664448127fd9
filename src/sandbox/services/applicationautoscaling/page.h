// One page of rows in the order of their keys. A token is the last key given, encoded.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::scaling {

template <class Out, class T>
Result<std::vector<Out>> page(const std::map<std::string, T>& rows, bool newest_first,
                              const std::function<bool(const T&)>& wanted, std::optional<int32_t> max,
                              const std::optional<std::string>& token, std::optional<std::string>& next) {
  std::vector<std::string> keys;
  for (auto& [k, t] : rows)
    if (wanted(t)) keys.push_back(k);
  if (newest_first) std::reverse(keys.begin(), keys.end());
  auto at = keys.begin();
  if (token) {
    auto after = unbase64(*token);
    at = after ? std::find(keys.begin(), keys.end(), *after) : keys.end();
    if (at == keys.end()) return aws_error("InvalidNextTokenException", "The token is not valid.");
    ++at;
  }
  std::vector<Out> out;
  size_t most = static_cast<size_t>(std::min(max.value_or(50), 50));
  if (most < 1) return aws_error("ValidationException", "maxResults must be at least 1.");
  for (; at != keys.end(); ++at) {
    if (out.size() == most) {
      next = base64(*(at - 1));
      break;
    }
    out.push_back(rows.at(*at));
  }
  return out;
}

}  // namespace relight::sandbox::scaling
