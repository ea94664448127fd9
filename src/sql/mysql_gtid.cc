#include "sql/mysql_gtid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace relight::sql {
namespace {

Error malformed(std::string_view text) {
  Error e;
  e.code = "Gtid.Malformed";
  e.message = fmt::format("'{}' is not a MySQL GTID set (uuid:first-last…)", text.substr(0, 120));
  return e;
}

bool number(std::string_view s, int64_t& out) {
  auto [end, err] = std::from_chars(s.data(), s.data() + s.size(), out);
  return err == std::errc{} && end == s.data() + s.size() && out >= 1;
}

bool is_uuid(std::string_view s) {
  if (s.size() != 36) return false;
  for (size_t i = 0; i < s.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? s[i] != '-' : !std::isxdigit(static_cast<unsigned char>(s[i]))) return false;
  }
  return true;
}

template <class F>
bool each_part(std::string_view s, char separator, F f) {
  for (size_t at = 0; at <= s.size();) {
    size_t end = std::min(s.find(separator, at), s.size());
    if (!f(s.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

void MySqlGtidSet::add(std::string_view uuid, Interval i) {
  std::string key(uuid);
  for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto& v = sets_[key];
  v.push_back(i);
  std::sort(v.begin(), v.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::vector<Interval> merged;
  for (auto& x : v) {
    if (!merged.empty() && x.first - 1 <= merged.back().last)
      merged.back().last = std::max(merged.back().last, x.last);
    else
      merged.push_back(x);
  }
  v = std::move(merged);
}

Result<MySqlGtidSet> MySqlGtidSet::parse(std::string_view text) {
  MySqlGtidSet out;
  std::string clean;  // the server prints a newline after each comma
  for (char c : text)
    if (!std::isspace(static_cast<unsigned char>(c))) clean += c;
  if (clean.empty()) return out;
  bool ok = each_part(clean, ',', [&](std::string_view entry) {
    size_t cut = entry.find(':');
    if (cut == entry.npos || !is_uuid(entry.substr(0, cut))) return false;
    return each_part(entry.substr(cut + 1), ':', [&](std::string_view range) {
      size_t dash = range.find('-');
      Interval i;
      if (!number(range.substr(0, dash), i.first)) return false;
      i.last = i.first;
      if (dash != range.npos && !number(range.substr(dash + 1), i.last)) return false;
      if (i.last < i.first) return false;
      out.add(entry.substr(0, cut), i);
      return true;
    });
  });
  if (!ok) return fail(malformed(clean));
  return out;
}

std::string MySqlGtidSet::text() const {
  std::string out;
  for (auto& [uuid, intervals] : sets_) {
    out += (out.empty() ? "" : ",") + uuid;
    for (auto& i : intervals)
      out += i.first == i.last ? fmt::format(":{}", i.first) : fmt::format(":{}-{}", i.first, i.last);
  }
  return out;
}

uint64_t MySqlGtidSet::count() const {
  uint64_t n = 0;
  for (auto& [uuid, intervals] : sets_)
    for (auto& i : intervals) n += static_cast<uint64_t>(i.last - i.first) + 1;
  return n;
}

MySqlGtidSet MySqlGtidSet::minus(const MySqlGtidSet& other) const {
  MySqlGtidSet out;
  for (auto& [uuid, intervals] : sets_) {
    std::vector<Interval> left = intervals;
    auto it = other.sets_.find(uuid);
    if (it != other.sets_.end()) {
      for (auto& hole : it->second) {
        std::vector<Interval> next;
        for (auto& i : left) {
          if (hole.last < i.first || hole.first > i.last) {
            next.push_back(i);
            continue;
          }
          if (i.first < hole.first) next.push_back({i.first, hole.first - 1});
          if (hole.last < i.last) next.push_back({hole.last + 1, i.last});
        }
        left = std::move(next);
      }
    }
    if (!left.empty()) out.sets_[uuid] = std::move(left);
  }
  return out;
}

MySqlGtidSet MySqlGtidSet::joined(const MySqlGtidSet& other) const {
  MySqlGtidSet out = *this;
  for (auto& [uuid, intervals] : other.sets_)
    for (auto& i : intervals) out.add(uuid, i);
  return out;
}

}  // namespace relight::sql
