// MySQL's GTID sets: "uuid:1-5:7,uuid:3"
// (https://dev.mysql.com/doc/refman/8.0/en/replication-gtids-concepts.html). Tagged GTIDs (8.3) are refused.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::sql {

class MySqlGtidSet {
 public:
  struct Interval {
    int64_t first = 0, last = 0;  // both inclusive, 1 <= first <= last
    bool operator==(const Interval&) const = default;
  };

  static Result<MySqlGtidSet> parse(std::string_view text);
  std::string text() const;  // by uuid, lower case, intervals merged and in order

  void add(std::string_view uuid, Interval i);
  bool empty() const { return sets_.empty(); }
  uint64_t count() const;  // transactions
  bool contains(const MySqlGtidSet& other) const { return other.minus(*this).empty(); }
  bool operator==(const MySqlGtidSet&) const = default;
  MySqlGtidSet minus(const MySqlGtidSet& other) const;
  MySqlGtidSet joined(const MySqlGtidSet& other) const;

 private:
  // uuid -> disjoint, sorted, never adjacent, never empty
  std::map<std::string, std::vector<Interval>> sets_;
};

}  // namespace relight::sql
