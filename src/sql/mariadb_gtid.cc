#include "sql/mariadb_gtid.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace relight::sql {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\n' || s.front() == '\t' || s.front() == '\r'))
    s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\n' || s.back() == '\t' || s.back() == '\r'))
    s.remove_suffix(1);
  return s;
}

template <class N>
bool number(std::string_view s, N& out) {
  auto [end, err] = std::from_chars(s.data(), s.data() + s.size(), out);
  return err == std::errc{} && end == s.data() + s.size() && !s.empty();
}

}  // namespace

std::string MariaDbGtid::text() const { return fmt::format("{}-{}-{}", domain, server, sequence); }

Result<MariaDbGtid> MariaDbGtid::parse(std::string_view text) {
  std::string_view t = trim(text);
  size_t a = t.find('-'), b = a == t.npos ? t.npos : t.find('-', a + 1);
  MariaDbGtid g;
  if (b == t.npos || !number(t.substr(0, a), g.domain) || !number(t.substr(a + 1, b - a - 1), g.server) ||
      !number(t.substr(b + 1), g.sequence)) {
    return fail("Gtid.Malformed", fmt::format("'{}' is not a MariaDB GTID (domain-server-sequence)", t));
  }
  return g;
}

Result<MariaDbPosition> MariaDbPosition::parse(std::string_view text) {
  MariaDbPosition p;
  if (trim(text).empty()) return p;
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    TRY_ASSIGN(MariaDbGtid g, MariaDbGtid::parse(text.substr(at, end - at)));
    p.add(g);
    at = end + 1;
  }
  return p;
}

std::string MariaDbPosition::text() const {
  std::string out;
  for (auto& [domain, g] : last_) out += (out.empty() ? "" : ",") + g.text();
  return out;
}

void MariaDbPosition::add(const MariaDbGtid& g) {
  auto [it, fresh] = last_.emplace(g.domain, g);
  if (!fresh && it->second.sequence < g.sequence) it->second = g;
}

bool MariaDbPosition::contains(const MariaDbPosition& other) const {
  return std::all_of(other.last_.begin(), other.last_.end(), [&](auto& entry) {
    auto it = last_.find(entry.first);
    if (it == last_.end()) return false;
    return it->second.sequence > entry.second.sequence || it->second == entry.second;
  });
}

std::vector<MariaDbGap> MariaDbPosition::minus(const MariaDbPosition& other) const {
  std::vector<MariaDbGap> out;
  for (auto& [domain, g] : last_) {
    auto it = other.last_.find(domain);
    uint64_t known = it == other.last_.end() ? 0 : it->second.sequence;
    if (g.sequence > known) out.push_back({domain, known + 1, g.sequence});
    if (g.sequence == known && it != other.last_.end() && g.server != it->second.server) {
      out.push_back({domain, known, known});
    }
  }
  return out;
}

MariaDbPosition MariaDbPosition::joined(const MariaDbPosition& other) const {
  MariaDbPosition out = *this;
  for (auto& [domain, g] : other.last_) out.add(g);
  return out;
}

std::vector<uint32_t> MariaDbPosition::forks(const MariaDbPosition& other) const {
  std::vector<uint32_t> out;
  for (auto& [domain, g] : last_) {
    auto it = other.last_.find(domain);
    if (it != other.last_.end() && it->second.sequence == g.sequence && it->second.server != g.server) {
      out.push_back(domain);
    }
  }
  return out;
}

uint64_t count(const std::vector<MariaDbGap>& gaps) {
  uint64_t n = 0;
  for (auto& g : gaps) n += g.count();
  return n;
}

}  // namespace relight::sql
