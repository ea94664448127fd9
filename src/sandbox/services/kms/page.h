// One page of a sorted list; the marker is the last key given.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::kms {

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;
  bool truncated = false;
};

template <class T>
Result<Page<T>> page(std::vector<std::pair<std::string, T>> sorted, std::optional<int32_t> limit,
                     const std::optional<std::string>& marker, size_t most) {
  Page<T> out;
  size_t n = static_cast<size_t>(limit.value_or(static_cast<int32_t>(most)));
  bool seen = !marker;
  std::string last;
  for (auto& [key, item] : sorted) {
    if (!seen) {
      seen = key == *marker;
      continue;
    }
    if (out.items.size() == n) {
      out.next = last;
      out.truncated = true;
      break;
    }
    out.items.push_back(std::move(item));
    last = key;
  }
  if (!seen) return aws_error("InvalidMarkerException", "The marker is not valid.");  // wording unverified
  return out;
}

}  // namespace relight::sandbox::kms
