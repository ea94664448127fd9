// What every Describe operation of EC2 shares: filters, identifiers, pages.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/ec2.h"
#include "base/result.h"

namespace relight::sandbox {

// EC2's filter patterns: '*' any run, '?' any one character, '\' takes the next as it is. Case counts.
bool matches_pattern(std::string_view pattern, std::string_view text);

// The values of a resource for a filter's name; none if there is no such filter.
using FilterValues = std::optional<std::vector<std::string>>;
template <class T>
using FilterField = std::function<FilterValues(const T&, std::string_view name)>;

using Ec2Filters = std::optional<std::vector<aws::ec2::Filter>>;
using Ec2Tags = std::optional<std::vector<aws::ec2::Tag>>;

// "tag:KEY" and "tag-key"; none for other names.
FilterValues tag_values(const Ec2Tags& tags, std::string_view filter);
std::unexpected<Error> bad_filter(std::string_view name);

// Keeps what every filter accepts. Error "InvalidParameterValue" for a filter that is not known.
template <class T>
Result<std::vector<T>> filtered(std::vector<T> all, const Ec2Filters& filters, const FilterField<T>& field) {
  for (auto& f : filters.value_or(std::vector<aws::ec2::Filter>{})) {
    std::string name = f.Name.value_or("");
    // An unknown name is refused even when nothing is there to be filtered.
    if (!tag_values({}, name) && !field(T{}, name)) return bad_filter(name);
    std::erase_if(all, [&](const T& t) {
      FilterValues values;
      if constexpr (requires { t.Tags; }) values = tag_values(t.Tags, name);
      if (!values) values = field(t, name);
      auto& wanted = f.Values ? *f.Values : *values;
      return std::none_of(values->begin(), values->end(), [&](auto& v) {
        return std::any_of(wanted.begin(), wanted.end(), [&](auto& w) { return matches_pattern(w, v); });
      });
    });
  }
  return all;
}

// Keeps the resources that are asked for by identifier; the first that is not there is the error.
template <class T>
Result<> keep_ids(std::vector<T>& all, const std::optional<std::vector<std::string>>& ids,
                  std::optional<std::string> T::*id, std::string_view code, std::string_view message) {
  if (!ids || ids->empty()) return {};
  for (auto& wanted : *ids)
    if (std::none_of(all.begin(), all.end(), [&](auto& t) { return t.*id == wanted; })) {
      Error e;
      e.code = code;
      e.message = fmt::format(fmt::runtime(message), wanted);
      return fail(std::move(e));
    }
  std::erase_if(
      all, [&](auto& t) { return std::find(ids->begin(), ids->end(), (t.*id).value_or("")) == ids->end(); });
  return {};
}

// Token: the offset, as text that says nothing to the reader. Error "InvalidParameterValue" /
// "InvalidNextToken".
Result<size_t> page_start(const std::optional<std::string>& token);
std::string page_token(size_t offset);
template <class T>
Result<> cut_page(std::vector<T>& all, const std::optional<std::string>& token, std::optional<int32_t> max,
                  std::optional<std::string>& next) {
  TRY_ASSIGN(size_t from, page_start(token));
  from = std::min(from, all.size());
  size_t to = max && *max > 0 ? std::min(all.size(), from + static_cast<size_t>(*max)) : all.size();
  if (to < all.size()) next = page_token(to);
  all = std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                       all.begin() + static_cast<std::ptrdiff_t>(to));
  return {};
}

inline std::string text_of(const std::optional<std::string>& s) { return s.value_or(""); }
inline std::string text_of(const std::optional<bool>& b) { return b.value_or(false) ? "true" : "false"; }
inline std::string text_of(const std::optional<int32_t>& n) { return n ? std::to_string(*n) : ""; }

}  // namespace relight::sandbox
