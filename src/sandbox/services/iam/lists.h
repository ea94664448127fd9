// What IAM's lists share: Marker and MaxItems; tags.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/iam.h"
#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox {

constexpr size_t kIamTags = 50;
using IamTags = std::optional<std::vector<aws::iam::Tag>>;

// Cuts `all` to the page that is asked for (100 items by default) and says in `out` whether more follow.
template <class T, class In, class Out>
Result<> cut_list(std::vector<T>& all, const In& in, Out& out) {
  size_t from = 0;
  if (in.Marker) {
    auto text = unbase64(*in.Marker);
    bool ok = text && std::from_chars(text->data(), text->data() + text->size(), from).ec == std::errc{};
    if (!ok) return aws_error("ValidationError", "Invalid Marker.", 400);
  }
  from = std::min(from, all.size());
  size_t to = std::min(all.size(), from + static_cast<size_t>(in.MaxItems.value_or(100)));
  out.IsTruncated = to < all.size();
  if (to < all.size()) out.Marker = base64(std::to_string(to));
  all = std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                       all.begin() + static_cast<std::ptrdiff_t>(to));
  return {};
}

inline Result<> set_tags(IamTags& tags, const std::vector<aws::iam::Tag>& more) {
  std::vector<aws::iam::Tag> next = tags.value_or(std::vector<aws::iam::Tag>{});
  for (auto& t : more) {
    std::erase_if(next, [&](auto& old) { return old.Key == t.Key; });
    next.push_back(t);
  }
  if (next.size() > kIamTags)
    return aws_error("LimitExceeded",
                     fmt::format("The number of tags has reached the maximum limit: {}", kIamTags));
  tags = std::move(next);
  return {};
}

inline void drop_tags(IamTags& tags, const std::vector<std::string>& keys) {
  if (tags)
    std::erase_if(*tags, [&](auto& t) {
      return std::find(keys.begin(), keys.end(), t.Key.value_or("")) != keys.end();
    });
}

inline bool has_prefix(const std::optional<std::string>& path, const std::optional<std::string>& prefix) {
  return path.value_or("/").starts_with(prefix.value_or("/"));
}

}  // namespace relight::sandbox
