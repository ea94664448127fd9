#include "dr/model/duration.h"

#include <gtest/gtest.h>

namespace relight::dr {
namespace {

TEST(Duration, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_duration("500ms").value(), Millis(500));
  EXPECT_EQ(parse_duration("1h30m").value(), Millis(5400000));
  EXPECT_EQ(parse_duration("0.5s").value(), Millis(500));
}

TEST(Duration, RefusesWhatIsNone) {
  for (auto* bad : {"", "5", "s", "5x", "5m1h", "-5s", "1s1s", "9999999999999s"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Duration, ReadsWell) {
  EXPECT_EQ(duration_text(Millis(999)), "999 ms");
  EXPECT_EQ(duration_text(Millis(2400)), "2.4 s");
  EXPECT_EQ(duration_text(Millis(190000)), "3 m 10 s");
}

TEST(Size, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_size("100").value(), 100u);
  EXPECT_EQ(parse_size("10MB").value(), 10000000u);
  EXPECT_EQ(parse_size("2KiB").value(), 2048u);
  EXPECT_FALSE(parse_size("10XB"));
}

}  // namespace
}  // namespace relight::dr
