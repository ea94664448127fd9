#include "sql/mysql_gtid.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

namespace relight::sql {
namespace {

constexpr const char* kA = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
constexpr const char* kB = "4e11fa47-71ca-11e1-9e33-c80aa9429562";
std::string a(std::string_view intervals) { return std::string(kA) + ":" + std::string(intervals); }
MySqlGtidSet set(std::string_view s) { return MySqlGtidSet::parse(s).value(); }

using Model = std::set<std::pair<std::string, int64_t>>;  // the oracle: one element a transaction

std::pair<MySqlGtidSet, Model> any_set() {
  MySqlGtidSet s;
  Model m;
  for (int n = *rc::gen::inRange(0, 6); n > 0; --n) {
    const char* uuid = *rc::gen::element(kA, kB);
    int64_t first = *rc::gen::inRange(1, 20), size = *rc::gen::inRange(1, 6);
    s.add(uuid, {first, first + size - 1});
    for (int64_t i = first; i < first + size; ++i) m.emplace(uuid, i);
  }
  return {s, m};
}

TEST(MySqlGtidSet, is_normalised_as_the_server_does) {
  EXPECT_EQ(set(a("5:1-3:4,\n") + a("9")).text(), a("1-5:9"));
  EXPECT_EQ(set("").text(), "");
  EXPECT_EQ(set("3E11FA47-71CA-11E1-9E33-C80AA9429562:1").text(), a("1"));
}

TEST(MySqlGtidSet, refuses_what_is_none) {
  for (std::string bad :
       {std::string("x:1"), a(""), a("0"), a("5-3"), a("1-"), a("tag:1"), std::string(kA), a("1") + ","})
    EXPECT_FALSE(MySqlGtidSet::parse(bad).has_value()) << bad;
}

TEST(MySqlGtidSet, difference_splits_intervals) {
  EXPECT_EQ(set(a("1-10")).minus(set(a("3-4:8"))).text(), a("1-2:5-7:9-10"));
}

TEST(MySqlGtidSet, algebra_agrees_with_plain_sets) {
  EXPECT_TRUE(rc::check([] {
    auto [x, mx] = any_set();
    auto [y, my] = any_set();
    Model both = mx, left;
    both.insert(my.begin(), my.end());
    for (auto& e : mx)
      if (!my.contains(e)) left.insert(e);
    RC_ASSERT(x.joined(y).count() == both.size());
    RC_ASSERT(x.minus(y).count() == left.size());
    RC_ASSERT(x.contains(y) == std::includes(mx.begin(), mx.end(), my.begin(), my.end()));
    RC_ASSERT((x == y) == (mx == my));
    RC_ASSERT(set(x.text()) == x);
    RC_ASSERT(x.minus(y).joined(y).contains(x));
  }));
}

}  // namespace
}  // namespace relight::sql
