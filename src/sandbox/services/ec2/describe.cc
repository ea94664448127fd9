#include "sandbox/services/ec2/describe.h"

#include <charconv>

#include "base/bytes.h"

namespace relight::sandbox {

bool matches_pattern(std::string_view p, std::string_view t) {
  size_t i = 0, j = 0, star = std::string_view::npos, mark = 0;
  while (j < t.size()) {
    bool literal = i < p.size() && p[i] == '\\' && i + 1 < p.size();
    if (i < p.size() && !literal && p[i] == '*') {
      star = i++;
      mark = j;
    } else if (i < p.size() && ((!literal && p[i] == '?') || p[literal ? i + 1 : i] == t[j])) {
      i += literal ? 2 : 1;
      ++j;
    } else if (star != std::string_view::npos) {
      i = star + 1;
      j = ++mark;
    } else {
      return false;
    }
  }
  while (i < p.size() && p[i] == '*') ++i;
  return i == p.size();
}

FilterValues tag_values(const Ec2Tags& tags, std::string_view filter) {
  bool keys = filter == "tag-key";
  if (!keys && !filter.starts_with("tag:")) return std::nullopt;
  std::vector<std::string> out;
  for (auto& t : tags.value_or(std::vector<aws::ec2::Tag>{})) {
    if (keys)
      out.push_back(t.Key.value_or(""));
    else if (t.Key == filter.substr(4))
      out.push_back(t.Value.value_or(""));
  }
  return out;
}

std::unexpected<Error> bad_filter(std::string_view name) {
  Error e;
  e.code = "InvalidParameterValue";
  e.message = fmt::format("The filter '{}' is invalid", name);
  return fail(std::move(e));
}

Result<size_t> page_start(const std::optional<std::string>& token) {
  if (!token) return size_t{0};
  auto text = unbase64(*token);
  size_t n = 0;
  if (text && text->starts_with("at:")) {
    auto [end, ec] = std::from_chars(text->data() + 3, text->data() + text->size(), n);
    if (ec == std::errc{} && end == text->data() + text->size()) return n;
  }
  return fail("InvalidParameterValue", "Unable to parse pagination token");
}

std::string page_token(size_t offset) { return base64(fmt::format("at:{}", offset)); }

}  // namespace relight::sandbox
