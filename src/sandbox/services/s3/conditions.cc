#include "sandbox/services/s3/conditions.h"

#include <charconv>

namespace relight::sandbox::s3 {
namespace {

std::unexpected<Error> refused(std::string_view code, std::string_view message, int status) {
  Error e;
  e.code = code;
  e.message = message;
  e.http_status = status;
  return fail(std::move(e));
}

bool etag_matches(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == "*" || unquoted(one) == etag) return true;
  }
  return false;
}

// HTTP dates have no fractions.
std::chrono::sys_seconds seconds(Instant t) { return std::chrono::floor<std::chrono::seconds>(t); }

bool number(std::string_view s, uint64_t& out) {
  auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), out);
  return ec == std::errc() && end == s.data() + s.size() && !s.empty();
}

}  // namespace

Result<> check_read(const ReadConditions& c, std::string_view etag, Instant modified, bool copy) {
  auto failed = [] {
    return refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
                   412);
  };
  auto not_modified = [&]() -> Result<> {
    if (copy) return failed();
    return refused("NotModified", "Not Modified", 304);
  };
  if (c.if_match) {
    if (!etag_matches(*c.if_match, etag)) return failed();
  } else if (c.if_unmodified_since && seconds(modified) > seconds(*c.if_unmodified_since)) {
    return failed();
  }
  if (c.if_none_match) {
    if (etag_matches(*c.if_none_match, etag)) return not_modified();
  } else if (c.if_modified_since && seconds(modified) <= seconds(*c.if_modified_since)) {
    return not_modified();
  }
  return {};
}

Result<std::optional<Range>> parse_range(std::string_view h, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  std::optional<Range> whole;
  if (!h.starts_with(kUnit) || h.find(',') != h.npos) return whole;
  h.remove_prefix(kUnit.size());
  size_t dash = h.find('-');
  if (dash == h.npos) return whole;
  uint64_t first = 0, last = 0;
  bool has_first = number(h.substr(0, dash), first), has_last = number(h.substr(dash + 1), last);
  auto outside = [] { return refused("InvalidRange", "The requested range is not satisfiable", 416); };
  if (dash == 0 && has_last) {  // the last n bytes
    if (last == 0 || size == 0) return outside();
    last = std::min(last, size);
    return std::optional(Range{size - last, last});
  }
  if (!has_first || (dash + 1 < h.size() && !has_last) || (has_last && last < first)) return whole;
  if (first >= size) return outside();
  last = has_last ? std::min(last, size - 1) : size - 1;
  return std::optional(Range{first, last - first + 1});
}

std::string quoted(std::string_view etag) { return '"' + std::string(etag) + '"'; }
std::string unquoted(std::string_view e) {
  if (e.starts_with("W/")) e.remove_prefix(2);
  if (e.size() >= 2 && e.starts_with('"') && e.ends_with('"')) e = e.substr(1, e.size() - 2);
  return std::string(e);
}

}  // namespace relight::sandbox::s3
