#include "sql/connection.h"

#include <gtest/gtest.h>

namespace relight::sql {
namespace {

TEST(Connection, that_is_refused_says_so_with_the_errno_and_never_the_password) {
  auto c = Connection::open({.host = "127.0.0.1", .port = 1, .user = "app", .password = "hunter2-secret"});
  ASSERT_FALSE(c.has_value());
  EXPECT_GE(errno_of(c.error()), 2002);
  EXPECT_LE(errno_of(c.error()), 2003);
  EXPECT_TRUE(c.error().retryable);
  EXPECT_EQ(c.error().text().find("hunter2"), std::string::npos);
  EXPECT_NE(c.error().text().find("127.0.0.1:1"), std::string::npos);
}

TEST(Connection, errno_of_an_error_that_is_not_sql_is_zero) {
  EXPECT_EQ(errno_of(fail("Disk.Full", "x").error()), 0);
  EXPECT_EQ(errno_of(fail("Sql.1290", "x").error()), 1290);
}

TEST(Identifier, doubles_backticks) { EXPECT_EQ(identifier("a`b"), "`a``b`"); }

TEST(Rows, find_a_column_without_regard_to_case) {
  Rows r{{"Gtid_IO_Pos", "x"}, {{"0-1-2", std::nullopt}}, 0};
  EXPECT_EQ(r.get("gtid_io_pos"), "0-1-2");
  EXPECT_EQ(r.get("x"), std::nullopt);
  EXPECT_EQ(r.get("none"), std::nullopt);
  EXPECT_EQ(r.get("x", 4), std::nullopt);
}

}  // namespace
}  // namespace relight::sql
