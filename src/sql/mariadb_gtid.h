// MariaDB's global transaction ids (https://mariadb.com/kb/en/gtid/): "domain-server-sequence", and
// positions, which hold the last id of each replication domain.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::sql {

struct MariaDbGtid {
  uint32_t domain = 0, server = 0;
  uint64_t sequence = 0;
  auto operator<=>(const MariaDbGtid&) const = default;
  std::string text() const;  // "0-1-42"
  static Result<MariaDbGtid> parse(std::string_view text);
};

// What one position holds and another does not, within a domain: sequences first..last.
struct MariaDbGap {
  uint32_t domain = 0;
  uint64_t first = 0, last = 0;
  // An upper bound of the transactions in it: a sequence may have holes where gtid_strict_mode is off.
  uint64_t count() const { return last - first + 1; }
  bool operator==(const MariaDbGap&) const = default;
};

// A position as in @@gtid_slave_pos, @@gtid_binlog_pos or @@gtid_current_pos. It means "everything in this
// domain up to this id"; that reading is exact under gtid_strict_mode, where sequences only grow within a
// domain.
class MariaDbPosition {
 public:
  // Comma-separated; blanks and an empty text are allowed. Of @@gtid_binlog_state, which may name a domain
  // once per server, the highest sequence of each domain is kept.
  static Result<MariaDbPosition> parse(std::string_view text);
  std::string text() const;  // by domain, "0-1-42,7-3-9"

  void add(const MariaDbGtid& g);  // raises the domain's id to g if g is later
  bool empty() const { return last_.empty(); }
  const std::map<uint32_t, MariaDbGtid>& domains() const { return last_; }

  // Everything of `other` is here. The same sequence written by another server is a different transaction:
  // not held.
  bool contains(const MariaDbPosition& other) const;
  bool operator==(const MariaDbPosition&) const = default;
  // Here but not in `other`.
  std::vector<MariaDbGap> minus(const MariaDbPosition& other) const;
  // The later id of each domain.
  MariaDbPosition joined(const MariaDbPosition& other) const;
  // Domains in which both went to the same sequence through different servers: two histories.
  std::vector<uint32_t> forks(const MariaDbPosition& other) const;

 private:
  std::map<uint32_t, MariaDbGtid> last_;
};

uint64_t count(const std::vector<MariaDbGap>& gaps);

}  // namespace relight::sql
