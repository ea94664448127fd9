#include "sql/mariadb_gtid.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace relight::sql {
namespace {

MariaDbPosition pos(std::string_view s) { return MariaDbPosition::parse(s).value(); }

MariaDbPosition any_position() {
  MariaDbPosition p;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    p.add({*rc::gen::inRange<uint32_t>(0, 4), *rc::gen::inRange<uint32_t>(1, 4),
           *rc::gen::inRange<uint64_t>(1, 9)});
  }
  return p;
}

TEST(MariaDbGtid, is_read_and_printed_as_the_server_does) {
  EXPECT_EQ(MariaDbGtid::parse(" 0-1001-42 ").value(), (MariaDbGtid{0, 1001, 42}));
  EXPECT_EQ(pos("").text(), "");
  EXPECT_EQ(pos("7-3-9, 0-1-42").text(), "0-1-42,7-3-9");
}

TEST(MariaDbGtid, refuses_what_is_none) {
  for (auto* bad : {"1-2", "a-1-2", "0-1-", "0-1-2-3", "-1-2-3", "0-1-2,", "4294967296-1-1", "0--1-2"}) {
    EXPECT_FALSE(MariaDbPosition::parse(bad).has_value()) << bad;
  }
}

TEST(MariaDbPosition, of_a_binlog_state_keeps_the_latest_of_each_domain) {
  EXPECT_EQ(pos("0-1-5,0-2-9,0-3-7").text(), "0-2-9");
}

TEST(MariaDbPosition, difference_names_the_transactions_that_never_arrived) {
  auto lost = pos("0-1-50,1-1-3").minus(pos("0-1-42"));
  EXPECT_EQ(lost, (std::vector<MariaDbGap>{{0, 43, 50}, {1, 1, 3}}));
  EXPECT_EQ(count(lost), 11u);
  EXPECT_TRUE(pos("0-1-42").minus(pos("0-1-50")).empty());
}

TEST(MariaDbPosition, the_same_sequence_from_another_server_is_a_fork) {
  EXPECT_FALSE(pos("0-1-5").contains(pos("0-2-5")));
  EXPECT_EQ(pos("0-1-5").forks(pos("0-2-5")), std::vector<uint32_t>{0});
  EXPECT_TRUE(pos("0-1-5").forks(pos("0-1-5")).empty());
  EXPECT_EQ(count(pos("0-1-5").minus(pos("0-2-5"))), 1u);
}

TEST(MariaDbPosition, prints_what_it_reads) {
  EXPECT_TRUE(rc::check([] {
    auto p = any_position();
    RC_ASSERT(pos(p.text()) == p);
  }));
}

TEST(MariaDbPosition, contains_means_that_nothing_is_missing) {
  EXPECT_TRUE(rc::check([] {
    auto a = any_position(), b = any_position();
    RC_ASSERT(a.contains(b) == b.minus(a).empty());
    RC_ASSERT(a.contains(a));
  }));
}

TEST(MariaDbPosition, the_union_holds_both_but_for_forks) {
  EXPECT_TRUE(rc::check([] {
    auto a = any_position(), b = any_position();
    RC_PRE(a.forks(b).empty());
    auto both = a.joined(b);
    RC_ASSERT(both.contains(a) && both.contains(b));
    RC_ASSERT(both == b.joined(a));
  }));
}

}  // namespace
}  // namespace relight::sql
